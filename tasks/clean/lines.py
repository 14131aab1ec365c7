"""The typed line pass: every line of an article gets a role, and what is cut is kept with its reason.

    text | split_lines | mark_cut (furniture, captions) | read_head (title, dek, meta) | read_tail | keep

A line is cut only when a rule claims it *and* its surroundings agree; every other line is text. Rules are
words in `rules/*.toml`; this module only decides where they may act.
"""

from dataclasses import replace
from itertools import pairwise

from tasks.clean.access import remaining_note
from tasks.clean.calls import is_notice
from tasks.clean.captions import caption_reason, pictured_reason
from tasks.clean.closing import cut_beside_donation, cut_labels_met_twice, cut_notices, firm_closing
from tasks.clean.dates import Clock, read_date_line
from tasks.clean.folding import fold, squeeze
from tasks.clean.furniture import Claim, appeal_groups, asks_for_money, claim
from tasks.clean.head import Head, read_head
from tasks.clean.lexicon import guess_language, lexicon
from tasks.clean.line import Line
from tasks.clean.line_model import Marks, apply_verdicts, judge_lines, likely_title
from tasks.clean.meta import MetaLine, read_meta
from tasks.clean.names import is_contribution, is_job_line, looks_like_name, opens_with_author
from tasks.clean.reading import Reading, gather
from tasks.clean.surroundings import (
    cut_after_closing,
    cut_author_box,
    cut_counters,
    cut_desk_codes,
    cut_head_tags,
    cut_inside_boxes,
    cut_jobs,
    cut_names_under_links,
    cut_outlets,
    cut_over_read_more,
    cut_pictures,
    cut_towns,
)

TAKEN_LONGEST = 260
"""Characters of the longest headline that a related-links label takes with it."""
TAKEN_MOST = 12
"""Headlines that one list of related links may take."""
HEAD_LONGEST = 12
"""Lines over a dek: breadcrumbs, labels, title, buttons."""
SENTENCE = 40
"""Characters from which a line with a stop is a sentence, where no line is a long paragraph."""
HEADING_LONGEST = 90
HEADING_WORDS = 12
TITLE_WORDS = 4
"""Words from which a line after a related-links label is the headline."""
HEADLINE_WORDS = 6
"""Words from which a second line under such a label is a headline too, and no subheading."""
TAIL_SHARE = 0.6
"""Where the last 40 % of the lines begin: appeals for money stand there."""
CLOSING = {
    "related",
    "newsletter",
    "donation",
    "subscribe",
    "paywall",
    "social",
    "comments",
    "contact",
    "copyright",
    "tools",
    "related_list",
}


def split_lines(text: str) -> list[Line]:
    """Return the lines that are not blank, single-spaced, with their folded form."""
    lines = [squeeze(raw) for raw in text.splitlines()]
    return [Line(text=line, folded=fold(line), index=i) for i, line in enumerate(line for line in lines if line)]


def read_lines(text: str, clock: Clock, *, title: str | None = None, find_title: bool = True, declared: str | None = None) -> Reading:
    """Return the article that the lines of a plain text hold.

    `title` is a title known from elsewhere: its line is not repeated in the text. Without `find_title` the
    first line stays text. `declared` (ISO 639-1) helps to choose among the languages' rules.
    """
    lines, language, clock = _opened(text, clock, declared)
    sure = _mark(lines, language, clock) if len(lines) > 1 else None
    head = read_head(lines, title=title, find_title=find_title, sure=sure if find_title else None)
    return _closed(lines, head, language, clock)


def read_body_lines(text: str, clock: Clock, *, title: str | None = None, declared: str | None = None) -> Reading:
    """Return the article that lines hold which somebody found to be the body: of a page, or of a feed's item.

    The model of lines is not asked: it has learnt whole texts with everything around them.
    """
    lines, language, clock = _opened(text, clock, declared)
    if len(lines) > 1:
        _Pass(lines, language, clock).mark()
    return _closed(lines, read_head(lines, title=title, find_title=False), language, clock)


