"""Parts of a page that stand in one file more than once: each keeps ids of its own and stands at its own depth.

A fragment is HTML that our templates and charts made. Inside it `<` begins a tag and nothing else, since every text is
escaped; so its tags can be found without reading it as a document.
"""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["ids_in", "lowered", "references_in", "with_prefix"]

_TAG = re.compile(r"<[A-Za-z][^\s/>]*(?:\s+[^\s=/>]+(?:=\"[^\"]*\")?)*\s*/?>")
_ID = re.compile(r"(\sid=\")([^\"]+)(\")")
_NAMED = re.compile(r"(\s(?:for|headers|aria-(?:labelledby|describedby|controls|details))=\")([^\"]+)(\")")
_ANCHOR = re.compile(r"(\s(?:xlink:)?href=\"#)([^\"]+)(\")")
_PAINT = re.compile(r"(url\(#)([^)\"]+)(\))")
_HEADING = re.compile(r"(</?h)([1-6])(?=[\s>])")


def ids_in(html: str) -> list[str]:
    """Every id of a fragment, in order, as it is written.

    >>> ids_in('<p id="a">x id="b"</p><b id="c"></b>')
    ['a', 'c']
    """
    return [found[2] for tag in _TAG.findall(html) for found in _ID.finditer(tag)]


def references_in(html: str) -> list[str]:
    """Every id that a fragment refers to.

    >>> references_in('<a href="#a">x</a><svg aria-labelledby="b c"><path fill="url(#d)"/></svg>')
    ['a', 'b', 'c', 'd']
    """
    return [
        name
        for tag in _TAG.findall(html)
        for sort in (_NAMED, _ANCHOR, _PAINT)
        for found in sort.finditer(tag)
        for name in found[2].split()
    ]


def with_prefix(html: str, prefix: str) -> str:
    """A fragment whose own ids begin with a prefix, wherever it names them; what leads out of it stays.

    >>> with_prefix('<a id="x" href="#x">1</a><a href="#far">2</a>', "2024-")
    '<a id="2024-x" href="#2024-x">1</a><a href="#far">2</a>'
    """
    own = frozenset(ids_in(html))
    return _TAG.sub(lambda tag: _renamed(tag[0], prefix, own), html)


def _renamed(tag: str, prefix: str, own: Collection[str]) -> str:
    def put(found: re.Match[str]) -> str:
        names = " ".join(prefix + name if name in own else name for name in found[2].split(" "))
        return found[1] + names + found[3]

    for sort in (_ID, _NAMED, _ANCHOR, _PAINT):
        tag = sort.sub(put, tag)
    return tag


def lowered(html: str, levels: int) -> str:
    """A fragment whose headings stand so many levels deeper; the sixth is the deepest.

    >>> lowered("<h3>a</h3><hr>", 1)
    '<h4>a</h4><hr>'
    """
    return _HEADING.sub(lambda found: f"{found[1]}{min(int(found[2]) + levels, 6)}", html)
