"""How many articles a source brings on a usual day of the week, and whether it has gone quiet.

A feed that still answers and brings nothing new is not broken for the poller; only the number of its articles shows it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from statistics import median

from schemas.record import Record
from tasks.store.migrate import Connection

WEEKS = 8
"""Same weekdays that are looked back on: two months; the median does not mind a holiday or two among them."""
FEWEST_WEEKS = 3  # below, there is nothing usual yet
QUIET_SHARE = 1 / 3
USUAL_ARTICLES = 5
"""Below that many usual articles a third of them comes about by chance: at a mean of 5, one day in twelve has one or none."""


class Volume(Record):
    """The articles of a source in a language on one day, beside the usual number of that weekday."""

    source: str
    language: str
    day: date
    weekday: str
    articles: int
    usual: float
    """Median of the same weekdays before."""
    quiet: bool


def fetch_volumes(con: Connection, now: datetime) -> list[Volume]:
    """Return what each source of feeds brought on the last whole day (UTC) that was polled to its end, the quiet ones first.

    A day belongs to an article by its publication, or by when it was met where that is unknown. Nothing before the first ingest.
    """
    polled = con.execute("SELECT max(started_at) FROM runs WHERE flow = 'ingest' AND started_at <= ?", [now]).fetchall()[0][0]
    if polled is None:
        return []
    day = polled.date() - timedelta(days=1)
    rows = con.execute(
        """WITH dated AS (SELECT source, language, coalesce(published_at, first_seen_at)::DATE AS day FROM articles WHERE origin = 'feed')
        SELECT source, language, min(day), histogram(day) FILTER (day BETWEEN $day - $days::INTEGER AND $day)
        FROM dated GROUP BY ALL HAVING min(day) <= $day ORDER BY ALL""",
        {"day": day, "days": 7 * WEEKS},
    ).fetchall()
    found = [volume for source, language, first, counts in rows if (volume := judge((source, language), first, counts or {}, day))]
    return sorted(found, key=lambda one: (not one.quiet, -one.usual, one.source, one.language))


def judge(of: tuple[str, str], first: date, counts: Mapping[date, int], day: date) -> Volume | None:
    """Return the volume of a source in a language on a day, None where nothing is usual yet.

    `counts`: articles by day, nought where a day is missing; `first`: the day of its first article, before which it could bring none.
    """
    before = [counts.get(earlier, 0) for week in range(1, WEEKS + 1) if (earlier := day - timedelta(weeks=week)) >= first]
    if len(before) < FEWEST_WEEKS:
        return None
    usual, articles = float(median(before)), counts.get(day, 0)
    quiet = usual >= USUAL_ARTICLES and articles < usual * QUIET_SHARE
    return Volume(source=of[0], language=of[1], day=day, weekday=f"{day:%A}", articles=articles, usual=usual, quiet=quiet)
