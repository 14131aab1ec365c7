"""Retention: articles that have grown too old are removed."""

from datetime import datetime, timedelta

from tasks.store.migrate import Connection
from tasks.store.removal import AT_ONCE, remove_all


def remove_old(con: Connection, days: int, now: datetime) -> int:
    """Return how many articles were removed because they were published more than so many days ago.

    One without a date counts from when it was first met. The oldest go first, some at a time in a transaction each: what
    interrupts it leaves the rest to the next time.
    """
    removed = 0
    while rows := con.execute(
        """SELECT article_id FROM articles WHERE coalesce(published_at, first_seen_at) < ?
        ORDER BY coalesce(published_at, first_seen_at), article_id LIMIT ?""",
        [now - timedelta(days=days), AT_ONCE],
    ).fetchall():
        removed += remove_all(con, [article_id for (article_id,) in rows], "retention", now)
    return removed
