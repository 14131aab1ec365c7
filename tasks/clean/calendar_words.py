"""The words of dates in every language, compiled: months, weekdays, labels, zones."""

import re
from dataclasses import dataclass
from functools import cache

from tasks.clean.folding import fold
from tasks.clean.lexicon import LANGUAGES, alternatives, read_rules

# A clock needs minutes unless it says am/pm, h or Uhr: a bare number is no time.
_TIME = (
    r"(?:(?P<hour>[01]?\d|2[0-4])(?:\s?[:h]\s?|\.)(?P<minute>[0-5]\d)(?!\d)(?:[:.](?P<second>[0-5]\d)(?:\.\d{1,6})?)?"
    r"(?:\s?(?P<half>am|pm|a\.\s?m\.?|p\.\s?m\.?|صباحا|ص|مساء|م)(?!\w))?(?:\s?(?:uhr|h|hs|hrs|min)(?!\w))?"
    r"|(?P<hour2>1[0-2]|0?[1-9])\s?(?P<half2>am|pm|a\.m\.?|p\.m\.?)(?!\w)"
    r"|(?P<hour3>[01]?\d|2[0-4])\s?(?:h|uhr|heures)(?![\w:]))"
)
_ISO = (
    r"(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2})"
    r"(?:(?:t|\s)(?P<ihour>\d{2}):(?P<iminute>\d{2})(?::(?P<isecond>\d{2})(?:[.,]\d{1,9})?)?\s?(?P<izone>z(?!\w)|[+-]\d{2}:?\d{2})?)?"
)
_OFFSET = r"(?:(?P<base>utc|gmt)\s?(?P<sign>[+-])(?P<oh>\d{1,2})(?::?(?P<om>\d{2}))?|(?P<sign2>[+-])(?P<oh2>\d{2}):?(?P<om2>\d{2}))(?!\d)"


@dataclass(frozen=True, slots=True)
class DateWords:
    """Compiled vocabulary: one scanner for all languages, and what its words mean."""

    scanner: re.Pattern[str]
    months: dict[str, int]
    weekdays: dict[str, int]
    zones: dict[str, str]
    published: frozenset[str]
    updated: frozenset[str]
    fillers: frozenset[str]
    relative: re.Pattern[str]
    this_day: re.Pattern[str]


@cache
def date_words() -> DateWords:
    """Return the vocabulary of dates of all languages; compiled at the first call of a process."""
    books = [*(read_rules(code)["dates"] for code in LANGUAGES), *read_rules("scripts").values()]
    months = {fold(name): i for book in books for i, names in enumerate(book["months"], 1) for name in names}
    weekdays = {fold(name): i for book in books for i, names in enumerate(book["weekdays"]) for name in names}
    zones = {fold(name): zone for name, zone in read_rules("zones").items()}

    def phrases(key: str) -> frozenset[str]:
        return frozenset(fold(p) for book in books for p in book.get(key, ()))

    return DateWords(
        scanner=_scanner(months, zones, phrases("published"), phrases("updated")),
        months=months,
        weekdays=weekdays,
        zones=zones,
        published=phrases("published"),
        updated=phrases("updated"),
        fillers=phrases("fillers"),
        relative=_relative(phrases("relative"), phrases("units")),
        this_day=_this_day(phrases("this_day"), weekdays, months),
    )


def _scanner(months: dict[str, int], zones: dict[str, str], published: frozenset[str], updated: frozenset[str]) -> re.Pattern[str]:
    month = alternatives(months)
    dmy = (
        rf"(?P<dd>\d{{1,2}})(?:er|st|nd|rd|th|[.ºª°o])?[ -]{{0,2}}(?:de\s|of\s)?(?P<dm>{month})(?!\w)\.?,?[ -]{{0,2}}"
        r"(?:de\s|del\s|of\s)?(?P<dy>\d{4}|(?<=-)\d{2}(?![\d:.h]))?(?!\d)"
    )
    mdy = (  # in "mar 4 marzo 2025" the first word is Tuesday
        rf"(?P<mm>{month})(?!\w)\.?\s?(?P<md>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?!\.?\s(?:de\s)?(?:{month})(?!\w))"
        r"(?:,?\s(?P<my>\d{4})(?!\d))?"
    )
    num = r"(?P<na>\d{1,4})(?P<sep>[/.-])\s?(?P<nb>\d{1,2})(?P=sep)\s?(?P<nc>\d{4}|\d{2})(?!\d)"
    parts = (
        ("iso", _ISO),
        ("dmy", dmy),
        ("mdy", mdy),
        ("num", num),
        ("time", _TIME),
        ("offset", _OFFSET),
        ("updated", rf"(?:{alternatives(updated)})(?!\w)"),
        ("published", rf"(?:{alternatives(published)})(?!\w)"),
        ("zone", rf"(?:{alternatives(zones)})(?!\w)"),
        ("word", r"[^\W\d_]+(?:['-][^\W\d_]+)*"),
        ("number", r"\d+"),
    )
    return re.compile(r"(?<![\w])(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in parts) + ")")


def _relative(words: frozenset[str], units: frozenset[str]) -> re.Pattern[str]:
    """Match `yesterday` and `3 hours ago`; before a year or behind a day `ago` is August in short."""
    amount = rf"(?:\d{{1,3}}|an?|une?|einer|einem|um|uma)\s?(?:{alternatives(units)})(?!\w)"
    august = r"(?!(?<=ago)\.?,?[ -]?(?:de\s|del\s)?\d)(?<!\d[ .-]ago)(?<!\d\. ago)(?<!de ago)"
    return re.compile(rf"(?<!\w)(?:(?:{alternatives(words)})(?!\w){august}(?:\s{amount})?|{amount}\s(?:ago|fa|atras)(?!\w))")


def _this_day(words: frozenset[str], weekdays: dict[str, int], months: dict[str, int]) -> re.Pattern[str]:
    """Match a day named as the day of writing: `ce mercredi 4 décembre`, without a year after it."""
    day, month = alternatives(w for w in weekdays if len(w) > 3), alternatives(months)
    first = r"(?P<d1>\d{1,2})(?:er|st|nd|rd|th|\.)?\s(?:de\s)?"
    return re.compile(
        rf"(?<!\w)(?:{alternatives(words)})\s(?P<weekday>{day}),?\s\(?(?:the\s)?"
        rf"(?:{first}(?P<m1>{month})|(?P<m2>{month})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)(?!\w)"
        rf"(?!\.?,?\s(?:de\s|del\s)?\d{{4}})"
    )
