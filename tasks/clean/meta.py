"""Lines about the article: dates, bylines, agencies, in any mixture that outlets print."""

import re
from dataclasses import dataclass

from schemas.article import BlockRole
from tasks.clean.dates import Clock, read_date_line
from tasks.clean.folding import core, fold, squeeze
from tasks.clean.furniture import claim
from tasks.clean.lexicon import lexicon, notice_words
from tasks.clean.names import Byline, agency_line, looks_like_name, people_of, read_byline

LONGEST = 220
"""Characters of the longest line of dates and names."""
_PARTS = re.compile(r"\s*[|•·]\s*|\s+[-–—/]\s+|\s{3,}")
_ADDRESS = re.compile(r"^\s*(?:\S+@\S+\.\w+|@\w+|https?://\S+|www\.\S+)\s*$")
_NO_NAME = re.compile(rf"(?<!\w)(?:{notice_words('no_name')})(?!\w)")
_EDITOR = re.compile(r"^\s*(?:editor|editora|redakteur|redattore|éditeur)\b", re.IGNORECASE)
_SETTING_PARTS = re.compile(r"[,;|·•()/]|\s[-–—]\s|(?<=\w)\.\s")
_ISSUE = re.compile(rf"(?:{notice_words('issue')})(?!\w)\.?\s?[°º]?\s?\d[\d.]*|\d[\d.]*\s(?:{notice_words('words_counted')})(?!\w)")
"""`p. 14`, `262 mots`, `n° 1.127`: what press databases and newsletters print beside the date."""
SETTING_LONGEST = 60
"""Characters of the longest place or section beside a date."""
PLACES_MOST = 3
"""Towns and sections beside one date: town, county and section."""
_UPDATE_NOTE = re.compile(r"^(.{12,80}?\d.{0,20}?)(?::\s|\s[-–—]\s)(?=[A-ZÀ-Ž])")
_TIME_ONLY = re.compile(r"^[\d\sh:.apmuhr-]{3,12}$")


@dataclass(frozen=True, slots=True)
class MetaLine:
    """A line of dates and names, read."""

    text: str
    role: BlockRole
    reason: str
    dated: bool = False
    names: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    needs_neighbour: bool = False
    """A name alone, or a time alone: meta only beside a line that surely is."""
    time_only: bool = False
    opened: bool = False
    """It says that it is a byline: "par", "by"..."""
    labelled: bool = False
    """It says of its date what it is the date of: a name beside it is rather the outlet's."""


def read_meta(text: str, language: str, clock: Clock) -> MetaLine | None:
    """Return what a line of dates, names and agencies says, or None when it is anything else."""
    if len(text) > LONGEST:
        return None
    agencies = agency_line(text)
    if agencies is not None:
        return MetaLine(text, "agency", "agency_line", agencies=agencies)
    dates = read_date_line(text, clock)
    if dates.whole:
        lonely = not dates.dates and bool(_TIME_ONLY.match(fold(text)))
        return MetaLine(text, "date", "date_line", dated=True, needs_neighbour=lonely, time_only=lonely)
    if dates.dates and is_setting(dates.rest):
        return MetaLine(text, "date", "date_with_place", dated=True)
    note = _update_note(text, clock)
    if note:
        return note
    rest = dates.rest if dates.dated else text
    found = _read_people(rest, language, dated=bool(dates.dates))
    if dates.dated and not dates.dates:  # "20 Minutes with AFP" holds no time
        found = _read_people(text, language, dated=False) or found
    if found is None:
        town = dates.dated and not dates.dates and any(map(str.isdigit, text)) and _is_town(dates.rest)
        return MetaLine(text, "date", "time_and_town", needs_neighbour=True) if town else None
    if not (found.explicit or dates.dates) and (text.endswith((",", ":")) or "(" in text or _NO_NAME.search(fold(text))):
        return None
    sure = found.explicit or bool(dates.dates)
    reason = "byline_with_date" if dates.dates else ("byline_line" if found.explicit else "name_alone")
    return MetaLine(
        text,
        "byline",
        reason,
        bool(dates.dates),
        found.names,
        found.agencies,
        needs_neighbour=not sure,
        opened=found.opened,
        labelled=any(d.labelled for d in dates.dates),
    )


