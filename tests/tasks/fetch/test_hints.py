from datetime import UTC, datetime

import pytest

from tasks.fetch.hints import freshness, retry_after

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DATE = "Fri, 20 Nov 2026 11:00:00 GMT"
"""The server's clock is an hour late."""


def test_without_a_wish_there_is_none() -> None:
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("1.5", 1.5),
        ("120, 120", 120),
        ("3000000", 31 * 86_400),
        ("9" * 5_000, 31 * 86_400),
        ("-1", 900),
        ("soon", 900),
        ("", 900),
        ("NaN", 900),
        ("inf", 900),
        ("1e9", 900),
        ("Fri, 20 Nov 2026 13:00:00 GMT", 7200),
        ("Friday, 20-Nov-26 13:00:00 GMT", 7200),
        ("Fri Nov 20 13:00:00 2026", 7200),
        ("Fri, 20 Nov 2026 14:00:00 +0100", 7200),
        ("Fri, 20 Nov 2026 10:00:00 GMT", 900),
        ("Fri, 20 Nov 2099 10:00:00 GMT", 31 * 86_400),
        ("Fri, 99 Nov 2026 13:00:00 GMT", 900),
        ("Fri, 20 Nov 99999999999999999999 13:00:00 GMT", 900),
    ],
)
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after({"retry-after": value, "date": DATE}, NOW) == seconds


@pytest.mark.parametrize("date", [None, "yesterday", ""])
def test_a_date_counts_from_our_clock_when_the_server_tells_none(date: str | None) -> None:
    headers = {"retry-after": "Fri, 20 Nov 2026 12:30:00 GMT"} | ({} if date is None else {"date": date})
    assert retry_after(headers, NOW) == 1800


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, Max-Age = 600"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "max-age=600, max-age=60"}, 60),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=" + "9" * 1_000}, 365 * 86_400),
        ({"cache-control": "max-age=-5"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age"}, None),
        ({"cache-control": "max-age=0, must-revalidate"}, None),
        ({"cache-control": "no-cache"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "private, no-store"}, 0),
        ({"cache-control": "no-store, max-age=600"}, 0),
        ({"cache-control": "max-age=600", "age": "590"}, 10),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "max-age=600", "age": "old"}, 600),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"expires": "0", "cache-control": "max-age=0"}, 0),
        ({"expires": "0", "cache-control": "max-age=600"}, 600),
        ({"expires": "Fri, 20 Nov 2026 12:00:00 GMT", "date": DATE}, 3600),
        ({"expires": "Fri, 20 Nov 2026 12:00:00 GMT"}, None),
        ({"expires": "Fri, 20 Nov 2026 12:00:00 GMT", "date": DATE, "cache-control": "max-age=0"}, None),
        ({"expires": DATE, "date": DATE}, None),
        ({"expires": "Thu, 19 Nov 1981 08:52:00 GMT", "date": DATE}, None),
        ({"expires": "never", "date": DATE}, None),
        ({"expires": "Fri, 20 Nov 2099 12:00:00 GMT", "date": DATE}, 365 * 86_400),
    ],
)
def test_freshness(headers: dict[str, str], seconds: float | None) -> None:
    assert freshness(headers) == seconds


@pytest.mark.parametrize("junk", ["max-age=" * 50_000, "," * 200_000, '"' * 200_000, "max-age=" + " " * 200_000 + "1"])
def test_long_junk_is_read_in_no_time(junk: str) -> None:
    headers = dict.fromkeys(("cache-control", "expires", "retry-after", "date", "age"), junk)
    assert freshness(headers) is None
    assert retry_after(headers, NOW) == 900
