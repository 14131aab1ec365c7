"""The usual volume of a source, and the alarm when it falls far below."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tasks.store.care.volume import fetch_volumes, judge
from tasks.store.migrate import Connection
from tests.tasks.store.new import new_store

FRIDAY = date(2026, 11, 20)
BEFORE = [FRIDAY - timedelta(weeks=week) for week in range(1, 9)]
LONG_AGO = date(2020, 1, 1)


def counted(usual: list[int], today: int) -> dict[date, int]:
    return dict(zip(BEFORE, usual, strict=False)) | {FRIDAY: today}


@pytest.mark.parametrize(
    ("usual", "today", "quiet"),
    [
        ([12] * 8, 4, False),
        ([12] * 8, 3, True),
        ([12] * 8, 0, True),
        ([5] * 8, 1, True),
        ([5] * 8, 2, False),
        ([4] * 8, 0, False),  # a third of so few comes about by chance
        ([12, 12, 12, 12, 12, 0, 0, 0], 3, True),  # holidays do not count
        ([12, 12, 12, 0, 0, 0, 0, 0], 0, False),
        ([1000, 6, 6, 6, 6, 6, 6, 6], 2, False),  # nor does one day of an event
    ],
)
def test_a_source_is_quiet_below_a_third_of_the_median_of_eight_weeks(usual: list[int], today: int, quiet: bool) -> None:
    found = judge(("a.example", "en"), LONG_AGO, counted(usual, today), FRIDAY)
    assert found is not None
    assert (found.quiet, found.weekday, found.articles) == (quiet, "Friday", today)


def test_a_new_source_has_no_usual_number_yet() -> None:
    assert judge(("a.example", "en"), BEFORE[1], counted([9, 9], 0), FRIDAY) is None
    found = judge(("a.example", "en"), BEFORE[2], counted([9, 9, 9], 0), FRIDAY)
    assert found is not None
    assert (found.usual, found.quiet) == (9, True)


@pytest.fixture
def con() -> Connection:
    con = new_store()
    con.execute(
        """INSERT INTO articles BY NAME SELECT uuid() AS article_id, source, 'feed' AS origin, [] AS byline, [] AS agency,
        TIMESTAMPTZ '2026-08-01 10:00:00Z' + to_days(day::INTEGER) AS published_at, now() AS first_seen_at, now() AS last_seen_at,
        language, 1 AS language_score, '' AS text, 1 AS word_count, 'full' AS access, 1 AS version, '' AS content_hash
        FROM range(200) days (day), range(6) numbers (n),
        (VALUES ('steady.example', 'en'), ('quiet.example', 'en'), ('quiet.example', 'fr')) sources (source, language)
        WHERE NOT (source = 'quiet.example' AND language = 'fr' AND day >= 105)"""
    )
    return con


def ingested(con: Connection, at: datetime) -> None:
    con.execute("INSERT INTO runs VALUES (uuid(), 'ingest', 'direct', ?, NULL, 'completed', 0, 0, 0, 0, 0, 0, 0, 0, [])", [at])


def test_volumes_are_those_of_the_last_whole_day_that_was_polled(con: Connection) -> None:
    now = datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert fetch_volumes(con, now) == []
    ingested(con, now)
    found = [(one.source, one.language, one.day, one.articles, one.usual, one.quiet) for one in fetch_volumes(con, now)]
    assert found == [
        ("quiet.example", "fr", FRIDAY, 0, 6.0, True),
        ("quiet.example", "en", FRIDAY, 6, 6.0, False),
        ("steady.example", "en", FRIDAY, 6, 6.0, False),
    ]
    # a machine that was off is no quiet source: the day before its last poll counts
    assert {one.day for one in fetch_volumes(con, now + timedelta(days=30))} == {FRIDAY}


def test_a_clock_that_was_ahead_does_not_count(con: Connection) -> None:
    now = datetime(2026, 11, 21, 6, tzinfo=UTC)
    ingested(con, now)
    ingested(con, now + timedelta(days=400))
    assert {one.day for one in fetch_volumes(con, now)} == {FRIDAY}


def test_archives_have_no_usual_day(con: Connection) -> None:
    con.execute("UPDATE articles SET origin = 'archive'")
    now = datetime(2026, 11, 21, 6, tzinfo=UTC)
    ingested(con, now)
    assert fetch_volumes(con, now) == []
