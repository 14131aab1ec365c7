"""Conditions in SQL over articles that a person writes: which of some articles one holds for."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

import duckdb

from schemas.errors import UsageError
from tasks.store.connection import READ_ONLY, connect
from tasks.store.migrate import Connection
from tasks.store.query import run_query

TIMEOUT = 60.0
"""Seconds that one condition may take over the articles of a batch."""
COLUMNS = {
    **{"article_id": "UUID", "url": "VARCHAR", "canonical_url": "VARCHAR", "source": "VARCHAR", "origin": "VARCHAR", "title": "VARCHAR"},
    **{"dek": "VARCHAR", "byline": "VARCHAR[]", "agency": "VARCHAR[]", "section": "VARCHAR", "published_at": "TIMESTAMPTZ"},
    **{"published_raw": "VARCHAR", "published_zone": "VARCHAR", "published_from": "VARCHAR", "updated_at": "TIMESTAMPTZ"},
    **{"language": "VARCHAR", "language_score": "DOUBLE", "text": "VARCHAR", "word_count": "INTEGER", "access": "VARCHAR"},
    **{"access_note": "VARCHAR", "image_url": "VARCHAR", "keywords": "VARCHAR[]", "rights": "VARCHAR[]", "text_share": "DOUBLE"},
}
"""What a condition may ask of an article: all that its documents say. What other articles and the time of loading decide (story_id,
duplicate_of, first_seen_at and so on) may change afterwards, and a label that hung on it would be right for a moment only."""


def articles_where(con: Connection, condition: str, timeout: float) -> list[UUID]:
    """Return the ids of the articles that a condition over the table `articles` holds for, in their order.

    Raises UsageError for what is no condition.
    """
    # the line breaks end a comment in the condition; whatever it selects, what is asked for are ids of articles
    chosen = f"(SELECT article_id FROM articles WHERE (\n{condition}\n))"
    query = f"SELECT article_id FROM articles SEMI JOIN {chosen} USING (article_id) ORDER BY ALL"
    try:
        _, rows = run_query(con, query, timeout)
        return [article_id for (article_id,) in rows]
    except UsageError as error:
        why = str(error).splitlines()[0]  # further lines point at a place in the query around it
        raise UsageError(f"'{condition}' is no condition over the table articles. {why}") from error


def check_conditions(conditions: Iterable[str]) -> None:
    """Raise UsageError for the first text that is no condition over an article's row."""
    wanted = list(conditions)
    if wanted:
        with closing(_beside()) as side:
            for condition in wanted:
                _holding(side, condition)


def holding(con: Connection, wanted: Mapping[str, Collection[UUID]]) -> dict[str, set[UUID]]:
    """Return for each condition those of its articles that it holds for. Where it fails for an article, it does not hold.

    The articles are copied into a database of their own, from which a condition reaches neither the store nor anything else.
    """
    if not wanted:
        return {}
    ids = sorted(set().union(*wanted.values()))
    rows = con.execute(f"SELECT {', '.join(COLUMNS)} FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [ids]).fetchall()
    with closing(_beside(rows)) as side:
        return {condition: _holding(side, condition) & set(some) for condition, some in wanted.items()}


def _beside(rows: Sequence[tuple[object, ...]] = ()) -> Connection:
    """Return a connection to a database in memory that holds these articles and opens nothing else."""
    side = connect(Path(":memory:"), read_only=False, config=READ_ONLY)
    side.execute("SET TimeZone = 'UTC'")
    side.execute(f"CREATE TABLE articles ({', '.join(map(' '.join, COLUMNS.items()))})")
    with side.appender("articles") as appender:
        appender.append_rows(rows)
    side.execute("SET lock_configuration = true")
    return side


def _holding(side: Connection, condition: str) -> set[UUID]:
    guarded = f"TRY((\n{condition}\n)::BOOLEAN)"
    return set(articles_where(side, guarded if _can_be_tried(side, guarded) else condition, TIMEOUT))


def _can_be_tried(side: Connection, guarded: str) -> bool:
    """Return whether DuckDB can go on where the condition fails for an article; it cannot with a query inside of it."""
    try:
        side.execute(f"EXPLAIN SELECT {guarded} FROM articles")
    except duckdb.Error:
        return False
    return True