def is_setting(rest: str) -> bool:
    """Return whether what a line says beside its date is where: `Celaya, Gto.`, a section, the page of a paper, a number of words."""
    if len(rest) > SETTING_LONGEST or not any(map(str.isalnum, rest)):
        return False
    places = 0
    for part in filter(None, (core(part) for part in _SETTING_PARTS.split(_ISSUE.sub(" ", fold(rest))))):
        printed = rest[fold(rest).find(part) :][: len(part)]
        if part in lexicon().sections or part in lexicon().towns:
            continue
        if any(map(str.isdigit, part)) or len(part.split()) > 1 or not printed[:1].isupper():
            return False
        places += 1
    return places <= PLACES_MOST and (places > 0 or bool(_ISSUE.search(fold(rest)))) and "/" not in rest


def _update_note(text: str, clock: Clock) -> MetaLine | None:
    """Read `Updated May 1, 2026, 5:18 p.m. EDT: This story has been updated with ...`: a date with its reason."""
    match = _UPDATE_NOTE.match(text)
    dates = read_date_line(match.group(1), clock) if match else None
    if match is None or dates is None or not dates.whole or not any(d.kind == "updated" and d.labelled for d in dates.dates):
        return None
    return MetaLine(match.group(1), "date", "update_note", dated=True)


def expected_byline(text: str, language: str) -> MetaLine | None:
    """Return what a line says that is known to be a byline by where it stands; None when no name can be read in it."""
    found = _read_people(text, language, dated=True)
    return MetaLine(text, "byline", "byline_expected", names=found.names, agencies=found.agencies) if found and found.names else None


def _read_people(rest: str, language: str, *, dated: bool) -> Byline | None:
    """Read what is left of a line without its dates: names, agencies, sections, reading time."""
    names: list[str] = []
    agencies: list[str] = []
    explicit = opened = False
    parts = [p for p in _PARTS.split(rest) if core(fold(p)) and not _ADDRESS.match(p)]
    if not parts or (len(parts) > 1 and not dated and len(rest) > 140):
        return None
    for part in parts:
        if (
            (dated and _EDITOR.match(part))
            or _is_aside(part)
            or ((dated or names) and _is_town(part) and not agency_line(part))
            or (opened and looks_like_name(part))
        ):
            continue
        found = read_byline(part, language, bare=True)
        if found is None or not (found.explicit or _full_name(found)):
            return None
        names += found.names
        agencies += found.agencies
        explicit, opened = explicit or found.explicit, opened or found.opened
    if not names and not agencies and not explicit and not dated:
        return None
    return Byline(people_of(names), tuple(dict.fromkeys(agencies)), explicit, opened)


def _full_name(found: Byline) -> bool:
    return bool(found.agencies) or (bool(found.names) and all(2 <= len(n.split()) <= 4 for n in found.names))


def _is_town(part: str) -> bool:
    """Return whether it is a place beside a date ("Madrid - 12 mar 2024"): one capitalised word, or a known name of several."""
    words = part.strip(" ,.:-–—()").split()
    return core(fold(part)) in lexicon().towns or (len(words) == 1 and words[0][0].isupper() and words[0].isalpha())


def _is_aside(part: str) -> bool:
    """Return whether it is a section, a counter or a reading time between the names and dates."""
    folded = fold(squeeze(part))
    line = core(folded)
    if line in lexicon().sections or line in lexicon().kickers:
        return True
    found = claim(part, folded)
    return bool(found and found.reason in ("reading_time", "counter", "tools_line", "social_line", "comments_line", "media_line"))
