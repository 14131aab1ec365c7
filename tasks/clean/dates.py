"""Dates as people print them, in six languages, and the moments they mean.

Nothing here asks what time it is: `now` is an argument and serves only to refuse dates in the future.
A year is never taken from the prose: only a whole line that consists of dates and date words counts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from schemas.article import DateSource, Stamp
from tasks.clean.calendar_words import date_words
from tasks.clean.folding import fold, squeeze

MAX_LINE = 140
"""Characters of the longest line that may be a printed date."""
FUTURE = timedelta(hours=48)
"""How far in the future a date may lie: scheduled pages and wrong zones, no more."""
EARLIEST_YEAR = 1800
"""The press is hardly older in machine-readable archives; what is earlier is a default value or a mistake."""
_PUNCTUATION = re.compile(r"[\s,;:|/·•()\[\]\-.»>@*،]*")
_GLUED = re.compile(r"(?<=\d)(?=[A-ZÀ-Ž][a-zà-ž]{3})")
"""Where a page's elements run together: `14:05Modifié le`."""
_OTHER_SCRIPT = re.compile(r"[\u0370-\u06ff]")
"""Greek, Cyrillic, Hebrew or Arabic letters: there the day comes first."""
_AFTERNOON = "p\u0645"  # pm, p.m. and their Arabic letter
_CENTURY_TURN = 70  # two-digit years: 00-69 are 2000-2069, as POSIX reads them
_AMERICAN_ZONES = {"est", "edt", "et", "pst", "pdt", "pt", "cst", "cdt", "ct", "mst", "mdt", "mt"}
Kind = Literal["published", "updated"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a date without zone is, what the language makes of 3/4/2024, and the present for comparison."""

    zone: str
    now: datetime
    day_first: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a line: what it is the date of, its parts and its zone if one is printed."""

    kind: Kind
    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    zone: tzinfo | None = None
    timed: bool = False
    labelled: bool = False
    joined: bool = False
    """Its time stands in the line after its day."""


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line read for dates: the dates, whether nothing else is in it, and what is left over."""

    dates: tuple[Found, ...]
    whole: bool
    dated: bool
    """The line names a day or a relative time ("2 hours ago"), be it complete or not."""
    rest: str
    """The printed words that are neither date nor date word."""


def read_date_line(text: str, clock: Clock) -> DateLine:
    """Return the dates of a short line and what else it says; a line over MAX_LINE characters has none."""
    line = squeeze(text)
    line = _GLUED.sub(" ", line) if len(line) <= MAX_LINE else line
    if len(line) > MAX_LINE or not any(c.isdigit() for c in line):
        return _wordy_line(line)
    spoken = _without_relative(line)
    folded = fold(spoken)
    reader = _Reader(clock, folded)
    position, left = 0, []
    for match in _tokens(folded):
        left.append(spoken[position : match.start()])
        if not reader.take(match):
            left.append(spoken[match.start() : match.end()])
        position = match.end()
    rest = "".join([*left, spoken[position:]])
    dated = bool(reader.dates) or reader.partial or spoken != line
    return DateLine(_one_zone(reader.dates), dated and not _PUNCTUATION.sub("", fold(rest)), dated, rest)


def _one_zone(dates: list[Found]) -> tuple[Found, ...]:
    """Return the dates of a line; a zone that is printed once is the zone of all its times."""
    zones = {str(found.zone): found.zone for found in dates if found.zone}
    if len(zones) != 1:
        return tuple(dates)
    zone = next(iter(zones.values()))
    return tuple(replace(found, zone=zone) if found.timed else found for found in dates)


def _tokens(folded: str) -> Iterator[re.Match[str]]:
    return date_words().scanner.finditer(folded)


def _wordy_line(line: str) -> DateLine:
    """Read a line without digits: `Published yesterday` is a date line, without a date."""
    if len(line) > 60:
        return DateLine((), whole=False, dated=False, rest=line)
    words = date_words()
    folded = fold(line)
    spoken = _without_relative(line)
    if folded.rstrip(" :") in words.published | words.updated:
        return DateLine((), whole=True, dated=True, rest="")
    if spoken == line:
        return DateLine((), whole=False, dated=False, rest=line)
    known = words.published | words.updated | words.fillers
    rest = [w for w in re.findall(r"\w+", fold(spoken)) if w not in known]
    return DateLine((), whole=not rest and len(folded) < 40, dated=True, rest=spoken)


def _without_relative(text: str) -> str:
    matches = list(date_words().relative.finditer(fold(text)))
    for match in reversed(matches):
        text = text[: match.start()] + text[match.end() :]
    return text


class _Reader:
    """Puts the tokens of one line together into dates."""

    def __init__(self, clock: Clock, folded: str) -> None:
        self.clock, self.folded = clock, folded
        self.dates: list[Found] = []
        self.partial = False
        self._kind: Kind = "published"
        self._labelled = False
        self._waiting: tuple[int, int, int] | None = None
        self._zone: tzinfo | None = None

    def take(self, match: re.Match[str]) -> bool:
        """Use one token; False when it is an ordinary word."""
        token = _token_name(match)
        if token in ("iso", "dmy", "mdy", "num"):
            return self._day(token, match)
        if token == "time":
            return self._time(match)
        if token in ("published", "updated"):
            self._kind, self._labelled = ("updated" if token == "updated" else "published"), True
            return True
        if token in ("zone", "offset"):
            return self._set_zone(token, match)
        return token == "word" and self._is_filler(match.group())

    def _is_filler(self, word: str) -> bool:
        words = date_words()
        return word in words.weekdays or word in words.fillers

    def _day(self, token: str, match: re.Match[str]) -> bool:
        parts = _day_parts(token, match, self._day_first(match))
        if parts is None:
            return False
        year, month, day = parts
        if year is None:
            self.partial = True
            return True
        found = Found(self._next_kind(), year, month, day, labelled=self._labelled)
        if token == "iso" and match["ihour"]:
            clock = (int(match["ihour"]), int(match["iminute"]), int(match["isecond"] or 0))
            found = _timed(found, clock)
            found = replace(found, zone=_offset_zone(match["izone"]))
        elif self._waiting:
            found, self._waiting = _timed(found, self._waiting), None
            found = replace(found, zone=self._zone)
        self.dates.append(found)
        return True

    def _next_kind(self) -> Kind:
        if not self._labelled and any(d.kind == "published" for d in self.dates):
            return "updated"
        return self._kind

    def _time(self, match: re.Match[str]) -> bool:
        clock = _clock_parts(match)
        if clock is None:
            return False
        last = self.dates[-1] if self.dates else None
        if last is None:
            self._waiting, self.partial = clock, True
        elif not last.timed and last.kind == (self._kind if self._labelled else last.kind):
            self.dates[-1] = _timed(last, clock)
        elif self._labelled and self._kind == "updated" and last.kind == "published":
            self.dates.append(_timed(replace(last, kind="updated", labelled=True), clock))
        else:
            self._waiting = clock
        return True

    def _set_zone(self, token: str, match: re.Match[str]) -> bool:
        zone = _named_zone(match.group()) if token == "zone" else _printed_offset(match)
        timed = bool(self.dates) and self.dates[-1].timed
        if zone is None or not (timed or self._waiting):
            return False
        if timed:
            self.dates[-1] = replace(self.dates[-1], zone=zone)
        else:
            self._zone = zone
        return True

    def _day_first(self, match: re.Match[str]) -> bool:
        """Say whether 3/4/2024 is a day in April: by language, in English by the clock that is used."""
        if self.clock.day_first or (match.groupdict().get("sep") or "/") != "/" or _OTHER_SCRIPT.search(self.folded):
            return True
        american = re.search(r"\d\s?[ap]\.?m", self.folded) or _AMERICAN_ZONES & set(re.findall(r"[a-z]+", self.folded))
        return not american and bool(re.search(r"\d{1,2}:\d{2}|(?<!\w)(?:gmt|bst|utc)(?!\w)", self.folded))


_TOKENS = ("iso", "dmy", "mdy", "num", "time", "offset", "updated", "published", "zone", "word", "number")


def _token_name(match: re.Match[str]) -> str:
    return next(name for name in _TOKENS if match[name] is not None)


def _day_parts(token: str, match: re.Match[str], day_first: bool) -> tuple[int | None, int, int] | None:
    if token == "num":
        return _numeric_parts(match["na"], int(match["nb"]), match["nc"], day_first=day_first)
    months = date_words().months
    year, month, day = {
        "iso": (match["iy"], match["im"], match["id"]),
        "dmy": (match["dy"], months.get(match["dm"] or ""), match["dd"]),
        "mdy": (match["my"], months.get(match["mm"] or ""), match["md"]),
    }[token]
    return _checked(_full_year(year) if year else None, int(month or 0), int(day))


def _numeric_parts(first: str, second: int, third: str, *, day_first: bool) -> tuple[int | None, int, int] | None:
    """Return the parts of 12/03/2024 and 2024/03/12; of 3/4/2024 as the language writes it."""
    if len(first) == 4:
        return _checked(int(first), second, int(third))
    if len(first) > 2:
        return None
    year = _full_year(third)
    month_second = second <= 12 and (day_first or int(first) > 12)
    return _checked(year, second, int(first)) if month_second else _checked(year, int(first), second)


def _full_year(printed: str) -> int:
    return int(printed) if len(printed) == 4 else int(printed) + (2000 if int(printed) < _CENTURY_TURN else 1900)


def _checked(year: int | None, month: int, day: int) -> tuple[int | None, int, int] | None:
    """Return the parts when such a day exists (in a leap year, when the year is unknown)."""
    try:
        datetime(year or 2024, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return year, month, day


def _clock_parts(match: re.Match[str]) -> tuple[int, int, int] | None:
    hour = int(match["hour"] or match["hour2"] or match["hour3"])
    half = match["half"] or match["half2"]
    if half:
        if not 1 <= hour <= 12:
            return None if hour == 0 or hour > 23 else (hour, int(match["minute"] or 0), 0)
        hour = hour % 12 + (12 if half[0] in _AFTERNOON else 0)
    if hour == 24:
        return None
    return hour, int(match["minute"] or 0), int(match["second"] or 0)


def _timed(found: Found, clock: tuple[int, int, int]) -> Found:
    return replace(found, hour=clock[0], minute=clock[1], second=clock[2], timed=True)


def _named_zone(name: str) -> tzinfo | None:
    zone = date_words().zones[name]
    return _offset_zone(zone) if zone[0] in "+-" else ZoneInfo(zone)


def _printed_offset(match: re.Match[str]) -> tzinfo | None:
    sign, hours, minutes = match["sign"] or match["sign2"], match["oh"] or match["oh2"], match["om"] or match["om2"]
    return _offset_zone(f"{sign}{int(hours):02d}{minutes or '00'}")


def _offset_zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text == "z":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def to_stamp(found: Found, raw: str, source: DateSource, clock: Clock) -> Stamp | None:
    """Return the moment a printed date means, in UTC; None when it is impossible or in the future."""
    zone = found.zone or ZoneInfo(clock.zone)
    try:
        at = datetime(found.year, found.month, found.day, found.hour, found.minute, found.second, tzinfo=zone)
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return checked_stamp(Stamp(at=at, raw=raw, zone="stated" if found.zone else "assumed", found_in=source), clock.now)


def checked_stamp(stamp: Stamp, now: datetime) -> Stamp | None:
    """Return the stamp unless its year is before EARLIEST_YEAR or it lies more than FUTURE after `now`."""
    if stamp.at.year < EARLIEST_YEAR or stamp.at - now > FUTURE:
        return None
    return stamp


def choose_stamps(lines: Iterable[str], clock: Clock, source: DateSource = "text") -> tuple[Stamp | None, Stamp | None]:
    """Return (published, updated) from lines that are printed dates, in reading order.

    A second, later date without a label is the update; the same date printed twice is one date.
    """
    stamps: list[tuple[Found, Stamp]] = []
    for line, dates in _with_times(_dates_of(lines, clock)):
        for found in dates:
            stamp = to_stamp(found, squeeze(line), source, clock)
            if stamp:
                stamps.append((found, stamp))
    published = [s for f, s in stamps if f.kind == "published"]
    updated = [s for f, s in stamps if f.kind == "updated" and f.labelled]
    loose = [s for f, s in stamps if f.kind == "updated" and not f.labelled]
    first = published[0] if published else None
    later = [s for s in (*loose, *published[1:]) if first and s.at > first.at]
    update = updated[0] if updated else (later[0] if later else None)
    return first, update if not (first and update and update.at <= first.at) else None


def _with_times(dated: Iterable[tuple[str, tuple[Found, ...]]]) -> Iterator[tuple[str, tuple[Found, ...]]]:
    """Give the dates with the time that stands alone in the line after a day: `5 août 2023`, then `10 h 22`."""
    rows = list(dated)
    for i, (line, dates) in enumerate(rows):
        below = rows[i + 1] if i + 1 < len(rows) else None
        if below and len(dates) == 1 and not dates[0].timed and below[1] and below[1][0].joined:
            continue
        yield line, dates


def _dates_of(lines: Iterable[str], clock: Clock) -> Iterator[tuple[str, tuple[Found, ...]]]:
    """Give every line with its dates; `Updated at 17:44` under a date is a time of that day."""
    dated = ""
    for line in lines:
        dates = read_date_line(line, clock).dates
        if not dates and dated:
            joined = read_date_line(f"{dated} {line}", clock).dates
            alone = len(joined) == 1 and joined[0].timed and not read_date_line(dated, clock).dates[-1].timed
            dates = tuple(replace(d, joined=alone) for d in joined if alone or (d.kind == "updated" and d.labelled))
        elif dates:
            dated = line
        yield line, dates


def infer_day(paragraphs: Iterable[tuple[str, str]], clock: Clock) -> Stamp | None:
    """Return the day of writing that paragraphs (printed, folded) name without a year, source `inferred`, or None.

    Only `ce mercredi 4 décembre` and the like count: a weekday with day and month, called the present one.
    The year is the latest in which that day falls on that weekday and is not after `now`. Two such phrases
    that disagree resolve nothing.
    """
    words = date_words()
    found: dict[tuple[int, int, int], str] = {}
    for text, folded in paragraphs:
        for match in words.this_day.finditer(folded):
            month = words.months[match["m1"] or match["m2"]]
            key = (words.weekdays[match["weekday"]], month, int(match["d1"] or match["d2"]))
            found.setdefault(key, text[match.start() : match.end()])
    if len(found) != 1:
        return None
    (weekday, month, day), raw = next(iter(found.items()))
    year = _latest_year(weekday, month, day, clock.now)
    return to_stamp(Found("published", year, month, day), raw, "inferred", clock) if year else None


def _latest_year(weekday: int, month: int, day: int, now: datetime) -> int | None:
    for year in range(now.year, now.year - 12, -1):  # a weekday returns to its date after at most 12 years
        try:
            date = datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            continue
        if date.weekday() == weekday and date <= now:
            return year
    return None
