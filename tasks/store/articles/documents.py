"""The documents of an export as they were met, for a store that has other things already, or other tables.

They go through the line again, so today's rules read them; what this store has met in the same place is left out.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import zstandard

from schemas.document import RawDocument
from schemas.feed import entry_place
from tasks.export.manifest import Manifest
from tasks.read.piece import MAX_DOCUMENT
from tasks.store.articles.contexts import Reading, document_of
from tasks.store.care.restore import opened
from tasks.store.connection import OFFLINE, connect
from tasks.store.migrate import Connection

AT_ONCE = 100
"""Documents looked up together; their bodies are in memory."""
SIDE = OFFLINE | {"threads": "1", "memory_limit": "700MB", "temp_directory": "", "max_temp_directory_size": "0GB"}
NEEDED = ("sightings", "articles", "runs", "internal.contexts")
SIGHTINGS = """SELECT s.document_id, s.origin, s.url, s.guid, s.feed_id, s.seen_at, r.started_at, c.context, a.source
  FROM sightings s JOIN articles a USING (article_id) LEFT JOIN runs r USING (run_id)
  LEFT JOIN contexts c ON c.article_id = s.article_id AND c.document_id = s.document_id AND c.seen_at = s.seen_at
  WHERE s.document_id IN (SELECT unnest(?::VARCHAR[]))
  QUALIFY row_number() OVER (
    PARTITION BY s.rowid ORDER BY coalesce(json_extract_string(nullif(c.context, ''), '$.entry.guid') = s.guid, false) DESC, c.rowid) = 1
  ORDER BY s.rowid"""
KNOWN = "SELECT document_id, origin, url, guid, feed_id FROM sightings WHERE document_id IN (SELECT unnest(?::VARCHAR[]))"
COLUMNS = {
    "sightings": "article_id, document_id, origin, url, guid, feed_id, seen_at, run_id",
    "articles": "article_id, source",
    "runs": "run_id, started_at",
    "internal.contexts": "article_id, document_id, seen_at, context",
}


class Met(NamedTuple):
    """A document as it was met, the clock by which it was read, and the share of all documents that are done by now."""

    document: RawDocument
    read_at: datetime | None
    share: float


def met_elsewhere(con: Connection, folder: Path, manifest: Manifest) -> Iterator[Met]:
    """Yield each document of an export once for every place where it was met and that this store does not know.

    Raises duckdb.Error or ValueError for files that hold something else.
    """
    total = max(1, manifest.rows.get("documents", 0))
    done = 0
    with closing(connect(Path(":memory:"), read_only=False, config=SIDE)) as side, ExitStack() as held:
        side.execute("SET TimeZone = 'UTC'")
        _take_tables(side, folder, manifest)
        for file in manifest.files_of("documents"):
            name = held.enter_context(opened(folder / file.path))
            stream = side.cursor()
            stream.execute(f"SELECT document_id, media_type, url, fetched_at, origin, body FROM read_parquet('{name}')")
            while rows := stream.fetchmany(AT_ONCE):
                done += len(rows)
                for document, read_at in _unknown(con, side, rows):
                    yield Met(document, read_at, min(1.0, done / total))


def _take_tables(side: Connection, folder: Path, manifest: Manifest) -> None:
    for table in NEEDED:
        columns, name = COLUMNS[table], table.removeprefix("internal.")
        for number, file in enumerate(manifest.files_of(table)):
            with opened(folder / file.path) as path:
                rows = f"SELECT {columns} FROM read_parquet('{path}', hive_partitioning = false)"
                side.execute(f"INSERT INTO {name} {rows}" if number else f"CREATE TEMP TABLE {name} AS {rows}")
    for table in NEEDED:  # an export of nothing has no articles
        if not manifest.files_of(table):
            side.execute(f"CREATE TEMP TABLE {table.removeprefix('internal.')} ({_typed(COLUMNS[table])})")


def _typed(columns: str) -> str:
    kinds = {"article_id": "UUID", "run_id": "UUID", "feed_id": "UUID", "seen_at": "TIMESTAMPTZ", "started_at": "TIMESTAMPTZ"}
    return ", ".join(f"{name} {kinds.get(name, 'VARCHAR')}" for name in columns.split(", "))


def _unknown(con: Connection, side: Connection, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[RawDocument, datetime | None]]:
    documents = {row[0]: row[1:] for row in rows}
    ids = [list(documents)]
    known = set(con.execute(KNOWN, ids).fetchall())
    for document_id, origin, url, guid, feed_id, seen_at, read_at, context, source in side.execute(SIGHTINGS, ids).fetchall():
        if (document_id, origin, url, guid, feed_id) in known:
            continue
        *columns, packed = documents[document_id]
        body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_DOCUMENT)
        reading = Reading(document_id, seen_at, read_at or seen_at, context, source)
        document = document_of(reading, (*columns, packed), body)
        yield document.model_copy(update=_where(document, origin, url, feed_id)), read_at


def _where(document: RawDocument, origin: str, url: str | None, feed_id: UUID | None) -> dict[str, Any]:
    """Return where a document was met; the item of a feed is at its own place in every store."""
    if document.entry and document.feed_id:
        return {"origin": origin, "place": entry_place(document.feed_id, document.entry.key)}
    place = f"export:{document.document_id}:{origin}:{url or ''}"
    return {"origin": origin, "url": url, "feed_id": feed_id, "channel": "feed" if feed_id else document.channel, "place": place}
