"""Rows by key: the keys are constants of the query, as only those are looked up by a table's index; a join reads whole columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from tasks.store.migrate import Connection

KEYS_AT_ONCE = 1_000  # from some 2,000 on DuckDB reads the whole table in place of the index


def by_key(con: Connection, query: str, keys: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that a query finds for some keys of a table, in no order.

    It ends where the keys are to stand: `SELECT article_id, text FROM articles WHERE article_id IN`.
    """
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        yield from con.execute(f"{query} ({', '.join('?' * len(some))})", list(some)).fetchall()
