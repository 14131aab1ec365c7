"""What stored articles were made of: each document as it was met, its bytes and what was known of it beside."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import zstandard

from schemas.document import RawDocument
from tasks.store.keyed import by_key
from tasks.store.migrate import Connection

MOST_READINGS = 100
"""Readings of one article that are repeated: pages are asked for again twice, and only a page that changes for days has more."""
MOST_BYTES = 24 * 2**20
"""Bytes of all that is read again for one article: they are in memory together."""
UNKNOWN = ""
"""The context of a reading of which nothing was kept: it is older than this table."""

Filed = tuple[str, str | None, datetime | None]
"""What `documents` holds of a document beside its bytes: the values of ON_FILE."""
ON_FILE = ("media_type", "url", "fetched_at")


class Reading(NamedTuple):
    """A document of an article as it was read once: when it was met, and when the run began that read it."""

    document_id: str
    seen_at: datetime
    read_at: datetime
    context: str | None
    source: str
    """The article's: that of a document that names none."""


class Stored(NamedTuple):
    """A document as it was met, when that was, and the clock by which it was read."""

    document: RawDocument
    seen_at: datetime
    read_at: datetime


def filed(document: RawDocument) -> Filed:
    """Return what `documents` holds of a document beside its bytes."""
    return document.media_type, document.url, document.fetched_at


def documents_on_file(con: Connection, document_ids: Sequence[str]) -> dict[str, Filed]:
    """Return what `documents` holds of those of the documents that stand there."""
    return {document_id: (row[0], row[1], row[2]) for document_id, row in _rows(con, document_ids, ON_FILE).items()}


def keep_contexts(con: Connection, run_id: UUID, read: Iterable[tuple[UUID, RawDocument, datetime]], on_file: Mapping[str, Filed]) -> None:
    """Note of which documents articles were made, (article, document, when it was met) each; `on_file` is what stands in `documents`."""
    rows = [
        (article_id, document.document_id, run_id, seen_at, _context(document, on_file[document.document_id]))
        for article_id, document, seen_at in read
    ]
    with con.appender("internal.contexts") as appender:
        appender.append_rows(rows)


def _context(document: RawDocument, on_file: Filed) -> str | None:
    """Return what is to be kept of a document, None where `documents` and the article hold all there is.

    The text of a feed's item is left out where it is the document itself.
    """
    other = {name for name, here, there in zip(ON_FILE, filed(document), on_file, strict=True) if here != there}
    leave_out: dict[str, Any] = dict.fromkeys({"body", "place", "origin", *ON_FILE} - other, True)
    if document.channel == "archive":
        leave_out["source"] = True
    if document.media_type == "application/json":
        leave_out["entry"] = {"html"}
    known = document.model_dump(mode="json", exclude=leave_out, exclude_defaults=True)
    return json.dumps(dict.fromkeys(other) | known, ensure_ascii=False) if known or other else None


def readings_of(con: Connection, ids: Sequence[UUID]) -> dict[UUID, list[Reading]]:
    """Return what some articles were made of, in the order in which it was met; nothing for one that is not in the store."""
    rows = con.execute(
        """SELECT c.article_id, c.document_id, c.seen_at, coalesce(r.started_at, c.seen_at), c.context, a.source
        FROM internal.contexts c JOIN articles a USING (article_id) LEFT JOIN runs r USING (run_id)
        WHERE c.article_id IN (SELECT unnest(?::UUID[])) ORDER BY c.article_id, c.seen_at, c.rowid""",
        [list(ids)],
    ).fetchall()
    found: dict[UUID, list[Reading]] = {}
    for article_id, *columns in rows:
        found.setdefault(article_id, []).append(Reading(*columns))
    return found


def stored_documents(con: Connection, readings: Sequence[Reading]) -> list[Stored]:
    """Return the documents of an article as they were met; none at all when one of them is not kept, or when they are too many.

    For of a part of them the article could not be made anew: what the others said would be lost.
    """
    if len(readings) > MOST_READINGS or any(reading.context == UNKNOWN for reading in readings):
        return []
    rows = _rows(con, sorted({reading.document_id for reading in readings}), (*ON_FILE, "origin", "body"))
    if any(reading.document_id not in rows for reading in readings):
        return []
    if sum(_size(rows[reading.document_id]) for reading in readings) > MOST_BYTES:
        return []
    bodies = {document_id: zstandard.decompress(row[-1]) for document_id, row in rows.items()}
    return [
        Stored(document_of(reading, rows[reading.document_id], bodies[reading.document_id]), reading.seen_at, reading.read_at)
        for reading in readings
    ]


def _rows(con: Connection, document_ids: Sequence[str], columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Return columns of `documents` by id."""
    rows = by_key(con, f"SELECT document_id, {', '.join(columns)} FROM documents WHERE document_id IN", document_ids)
    return {document_id: tuple(values) for document_id, *values in rows}


def _size(row: tuple[Any, ...]) -> int:
    """Return the bytes of a document when it is unpacked."""
    return int(zstandard.get_frame_parameters(row[-1]).content_size)


def document_of(reading: Reading, row: tuple[Any, ...], body: bytes) -> RawDocument:
    """Return a document as it was read once; `row` is what stands in `documents` of it: ON_FILE, its origin, and its packed body."""
    media_type, url, fetched_at, origin, _ = row
    known = {"media_type": media_type, "url": url, "fetched_at": fetched_at, "origin": origin, "source": reading.source}
    known |= json.loads(reading.context or "{}")
    if known["media_type"] == "application/json" and "entry" in known:
        known["entry"]["html"] = json.loads(body).get("html")
    return RawDocument.model_validate(known | {"body": body, "place": f"document:{reading.document_id}"})
