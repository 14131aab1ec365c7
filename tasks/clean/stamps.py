"""Dates as machines write them: ISO 8601, RFC 822, seconds or milliseconds since 1970."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from schemas.article import DateSource, Stamp
from tasks.clean.dates import Clock, checked_stamp, read_date_line, to_stamp
from tasks.clean.folding import squeeze

_UNPADDED = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})([T ])(\d{1,2}):")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:?\d{2}.*)?$|^\d{8}(?:T?\d{4,6}Z?)?$")
_EPOCH = re.compile(r"^\d{9,10}(?:\.\d{1,9})?$|^\d{12,13}$")
_FRACTION = re.compile(r"(?:[.,]\d{1,9}|(?<=:\d\d:\d\d):\d{3})(?=$|[Z+\-\s])")
_OFFSET = re.compile(r"\s?([+-]\d{2}):?(\d{2})$|\s?([+-]\d{2})$")
_RESPELLED = (
    # Thu Jun 20 10:00:00 CEST 2024: the C library, and `date`
    (
        re.compile(r"^(?:[A-Za-z]{3,9} )([A-Za-z]{3}) (\d{1,2}) (\d{1,2}:\d{2}(?::\d{2})?)((?: (?:[A-Z]{2,5}|[+-]\d{4}))?) (\d{4})$"),
        r"\2 \1 \5 \3\4",
    ),
    # Thursday, 20-Jun-24 10:00:00 GMT: RFC 850
    (re.compile(r"^((?:[A-Za-z]{3,9}, ?)?\d{1,2})-([A-Za-z]{3})-(\d{2,4}) "), r"\1 \2 \3 "),
    # 10:00:00 +02:00, GMT+2 and UTC-0330 in the place of +0200
    (re.compile(r"(?<=\d) ?(?:GMT|UTC)? ?([+-])(\d{2}):(\d{2})$"), r" \1\2\3"),
    (re.compile(r"(?<=\d) (?:GMT|UTC) ?([+-])(\d{2})(\d{2})$"), r" \1\2\3"),
    (re.compile(r"(?<=\d) (?:GMT|UTC) ?([+-])(\d)$"), r" \g<1>0\g<2>00"),
    (re.compile(r"(?<=\d) (?:GMT|UTC) ?([+-])(\d{2})$"), r" \1\g<2>00"),
    # a moment of UTC at a place whose own zone is not told (RFC 5322, 3.3)
    (re.compile(r" -0000$"), " GMT"),
)
"""Ways to write what RFC 822 writes otherwise."""
_MILLISECONDS = 10**11
"""Seconds since 1970 stay below this for the next millennia, milliseconds passed it in 1973."""
_FIRST_NUMBER = 86_400
"""Seconds of a day: 0, 1 and -1 are what programs write for "no date"."""
_LAST_NUMBER = 10**18
"""No date is a larger number, whatever it counts; Python's largest whole numbers are none that it can divide or print."""


FEED_EARLIEST_YEAR = 1990
"""Feeds are younger than the web: an item dated before it carries a default value of its program."""


def feed_stamp(printed: object, language: str | None, clock: Clock) -> Stamp | None:
    """Return the moment that a date in a feed means, or None when it means none, is older than the web or lies in the future.

    `language` (ISO 639-1) decides whether 3/4/2024 begins with its day.
    """
    stamp = machine_stamp(printed, "feed", replace(clock, day_first=language not in (None, "en")))
    return stamp if stamp and stamp.at.year >= FEED_EARLIEST_YEAR else None


def machine_stamp(value: object, source: DateSource, clock: Clock) -> Stamp | None:
    """Return the moment that a date in a row or a page's metadata means, or None when it means none.

    Understands ISO 8601, RFC 822, epoch seconds and milliseconds, dates alone, and printed dates. Zero and
    the first day of 1970 are what programs write for "no date" and mean none.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return _stamp(value, value.isoformat(), source, clock)
    if isinstance(value, date):
        return _stamp(datetime(value.year, value.month, value.day), value.isoformat(), source, clock)  # noqa: DTZ001 - _stamp adds the zone
    if isinstance(value, int | float):
        return _epoch(value, f"{value}", source, clock) if _FIRST_NUMBER <= abs(value) < _LAST_NUMBER else None
    text = squeeze(str(value))[:100]
    if _EPOCH.match(text):
        return _epoch(float(text), text, source, clock)
    return _written(text, source, clock)


def _written(text: str, source: DateSource, clock: Clock) -> Stamp | None:
    spelled = _respelled(text)
    at = _iso(text) or _rfc822(spelled)
    named = at is not None and at.tzinfo is None and spelled[-1].isalpha()  # by a name that RFC 822 does not know: CEST
    printed = _printed(spelled, source, clock) if at is None or named else None
    stamp = printed or (_stamp(at, text, source, clock) if at else None)
    return stamp.model_copy(update={"raw": text}) if stamp else None


def _stamp(at: datetime, raw: str, source: DateSource, clock: Clock) -> Stamp | None:
    stated = at.tzinfo is not None
    try:
        moment = (at if stated else at.replace(tzinfo=ZoneInfo(clock.zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment.date() == date(1970, 1, 1):
        return None
    return checked_stamp(Stamp(at=moment, raw=raw, zone="stated" if stated else "assumed", found_in=source), clock.now)


def _epoch(number: float, raw: str, source: DateSource, clock: Clock) -> Stamp | None:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS else number
    try:
        return _stamp(datetime.fromtimestamp(seconds, UTC), raw, source, clock)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(text: str) -> datetime | None:
    text = _UNPADDED.sub(lambda m: f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}{m[4]}{m[5]:0>2}:", text)
    if not _ISO.match(text):
        return None
    text = _FRACTION.sub("", text.replace(" UTC", "Z").replace(" GMT", "Z"))
    offset = _OFFSET.search(text) if "T" in text or " " in text else None
    if offset:
        text = text[: offset.start()] + (f"{offset[1]}:{offset[2]}" if offset[1] else f"{offset[3]}:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _respelled(text: str) -> str:
    for pattern, replacement in _RESPELLED:
        text = pattern.sub(replacement, text)
    return text


def _rfc822(text: str) -> datetime | None:
    if not re.match(r"^(?:[A-Za-z]{3,9},?\s)?\d{1,2}\s[A-Za-z]{3}\s\d{2,4}\s\d", text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _printed(text: str, source: DateSource, clock: Clock) -> Stamp | None:
    line = read_date_line(text, clock)
    return to_stamp(line.dates[0], text, source, clock) if line.dates and line.whole else None
