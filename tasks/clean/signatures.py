"""Who signs a text, from all of its lines: also the lines that say so only by where they stand."""

import re
from functools import cache

from tasks.clean.agencies import agency_line
from tasks.clean.dates import Clock
from tasks.clean.folding import fold
from tasks.clean.lexicon import lexicon
from tasks.clean.line import Line
from tasks.clean.line_model import MODEL
from tasks.clean.meta import MetaLine, expected_byline, expected_date, is_full_name, is_reported
from tasks.clean.names import is_initials, is_outlet, is_unnamed_desk, people_of

PHOTO_CREDIT = "agency_photo_credit"
"""The reason of `Name / Agency`, which beside a title is an author's and not a photographer's."""
CREDIT_ALONE = "credit_alone"
"""The reason of a credit in a line of its own, which under a text may be the text's."""
MET_TWICE = "label_met_twice"
"""The reason of what stands over and under a text: sections, and authors with their biography."""
_DAY = re.compile(r"(?<!\d)\d{1,2}\.\s?\d{1,2}\.\s?\d{0,4}(?!\d)")
SHORTEST_WORD = 3
NEAR = 6
"""Lines between a name that says nothing of itself and the title or a date."""


def meta_lines(lines: list[Line], language: str, clock: Clock) -> list[MetaLine]:
    """Return what the lines about the article say, in reading order, those too that were cut by their place and not by what they say."""
    end = max((line.index for line in lines if line.kept), default=-1)
    metas = [
        meta for line in lines if (meta := line.meta or _expected(line, language, clock) or _credit(line, end)) and not _is_label(meta)
    ]
    if any(meta.names or meta.desk for meta in metas):
        return metas
    return metas + _silent(lines, language, end)


def _is_label(meta: MetaLine) -> bool:
    """Return whether all words of a name alone are those of labels: `Save Report`."""
    words = set(_words(fold(meta.text)))
    return meta.reason == "name_alone" and bool(words) and words <= _label_words()


def _credit(line: Line, end: int) -> MetaLine | None:
    """Read the credit under a text that was taken for a picture's: `Quelle: Stadtfunk, dpa`."""
    agencies = agency_line(line.text) if line.reason == CREDIT_ALONE and line.index > end else None
    return MetaLine(line.text, "agency", "credit_under_text", agencies=agencies) if agencies else None


def _expected(line: Line, language: str, clock: Clock) -> MetaLine | None:
    if line.role == "furniture" and is_reported(line.folded):
        return expected_byline(line.text, language)
    if line.reason != MODEL:
        return None
    if line.role == "date":
        return expected_date(line.text, clock)
    return expected_byline(_DAY.sub("", line.text), language) if line.role in ("byline", "agency") else None


def _silent(lines: list[Line], language: str, end: int) -> list[MetaLine]:
    """Return who signs without saying so: a name alone beside the title, the date or the end of the text, where nothing else is a byline.

    `end` is the last line of the text. No word of a name may be one of the labels that sites print there.
    """
    under = next((line.index for line in lines if line.role == "title"), -1)
    cut = (line for line in lines if not line.kept and line.role != "title" and line.text.count(" | ") <= 1)
    beside = (line for line in cut if line.index == end + 1 > 0 or _stands_beside(line, lines))
    found = [(line, meta) for line in beside if (meta := _signature(line, lines, language, titled=0 <= under < line.index))]
    best = min(found, key=lambda pair: (pair[0].index < under, not pair[1].desk, pair[0].index), default=None)
    return [best[1]] if best else []


def _signature(line: Line, lines: list[Line], language: str, *, titled: bool) -> MetaLine | None:
    """Read a line cut for another reason as a signature, `titled` where the title stands over it; None where it cannot be one."""
    found = expected_byline(line.text, language)
    if found is None or (found.desk and not found.names):
        return found
    if line.reason == PHOTO_CREDIT and found.agencies:
        above = lines[line.index - 1] if line.index else line
        return found if above.role in ("title", "dek") else None
    if ":" in line.text and not found.opened:
        return None
    named = bool(found.names) and all(is_full_name(name) and not is_outlet(name) for name in found.names)
    free = titled and line.reason in (MODEL, MET_TWICE) and line.role in ("furniture", "caption", "kicker") and not line.text.isupper()
    if named and found.opened and line.role == "furniture":
        return found
    return found if named and free and not _label_words() & set(_words(line.folded)) else None


def _stands_beside(line: Line, lines: list[Line]) -> bool:
    """Return whether the title or a date is near, with no text between."""
    near = lines[max(line.index - NEAR, 0) : line.index + NEAR + 1]
    marks = [other.index for other in near if other.role in ("title", "dek") or (other.meta and other.meta.dated)]
    between = (range(min(line.index, mark), max(line.index, mark)) for mark in marks)
    return 2 * line.index < len(lines) and any(not any(lines[n].kept for n in span) for span in between)


def _words(folded: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", folded[:200]) if len(word) >= SHORTEST_WORD]


@cache
def _label_words() -> frozenset[str]:
    """Return the words of all labels that sites print around texts, folded."""
    lex = lexicon()
    return frozenset(word for phrase in (*lex.lines, *lex.sections, *lex.kickers, *lex.openings) for word in _words(fold(phrase)))


def signers(metas: list[MetaLine], *, credited: bool = False) -> tuple[str, ...]:
    """Return the names of the lines that say whose they are; names alone only where no other line names anybody before them.

    Who reported for an agency is named where nobody signs, and a desk where no person does; where the text is `credited`
    to an agency, only a desk with a name of its own: `Redazione` alone is then the agency's.
    """
    named = [m for m in metas if m.names and m.reason != "reported_by"] or metas
    first = next((i for i, m in enumerate(metas) if m.names and m in named), 0)
    dated = max((i for i, m in enumerate(metas) if m.dated), default=0)
    said = metas[first].opened if metas else False
    chosen = [m for i, m in enumerate(metas) if m in named and (m.reason != "name_alone" or (i <= max(first + 1, dated) and not said))]
    signed = any(m.names and m.reason == "byline_line" for m in chosen)
    chosen = [m for m in chosen if not (signed and m.reason == "byline_with_date" and not m.opened and m.labelled)]
    names = people_of([n for m in chosen for n in m.names])
    small = tuple(name for name in names if not name.isupper() or is_initials(name))  # beside them capitals sign a picture
    return small or names or tuple(m.desk for m in metas if m.desk and not (credited and is_unnamed_desk(m.desk)))[:1]
