"""The text around an element of a page, nearest first: what stands beside a title costs no walk through the page."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.clean.folding import squeeze

LONGEST = 400
"""Characters of a piece that are read; a longer one is a paragraph."""
MOST_STEPS = 4000
"""Beginnings and ends of elements that are walked on either side: heads with menus inside have a thousand."""
_SILENT = frozenset(("script", "style", "noscript", "template", "svg", "select", "option", "iframe", "head", "nav"))


class Piece(NamedTuple):
    """A run of text in one element."""

    text: str
    moment: str | None
    """The `datetime` of the `<time>` that holds it."""


def pieces_after(element: HtmlElement, most: int) -> list[Piece]:
    """Return the next runs of text after an element, at most `most`, in reading order."""
    return list(islice(_legible(_after(element)), most))


def pieces_before(element: HtmlElement, most: int) -> list[Piece]:
    """Return the last runs of text before an element, at most `most`, the nearest first."""
    return list(islice(_legible(_before(element, most)), most))


def following(element: HtmlElement) -> Iterator[HtmlElement]:
    """Give the elements beside and around an element that begin after its end; not those inside them."""
    holder: HtmlElement | None = element
    while holder is not None:
        yield from holder.itersiblings("*")
        holder = holder.getparent()


def _legible(runs: Iterator[tuple[HtmlElement | None, str | None]]) -> Iterator[Piece]:
    for element, text in islice(runs, MOST_STEPS):
        piece = squeeze(text[:LONGEST]) if text else ""
        if piece and any(map(str.isalnum, piece)):
            yield Piece(piece, element.get("datetime") if element is not None and element.tag == "time" else None)


def _after(element: HtmlElement) -> Iterator[tuple[HtmlElement | None, str | None]]:
    holder: HtmlElement | None = element
    while holder is not None:
        yield None, holder.tail
        for sibling in holder.itersiblings():
            yield from _inside(sibling)
            yield None, sibling.tail
        holder = holder.getparent()


def _before(element: HtmlElement, most: int) -> Iterator[tuple[HtmlElement | None, str | None]]:
    holder: HtmlElement | None = element
    while holder is not None:
        for sibling in holder.itersiblings(preceding=True):
            yield None, sibling.tail
            yield from reversed(deque(_inside(sibling), maxlen=8 * most))
        holder = holder.getparent()
        if holder is not None:
            yield None, holder.text


def _inside(element: HtmlElement) -> Iterator[tuple[HtmlElement | None, str | None]]:
    """Give the runs of text in an element, its tail left out."""
    walk = iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "end":
            yield None, inner.tail if inner is not element else None
        elif inner.tag in _SILENT or not isinstance(inner.tag, str):
            walk.skip_subtree()
        else:
            yield inner, inner.text
