"""The tables of a store as Parquet files: articles in a folder a month, every other table in a file of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tasks.store.migrate import Connection

NOT_EXPORTED = {"internal.schema_version", "internal.reference", "internal.cursors"}
"""What says how this very file was made and how far it has come; the manifest names the store's version."""
LARGE_ROWS = {"articles", "article_versions", "documents", "internal.contexts", "internal.article_terms", "internal.feed_entries"}
ROWS_A_GROUP, LARGE_ROWS_A_GROUP = 122_880, 8_192
"""Rows that are in memory together, while they are written and whenever they are read: 8,192 articles have some 40 MB.
The larger number is DuckDB's own."""
UNKNOWN_MONTH = "unknown"
ALL = "true"
OF_CHOSEN = "article_id IN (SELECT article_id FROM chosen)"
_LINKED = "{column} IN (SELECT {column} FROM {table} WHERE " + OF_CHOSEN + ")"
PARTLY = {
    "relations": f"{OF_CHOSEN} AND other_id IN (SELECT article_id FROM chosen)",
    "stories": _LINKED.format(column="story_id", table="articles"),
    "documents": f"""document_id IN (
      SELECT document_id FROM sightings WHERE {OF_CHOSEN} UNION SELECT document_id FROM internal.contexts WHERE {OF_CHOSEN})""",
    "runs": _LINKED.format(column="run_id", table="sightings"),
    "feeds": _LINKED.format(column="feed_id", table="sightings"),
    "entities": _LINKED.format(column="entity_id", table="mentions"),
    "entity_aliases": _LINKED.format(column="entity_id", table="mentions"),
    "topics": ALL,
    "internal.contexts": OF_CHOSEN,
}
"""What a choice of articles takes of other tables. Of public ones with an article_id it takes the rows of its articles, of the rest
nothing."""

Told = Callable[[str, int], None]
"""Is told what was written: a table, and its rows."""


class Part(NamedTuple):
    """Rows of a table that go into one file: its path below the folder, the table and a condition in SQL."""

    path: str
    table: str
    where: str


def write_tables(con: Connection, folder: Path, told: Told, *, whole: bool) -> list[tuple[str, str, int]]:
    """Return what was written below a folder: path, table and rows of each file. Empty internal tables have no file.

    Raises duckdb.IOException when it cannot be written.
    """
    written = []
    for part in _parts(con, whole=whole):
        file = folder / part.path
        file.parent.mkdir(parents=True, exist_ok=True)
        group = LARGE_ROWS_A_GROUP if part.table in LARGE_ROWS else ROWS_A_GROUP
        [(rows,)] = con.execute(
            f"COPY (SELECT * FROM {part.table} WHERE {part.where}) TO '{str(file).replace(chr(39), chr(39) * 2)}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})"
        ).fetchall()
        if not rows and part.table.startswith("internal."):
            file.unlink()
            continue
        written.append((part.path, part.table, rows))
        told(part.table, rows)
    return written


def _parts(con: Connection, *, whole: bool) -> Iterator[Part]:
    rows = con.execute(
        """SELECT if(t.schema_name = 'main', '', t.schema_name || '.') || t.table_name, bool_or(c.column_name = 'article_id')
        FROM duckdb_tables() t JOIN duckdb_columns() c USING (database_name, schema_name, table_name)
        WHERE t.schema_name IN ('main', 'internal') AND t.database_name = current_database() GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    for table, of_articles in rows:
        where = ALL if whole else PARTLY.get(table, OF_CHOSEN if of_articles and "." not in table else None)
        if table in NOT_EXPORTED or where is None:
            continue
        if table == "articles":
            yield from _months(con, where)
        else:
            yield Part(f"{table.replace('.', '/')}.parquet", table, where)


def _months(con: Connection, where: str) -> Iterator[Part]:
    dated = "published_at IS NOT NULL AND isfinite(published_at)"
    rows = con.execute(
        f"SELECT DISTINCT year(published_at), month(published_at) FROM articles WHERE {where} AND {dated} ORDER BY ALL"
    ).fetchall()
    for year, month in rows:
        first = f"make_timestamptz({year}, {month}, 1, 0, 0, 0.0)"
        of_month = f"published_at >= {first} AND published_at < {first} + INTERVAL 1 MONTH"
        yield Part(_path(f"{year:04}-{month:02}"), "articles", f"{where} AND {of_month}")
    if con.execute(f"SELECT 1 FROM articles WHERE {where} AND NOT ({dated}) LIMIT 1").fetchall():
        yield Part(_path(UNKNOWN_MONTH), "articles", f"{where} AND NOT ({dated})")


def _path(month: str) -> str:
    return f"articles/published_month={month}/articles.parquet"
