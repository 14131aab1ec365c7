"""Retention: articles that have grown too old are removed, if the clock that says so can be believed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from tasks.store.care.removal import AT_ONCE, remove_all
from tasks.store.migrate import Connection

SILENCE = timedelta(days=40)
"""A store that is in use has a run, or an article, in so many days: even one of papers that come once a month."""
MISPRINTS = 10
"""Of the newest dates so many are set aside, at most a tenth: a page may be dated in any year."""


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


def doubt(con: Connection, now: datetime) -> str | None:
    """Return why nothing should be removed by this clock, None when the store speaks for it."""
    [(dated, newest)] = con.execute("SELECT count(published_at), max(published_at, ?) FROM articles", [MISPRINTS]).fetchall()
    news = newest[min(MISPRINTS - 1, dated // MISPRINTS)] if dated else None
    runs = [start for (start,) in con.execute("SELECT started_at FROM runs ORDER BY started_at").fetchall()]
    if is_believable(now, news, runs):
        return None
    return (
        f"the clock says {now:%Y-%m-%d}, and {SILENCE.days} days or more before that lie without a run or news: it may have jumped, so all "
        "articles stay; if it is right, take in what is new, or remove what is old with: wirehouse remove --where"
    )


def is_believable(now: datetime, news: datetime | None, runs: Iterable[datetime]) -> bool:
    """Return whether a clock fits what a store knows: the date of its newest articles, or runs that lead up to it without a long silence.

    One without a run is believed: there is nothing that a jump could have come after.
    """
    if news is not None and abs(now - news) <= SILENCE:
        return True
    moments = [*sorted(start for start in runs if start <= now), now]
    return all(later - earlier <= SILENCE for earlier, later in pairwise(moments))
