"""Reading the published copy for people: one article, how the store stands; stories are in browse_stories.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.errors import UsageError
from tasks.store.migrate import Connection

Found = dict[str, Any]

SHORTEST_ID = 4  # characters of an id that a person has to type, when no other id begins with them
PUBLIC_TABLES = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY table_name"


def fetch_dicts(con: Connection, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Found]:
    """Return the rows of a query of ours, each as a dictionary by column."""
    result = con.execute(sql, values)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def fetch_article(con: Connection, typed: str) -> Found:
    """Return an article with everything that hangs on it; UsageError when the id names none or more than one."""
    article_id = find_id(con, "articles", "article_id", typed)
    article = fetch_dicts(con, "SELECT * FROM articles WHERE article_id = ?", [article_id])[0]
    parts = {
        "topics": """SELECT t.topic_id, p.name_en, p.name_fr, t.score, t.method FROM article_topics t JOIN topics p USING (topic_id)
            WHERE article_id = ? ORDER BY t.score DESC, t.topic_id""",
        "entities": "SELECT * EXCLUDE (article_id) FROM article_entities WHERE article_id = ? ORDER BY salience DESC, entity_id",
        "relations": "SELECT * FROM relations WHERE ? IN (article_id, other_id) ORDER BY jaccard DESC, article_id, other_id",
        "sightings": "SELECT * EXCLUDE (article_id) FROM sightings WHERE article_id = ? ORDER BY seen_at, origin",
        "versions": """SELECT version, seen_at, title, change, change_ratio FROM article_versions WHERE article_id = ? ORDER BY version""",
        "removed_blocks": "SELECT role, reason, text FROM removed_blocks WHERE article_id = ? ORDER BY rowid",
    }
    return article | {name: fetch_dicts(con, sql, [article_id]) for name, sql in parts.items()}


def find_id(con: Connection, table: str, column: str, typed: str) -> UUID:
    """Return the one id in a table that is, or begins with, what was typed.

    Raises UsageError, with a plain sentence, when there is none or more than one.
    """
    start = typed.strip().lower()
    if len(start) < SHORTEST_ID:
        raise UsageError(f"'{typed}' is too short for an id; give at least {SHORTEST_ID} characters of it.")
    found = con.execute(f"SELECT {column} FROM {table} WHERE starts_with({column}::VARCHAR, ?) LIMIT 2", [start]).fetchall()
    if len(found) != 1:
        many = "more than one id begins" if found else "no id begins"
        raise UsageError(f"In {table}, {many} with '{typed}'; list them with: wirehouse sql 'select {column}, title from {table}'")
    article_id: UUID = found[0][0]
    return article_id


def count_rows(con: Connection) -> list[tuple[str, int]]:
    """Return the public tables and their numbers of rows."""
    tables = [row[0] for row in con.execute(PUBLIC_TABLES).fetchall()]
    return [(table, con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]) for table in tables]


def feed_outlook(con: Connection) -> tuple[int, datetime | None]:
    """Return how many feeds the list has, and when the next one is polled."""
    rows = con.execute("SELECT count(*), min(next_due_at) FILTER (parked_until IS NULL AND duplicate_of IS NULL) FROM feeds").fetchall()
    return rows[0][0], rows[0][1]
