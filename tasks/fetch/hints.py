"""What the headers of an answer say about when to ask again; every value is bounded, junk is a value too."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

JUNK_RETRY = 15 * 60.0
"""Seconds to wait for a Retry-After that cannot be read: something was asked for."""
LONGEST_RETRY = 31 * 86_400.0
"""Seconds; no program's wish to be left alone is believed beyond a month."""
LONGEST_FRESH = 365 * 86_400.0
"""Seconds: RFC 9111's advice not to believe more than a year."""
LONGEST_VALUE = 2_000
"""Characters of a header that are looked at."""
NEVER = frozenset({"0", "-1"})
"""Values of Expires that are no dates and mean: keep nothing."""

_SECONDS = re.compile(r"\d+(?:\.\d*)?")
_MAX_AGE = re.compile(r'max-age\s{0,9}=\s{0,9}"?(\d+)"?')


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to leave the server alone, at most 31 days; None when it does not ask for it.

    A date counts from the answer's own Date, because the server's clock may be off; junk and moments past are 15 minutes.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    value = value[:LONGEST_VALUE].strip()
    first = value.partition(",")[0].strip()  # the header twice
    if _SECONDS.fullmatch(first):
        return min(float(first), LONGEST_RETRY)
    until = _date(value)
    if until is None:
        return JUNK_RETRY
    seconds = (until - (_date(headers.get("date")) or now)).total_seconds()
    return min(seconds, LONGEST_RETRY) if seconds >= 0 else JUNK_RETRY


def freshness(headers: Mapping[str, str]) -> float | None:
    """Return the seconds for which an answer stays fresh; 0 when nothing of it is to be kept; None without a usable hint.

    `no-store` and an `Expires: 0` say that validators are not to be relied on (miniflux reads the latter so). `no-cache`,
    `max-age=0` and an Expires in the past only say that a copy is to be checked, which is what validators are for.
    """
    asked = [part.strip().lower() for part in headers.get("cache-control", "")[:LONGEST_VALUE].split(",")]
    if "no-store" in asked:
        return 0.0
    ages = [float(found[1]) for part in asked if (found := _MAX_AGE.fullmatch(part))]
    if ages and min(ages) > 0:
        return None if "no-cache" in asked else _left(min(ages), headers)
    expires = headers.get("expires", "")[:LONGEST_VALUE].strip()
    if expires in NEVER:
        return 0.0
    until, sent = _date(expires), _date(headers.get("date"))
    if ages or "no-cache" in asked or until is None or sent is None:
        return None  # Cache-Control outweighs Expires (RFC 9111, 5.3)
    return _left((until - sent).total_seconds(), headers)


def _left(seconds: float, headers: Mapping[str, str]) -> float | None:
    """Return what is left of a time after the Age that the answer had already; None when nothing is."""
    age = headers.get("age", "").strip()
    left = seconds - (float(age) if age.isascii() and age.isdigit() else 0.0)
    return min(left, LONGEST_FRESH) if left > 0 else None


def _date(value: str | None) -> datetime | None:
    """Return a date of HTTP in UTC, None for junk."""
    try:
        date = parsedate_to_datetime((value or "")[:100])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
