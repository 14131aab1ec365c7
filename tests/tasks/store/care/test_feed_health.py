"""The view of the feeds' health: polls are counted, pages are not, and a feed that was never polled is there too."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from tasks.store.migrate import Connection, migrate

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD, NEW = uuid.UUID(int=1), uuid.UUID(int=2)
FETCHES = (  # hours after noon, what was fetched, how it ended, new items
    (0, "feed", "ok", 4),
    (1, "feed", "not_modified", 0),
    (1, "page", "http_404", 0),
    (2, "feed", "ok", 2),
    (3, "feed", "timeout", 0),
    (4, "feed", "http_500", 0),
)


@pytest.fixture
def con() -> Iterator[Connection]:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        migrate(con)
        yield con


def test_a_feed_is_judged_by_its_polls(con: Connection) -> None:
    feeds = [
        (GOOD, "https://a.example/feed", "A", NOON, "degraded", "2 of 5 polls failed"),
        (NEW, "https://b.example/feed", None, NOON, None, None),
    ]
    con.executemany("INSERT INTO feeds (feed_id, url, title, added_at, health, health_note) VALUES (?, ?, ?, ?, ?, ?)", feeds)
    con.executemany(
        """INSERT INTO fetches (run_id, feed_id, url, fetched_at, kind, reason, new_items, bytes, seconds, items)
        VALUES (uuid(), ?, 'https://a.example/feed', ?, ?, ?, ?, 0, 0, 0)""",
        [(GOOD, NOON + timedelta(hours=hours), *told) for hours, *told in FETCHES],
    )
    columns = "title, state, why, fetches, failures, last_good_at, last_reason, new_items, last_new_at"
    good, new = con.execute(f"SELECT {columns} FROM feed_health").fetchall()
    two = NOON + timedelta(hours=2)
    assert good == ("A", "degraded", "2 of 5 polls failed", 5, 2, two, "http_500", 6, two)
    assert new == (None, "new", "not polled yet", 0, 0, None, None, 0, None)
