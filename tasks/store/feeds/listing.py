"""The feed list as people see it: every feed with its health, the one that somebody means, and how they all do."""

from datetime import UTC, datetime
from uuid import UUID

from schemas.errors import UsageError
from schemas.feed import HostState
from schemas.settings import Settings
from tasks.store.connection import open_current
from tasks.store.feeds.polling import fetch_hosts
from tasks.store.migrate import Connection
from tasks.store.reading.browse import SHORTEST_ID, Found, feed_outlook, fetch_dicts

WORST = 10  # feeds that are shown as the worst
HEALTH = """coalesce(f.health, 'new') AS health, coalesce(f.health_note, 'not polled yet') AS why,
  (s.state->>'good_at')::TIMESTAMPTZ AS last_good_at"""
"""As the view feed_health has it, without counting the fetches of months."""
LIST = "FROM feeds f LEFT JOIN internal.feed_states s USING (feed_id)"


def list_feeds(con: Connection) -> list[Found]:
    """Return the feeds of the list with their health, by folder and address."""
    return fetch_dicts(
        con,
        f"""SELECT f.feed_id, f.url, f.title, f.site_url, f.folder, f.added_at, {HEALTH}, (s.state->>'new_at')::TIMESTAMPTZ AS last_new_at,
        f.next_due_at, f.parked_until, f.moved_from, f.duplicate_of {LIST} ORDER BY f.folder NULLS FIRST, f.url""",
    )


def meant_feed(con: Connection, typed: str, address: str | None) -> tuple[UUID, str]:
    """Return id and address of the feed with this address, now or before it moved, or whose id is or begins with what was typed.

    Raises UsageError when there is none, or more than one.
    """
    pick = "SELECT feed_id, url FROM feeds WHERE"
    rows = con.execute(f"{pick} $url IN (url, moved_from) ORDER BY url <> $url, feed_id LIMIT 1", {"url": address}).fetchall()
    start = typed.strip().lower()
    if not rows and len(start) >= SHORTEST_ID:
        rows = con.execute(f"{pick} starts_with(feed_id::VARCHAR, ?) LIMIT 2", [start]).fetchall()
    if len(rows) != 1:
        many = "More than one feed of the list has an id that begins with" if rows else "No feed of the list has the address or id"
        raise UsageError(f"{many} '{typed}'; see: wirehouse feeds list")
    feed, url = rows[0]
    return feed, url


def outlook(con: Connection) -> Found:
    """Return how the feeds do: how many in each state of health, the worst with why, when the next is polled, and pages that wait."""
    active = "WHERE f.duplicate_of IS NULL"
    states = con.execute(f"SELECT coalesce(f.health, 'new'), count(*) FROM feeds f {active} GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
    count, due = feed_outlook(con)
    worst = fetch_dicts(
        con,
        f"""SELECT f.feed_id, f.url, f.title, {HEALTH} {LIST} {active} AND f.health <> 'ok'
        ORDER BY list_position(['failing', 'gone', 'degraded', 'quiet'], f.health), last_good_at NULLS FIRST, f.url LIMIT {WORST}""",
    )
    pages = fetch_dicts(
        con,
        """SELECT count(due_at) AS waiting, count(*) FILTER (due_at <= now()) AS due, min(due_at) AS next_due_at,
        count(*) - count(due_at) AS given_up FROM internal.pages""",
    )[0]
    return {"count": count, "next_due_at": due, "states": dict(states), "worst": worst, "pages": pages}


def known_hosts(settings: Settings) -> list[HostState]:
    """Return what earlier runs learned of hosts; nothing when there is no store yet."""
    if not settings.store.exists():
        return []
    con = open_current(settings.store)
    try:
        return fetch_hosts(con, datetime.now(UTC))
    finally:
        con.close()
