"""The recent stories clustered anew, by what is known of the rarity of words today.

A run settles the stretches of time that it touches, with the words it knew then. Articles that came in several runs, in
another order, end in the same stories only when all of these stretches are settled once more with the same knowledge.
"""

from tasks.store.migrate import Connection

MOST_ARTICLES = 10_000
"""The newest so many articles are clustered anew: some ten seconds a day, whatever the size of the archive."""
_STEP = "stories"
_RUNS = "SELECT count(*) FROM runs"


def unsettle_recent(con: Connection, most: int = MOST_ARTICLES) -> int:
    """Return how many articles wait to be settled anew: the newest whole stretches of at most `most` articles together.

    Those without a date belong to them where the archive as a whole is that small. None when no run has come since the
    last time. To be called in the transaction that settles.
    """
    if con.execute(f"SELECT runs = ({_RUNS}) FROM internal.care WHERE step = ?", [_STEP]).fetchall() == [(True,)]:
        return 0
    con.execute(f"INSERT OR REPLACE INTO internal.care SELECT ?, ({_RUNS})", [_STEP])
    rows = con.execute(
        """WITH sizes AS (SELECT stretch, count(*) AS articles FROM internal.article_terms GROUP BY stretch),
        reached AS (SELECT stretch, sum(articles) OVER (ORDER BY stretch DESC NULLS LAST) AS so_far FROM sizes),
        recent AS (SELECT stretch FROM reached WHERE so_far <= $most)
        INSERT INTO internal.unsettled
        SELECT article_id, language, t.stretch FROM internal.article_terms t JOIN recent r ON t.stretch IS NOT DISTINCT FROM r.stretch
        ANTI JOIN internal.unsettled u
          ON u.article_id = t.article_id AND u.language = t.language AND u.stretch IS NOT DISTINCT FROM t.stretch""",
        {"most": most},
    ).fetchall()
    return int(rows[0][0])


def unsettle_again(con: Connection) -> int:
    """Return how many articles wait as `unsettle_recent` says, although no run has come: what is rare has changed."""
    con.execute("DELETE FROM internal.care WHERE step = ?", [_STEP])
    return unsettle_recent(con)
