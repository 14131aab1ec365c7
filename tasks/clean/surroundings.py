"""Lines that only their neighbours give away: captions beside a credit, counters, lists of tags, boxes about the author.

Every rule here needs a line that another rule has already cut, so a text without furniture stays whole.
"""

import re
from itertools import pairwise

from tasks.clean.calls import stands_under_teaser
from tasks.clean.captions import bare_credit
from tasks.clean.folding import core, fold
from tasks.clean.furniture import Claim, appeal_groups
from tasks.clean.lexicon import lexicon
from tasks.clean.line import Line
from tasks.clean.meta import MetaLine
from tasks.clean.names import is_job_line, names_outlet

CAPTION_WORDS = 6
"""Words from which a line without stop under an agency's name is a caption; subheadings are shorter."""
LABELLED_WORDS = 3
"""The same over a credit that says what it is."""
CAPTION_LONGEST = 300
SHORT_CAPTION = 90
"""Characters of the longest caption with a full stop over its credit: a sentence of the text is longer, or quotes."""
CREDITS_ALONE = {"copyright_sign_credit", "caption_label", "capital_credit"}
"""Rules of credits that may stand in a line of their own over the caption."""
HEAD_RUN = 5
"""Lines of the longest row of tags between two lines of the head that are cut."""
HEAD_WORDS = 3
OUTLET_WORDS = 5
TAG_WORDS = 6
"""Words of the longest tag, section or button under the end of the text."""
CLOSED_BY = {"related_list", "newsletter", "comments", "copyright", "contact", "subscribe", "paywall", "donation"}
"""Families that close a text; buttons and advertisements also stand inside."""
BOX_LONGEST = 160
"""Characters of the longest line inside a newsletter box."""
TOWN_WORDS = 3
RUN_LONGEST = 12
"""Lines of the longest list of tags or teasers looked at."""
_SIGNED = re.compile(r"[.!?…»”\"]\s*[(\[][\w .,&-]{2,24}[)\]]\s*$")  # a sentence and its agency: `..., said the mayor. (dpa)`
_NUMBER = re.compile(r"^[\d.,]{1,7}[km]?$")
_TAIL_BRACKET = re.compile(r"\s*[(\[].*$")
_CODES = re.compile(r"^[A-Z]{2,4}(?:/[A-Z]{2,4}){1,5}$")
"""The same in capitals: `AD/OID/ASB`."""
_DESK = re.compile(r"^[a-zäöü]{2,5}(?:[/-][a-zäöü]{2,5}){0,6}(?:\s\([\w, /-]{2,40}\))?$")
Claims = list[Claim | None]


def cut_pictures(lines: list[Line], claims: Claims, first_prose: int) -> None:
    """Cut the caption beside a line that is nothing but a credit, and what "hide caption" belongs to."""
    head = min([first_prose, *(line.index for line in lines if line.meta)])
    for i, line in enumerate(lines):
        found = claims[i]
        if found and found.reason == "caption_line" and line.role == "caption":
            _cut_over_button(lines, i)
        elif line.role == "caption" and _is_credit(line, found):
            _cut_over_credit(lines, i, head, first_prose)
        if i < first_prose and line.role == "caption" and line.reason in CREDITS_ALONE and len(line.text.split()) <= 2 * CAPTION_WORDS:
            _cut_under_sign(lines, claims, i)
        elif i > 0 and (line.reason == "capital_credit" or (line.role in (None, "caption") and bare_credit(line.folded))):
            line.cut("caption", line.reason or "credit_alone")
            _cut_over_credit(lines, i, head, first_prose)
            if i + 1 < len(lines) and _is_open(lines[i + 1]) and len(lines[i + 1].text.split()) >= CAPTION_WORDS and not claims[i + 1]:
                lines[i + 1].cut("caption", "under_credit")


def _is_credit(line: Line, found: Claim | None) -> bool:
    labelled = bool(found and found.family.name == "caption" and not found.bare) or line.reason == "source_credit"
    return labelled and len(line.text.split()) < CAPTION_WORDS


def _is_open(line: Line) -> bool:
    closed = line.ends_with_stop or line.quoted or _SIGNED.search(line.text[-40:])
    return line.role is None and not closed and len(line.text) <= CAPTION_LONGEST


def _cut_under_sign(lines: list[Line], claims: Claims, i: int) -> None:
    """Cut the caption under a credit in the head."""
    below = lines[i + 1] if i + 1 < len(lines) else None
    sized = below is not None and len(below.text.split()) >= CAPTION_WORDS - 1
    if below and sized and i > 1 and _is_open(below) and not claims[i + 1] and not below.is_prose:
        below.cut("caption", "under_credit")


def _cut_over_credit(lines: list[Line], i: int, head: int, first_prose: int) -> None:
    """Cut the caption over its credit, below the head: over a credit in the head stands the title."""
    before = lines[i - 1] if i else None
    title = next((line.index for line in lines[: min(i, RUN_LONGEST)] if line.role is None and len(line.text.split()) >= CAPTION_WORDS), i)
    short = before and before.role is None and len(before.text) <= SHORT_CAPTION and title < i - 1 and i < first_prose
    if before and i > head and (_is_open(before) or short) and len(before.text.split()) >= LABELLED_WORDS:
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
        named = above.role == "byline" and ((above.meta and above.meta.names) or above.reason == "author_again")
        if line.role is None and named and is_job_line(line.text):
            line.cut("byline", "job")


