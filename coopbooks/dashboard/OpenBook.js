// @ts-check
// Two comforts; without this file the page works as plain links and a plain form.

/** The style sheet stays in the page's head, so that Fava's page changes never show this page unstyled. */
function keepStyle() {
  const own = document.querySelector("article link[data-open-book-style]");
  if (!(own instanceof HTMLLinkElement)) return;
  const kept = document.head.querySelector("link[data-open-book-style]");
  if (kept?.getAttribute("href") === own.getAttribute("href")) return;
  kept?.remove();
  document.head.append(own.cloneNode());
}

/** The id of the link that a reader just followed; Fava replaces the page's content, and the focus with it. */
let followed = "";

/** Gives the focus back to the link that was followed. */
function keepFocus() {
  const link = followed && document.getElementById(followed);
  followed = "";
  if (link) link.focus({ preventScroll: true });
}

/** Sends the form as a link, which Fava follows without loading all of itself again. */
function sendAsLink(/** @type {SubmitEvent} */ event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  const link = document.createElement("a");
  const url = new URL(form.action);
  for (const [key, value] of new FormData(form)) url.searchParams.set(key, String(value));
  link.href = url.href;
  link.hidden = true;
  form.append(link);
  followed = document.activeElement?.id ?? "";
  link.click();
}

export default {
  onExtensionPageLoad() {
    keepStyle();
    keepFocus();
    const page = document.querySelector(".open-book");
    page?.addEventListener("submit", (event) => sendAsLink(/** @type {SubmitEvent} */ (event)));
    page?.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[id]") : null;
      if (link) followed = link.id;
    });
  },
};
