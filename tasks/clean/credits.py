"""Agencies that the text itself is credited to: datelines, closing brackets, "propos recueillis par l'AFP"."""

import re
from collections.abc import Iterator
from functools import cache

from schemas.article import Stamp
from tasks.clean.agencies import agency_line, agency_name
from tasks.clean.dates import Clock, read_date_line, to_stamp
from tasks.clean.folding import fold
from tasks.clean.lexicon import LANGUAGES, alternatives, lexicon, notice_words, read_rules
from tasks.clean.line import Line

OPENING_LINES = 4
"""Lines among which the first with a dateline stands: a list of key points may come before it."""
TOWN_WORDS = 5
"""Words of the longest town with its region in a dateline."""
DATELINE = 120
"""Characters at the beginning of a paragraph that hold its dateline."""
_DATELINES = (
    # GENF (dpa/lby) -   Nantes, 3 janv. (AFP) :
    re.compile(r"^(?P<place>[^!?()«»\"“”]{0,60})\((?P<name>[^()]{2,40})\)\s{0,2}[.:,]{0,2}\s{0,2}[-–—:|]"),
    # Enugu, Sept. 30, 2026 (NAN) Traders
    re.compile(r"^(?P<place>[^!?()«»\"“”]{2,60})\((?P<name>[^()]{2,40})\)\s+(?=[A-ZÀ-ŽА-Я])"),
    # ВОЛОГДА, 8 июля. /ТАСС/.
    re.compile(r"^(?P<place>[^!?()/«»\"“”]{0,60})/(?P<name>[^/()]{2,30})/\s?[.:,]?\s"),
    # BREMEN zeitung/epd |
    re.compile(r"^(?P<place>[A-ZÀ-Ž][^!?()/|]{1,40}?)\s(?P<name>[^\s/]{2,20}/[^\s/|]{2,12})\s?\|\s"),
    # AFP - Le texte
    re.compile(r"^(?P<place>)(?P<name>[A-Za-z][\w/ -]{1,24}?)\s{0,2}[–—-]\s"),
)
_FREE = re.compile(r"\d|^[^a-zà-ž]+$")
"""A place before a bracket that no dash follows: with a date, or in capitals."""
_CLOSING = re.compile(r"[(\[]([^()\[\]]{2,60})[)\]][\s.]*$")
_DAY = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{2,4})?")
_SIGN = re.compile(r"^\w{2,5}\.?$")
"""A desk or an author in a few letters beside the agency: `(APA, red, 12.2.2026)`."""
_TRAILING = re.compile(r"[.!?»”\"]\s{1,2}(?P<name>[A-ZÀ-Ž][\w-]{1,12})(?:\s[A-Z]{2,4}){0,4}\.?\s*$")
"""`... the minister said. PTI COR MNK`"""
_FIRST_PUBLISHED = re.compile(r"^this (?:report|story|article) by (?P<name>[^.,]{2,40}?) was (?:first |originally )?published")


@cache
def _in_text() -> re.Pattern[str]:
    phrases = {fold(p) for code in LANGUAGES for p in read_rules(code)["agency"]["credits"]}
    return re.compile(
        rf"(?<!\w)(?:{alternatives(phrases)})\s{{1,2}}(?:l'agence |l'|la |the |der )?(?P<name>{alternatives(lexicon().agencies)})(?!\w)"
    )


@cache
def _told_by() -> re.Pattern[str]:
    """Match the agency that tells all of a first paragraph, named at its end (`informa a Angop`)."""
    return re.compile(
        rf",\s(?:{notice_words('told_by')})\s(?:(?:a|la|o|el)\s)?(?:agencia\s)?(?P<name>{alternatives(lexicon().agencies)})\.?\s*$"
    )


def text_agencies(paragraphs: list[Line]) -> tuple[str, ...]:
    """Return the agencies that the paragraphs are credited to, in the order found.

    A source quoted in the text ("selon l'agence KCNA") is no credit.
    """
    found: list[str] = []
    if paragraphs:
        found += next((names for line in paragraphs[:OPENING_LINES] if (names := _opening(line.text))), ())
        found += _told(next((line for line in paragraphs if line.is_prose), paragraphs[0]))
        for line in _last(paragraphs):
            found += _closing(line.text, alone=True) or _trailing(line.text)
    for line in paragraphs:
        found += _closing(line.text, alone=False)
        found += [lexicon().agencies[m["name"]] for m in _in_text().finditer(line.folded)]
        found += _first_published(line.folded)
    return tuple(dict.fromkeys(found))


def dateline_stamp(paragraphs: list[Line], clock: Clock) -> Stamp | None:
    """Return the day of an agency's dateline that names the year ("Ponta Delgada, 2 dez 2024 (Lusa) —"), or None."""
    for line in paragraphs[:OPENING_LINES]:
        for place, name in _datelines(line.text):
            dates = read_date_line(place, clock)
            if agency_line(name) and len(dates.dates) == 1 and len(dates.rest.split()) <= TOWN_WORDS:
                return to_stamp(dates.dates[0], place.strip(" ,-–—"), "text", clock)
    return None


def _last(paragraphs: list[Line]) -> Iterator[Line]:
    """Give the last line, and the last paragraph when lists or notes follow it."""
    yield paragraphs[-1]
    last = next((line for line in reversed(paragraphs) if line.is_prose), paragraphs[-1])
    if last is not paragraphs[-1]:
        yield last


def _datelines(text: str) -> Iterator[tuple[str, str]]:
    """Give (place and date, name) of what may be the dateline at the beginning of a paragraph."""
    for pattern in _DATELINES:
        match = pattern.match(text[:DATELINE])
        if match and (pattern is not _DATELINES[1] or _FREE.search(match["place"])):
            yield match["place"], match["name"]


def _opening(text: str) -> tuple[str, ...]:
    return next((names for _, name in _datelines(text) if (names := agency_line(name))), ())


def _closing(text: str, *, alone: bool) -> tuple[str, ...]:
    """Return agencies in brackets at the end; a name alone only counts when `alone` allows it."""
    match = _CLOSING.search(text[-80:])
    if not match:
        return ()
    inside = match.group(1)
    if not alone and not any(fold(inside).startswith(o + " ") for o in lexicon().agency_openings):
        return ()
    return agency_line(inside) or (_signed(inside) if alone else ())


def _signed(inside: str) -> tuple[str, ...]:
    """Return the agencies among desks, initials and a day: `APA, red, 12.2.2026`; none where anything else stands there."""
    parts = [part.strip() for part in re.split(r"[,/]", _DAY.sub("", inside)) if part.strip()]
    names = [agency_name(part) for part in parts]
    return tuple(n for n in names if n) if all(n or _SIGN.match(p) for n, p in zip(names, parts, strict=True)) else ()


def _trailing(text: str) -> tuple[str, ...]:
    match = _TRAILING.search(text[-50:])
    name = agency_name(match["name"]) if match else None
    return (name,) if name else ()


def _told(line: Line) -> tuple[str, ...]:
    match = _told_by().search(line.folded[-80:])
    return (lexicon().agencies[match["name"]],) if match else ()


def _first_published(folded: str) -> tuple[str, ...]:
    match = _FIRST_PUBLISHED.match(folded[:DATELINE])
    name = agency_name(match["name"]) if match else None
    return (name,) if name else ()
