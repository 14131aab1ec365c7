"""A large store made of a smaller one within minutes: its articles again and again, each time 364 days earlier.

364 days are whole weeks and whole stretches of stories, so every copy stands to its neighbours as the first does; no two copies are
near enough in time to be related. Ids and numbers are others, texts and words the same.
"""

import shutil
from pathlib import Path

import duckdb

DAYS = 364
STRETCHES = DAYS // 14
MEMORY = "6GB"
RENAMED = {"article_id", "other_id", "story_id", "later_id", "thread_id", "duplicate_of", "from_story_id", "place_key", "document_key"}
NUMBERED = {"article_no", "doc"}
EARLIER = {"published_at", "first_published_at", "last_published_at", "day"}
RECENT = "internal.search_recent"  # what is not in a run yet; of the copies it goes into one, or no store would look like it


def multiply(small: Path, large: Path, times: int) -> None:
    """Write a store of so many times the articles of a smaller one; both are files that no process has open."""
    shutil.copyfile(small, large)
    with duckdb.connect(str(large), config={"memory_limit": MEMORY}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{small}' AS base (READ_ONLY)")
        tables = _tables(con)
        for copy in range(1, times):
            con.begin()
            for table, columns in tables.items():
                _add(con, table, columns, copy)
            con.commit()
        con.execute("UPDATE internal.term_counts SET articles = articles * ?", [times])
        con.execute("DETACH base")
        con.execute("CHECKPOINT")


def _tables(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns, with their types, of each table that says something of an article, a document or a story."""
    found: dict[str, dict[str, str]] = {}
    rows = con.execute(
        """SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() JOIN duckdb_tables()
        USING (database_name, schema_name, table_name) WHERE database_name = 'base' ORDER BY table_name, column_index"""
    )
    for table, column, kind in rows.fetchall():
        found.setdefault(table, {})[column] = kind
    keys = RENAMED | NUMBERED | {"document_id"}
    return {table: columns for table, columns in found.items() if keys & set(columns)}


def _add(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], copy: int) -> None:
    into, kept = ("internal.search_postings", [c for c in columns if c != "word"]) if table == RECENT else (table, list(columns))
    told = ", ".join(f'{_changed(name, columns[name], copy)} AS "{name}"' for name in kept)
    con.execute(f"INSERT INTO {into} BY NAME SELECT {told} FROM base.{table}")


def _changed(name: str, kind: str, copy: int) -> str:
    """Return the expression of a column in a copy."""
    if name in RENAMED and kind == "UUID":
        return f"md5({name}::VARCHAR || '-{copy}')::UUID"
    if name in NUMBERED:
        return f"{name} + {copy} * (SELECT count(*) FROM base.internal.article_numbers)"
    if name == "document_id":
        return f"{name} || '-{copy}'"
    if name in EARLIER:
        return f"({name} - INTERVAL {copy * DAYS} DAY)::{kind}"
    return f"{name} - {copy * STRETCHES}" if name == "stretch" else f'"{name}"'
