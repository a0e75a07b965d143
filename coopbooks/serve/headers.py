"""What every answer tells the browser, the refusals too: what may run, who may frame it, and that nobody keeps it."""

from __future__ import annotations

__all__ = ["DOOR_POLICY", "PAGE_POLICY", "STATIC_CACHE", "with_headers"]

# Fava's own code and styles are files; it needs nothing in the page, no WebAssembly (that is its editor's), and no eval.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For Fava's pages and the open book."""
DOOR_POLICY = "default-src 'none'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""For the door's own pages, which have no script."""
STATIC_CACHE = "private, max-age=3600"
"""For Fava's program files, which hold nothing of the books; a shared cache still keeps none behind the log-in."""

_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": DOOR_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
_HSTS = ("Strict-Transport-Security", "max-age=31536000")


def with_headers(headers: list[tuple[str, str]], *, https: bool) -> list[tuple[str, str]]:
    """An answer's headers with those added that it does not set itself."""
    there = {name.lower() for name, _ in headers}
    added = [(name, value) for name, value in _HEADERS.items() if name.lower() not in there]
    return [*headers, *added, *([_HSTS] if https else [])]
