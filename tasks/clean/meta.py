"""Lines about the article: dates, bylines, agencies, in any mixture that outlets print."""

import re
from dataclasses import dataclass

from schemas.article import BlockRole
from tasks.clean.agencies import agency_line
from tasks.clean.dates import Clock, DateLine, read_date_line
from tasks.clean.folding import core, fold, squeeze
from tasks.clean.furniture import claim
from tasks.clean.lexicon import lexicon, notice_words
from tasks.clean.names import (
    Byline,
    is_editors,
    is_initials,
    is_outlet,
    looks_like_name,
    people_of,
    read_byline,
    read_desk,
    without_contribution,
)

LONGEST = 220
"""Characters of the longest line of dates and names."""
_PARTS = re.compile(r"\s*[|•·]\s*|\s+[-–—/]\s+|\s{3,}")
_ADDRESS = re.compile(r"^\s*(?:\S+@\S+\.\w+|@\w+|https?://\S+|www\.\S+)\s*$")
_NO_NAME = re.compile(rf"(?<!\w)(?:{notice_words('no_name')})(?!\w)")
_EDITOR = re.compile(r"^\s*(?:editor|editora|redakteur|redattore|éditeur)\b", re.IGNORECASE)
_SETTING_PARTS = re.compile(r"[,;|·•()/]|\s[-–—]\s|(?<=\w)\.\s")
_ISSUE = re.compile(rf"(?:{notice_words('issue')})(?!\w)\.?\s?[°º]?\s?\d[\d.]*|\d[\d.]*\s(?:{notice_words('words_counted')})(?!\w)")
"""`p. 14`, `262 mots`, `n° 1.127`: what press databases and newsletters print beside the date."""
SECTION_WORDS = 5
"""Words of the longest station or section before a byline in its line."""
SETTING_LONGEST = 60
"""Characters of the longest place or section beside a date."""
PLACES_MOST = 3
"""Towns and sections beside one date: town, county and section."""
_UPDATE_NOTE = re.compile(r"^(.{12,80}?\d.{0,20}?)(?::\s|\s[-–—]\s)(?=[A-ZÀ-Ž])")
_REPORTED = re.compile(r"\(?(?:reporting|redige|reportage) (?:by|par)(?!\w)")
"""Who reported for an agency: the author only where nobody else signs."""
_NO_CAPITALS = re.compile(r"^[\u0590-\u06ff]")
_NAME_AND_TOWN = re.compile(r"^[\u0590-\u06ff]+(?: [\u0590-\u06ff]+){1,3}\s[-–—]\s[\u0590-\u06ff ]{2,20}$")
_LABEL = re.compile(r"^[^\W\d][^:]{1,28}:\s+")
"""`Radio item: ` before the name in a line that is known to be a byline."""
_NO_FIRST_NAME = re.compile(r"(?:zu[rm]?|de[nms]|du|the|las?|les|el|los|die|der|il|gli|notre|nos)\s", re.IGNORECASE)
_CODE_LAST = re.compile(r"[a-z]\S*\s[A-Z]{2}$")
"""A town with its canton or state: `Olten SO`."""
_REGION = re.compile(r"^[^()]{2,40}\s\([A-Z]{2}\)$")
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
    desk: str | None = None
    """The editorial office that signs."""


def read_meta(text: str, language: str, clock: Clock) -> MetaLine | None:
    """Return what a line of dates, names and agencies says, or None when it is anything else."""
    if len(text) > LONGEST:
        return None
    agencies = agency_line(text)
    if agencies is not None:
        return MetaLine(text, "agency", "agency_line", agencies=agencies)
    if is_editors(fold(text)):
        return MetaLine(text, "byline", "editors_line", needs_neighbour=not text.startswith("("))
    dates = read_date_line(text, clock)
    return _read_date(text, dates) or _update_note(text, clock) or _read_byline(text, dates, language)


