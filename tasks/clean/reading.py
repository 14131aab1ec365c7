"""What the line pass found in a text, gathered from its marked lines."""

from dataclasses import dataclass, field

from schemas.article import BlockRole, RemovedBlock, Stamp
from tasks.clean.access import counts_free_articles, cut_note
from tasks.clean.credits import dateline_stamp, text_agencies
from tasks.clean.dates import Clock, choose_stamps
from tasks.clean.line import Line
from tasks.clean.line_model import MODEL
from tasks.clean.meta import MetaLine
from tasks.clean.signatures import meta_lines, signers

NOTICE_NEAR = 2
"""Lines under the text in which a notice stands that only the model knows."""
NOTICE_WORDS = 3
"""Words from which a line about subscribers under the text is a notice and no badge."""


@dataclass(slots=True)
class Reading:
    """What the line pass found: the kept lines, the facts in the lines, and what was cut."""

    kept: list[Line] = field(default_factory=list)
    removed: tuple[RemovedBlock, ...] = ()
    title: str | None = None
    dek: str | None = None
    byline: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None
    paywalled: bool = False
    metered: bool = False
    """A line counts the free articles of the reader."""
    access_note: str | None = None
    language: str = "en"
    size: int = 0
    """Characters of all lines, those that were cut too."""
    found_by: dict[str, str] = field(default_factory=dict)
    """The rule that gave each field."""

    @property
    def text(self) -> str:
        """The kept lines, parted by a blank line."""
        return "\n\n".join(line.text for line in self.kept)


def gather(lines: list[Line], title: str | None, dek: str | None, language: str, clock: Clock) -> Reading:
    """Return what the marked lines say: text, facts and what was cut."""
    kept = [line for line in lines if line.kept]
    metas = meta_lines(lines, language, clock)
    published, updated = choose_stamps((m.text for m in metas if m.dated), clock)
    agencies = [a for m in metas for a in m.agencies] + list(text_agencies(kept))
    counters = [line for line in lines if not line.kept and counts_free_articles(line.folded)]
    paywall = [line for line in lines if line.role == "paywall" and line not in counters]
    notes = [line.note for line in lines if line.note] + [n for line in kept[-1:] if (n := cut_note(line.text))]
    body_end = max((line.index for line in kept), default=0)
    closing = [line for line in paywall if line.index > body_end or line.note]
    return Reading(
        kept=kept,
        removed=tuple(RemovedBlock(role=_block_role(line), reason=line.reason, text=line.text) for line in lines if line.reason),
        title=title,
        dek=dek,
        byline=signers(metas, credited=bool(agencies)),
        agency=tuple(dict.fromkeys(agencies)),
        published=published or dateline_stamp(kept, clock),
        updated=updated,
        paywalled=bool(notes) or any(_says_more_is_paid(line, body_end) for line in closing),
        metered=bool(counters),
        size=sum(len(line.text) for line in lines),
        found_by=_found_by(lines, metas, title, dek),
        access_note=notes[0] if notes else _note(closing, counters, body_end),
        language=language,
    )


def _says_more_is_paid(line: Line, end: int) -> bool:
    """Return whether a line about subscribers under the text is a notice that the text goes on, and no badge or offer."""
    sentence = len(line.text.split()) >= NOTICE_WORDS
    if line.reason == MODEL:
        return sentence and line.index <= end + NOTICE_NEAR
    return line.reason.startswith("paywall_") and (not line.reason.endswith("_line") or sentence)


def _note(closing: list[Line], counters: list[Line], end: int) -> str | None:
    """Return the notice that says how much of the article may be read."""
    said = [line for line in closing[:1] if line.reason.startswith("paywall_") or _says_more_is_paid(line, end)]
    return next((line.text for line in (*said, *counters)), None)


def _found_by(lines: list[Line], metas: list[MetaLine], title: str | None, dek: str | None) -> dict[str, str]:
    """Return the rule of each field that a line gave; of several lines the first is named."""
    rules = {
        "title": "lines:title" if title and any(line.role == "title" for line in lines) else None,
        "dek": "lines:dek" if dek else None,
        "byline": next((f"lines:{m.reason}" for m in metas if m.names), None),
        "agency": next((f"lines:{m.reason}" for m in metas if m.agencies), "lines:credit_in_text"),
        "published": next((f"lines:{m.reason}" for m in metas if m.dated), None),
        "updated": next((f"lines:{m.reason}" for m in metas if m.dated), None),
        "access": next((f"lines:{line.reason}" for line in lines if line.role == "paywall"), "lines:last_line"),
    }
    return {name: rule for name, rule in rules.items() if rule}


def _block_role(line: Line) -> BlockRole:
    assert line.role not in (None, "body", "heading")
    return line.role  # type: ignore[return-value]