def _opened(text: str, clock: Clock, declared: str | None) -> tuple[list[Line], str, Clock]:
    """Return the lines of a text, the language of the rules for it, and the clock with the usual order of its dates."""
    lines = split_lines(text)
    language = guess_language((line.folded for line in lines), declared)
    return lines, language, replace(clock, day_first=lexicon().languages[language].day_first)


def _closed(lines: list[Line], head: Head, language: str, clock: Clock) -> Reading:
    if not any(line.kept for line in lines):
        _give_back(lines)
    _mark_headings([line for line in lines if line.kept])
    return gather(lines, head.title, head.dek, language, clock)


def _mark(lines: list[Line], language: str, clock: Clock) -> Line | None:
    """Give a role to every line that a rule or the model claims; return the title where the model is sure of it."""
    rules = _Pass(lines, language, clock)
    marks = Marks(rules.claims, rules.metas)
    verdicts = judge_lines(lines, marks)
    rules.mark()
    apply_verdicts(lines, verdicts, marks, language)
    return likely_title(lines, verdicts)


def _give_back(lines: list[Line]) -> None:
    """Keep the dek or title as text when nothing else is left: a headline alone is an article too."""
    for role in ("dek", "title"):
        for line in lines:
            if line.role == role:
                line.role = "body"
                return


def _mark_headings(kept: list[Line]) -> None:
    """Mark short lines without stop over a paragraph: subheadings, which stay in the text."""
    for line, following in pairwise(kept):
        short = len(line.text) <= HEADING_LONGEST and len(line.text.split()) <= HEADING_WORDS
        if short and not line.ends_with_stop and not line.bulleted and following.is_prose:
            line.role = "heading"


