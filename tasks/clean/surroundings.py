"""Lines that only their neighbours give away: captions beside a credit, counters, lists of tags, boxes about the author.

Every rule here needs a line that another rule has already cut, so a text without furniture stays whole.
"""

import re
from itertools import pairwise

from tasks.clean.captions import bare_credit
from tasks.clean.folding import core, fold
from tasks.clean.furniture import Claim
from tasks.clean.lexicon import lexicon
from tasks.clean.line import Line
from tasks.clean.names import is_job_line

CAPTION_WORDS = 6
"""Words from which a line without stop under an agency's name is a caption; subheadings are shorter."""
CAPTION_LONGEST = 300
TAG_WORDS = 6
"""Words of the longest tag, section or button under the end of the text."""
CLOSED_BY = {"related_list", "newsletter", "comments", "copyright", "contact", "subscribe", "paywall", "donation"}
"""Families that close a text; buttons and advertisements also stand inside."""
_NUMBER = re.compile(r"^[\d.,]{1,7}[km]?$")
_TAIL_BRACKET = re.compile(r"\s*[(\[].*$")
_DESK = re.compile(r"^[a-zäöü]{2,4}(?:/[a-zäöü]{2,4}){0,4}(?:\s\([\w, /-]{2,40}\))?$")
Claims = list[Claim | None]


def cut_pictures(lines: list[Line], claims: Claims, first_prose: int) -> None:
    """Cut the caption beside a line that is nothing but a credit, and what "hide caption" belongs to."""
    for i, line in enumerate(lines):
        found = claims[i]
        if found and found.reason == "caption_line" and line.role == "caption":
            _cut_over_button(lines, i)
        elif (
            found
            and found.family.name == "caption"
            and line.role == "caption"
            and not found.bare
            and len(line.text.split()) < CAPTION_WORDS
        ):
            _cut_over_credit(lines, i, first_prose)
        elif line.role is None and i > 0 and bare_credit(line.folded):
            line.cut("caption", "credit_alone")
            if i + 1 < len(lines) and _is_open(lines[i + 1]) and len(lines[i + 1].text.split()) >= CAPTION_WORDS and not claims[i + 1]:
                lines[i + 1].cut("caption", "under_credit")


def _is_credit(line: Line, found: Claim | None) -> bool:
    labelled = bool(found and found.family.name == "caption" and not found.bare) or line.reason == "source_credit"
    return labelled and len(line.text.split()) < CAPTION_WORDS


def _is_open(line: Line) -> bool:
    return line.role is None and not line.ends_with_stop and not line.quoted and len(line.text) <= CAPTION_LONGEST


def _cut_over_credit(lines: list[Line], i: int, first_prose: int) -> None:
    """Cut the caption over its credit, below the head: over a credit in the head stands the title."""
    before = lines[i - 1] if i else None
    below_head = i > first_prose or any(line.meta for line in lines[:i])
    if before and below_head and _is_open(before) and len(before.text.split()) >= CAPTION_WORDS - 1:
        before.cut("caption", "over_credit")


def _cut_over_button(lines: list[Line], i: int) -> None:
    """Cut caption and credit over the first "hide caption": two lines, the lower one short."""
    if i < 3 or lines[i - 1].role == "caption":
        return
    credit, caption = lines[i - 1], lines[i - 2]
    if credit.role is None and len(credit.text.split()) < CAPTION_WORDS and not credit.ends_with_stop:
        credit.cut("caption", "over_caption_button")
        if caption.role is None and len(caption.text) <= CAPTION_LONGEST:
            caption.cut("caption", "over_caption_button")


def cut_counters(lines: list[Line]) -> None:
    """Cut numbers alone beside a button: how often it was pressed."""
    for i, line in enumerate(lines):
        near = [lines[j] for j in (i - 1, i + 1) if 0 <= j < len(lines)]
        if line.role is None and _NUMBER.match(line.folded) and any(other.role == "social" or "comments" in other.reason for other in near):
            line.cut("social", "counter")


def cut_author_box(lines: list[Line], tail: int, names: set[str]) -> None:
    """Cut the author's name where it stands again under the text."""
    known = {fold(name) for name in names}
    for line in lines[tail:]:
        if line.role is None and core(_TAIL_BRACKET.sub("", line.folded)) in known:
            line.cut("byline", "author_again")


def cut_jobs(lines: list[Line]) -> None:
    """Cut what the author does, under the author's name."""
    for above, line in pairwise(lines):
        if line.role is None and above.role == "byline" and above.meta and above.meta.names and is_job_line(line.text):
            line.cut("byline", "job")


def cut_desk_codes(lines: list[Line], tail: int) -> None:
    """Cut the initials of a desk under the text: `lf/rt (AFP, dpa)`."""
    for line in lines[tail:]:
        if line.role is None and "/" in line.text and _DESK.match(line.text.lower()) and line.text[:1].islower():
            line.cut("byline", "desk_codes")


def cut_after_closing(lines: list[Line], claims: Claims, tail: int) -> None:
    """Cut what is left of tags, sections and teasers under the first line that closes the text."""
    closed = False
    for i in range(tail, len(lines)):
        line, found = lines[i], claims[i]
        closed = closed or bool(line.role and found and not found.weak and found.family.name in CLOSED_BY)
        if line.role or line.ends_with_stop or line.quoted or line.bulleted:
            continue
        between = not lines[i - 1].kept and i + 1 < len(lines) and not lines[i + 1].kept
        if closed and (len(line.text.split()) <= TAG_WORDS or (between and len(line.text) <= CAPTION_LONGEST)):
            line.cut("furniture", "after_closing")
        elif between and line.core in lexicon().sections:
            line.cut("furniture", "section_between")
