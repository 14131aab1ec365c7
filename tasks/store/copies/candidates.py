"""Which stored articles may be copies of some new ones: those with enough of their fingerprints, or with the same words."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from tasks.dedupe.alike import Days, Met, Pair, Sketched, alike
from tasks.store.copies.crowds import FOLLOWS, WINDOW_DAYS
from tasks.store.migrate import Connection


def candidates(con: Connection, new: Mapping[int, date | None]) -> list[Pair]:
    """Return pairs of article numbers, the lower first, in order and each once; `new` are those to be paired, with their days.

    Their own fingerprints are stored already.
    """
    return sorted({*_alike(con, new), *_same_words(con, new)})


def _alike(con: Connection, new: Mapping[int, date | None]) -> list[Pair]:
    met = _met(con, new)
    return alike(met, _sketched(con, met), list(new), WINDOW_DAYS)


def _met(con: Connection, new: Mapping[int, date | None]) -> Met:
    """Return the fingerprints in the window that any new article has.

    An undated article meets every other, so one of them in the batch opens the window. The window is two scans with
    constant bounds, because only those are skipped by the minima and maxima of `day`.
    """
    days, window = [day for day in new.values() if day], timedelta(days=WINDOW_DAYS)
    bounds = {"lo": min(days) - window, "hi": max(days) + window} if len(days) == len(new) else {}
    in_window = "FROM internal.fingerprints WHERE day BETWEEN $lo AND $hi UNION ALL FROM internal.fingerprints WHERE day IS NULL"
    columns = con.execute(
        f"""
        WITH probe AS (
          SELECT hash, row_number() OVER () - 1 AS place FROM internal.fingerprints
          WHERE article_no BETWEEN $first AND $last AND article_no IN (SELECT unnest($numbers::BIGINT[])) GROUP BY hash),
        near AS ({in_window if bounds else "FROM internal.fingerprints"})
        SELECT place, article_no, closing FROM near JOIN probe USING (hash)
        """,
        {"numbers": list(new), "first": min(new), "last": max(new), **bounds},
    ).fetchnumpy()
    return Met(np.asarray(columns["place"]), np.asarray(columns["article_no"]), np.asarray(columns["closing"]))


def _sketched(con: Connection, met: Met) -> Sketched:
    con.register("met_articles", {"article_no": np.flatnonzero(np.bincount(met.articles))})
    columns = con.execute(
        "SELECT article_no, hash_count, day FROM internal.sketches SEMI JOIN met_articles USING (article_no) ORDER BY article_no"
    ).fetchnumpy()
    con.unregister("met_articles")
    days: Days = np.ma.filled(np.ma.asarray(columns["day"]).astype("datetime64[D]"), np.datetime64("NaT"))
    return Sketched(np.asarray(columns["article_no"]), np.asarray(columns["hash_count"]), days)


def _same_words(con: Connection, new: Mapping[int, date | None]) -> list[Pair]:
    """Return the pairs with the same words, whatever their sketches; of a crowd, those that stand for it."""
    rows = con.execute(
        """SELECT DISTINCT least(p.article_no, s.article_no), greatest(p.article_no, s.article_no)
        FROM (FROM internal.sketches WHERE article_no BETWEEN $first AND $last AND article_no IN (SELECT unnest($numbers::BIGINT[]))) p
        JOIN internal.sketches s USING (words_hash, version)
        WHERE (p.day IS NULL OR s.day IS NULL OR abs(p.day - s.day) <= $days)
          AND p.article_no <> s.article_no AND s.hash_count <> $follows""",
        {"numbers": list(new), "first": min(new), "last": max(new), "days": WINDOW_DAYS, "follows": FOLLOWS},
    )
    return [(a, b) for a, b in rows.fetchall()]