class _Pass:
    """Marks the lines of one text; the order of the methods in `mark` is the order of the rules."""

    def __init__(self, lines: list[Line], language: str, clock: Clock) -> None:
        self.lines, self.language, self.clock = lines, language, clock
        self.claims: list[Claim | None] = [claim(line.text, line.folded) for line in lines]
        self.metas: list[MetaLine | None] = [read_meta(line.text, language, clock) for line in lines]
        self.surnames = {fold(name.split()[n]) for m in self.metas[:HEAD_LONGEST] if m for name in m.names for n in (0, -1)}
        prose = [i for i, line in enumerate(lines) if line.is_prose and not self._certain(i) and not self._is_caption(i)]
        while prose and (self._opens_as_caption(prose) or self._opens_as_dek(prose)):
            prose.pop(0)
        prose = prose or self._short_paragraphs()
        self.first_prose = prose[0] if prose else len(lines)
        self.head_end = prose[2] if len(prose) > 2 else len(lines)
        self.tail_start = self._find_tail()

    def mark(self) -> None:
        """Give a role to every line that a rule claims."""
        self._mark_meta()
        self._mark_notices()
        self._mark_captions()
        self._mark_furniture()
        self._mark_appeals()
        self._mark_surroundings()

    def _mark_surroundings(self) -> None:
        names = {name for line in self.lines if line.meta for name in line.meta.names}
        cut_pictures(self.lines, self.claims, self.first_prose)
        cut_counters(self.lines)
        cut_towns(self.lines, self.first_prose)
        cut_head_tags(self.lines, self.first_prose)
        cut_names_under_links(self.lines, self.metas)
        cut_jobs(self.lines)
        cut_outlets(self.lines, self.first_prose)
        cut_author_box(self.lines, self.tail_start, names)
        cut_desk_codes(self.lines, self.tail_start)
        cut_after_closing(self.lines, self.claims, self.tail_start)
        for line in self.lines[self.tail_start :]:
            if line.role is None and line.ends_with_stop and not line.is_prose and self._under_comments(line.index):
                line.cut("furniture", "under_comments")
        cut_over_read_more(self.lines, self.first_prose)
        cut_beside_donation(self.lines, self.claims)
        cut_notices(self.lines, self.tail_start)
        cut_labels_met_twice(self.lines, self.first_prose, self.tail_start)
        cut_inside_boxes(self.lines, self.claims)

    def _certain(self, i: int) -> bool:
        found = self.claims[i]
        return bool(found and not found.weak) or remaining_note(self.lines[i].folded) is not None

    def _is_caption(self, i: int, *, beside_date: bool = False) -> bool:
        """Say whether a line is a caption; `Name / Agency` beside a line of dates may be an author and an agency."""
        if beside_date and any(m and m.role == "date" for m in self.metas[max(i - 1, 0) : i + 2]):
            return False
        return caption_reason(self.lines[i].text, self.lines[i].folded) is not None

    def _short_paragraphs(self) -> list[int]:
        """Return the sentences under the last line of names and dates near the top, for a text without any long paragraph."""
        head = max((i for i, m in enumerate(self.metas[:HEAD_LONGEST]) if m and not m.needs_neighbour), default=-1)
        return [
            i
            for i in range(head + 1, len(self.lines))
            if len(self.lines[i].text) >= SENTENCE and self.lines[i].ends_with_stop and not self.metas[i] and not self._certain(i)
        ]

    def _opens_as_caption(self, prose: list[int]) -> bool:
        """Say whether the first paragraph of several is a caption without credit: it stands twice, or says who is left."""
        i = prose[0]
        line = self.lines[i]
        return (
            i > 0 and len(prose) > 1 and (self._repeated(i) or self._repeated(i + 1) or pictured_reason(line.text, line.folded) is not None)
        )

    def _opens_as_dek(self, prose: list[int]) -> bool:
        """Say whether the first paragraph of several is a dek: the line of names or dates comes only after it."""
        i = prose[0]
        end = prose[1] if len(prose) > 1 else len(self.lines) - 1
        if not 0 < i <= HEAD_LONGEST:
            return False
        for j in range(i + 1, min(i + HEAD_LONGEST, end)):
            meta = self.metas[j]
            if j > i + 4 and not (meta or self._certain(j) or self._is_caption(j)):
                return False
            if meta and (meta.opened or (meta.dated and not meta.time_only and not meta.needs_neighbour)):
                return len({self.lines[k].text for k in range(j, len(self.lines)) if (m := self.metas[k]) and m.reason == "date_line"}) < 3
        return False

    def _find_tail(self) -> int:
        """Return where the lines after the last real paragraph begin."""
        start = self._walk_up(len(self.lines))
        paragraph = max((i for i in range(start) if self.lines[i].is_prose and not self._may_close(i)), default=start)
        firm = firm_closing(self.claims, self.lines, max(paragraph, self.first_prose + 1) + 1, start)
        return self._walk_up(firm)

    def _walk_up(self, start: int) -> int:
        while start > 1 and self._may_close(start - 1):
            start -= 1
        return start

    def _may_close(self, i: int) -> bool:
        line = self.lines[i]
        found = self.claims[i]
        if (
            (found and not (found.weak and line.is_prose))
            or self.metas[i]
            or self._is_caption(i)
            or self._is_biography(line)
            or is_contribution(line.folded)
        ):
            return True
        if appeal_groups(line.folded) == 3 or is_notice(line.folded) or remaining_note(line.folded):
            return True
        if line.is_prose or len(line.text) > TAKEN_LONGEST or i <= self.first_prose:
            return False
        return not line.ends_with_stop or self._under_comments(i)

    def _under_comments(self, i: int) -> bool:
        """Say whether a label of the comments or a copyright notice stands right above, where no text goes on."""
        near = (self.claims[j] for j in range(max(i - 2, self.first_prose + 1), i))
        return any(c and c.bare and c.family.name in ("comments", "copyright") for c in near)

    def _mark_meta(self) -> None:
        """Cut lines of dates, names and agencies where such lines stand: around the body."""
        head_end = self.first_prose + (0 if self._is_timeline() else 2)
        for i, meta in enumerate(self.metas):
            if not meta or self.lines[i].role or (not meta.dated and self._claimed_otherwise(i, meta)):
                continue
            before, after = i < min(head_end, self.head_end), i >= self.tail_start
            if (before or after) and self._meta_fits(i, meta, head=not after):
                self.lines[i].cut(meta.role, meta.reason)
                self.lines[i].meta = meta
        for i, line in enumerate(self.lines):
            if line.role is None and i >= self.tail_start and is_contribution(line.folded):
                line.cut("byline", "contributors")
            elif line.role is None and i >= self.tail_start and len(line.text) <= 600 and self._is_biography(line):
                line.cut("byline", "author_biography")

    def _claimed_otherwise(self, i: int, meta: MetaLine) -> bool:
        return bool(self.claims[i] or (meta.names and self._is_caption(i, beside_date=True)))

    def _is_timeline(self) -> bool:
        """Say whether dates head the paragraphs of the body, as in chronologies and live blogs."""
        body = range(self.first_prose + 1, self.tail_start)
        return len({self.lines[i].text for i in body if (m := self.metas[i]) and m.role == "date"}) > 1

    def _is_biography(self, line: Line) -> bool:
        if line.index <= self.first_prose or not line.text[:1].isupper():
            return False
        return bool(lexicon().bios.search(line.folded[:120])) or opens_with_author(line.folded, self.surnames)

    def _meta_fits(self, i: int, meta: MetaLine, *, head: bool) -> bool:
        if not meta.needs_neighbour and i > 0:
            return True
        if head and i == 0:
            return meta.opened or (meta.dated and not meta.time_only) or meta.role == "agency"
        if head and not self._has_headline_above(i):
            return False
        if head and meta.names and i + 1 < len(self.lines) and is_job_line(self.lines[i + 1].text):
            return True
        if any(m and not m.needs_neighbour for m in (self._near_meta(i, -1), self._near_meta(i, 1))):
            return True
        return not head and i == len(self.lines) - 1 and not meta.time_only and self.lines[i - 1].is_prose

    def _has_headline_above(self, i: int) -> bool:
        """Say whether any line over this one may be the title: a name with nothing above it is a title or a label itself."""
        sections = lexicon().sections | lexicon().kickers
        return any(not self.metas[j] and not self._certain(j) and self.lines[j].core not in sections for j in range(min(i, HEAD_LONGEST)))

    def _near_meta(self, i: int, step: int) -> MetaLine | None:
        """Return the next line of names or dates on one side that needs no neighbour itself, past names alone and buttons."""
        for j in range(i + step, i + 5 * step, step):
            if not 0 <= j < len(self.lines):
                return None
            meta = self.metas[j]
            if meta and not meta.needs_neighbour:
                return meta
            passed = self._certain(j) or is_job_line(self.lines[j].text) or looks_like_name(self.lines[j].text)
            if not meta and not passed:
                return None
        return None

    def _mark_notices(self) -> None:
        for i, line in enumerate(self.lines):
            note = remaining_note(line.folded) if line.role is None else None
            if note and (2 * i >= len(self.lines) - 1):
                line.cut("paywall", "share_remaining")
                line.note = note

    def _mark_captions(self) -> None:
        for i, line in enumerate(self.lines):
            if line.role:
                continue
            reason = caption_reason(line.text, line.folded)
            if not reason and 0 < i < self.first_prose and self.metas[i] is None:
                reason = pictured_reason(line.text, line.folded)
            if reason:
                line.cut("caption", reason)
            elif i > 0 and self._repeated(i) and len(line.text) >= 40:
                self._mark_repeated(i)

    def _repeated(self, i: int) -> bool:
        return 0 < i < len(self.lines) and self.lines[i].text == self.lines[i - 1].text

    def _mark_repeated(self, i: int) -> None:
        """Cut the same line twice in a row: a caption (both go) when it names a full date, else a repetition (one goes)."""
        if i < self.head_end and read_date_line(self.lines[i].text[-100:], self.clock).dates and not self.lines[i - 1].role:
            self.lines[i - 1].cut("caption", "repeated_caption")
            self.lines[i].cut("caption", "repeated_caption")
        else:
            self.lines[i].cut("furniture", "repeated_line")

    def _mark_furniture(self) -> None:
        for i, found in enumerate(self.claims):
            if found and self.lines[i].role is None and self._claim_fits(i, found):
                self.lines[i].cut(found.family.role, found.reason)
                if found.bare and found.family.takes != "nothing":
                    self._take(i, found)
        for i, found in enumerate(self.claims):
            if found and found.weak and self.lines[i].role is None and self._beside_its_like(i, found):
                self.lines[i].cut(found.family.role, found.reason)

    def _beside_its_like(self, i: int, found: Claim) -> bool:
        """Say whether a weak claim stands beside a line that its family has cut: a box of several lines."""
        near = [j for j in (i - 1, i + 1) if 0 <= j < len(self.lines) and not self.lines[j].kept]
        return not self.lines[i].is_prose and any((c := self.claims[j]) and c.family == found.family for j in near)

    def _claim_fits(self, i: int, found: Claim) -> bool:
        last = max(len(self.lines) - 1, 1)
        if found.bare and found.family.takes != "nothing" and i < self.first_prose and self.lines[i].core in lexicon().kickers:
            return False  # "Explainer" over a title announces no other article
        closing = i >= self.tail_start
        if found.weak and (not closing or self.lines[i].is_prose):
            return False
        zone = found.family.zone
        if zone == "tail" and not found.bare:
            groups = appeal_groups(self.lines[i].folded)
            return closing or (i / last >= TAIL_SHARE and groups > (2 if self.lines[i].is_prose else 1))
        if zone == "half" and not found.bare:
            return closing or 2 * i >= last
        if zone == "edge" and not found.bare:
            return closing or i < self.first_prose
        return True

    def _take(self, i: int, found: Claim) -> None:
        """Cut the headlines that a bare label announces."""
        end = len(self.lines)
        most = 1 if found.family.takes == "next" and i < self.tail_start else TAKEN_MOST
        bulleted = i + 1 < end and self.lines[i + 1].bulleted
        taken = 0
        for j in range(i + 1, end):
            line = self.lines[j]
            full = taken >= most and not (bulleted and line.bulleted) and not self._next_headline(i, j)
            if line.role or self.claims[j] or full or not self._headline(line, j):
                break
            line.cut("related", f"after_{found.reason}")
            label = len(line.text.split()) < TITLE_WORDS and j + 1 < end and not self.lines[j + 1].is_prose
            taken += not label  # a section or "Exclusive" over the headline itself
        last = max((j for j in range(i, min(i + 2 * TAKEN_MOST, end)) if self.lines[j].reason == f"after_{found.reason}"), default=i)
        if taken > 1 and last + 1 < end and i < self.tail_start and self._heads_paragraph(last):
            self.lines[last].give_back()

    def _next_headline(self, i: int, j: int) -> bool:
        """Say whether a line after the one headline of a label is another: under a colon, as long as the first, no subheading."""
        line, before = self.lines[j], self.lines[j - 1]
        long = len(line.text.split()) >= HEADLINE_WORDS and 3 * len(line.text) >= 2 * len(before.text)
        return self.lines[i].text.endswith(":") and long and j - i <= TAKEN_MOST

    def _heads_paragraph(self, i: int) -> bool:
        """Say whether the last line of a list is rather the subheading of the paragraph after it: shorter than the others."""
        line = self.lines[i]
        return self.lines[i + 1].is_prose and not line.bulleted and 3 * len(line.text) < 2 * len(self.lines[i - 1].text)

    def _headline(self, line: Line, j: int) -> bool:
        if len(line.text) > TAKEN_LONGEST or line.text[:1].islower():
            return False
        return not line.ends_with_stop or (j >= self.tail_start and len(line.text) <= 160)

    def _mark_appeals(self) -> None:
        """Cut appeals of the publisher at the end, where another closing line shows that the body is over."""
        closing = [i for i in range(self.tail_start, len(self.lines)) if (c := self.claims[i]) and c.family.name in CLOSING]
        for i in range(self.tail_start, len(self.lines)):
            line = self.lines[i]
            follows = closing and i > closing[0] and appeal_groups(line.folded) == 3
            if line.role is None and not line.quoted and i > self.first_prose and (follows or asks_for_money(line.folded)):
                line.cut("donation", "appeal")
