"""Which stored articles copy which: fingerprints, relations and duplicate groups, kept current batch by batch.

    changed articles | their fingerprints anew | candidates, one join | exact comparison | relations | groups

Whether two articles are related depends on their texts, sources and days alone, and in a crowd of equal texts on the
crowd (tasks/store/copies/crowds.py); never on the order of arrival: any order and any batches give the same relations.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np

from schemas.labels import Sketch
from tasks.dedupe.alike import Pair
from tasks.dedupe.compare import Shingled, kind_of, only_footer, overlap_of, shared_counts, shingled
from tasks.dedupe.groups import heads_of, order_of
from tasks.dedupe.sketch import sketch
from tasks.store.copies.candidates import candidates
from tasks.store.copies.crowds import crowd_keys, regroup, relate_followers
from tasks.store.keyed import by_key
from tasks.store.migrate import Connection

PAIRS_AT_ONCE = 20_000  # bounds the memory of the exact comparison


class FingerprintRow(NamedTuple):
    """A new article, or a known one whose text or date of publication changed."""

    article_no: int
    article_id: UUID
    day: date | None
    source: str
    sketch: Sketch


class _Stored(NamedTuple):
    article_id: UUID
    source: str
    published_at: datetime | None
    text: str


def relate(con: Connection, changed: Sequence[FingerprintRow]) -> int:
    """Return the number of relations found between the changed articles and all others.

    To be called in the transaction that wrote the rows of `changed` into `articles`; an article stands in
    `changed` once. Relations, fingerprints and duplicate_of are as if the articles had never been different.
    """
    if not changed:
        return 0
    return _renew(con, {row.article_no: row.article_id for row in changed}, changed)


def unrelate(con: Connection, articles: Mapping[int, UUID]) -> None:
    """Take articles out, by number, whose rows of `articles` are gone; the others are as if these had never been there.

    To be called in the transaction that deleted them, while they still have their numbers.
    """
    if articles:
        _renew(con, articles, [])


def _renew(con: Connection, articles: Mapping[int, UUID], changed: Sequence[FingerprintRow]) -> int:
    """Return the number of relations found of the changed ones of some articles, after all of these were forgotten."""
    group = _close(con, articles.values())
    crowds = crowd_keys(con, articles)
    _forget(con, articles)
    _keep_sketches(con, changed)
    crowds |= crowd_keys(con, articles)
    moves = regroup(con, crowds)
    group |= _close(con, [*moves.promoted.values(), *moves.demoted.values()])
    _forget(con, moves.promoted | moves.demoted, keep_sketches=True)
    probes = [*(row for row in changed if row.article_no not in moves.demoted), *_promote(con, moves.promoted)]
    relations = _relations_of(con, probes) if probes else []
    if moves.crowded:
        relate_followers(con, crowds)
    _write_heads(con, _close(con, group))
    return len(relations) + len(changed) - len(probes) + len(moves.promoted)


def _relations_of(con: Connection, probes: Sequence[FingerprintRow]) -> list[tuple[object, ...]]:
    """Return the relations of some articles with all others, written as their fingerprints are."""
    _keep_fingerprints(con, probes)
    relations = list(_compare(con, candidates(con, {row.article_no: row.day for row in probes})))
    with con.appender("relations") as appender:
        appender.append_rows(relations)
    return relations


def _forget(con: Connection, articles: Mapping[int, UUID], *, keep_sketches: bool = False) -> None:
    if not articles:
        return
    tables = ("internal.fingerprints",) if keep_sketches else ("internal.fingerprints", "internal.sketches")
    for table in tables:
        con.execute(
            f"DELETE FROM {table} WHERE article_no BETWEEN ? AND ? AND article_no IN (SELECT unnest(?::BIGINT[]))",
            [min(articles), max(articles), list(articles)],
        )
    con.execute(
        """DELETE FROM relations WHERE article_id IN (SELECT unnest($ids::UUID[])) OR other_id IN (SELECT unnest($ids::UUID[]))""",
        {"ids": list(articles.values())},
    )


def _keep_sketches(con: Connection, changed: Sequence[FingerprintRow]) -> None:
    with con.appender("internal.sketches") as sketches:
        for number, _, day, _, sketched in sorted(changed):  # in order of number: what DuckDB skips by
            sketches.append_row(number, sketched.version, day, len(sketched.hashes), int(sketched.words_hash, 16))


def _promote(con: Connection, articles: Mapping[int, UUID]) -> list[FingerprintRow]:
    """Return the articles with fingerprints taken anew: those that followed have none. It takes a crowd and a change in it."""
    rows = con.execute(
        """SELECT article_no, article_id, s.day, source, text FROM articles JOIN internal.article_numbers USING (article_id)
        JOIN internal.sketches s USING (article_no) WHERE article_no IN (SELECT unnest(?::BIGINT[])) ORDER BY article_no""",
        [list(articles)],
    )
    found = [FingerprintRow(number, article_id, day, source, sketch(text)) for number, article_id, day, source, text in rows.fetchall()]
    for row in found:
        con.execute("UPDATE internal.sketches SET hash_count = ? WHERE article_no = ?", [len(row.sketch.hashes), row.article_no])
    return found


def _keep_fingerprints(con: Connection, probes: Sequence[FingerprintRow]) -> None:
    rows = sorted(probes)  # in order of number: what DuckDB skips by
    closings = [frozenset(row.sketch.closing) for row in rows]
    sizes = [len(row.sketch.hashes) for row in rows]
    columns = {
        "hash": np.array([value for row in rows for value in row.sketch.hashes], dtype=np.uint32),
        "article_no": np.repeat(np.array([row.article_no for row in rows], dtype=np.int64), sizes),
        "day": np.repeat(np.array([row.day for row in rows], dtype="datetime64[us]"), sizes),
        "closing": np.array(
            [value in closing for row, closing in zip(rows, closings, strict=True) for value in row.sketch.hashes], dtype=bool
        ),
    }
    con.register("new_fingerprints", columns)  # half the time of an appender, which takes row by row
    con.execute("INSERT INTO internal.fingerprints FROM new_fingerprints")
    con.unregister("new_fingerprints")


def _compare(con: Connection, pairs: Sequence[Pair]) -> Iterable[tuple[object, ...]]:
    """Yield the rows of `relations` for those pairs that are related, on all shingles of both texts."""
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        stored = _texts(con, {number for pair in some for number in pair})
        texts = {number: shingled(article.text) for number, article in stored.items()}
        places = {number: place for place, number in enumerate(texts)}
        counts = shared_counts(list(texts.values()), [places[a] for a, _ in some], [places[b] for _, b in some])
        for (a, b), shared in zip(some, counts, strict=True):
            row = _relation(shared, (stored[a], texts[a]), (stored[b], texts[b]))
            if row:
                yield row


def _relation(shared: int, a: tuple[_Stored, Shingled], b: tuple[_Stored, Shingled]) -> tuple[object, ...] | None:
    """Return the row of `relations` for a pair that shares so many shingles, None for a pair that is not related."""
    (other, earlier), (one, later) = sorted((a, b), key=lambda article: order_of(article[0].published_at, article[0].article_id))
    overlap = overlap_of(shared, later, earlier)
    same_words = later.words == earlier.words and (bool(later.words) or one.text.strip() == other.text.strip())
    kind = kind_of(overlap, same_words=same_words)
    if kind is None or (not same_words and one.source == other.source and only_footer(later, earlier, shared)):
        return None
    return one.article_id, other.article_id, kind, *overlap


def _texts(con: Connection, numbers: Collection[int]) -> Mapping[int, _Stored]:
    """Return the articles by number."""
    rows = con.execute(
        """SELECT article_id, article_no FROM internal.article_numbers
        WHERE article_no BETWEEN ? AND ? AND article_no IN (SELECT unnest(?::BIGINT[]))""",
        [min(numbers), max(numbers), list(numbers)],
    )
    known: dict[UUID, int] = dict(rows.fetchall())
    found = by_key(con, "SELECT article_id, source, published_at, text FROM articles WHERE article_id IN", list(known))
    return {known[row[0]]: _Stored(*row) for row in found}


def _links(con: Connection, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Return the exact and near relations that touch any of the articles."""
    rows = con.execute(
        """SELECT article_id, other_id FROM relations WHERE kind IN ('exact', 'near')
        AND (article_id IN (SELECT unnest($ids::UUID[])) OR other_id IN (SELECT unnest($ids::UUID[])))""",
        {"ids": list(ids)},
    )
    return rows.fetchall()


def _close(con: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Return the articles and everything that stands in one duplicate group with any of them."""
    reached, fresh = set(ids), set(ids)
    while fresh:
        fresh = {end for link in _links(con, fresh) for end in link} - reached
        reached |= fresh
    return reached


def _write_heads(con: Connection, ids: Collection[UUID]) -> None:
    """Let every article of whole groups point at the earliest of its group; heads and loners point nowhere."""
    rows = con.execute("SELECT article_id, published_at FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)])
    orders = {article_id: order_of(published_at, article_id) for article_id, published_at in rows.fetchall()}
    heads = heads_of(_links(con, ids), orders)
    con.execute(
        """UPDATE articles SET duplicate_of = head
        FROM (SELECT unnest(?::UUID[]) AS article_id, unnest(?::UUID[]) AS head) grouped
        WHERE articles.article_id = grouped.article_id AND duplicate_of IS DISTINCT FROM head""",
        [list(orders), [heads.get(article_id) for article_id in orders]],
    )
