"""The date that a page prints beside its title, for pages whose head names none.

Only what stands close to the title counts: dates elsewhere belong to teasers, comments and events.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lxml.html import HtmlElement

from schemas.article import Stamp
from tasks.clean.dates import Clock, read_date_line, to_stamp
from tasks.clean.nearby import Piece
from tasks.clean.stamps import machine_stamp

AFTER = 14
"""Pieces of text after the title in which its date stands: names, section, buttons for sharing."""
BEFORE = 4
"""Pieces of text before the title: section and date."""
LONGEST = 90
"""Characters of the longest line of a date; a longer one is text."""
PROSE = 220
"""Characters in paragraphs that end the head of an article: more than a lead."""
OTHER_WORDS = 5
"""Words beside the date in its line: a label, a town, a name."""
MOST_TIMES = 50
_TIME = re.compile(r"\d{1,2}:\d{2}(?!:?\d)")


def date_beside(before: list[Piece], after: list[Piece], clock: Clock) -> Stamp | None:
    """Return the date of publication among the pieces around a title, those after it first, or None; both lists begin beside it."""
    for piece in (*_head(after, AFTER), *_head(before, BEFORE)):
        stamp = machine_stamp(piece.moment, "time", clock) if piece.moment else _printed(piece.text, clock)
        if stamp:
            return stamp
    return None


def only_time(tree: HtmlElement, clock: Clock) -> Stamp | None:
    """Return the moment of a page's only `<time>`, for pages without a heading; of several any may be a teaser's."""
    moments = {element.get("datetime") for element in islice(tree.iter("time"), MOST_TIMES)}
    return machine_stamp(moments.pop(), "time", clock) if len(moments) == 1 else None


def _head(pieces: Iterable[Piece], most: int) -> Iterator[Piece]:
    """Give the pieces up to the first paragraphs."""
    prose = 0
    for piece in islice(pieces, most):
        prose += len(piece.text) if len(piece.text) > LONGEST else 0
        if prose >= PROSE:
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
