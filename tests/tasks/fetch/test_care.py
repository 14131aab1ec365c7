"""The care of the feed list: what is parked, and what is left alone."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from schemas.feed import Feed, FeedState, Ledger, feed_id
from tasks.fetch.care import DEAD_AFTER, care_for_feeds
from tasks.fetch.schedule import PARKED, health
from tasks.store.feeds.ledger import write_ledgers
from tasks.store.feeds.polling import add_feeds, fetch_feeds
from tasks.store.migrate import Connection
from tests.tasks.store.build import NOW
from tests.tasks.store.new import new_store

LONG = DEAD_AFTER + timedelta(days=1)
SHORT = DEAD_AFTER - timedelta(days=1)


@pytest.fixture
def con() -> Iterator[Connection]:
    con = new_store()
    yield con
    con.close()


def put(con: Connection, name: str, **state: object) -> UUID:
    """Add a feed in a state."""
    url = f"https://{name}.example/feed"
    add_feeds(con, [Feed(feed_id=feed_id(url), url=url)], NOW - timedelta(days=400))
    known = FeedState.model_validate({"feed_id": feed_id(url)} | state)
    write_ledgers(con, UUID(int=0), [Ledger(state=known, health=health(known, NOW))])
    return feed_id(url)


def test_only_what_has_been_dead_for_long_is_parked(con: Connection) -> None:
    bad = {"failures": 9, "failure_weight": 9.0, "last_reason": "dns"}
    dead = put(con, "dead", good_at=NOW - LONG, **bad)
    never = put(con, "never", **bad)
    put(con, "lately", good_at=NOW - SHORT, **bad)
    put(con, "unasked", good_at=NOW - LONG)
    put(con, "hardly", good_at=NOW - LONG, failures=2, last_reason="dns")
    put(con, "waiting", good_at=NOW - LONG, parked_until=NOW + timedelta(days=3), parked_reason="gone", **bad)
    before = {one.feed.feed_id: one for one in fetch_feeds(con)}
    care = care_for_feeds(con, NOW)
    assert care.parked == 2
    assert sum(care.states.values()) == 6
    after = {one.feed.feed_id: one for one in fetch_feeds(con)}
    assert {feed for feed, one in after.items() if one != before[feed]} == {dead, never}
    until = NOW + timedelta(seconds=PARKED)
    assert all(after[feed].state.parked_until == after[feed].state.next_due_at == until for feed in (dead, never))
    listed = con.execute("SELECT parked_until, health FROM feeds WHERE feed_id = ?", [dead]).fetchall()
    assert listed == [(until, "failing")]
    assert care_for_feeds(con, NOW).parked == 0


def test_a_parked_feed_is_asked_again_and_parked_again(con: Connection) -> None:
    put(con, "dead", good_at=NOW - LONG, failures=9, last_reason="dns")
    assert care_for_feeds(con, NOW).parked == 1
    assert care_for_feeds(con, NOW + timedelta(seconds=PARKED + 60)).parked == 1


def test_a_list_without_feeds_is_no_work(con: Connection) -> None:
    assert care_for_feeds(con, NOW) == (0, {})
