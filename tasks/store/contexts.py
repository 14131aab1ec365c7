"""Stored documents as they were met: their bytes, and what was known of them beside."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import zstandard

from schemas.document import RawDocument
from tasks.store.migrate import Connection

MOST_DOCUMENTS = 100
"""Documents of one article that are put through the rules again, the latest of them; pages are asked for again twice."""


class Stored(NamedTuple):
    """A document of an article, and when it was met."""

    article_id: UUID
    document: RawDocument
    seen_at: datetime


def context_row(document: RawDocument) -> tuple[str, str] | None:
    """Return the row of `internal.contexts`, None for a document of which `documents` holds all there is.

    The text of a feed's item is left out where it is the document itself.
    """
    if document.entry is None and document.charset is None:
        return None
    leave_out: dict[str, Any] = {"body": True}
    if document.media_type == "application/json":
        leave_out["entry"] = {"html"}
    return document.document_id, document.model_dump_json(exclude=leave_out, exclude_defaults=True)


def keep_contexts(con: Connection, documents: Iterable[RawDocument]) -> None:
    """Write what is known of new documents."""
    rows = [row for document in documents if (row := context_row(document))]
    if rows:
        with con.appender("internal.contexts") as appender:
            appender.append_rows(rows)


def stored_documents(con: Connection, ids: Sequence[UUID]) -> list[Stored]:
    """Return the documents that some articles were made of, article by article, in the order in which they were met.

    Articles whose bytes are no longer kept, or that came through a feed and have no context, are missing.
    """
    rows = con.execute(
        """WITH met AS (
            SELECT article_id, document_id, min(seen_at) AS seen_at FROM sightings
            WHERE article_id IN (SELECT unnest(?::UUID[])) GROUP BY article_id, document_id
            QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY min(seen_at) DESC, document_id) <= ?)
        SELECT met.article_id, met.seen_at,
        d.document_id, d.media_type, d.origin, d.url, d.fetched_at, d.body, c.context, a.source, a.origin
        FROM met JOIN documents d USING (document_id) JOIN articles a ON a.article_id = met.article_id
        LEFT JOIN internal.contexts c ON c.document_id = d.document_id
        ORDER BY met.article_id, met.seen_at, d.document_id""",
        [list(ids), MOST_DOCUMENTS],
    ).fetchall()
    found = [(row[0], _document(row[2:]), row[1]) for row in rows]
    unknown = {article_id for article_id, document, _ in found if document is None}
    return [Stored(article_id, document, seen_at) for article_id, document, seen_at in found if document and article_id not in unknown]


def _document(columns: Sequence[Any]) -> RawDocument | None:
    document_id, media_type, origin, url, fetched_at, packed, context, source, channel = columns
    body = zstandard.decompress(packed)
    if context is not None:
        known = json.loads(context)
        if media_type == "application/json" and "entry" in known:
            known["entry"]["html"] = json.loads(body).get("html")
        return RawDocument.model_validate(known | {"body": body})
    if channel == "feed":
        return None
    return RawDocument(
        body=body,
        media_type=media_type,
        origin=origin,
        place=f"document:{document_id}",
        source=source,
        url=url,
        fetched_at=fetched_at,
    )
