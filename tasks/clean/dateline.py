"""The date that a page prints beside its title, for pages whose head names none.

Only what stands close to the title counts: dates elsewhere belong to teasers, comments and events.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from schemas.article import Stamp
from tasks.clean.dates import Clock, read_date_line, to_stamp
from tasks.clean.folding import squeeze
from tasks.clean.stamps import machine_stamp

AFTER = 14
"""Pieces of text after the title in which its date stands: names, section, buttons for sharing."""
BEFORE = 4
"""Pieces of text before the title: section and date."""
LONGEST = 90
"""Characters of the longest line of a date; a longer one is text."""
PROSE = 220
"""Characters of a paragraph that ends the head of an article."""
OTHER_WORDS = 5
"""Words beside the date in its line: a label, a town, a name."""
MOST_TIMES = 50
MOST_STEPS = 40_000
"""Beginnings and ends of elements that are walked: twice what a long page has."""
_TIME = re.compile(r"\d{1,2}:\d{2}(?!:?\d)")
_SILENT = frozenset(("script", "style", "noscript", "template", "svg", "select", "option", "iframe", "head"))


class Piece(NamedTuple):
    """A run of text in one element."""

    text: str
    moment: str | None
    """The `datetime` of the `<time>` that holds it."""


def date_beside(before: list[Piece], after: list[Piece], clock: Clock) -> Stamp | None:
    """Return the date of publication among the pieces around a title, the nearest after it first, or None."""
    for piece in (*_head(after, AFTER), *_head(reversed(before), BEFORE)):
        stamp = machine_stamp(piece.moment, "time", clock) if piece.moment else _printed(piece.text, clock)
        if stamp:
            return stamp
    return None


def only_time(tree: HtmlElement, clock: Clock) -> Stamp | None:
    """Return the moment of a page's only `<time>`, for pages without a heading; of several any may be a teaser's."""
    moments = {element.get("datetime") for element in islice(tree.iter("time"), MOST_TIMES)}
    return machine_stamp(moments.pop(), "time", clock) if len(moments) == 1 else None


def _head(pieces: Iterable[Piece], most: int) -> Iterator[Piece]:
    for piece in islice(pieces, most):
        if len(piece.text) >= PROSE:
            return
        yield piece


def _printed(text: str, clock: Clock) -> Stamp | None:
    if len(text) > LONGEST:
        return None
    line = read_date_line(text, clock)
    if not line.dates or line.dates[0].kind != "published" or not _labels(line.rest) or len(_TIME.findall(text)) > 1:
        return None
    return to_stamp(line.dates[0], text, "text", clock)


def _labels(rest: str) -> bool:
    """Return whether the words beside a date are a label, a town or a name; numbers make it a span, a colon a deadline or an event."""
    return len(rest.split()) <= OTHER_WORDS and not any(map(str.isdigit, rest)) and not rest.rstrip(" -–—").endswith(":")


def around(heading: HtmlElement, tree: HtmlElement) -> tuple[list[Piece], list[Piece]]:
    """Return the nearest pieces of text before and after a heading, in reading order."""
    before: deque[Piece] = deque(maxlen=BEFORE)
    after: list[Piece] = []
    passed = False
    walk = iterwalk(tree, events=("start", "end"))
    for event, element in islice(walk, MOST_STEPS):
        text = element.text if event == "start" else element.tail
        if event == "start" and (element is heading or element.tag in _SILENT):
            passed = passed or element is heading
            walk.skip_subtree()
            continue
        piece = squeeze(text or "")[: PROSE + 1]
        if piece and any(map(str.isalnum, piece)):
            moment = element.get("datetime") if event == "start" and element.tag == "time" else None
            (after if passed else before).append(Piece(piece, moment))
        if len(after) > AFTER:
            break
    return list(before), after