def _read_date(text: str, dates: DateLine) -> MetaLine | None:
    """Read a line that is a date, or a date and its place."""
    if dates.whole:
        lonely = not dates.dates and bool(_TIME_ONLY.match(fold(text)))
        return MetaLine(text, "date", "date_line", dated=True, needs_neighbour=lonely, time_only=lonely)
    if dates.dates and is_setting(dates.rest):
        return MetaLine(text, "date", "date_with_place", dated=True)
    return None


def _read_byline(text: str, dates: DateLine, language: str) -> MetaLine | None:
    """Read a line of names and agencies, be there a date in it or not."""
    shared = without_contribution(text)
    if shared and shared[1]:
        found = _read_people(shared[0], language, dated=bool(dates.dates)) if shared[0] else None
        names, agencies = (found.names, found.agencies) if found else ((), ())
        return MetaLine(text, "byline", "contributors", names=names, agencies=(*agencies, *shared[1]), opened=bool(names))
    found = _read_people(dates.rest if dates.dated else text, language, dated=bool(dates.dates))
    if dates.dated and not dates.dates:  # "20 Minutes with AFP" holds no time
        found = _read_people(text, language, dated=False) or found
    if found is None:
        town = dates.dated and not dates.dates and any(map(str.isdigit, text)) and _is_town(dates.rest)
        return MetaLine(text, "date", "time_and_town", needs_neighbour=True) if town else None
    if not (found.explicit or dates.dates) and not _alone_is_name(text):
        return None
    reason = "byline_with_date" if dates.dates else ("byline_line" if found.explicit else "name_alone")
    return MetaLine(
        text,
        "byline",
        "reported_by" if is_reported(fold(text)) else reason,
        bool(dates.dates),
        found.names,
        found.agencies,
        needs_neighbour=reason == "name_alone",
        opened=found.opened,
        labelled=any(d.labelled for d in dates.dates),
        desk=found.desk,
    )


def _alone_is_name(text: str) -> bool:
    """Return whether a name with nothing beside it may be an author's: no part of a sentence, no label."""
    folded = fold(text)
    if text.endswith((",", ":")) or "(" in text or _NO_NAME.search(folded) or core(folded) in lexicon().towns:
        return False
    return not _NO_CAPITALS.match(text) or bool(_NAME_AND_TOWN.match(text))


def is_setting(rest: str) -> bool:
    """Return whether what a line says beside its date is where: `Celaya, Gto.`, a section, the page of a paper, a number of words."""
    if len(rest) > SETTING_LONGEST or not any(map(str.isalnum, rest)):
        return False
    places = 0
    for part in filter(None, (core(part) for part in _SETTING_PARTS.split(_ISSUE.sub(" ", fold(rest))))):
        printed = rest[fold(rest).find(part) :][: len(part)]
        if part in lexicon().sections or part in lexicon().towns:
            continue
        if any(map(str.isdigit, part)) or len(part.split()) > 1 or not printed[:1].isupper() or agency_line(part):
            return False
        places += 1
    return places <= PLACES_MOST and (places > 0 or bool(_ISSUE.search(fold(rest))))


def _update_note(text: str, clock: Clock) -> MetaLine | None:
    """Read `Updated May 1, 2026, 5:18 p.m. EDT: This story has been updated with ...`: a date with its reason."""
    match = _UPDATE_NOTE.match(text)
    dates = read_date_line(match.group(1), clock) if match else None
    if match is None or dates is None or not dates.whole or not any(d.kind == "updated" and d.labelled for d in dates.dates):
        return None
    return MetaLine(match.group(1), "date", "update_note", dated=True)


def expected_byline(text: str, language: str) -> MetaLine | None:
    """Return what a line says that is known to be a byline by where it stands; None when no name can be read in it."""
    if len(text) > LONGEST or _NO_NAME.search(fold(text)) or is_editors(fold(text)):
        return None
    printed = _capitalised(text, language) if text.islower() else text
    for said in dict.fromkeys((printed, _LABEL.sub("", printed))):
        found = _read_people(said, language, dated=True)
        if found and (found.names or found.agencies or found.desk):
            reason = "reported_by" if is_reported(fold(text)) else "byline_expected"
            return MetaLine(text, "byline", reason, names=found.names, agencies=found.agencies, opened=found.opened, desk=found.desk)
    return None


