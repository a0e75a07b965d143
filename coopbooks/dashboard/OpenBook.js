// @ts-check
// Comforts; without this file the pages work as plain links and plain forms.

/** The style sheet stays in the page's head, so that Fava's page changes never show a page unstyled. */
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
  if (followed) document.getElementById(followed)?.focus({ preventScroll: true });
  followed = "";
}

/** Shows the part that an address names after its "#", unfolds what it is folded in, and gives it the focus. */
function showNamed(/** @type {string} */ name) {
  const part = name ? document.getElementById(name) : null;
  if (!part?.closest(".open-book")) return false;
  for (let fold = part.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  for (const old of document.querySelectorAll(".open-book .sought")) old.classList.remove("sought");
  part.classList.add("sought");
  if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
  part.focus({ preventScroll: true });
  part.scrollIntoView();
  return true;
}

/** Sends a form as a link, which Fava follows without loading all of itself again. */
function sendAsLink(/** @type {SubmitEvent} */ event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "get") return;
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

/** Remembers the link; one to a part of this page is followed here, since Fava's own would change the page's address. */
function follow(/** @type {Event} */ event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link) return;
  const href = link.getAttribute("href") ?? "";
  if (href.startsWith("#") && showNamed(href.slice(1))) event.preventDefault();
  else followed = link.id;
}

/** A figure of one person leads to whole entries in Fava: they are unfolded, and that person's lines in them are marked. */
function unfoldPerson() {
  const person = /^any\(worker:"\^(.*?)\$"\)/.exec(new URLSearchParams(window.location.search).get("filter") ?? "");
  if (!person) return;
  // The filter is a pattern in which each sign of the name stands for itself.
  const name = person[1].replace(/\[(.)\]|\\(.)/g, "$1$2");
  for (const entry of document.querySelectorAll("article ol.journal li.transaction")) {
    entry.classList.add("show-full-entry");
    for (const value of entry.querySelectorAll(".postings dd"))
      if (value.textContent?.trim() === name) value.closest("li")?.classList.add("open-book-person");
  }
}

export default {
  onPageLoad() {
    unfoldPerson();
  },
  onExtensionPageLoad() {
    keepStyle();
    keepFocus();
    showNamed(window.location.hash.slice(1));
    const page = document.querySelector(".open-book");
    page?.addEventListener("submit", (event) => sendAsLink(/** @type {SubmitEvent} */ (event)));
    page?.addEventListener("click", follow);
  },
};