def cut_desk_codes(lines: list[Line], tail: int) -> None:
    """Cut the initials of a desk under the text: `lf/rt (AFP, dpa)`."""
    for line in lines[tail:]:
        if line.role is not None or "/" not in line.text:
            continue
        if (_DESK.match(line.text.lower()) and line.text[:1].islower()) or _CODES.match(line.text):
            line.cut("byline", "desk_codes")


def cut_after_closing(lines: list[Line], claims: Claims, tail: int) -> None:
    """Cut what is left of tags, sections and teasers under the first line that closes the text.

    A run between two lines that are cut goes whole; at the very end only short lines do.
    """
    closed = linked = False
    for i in range(tail, len(lines)):
        line, found = lines[i], claims[i]
        credited = line.role in ("agency", "social", "related", "byline") and i >= tail
        closed = closed or credited or bool(line.role and found and not found.weak and found.family.name in CLOSED_BY)
        if not _is_loose(line):
            continue
        between = i > 0 and not lines[i - 1].kept and _run_ends_in_cut(lines, i)
        linked = linked or bool(line.role is None and lines[i - 1].role == "related")
        if closed and (len(line.text.split()) <= TAG_WORDS or between or linked):
            line.cut("furniture", "after_closing")
        elif between and line.core in lexicon().sections:
            line.cut("furniture", "section_between")


def _is_loose(line: Line) -> bool:
    return line.role is None and not (line.ends_with_stop or line.quoted or line.bulleted) and len(line.text) <= CAPTION_LONGEST


def _run_ends_in_cut(lines: list[Line], i: int) -> bool:
    end = next((j for j in range(i, min(i + RUN_LONGEST, len(lines))) if not _is_loose(lines[j])), None)
    return end is not None and not lines[end].kept


def cut_inside_boxes(lines: list[Line], claims: Claims) -> None:
    """Cut the one line in the middle of a newsletter box, and the sentence under its heading at the end."""
    end = max((line.index for line in lines if line.kept and line.role != "title"), default=0)
    for i in range(1, len(lines) - 1):
        line, above, below = lines[i], claims[i - 1], claims[i + 1]
        box = above and above.family.name == "newsletter" and not lines[i - 1].kept and not lines[i + 1].kept
        if line.role is None and box and len(line.text) <= BOX_LONGEST and not line.quoted:
            same = below and below.family.name == "newsletter"
            if same or (i == end and (not line.ends_with_stop or appeal_groups(line.folded))):
                line.cut("furniture", "newsletter_box")


def cut_towns(lines: list[Line], first_prose: int) -> None:
    """Cut a place in capitals beside the line of names or dates."""
    for i in range(1, min(first_prose, len(lines) - 1)):
        line = lines[i]
        beside = any(lines[j].meta for j in (i - 1, i + 1))
        if line.role is None and beside and line.text.isupper() and len(line.text.split()) <= TOWN_WORDS and line.text[-1].isalpha():
            line.cut("furniture", "town")


def cut_over_read_more(lines: list[Line], first_prose: int) -> None:
    """Cut the headline over a bare "Read more" that announces nothing under it, below the first paragraph."""
    for i in range(first_prose + 2, len(lines)):
        label, line = lines[i], lines[i - 1]
        announces = i + 1 < len(lines) and lines[i + 1].reason.startswith("after_")
        headline = _is_open(line) and not line.is_prose and len(line.text.split()) >= CAPTION_WORDS - 1
        if headline and label.role == "related" and stands_under_teaser(label.core) and not announces:
            line.cut("related", "over_read_more")


def cut_outlets(lines: list[Line], first_prose: int) -> None:
    """Cut the name of the house under the author's name: `BBN News, Northumbria`."""
    for above, line in pairwise(lines[:first_prose]):
        named = above.role == "byline" and ((above.meta and above.meta.names) or above.reason == "job")
        if line.role is None and named and len(line.text.split()) <= OUTLET_WORDS and not line.ends_with_stop and names_outlet(line.folded):
            line.cut("byline", "outlet_under_author")


def cut_head_tags(lines: list[Line], first_prose: int) -> None:
    """Cut rows of one to three words between two lines of the head that are cut, under a line that can be the title."""
    metas = [line.index for line in lines[:first_prose] if line.meta]
    titles = [line.index for line in lines[:first_prose] if line.role is None and len(line.text.split()) > HEAD_WORDS]
    start = max(metas[0], titles[0]) + 1 if metas and titles and titles[0] < metas[-1] else first_prose
    run: list[Line] = []
    for line in lines[start : first_prose + 1]:
        if _is_loose(line) and line.core not in lexicon().sections and len(line.text.split()) <= HEAD_WORDS and line.index < first_prose:
            run.append(line)
            continue
        section = line.core in lexicon().sections
        if run and (section or not line.kept) and not lines[run[0].index - 1].kept and len(run) <= HEAD_RUN:
            for tag in run:
                tag.cut("furniture", "head_tag")
        run = []


def cut_names_under_links(lines: list[Line], metas: list[MetaLine | None]) -> None:
    """Cut the author's name under the headline of a related article."""
    for i in range(1, len(lines)):
        meta = metas[i]
        if lines[i].role is None and meta and meta.reason == "name_alone" and lines[i - 1].reason.startswith("after_related"):
            lines[i].cut("related", "name_under_link")