def _capitalised(text: str, language: str) -> str:
    """Return a byline in small letters with the capitals of its names: `by ann lee and tom roe`."""
    joiners = lexicon().languages[language].joiners | lexicon().languages["en"].joiners
    return " ".join(word if word in joiners else word.title() for word in text.split())


def is_reported(folded: str) -> bool:
    """Return whether a folded line says who reported for an agency: `(Reporting by Ann Lee; editing by Tom Roe)`."""
    return bool(_REPORTED.match(folded))


def expected_date(text: str, clock: Clock) -> MetaLine | None:
    """Return the date in a short line that is known to tell it by where it stands: `60 Min. easy 09.10.2026`; None when there is none."""
    if len(text) > LONGEST or not read_date_line(text, clock).dates:
        return None
    return MetaLine(text, "date", "date_expected", dated=True)


def _read_people(rest: str, language: str, *, dated: bool) -> Byline | None:
    """Read what is left of a line without its dates: names, agencies, sections, reading time."""
    names: list[str] = []
    agencies: list[str] = []
    explicit = opened = False
    desk = None
    parts = _signed_parts([p for p in _PARTS.split(rest) if core(fold(p)) and not _ADDRESS.match(p)], language)
    if not parts or (len(parts) > 1 and not dated and len(rest) > 140):
        return None
    for part in parts:
        if (
            (dated and _EDITOR.match(part))
            or _is_aside(part)
            or ((dated or names) and _is_town(part) and not (agency_line(part) or read_desk(part)))
            or (opened and looks_like_name(part) and not agency_line(part))
            or _REGION.match(part)
            or (desk and is_outlet(part))
        ):
            continue
        found = read_byline(part, language, bare=True)
        if found is None or not (found.explicit or _full_name(found)):
            return None
        names += found.names
        agencies += found.agencies
        desk = desk or found.desk
        explicit, opened = explicit or found.explicit, opened or found.opened
    if not names and not agencies and not explicit and not dated:
        return None
    if desk:
        names = [name for name in names if not is_outlet(name)]
    return Byline(people_of(names), tuple(dict.fromkeys(agencies)), explicit, opened, desk=None if names else desk)


def _signed_parts(parts: list[str], language: str) -> list[str]:
    """Return the parts of a line from the one that opens a byline, where a station or section stands before: `WQRL | By Ann Lee`."""
    for n, part in enumerate(parts[1:3], 1):
        found = read_byline(part, language)
        if found and found.opened and all(len(before.split()) <= SECTION_WORDS for before in parts[:n]):
            return parts if read_byline(parts[0], language) else parts[n:]
    return parts


def _full_name(found: Byline) -> bool:
    return bool(found.agencies) or _are_people(found.names)


def _are_people(names: tuple[str, ...]) -> bool:
    """Return whether these are names in full; initials may stand beside them: `J.D. with Ann Lee`."""
    return any(map(is_full_name, names)) and all(is_full_name(name) or is_initials(name) for name in names)


def is_full_name(name: str) -> bool:
    """Return whether it is a first and a last name, and no section or outlet, town with its region or number of a paper."""
    if _NO_FIRST_NAME.match(name):
        return False
    return 2 <= len(name.split()) <= 4 and not any(map(str.isdigit, name)) and not _CODE_LAST.search(name)


def _is_town(part: str) -> bool:
    """Return whether it is a place beside a date ("Madrid - 12 mar 2024"): one capitalised word, or a known name of several."""
    words = part.strip(" ,.:-–—()").split()
    capital = len(words) == 1 and (words[0][0].isupper() or bool(_NO_CAPITALS.match(words[0])))
    return core(fold(part)) in lexicon().towns or (capital and words[0].isalpha())


def _is_aside(part: str) -> bool:
    """Return whether it is a section, a counter or a reading time between the names and dates."""
    folded = fold(squeeze(part))
    line = core(folded)
    if line in lexicon().sections or line in lexicon().kickers:
        return True
    found = claim(part, folded)
    return bool(found and found.reason in ("reading_time", "counter", "tools_line", "social_line", "comments_line", "media_line"))
