"""The care of the feed list: feeds that have been dead for long are left alone for a while, the others only looked at."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from schemas.feed import FeedState, Ledger
from tasks.fetch.schedule import PARKED, health
from tasks.store.feeds.ledger import write_ledgers
from tasks.store.feeds.polling import Listed, fetch_feeds
from tasks.store.migrate import Connection
from tasks.store.transaction import transaction

DEAD_AFTER = timedelta(days=60)
"""Twice what a parked feed is left alone for: whoever is away for a summer is asked again before."""
DEAD_FAILURES = 5
"""And failures in a row: a store that nobody has run for a season has fed no failures."""
NO_RUN = UUID(int=0)


class FeedCare(NamedTuple):
    """What was found: how many feeds are parked now that were not, and how many there are of each health."""

    parked: int
    states: dict[str, int]


def care_for_feeds(con: Connection, now: datetime) -> FeedCare:
    """Return how the feeds are, after parking those without a good answer for DEAD_AFTER; a parked feed is asked again after a month.

    One transaction; a second time finds nothing to do.
    """
    added = dict(con.execute("SELECT feed_id, added_at FROM feeds").fetchall())
    with transaction(con):
        listed = fetch_feeds(con, "WHERE f.duplicate_of IS NULL")
        dead = [state for one in listed if (state := parked(one, added[one.feed.feed_id], now))]
        write_ledgers(con, NO_RUN, [Ledger(state=state, health=health(state, now)) for state in dead])
        states = con.execute("SELECT coalesce(health, 'new'), count(*) FROM feeds WHERE duplicate_of IS NULL GROUP BY 1 ORDER BY 2 DESC, 1")
        return FeedCare(len(dead), dict(states.fetchall()))


def parked(listed: Listed, added_at: datetime, now: datetime) -> FeedState | None:
    """Return the state of a feed that is to be parked, None when it is alive, may be, or is parked already."""
    state = listed.state
    waiting = state.parked_until is not None and state.parked_until > now
    if waiting or state.failures < DEAD_FAILURES or now - (state.good_at or added_at) < DEAD_AFTER:
        return None
    until = now + timedelta(seconds=PARKED)
    return state.model_copy(update={"parked_until": until, "next_due_at": until, "parked_reason": state.parked_reason or "failing"})
