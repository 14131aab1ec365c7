"""Crowds: more copies of the same words than are worth relating each with each.

Of the copies of one text that were published in one span of 90 days, some stand for all: the 20 of the lowest ids, the
earliest and the latest. Each further one is related to the first of them only, so 15,000 copies give some 15,000 relations
and not 112 million. Which ones stand for all depends on the copies alone, never on the order of arrival; and as spans are as long as
the window in which copies are looked for, groups of copies are the same as if all pairs were kept.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from tasks.store.migrate import Connection

WINDOW_DAYS = 90
"""Copies are looked for within so many days on both sides; an undated article is compared with all others."""
CROWD = 20
"""So many copies of one text in one span are all related with each other."""
FOLLOWS = -1
"""Instead of the number of its hashes, the sketch of an article that others stand for has this."""

Key = tuple[int, int | None]
"""The hash of the words, and the number of the span since 1970; None for articles without a date."""

_SPAN = f"(epoch(day) // 86400 // {WINDOW_DAYS})::INTEGER"
_MEMBERS = f"""WITH keys AS (SELECT unnest($hashes::UBIGINT[]) AS words_hash, unnest($spans::INTEGER[]) AS span),
  members AS (
    SELECT article_no, words_hash, day, hash_count, keys.span, count(*) OVER copies AS copies
    FROM internal.sketches s JOIN keys USING (words_hash) WHERE {_SPAN} IS NOT DISTINCT FROM keys.span
    WINDOW copies AS (PARTITION BY words_hash, keys.span)),
  crowded AS (SELECT * FROM members JOIN internal.article_numbers USING (article_no) WHERE copies > {CROWD} OR hash_count = {FOLLOWS}),
  ranked AS (
    SELECT *, row_number() OVER (PARTITION BY words_hash, span ORDER BY article_id) AS place,
      row_number() OVER (PARTITION BY words_hash, span ORDER BY day, article_id) AS from_first,
      row_number() OVER (PARTITION BY words_hash, span ORDER BY day DESC, article_id) AS from_last
    FROM crowded),
  judged AS (SELECT *, place <= {CROWD} OR from_first = 1 OR from_last = 1 AS leads FROM ranked)"""


class Moves(NamedTuple):
    """Articles that from now on stand for their crowd, and those that do no longer, as numbers with ids."""

    promoted: dict[int, UUID]
    demoted: dict[int, UUID]
    crowded: bool
    """Whether there is any crowd at all."""


def crowd_keys(con: Connection, numbers: Collection[int]) -> set[Key]:
    """Return where copies of the same words as these articles are counted."""
    rows = con.execute(
        f"""SELECT DISTINCT words_hash, {_SPAN} FROM internal.sketches
        WHERE article_no BETWEEN ? AND ? AND article_no IN (SELECT unnest(?::BIGINT[]))""",
        [min(numbers), max(numbers), list(numbers)],
    )
    return set(rows.fetchall())


def regroup(con: Connection, keys: Iterable[Key]) -> Moves:
    """Return the articles whose part in their crowd changed; their sketches say so already, all else is left to the caller."""
    rows = con.execute(
        f"{_MEMBERS} SELECT article_no, article_id, leads, leads = (hash_count = {FOLLOWS}) FROM judged", _named(keys)
    ).fetchall()
    moves = Moves({}, {}, crowded=bool(rows))
    for number, article_id, leads, moved in rows:
        if moved:
            (moves.promoted if leads else moves.demoted)[number] = article_id
    con.execute(
        "UPDATE internal.sketches SET hash_count = ? WHERE article_no IN (SELECT unnest(?::BIGINT[]))", [FOLLOWS, list(moves.demoted)]
    )
    return moves


def relate_followers(con: Connection, keys: Iterable[Key]) -> None:
    """Relate each article that others stand for to the first of those, and to nothing else."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE following AS {_MEMBERS}
        SELECT f.article_id, l.article_id AS leader_id FROM judged f JOIN judged l USING (words_hash)
        WHERE NOT f.leads AND l.place = 1 AND f.span IS NOT DISTINCT FROM l.span""",
        _named(keys),
    )
    con.execute(
        """DELETE FROM relations WHERE article_id IN (SELECT article_id FROM following)
        OR other_id IN (SELECT article_id FROM following)"""
    )
    con.execute(
        """INSERT INTO relations
        SELECT if(later, f.article_id, leader_id), if(later, leader_id, f.article_id), 'exact', 1, 1, 1
        FROM (SELECT f.article_id, f.leader_id, (a.published_at IS NULL, coalesce(a.published_at, 'epoch'), a.article_id)
            > (b.published_at IS NULL, coalesce(b.published_at, 'epoch'), b.article_id) AS later
          FROM following f JOIN articles a USING (article_id) JOIN articles b ON b.article_id = f.leader_id) f
        ORDER BY ALL"""
    )
    con.execute("DROP TABLE following")


def _named(keys: Iterable[Key]) -> dict[str, list[int] | list[int | None]]:
    pairs = list(keys)
    return {"hashes": [words_hash for words_hash, _ in pairs], "spans": [span for _, span in pairs]}
