"""The feed list as people see it: every feed with its health, the one that somebody means, and how they all do."""

from uuid import UUID

from schemas.feed import HostState
from schemas.settings import Settings
from tasks.store.browse import Found, fetch_dicts, find_id
from tasks.store.connection import open_reader
from tasks.store.feeds import fetch_hosts
from tasks.store.migrate import Connection

WORST = 10  # feeds that are shown as the worst
LISTED = """SELECT f.feed_id, f.url, f.title, f.site_url, f.folder, f.added_at, h.state AS health, h.why, h.fetches, h.new_items,
  h.last_good_at, f.next_due_at, f.parked_until, f.moved_from, f.duplicate_of
  FROM feeds f JOIN feed_health h USING (feed_id)"""


def list_feeds(con: Connection) -> list[Found]:
    """Return the feeds of the list with their health, by folder and address."""
    return fetch_dicts(con, f"{LISTED} ORDER BY f.folder NULLS FIRST, f.url")


def meant_feed(con: Connection, typed: str, address: str | None) -> tuple[UUID, str]:
    """Return id and address of the feed with this address, now or before it moved, or whose id is or begins with what was typed.

    Raises UsageError when there is none, or more than one.
    """
    pick = "SELECT feed_id, url FROM feeds WHERE"
    rows = con.execute(f"{pick} $url IN (url, moved_from) ORDER BY url <> $url, feed_id LIMIT 1", {"url": address}).fetchall()
    if not rows:
        rows = con.execute(f"{pick} feed_id = ?", [find_id(con, "feeds", "feed_id", typed)]).fetchall()
    feed, url = rows[0]
    return feed, url


def outlook(con: Connection) -> Found:
    """Return how the feeds do: how many in each state of health, the worst with why, when the next is polled, and pages that wait."""
    active = "duplicate_of IS NULL"
    states = con.execute(f"SELECT state, count(*) FROM feed_health WHERE {active} GROUP BY state ORDER BY 2 DESC, 1").fetchall()
    counts = fetch_dicts(
        con, f"SELECT count(*) AS count, min(next_due_at) FILTER (parked_until IS NULL AND {active}) AS next_due_at FROM feeds"
    )[0]
    worst = fetch_dicts(
        con,
        f"""SELECT feed_id, url, title, state, why, last_good_at FROM feed_health WHERE {active} AND state NOT IN ('ok', 'new')
        ORDER BY list_position(['failing', 'gone', 'degraded', 'quiet'], state), last_good_at NULLS FIRST, url LIMIT {WORST}""",
    )
    pages = fetch_dicts(
        con,
        """SELECT count(due_at) AS waiting, count(*) FILTER (due_at <= now()) AS due, min(due_at) AS next_due_at,
        count(*) - count(due_at) AS given_up FROM internal.pages""",
    )[0]
    return counts | {"states": dict(states), "worst": worst, "pages": pages}


def known_hosts(settings: Settings) -> list[HostState]:
    """Return what earlier runs learned of hosts; nothing when there is no store yet."""
    if not settings.store.exists():
        return []
    con = open_reader(settings.store)
    try:
        return fetch_hosts(con)
    finally:
        con.close()
