"""Which document stood at which place: what lets a second run pass over everything it has seen, without any work."""

import uuid
from collections.abc import Sequence
from uuid import UUID

import xxhash

from schemas.arrival import Known
from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.store.migrate import Connection


def place_key(place: str) -> UUID:
    """Return the 128-bit key of a place."""
    return uuid.UUID(bytes=xxhash.xxh3_128_digest(place.encode("utf-8", "surrogateescape")))


def item_key(item: RawDocument | Rejection) -> UUID:
    """Return the 128-bit key of what was met: a document's bytes and what they were taken for, or why it could not be read."""
    match item:
        case RawDocument():
            content = f"{item.document_id} {item.media_type} {item.url or ''}"
        case Rejection():
            content = f"{item.stage} {item.reason} {item.detail}"
    return uuid.UUID(bytes=xxhash.xxh3_128_digest(content.encode("utf-8", "surrogateescape")))


def known_items(con: Connection, items: Sequence[RawDocument | Rejection]) -> list[Known | None]:
    """Return for each item what the store knows of it already: None for one that has to go through the line.

    What was rejected elsewhere goes through again: its new place needs a rejection of its own.
    """
    keys = [(place_key(item.place), item_key(item)) for item in items]
    rows = con.execute(
        """SELECT place_key, document_key, article_id FROM internal.places
        WHERE document_key IN (SELECT unnest(?::UUID[])) ORDER BY place_key""",
        [[key for _, key in keys]],
    ).fetchall()
    here = {(place, document): article for place, document, article in rows}
    elsewhere = {document: article for _, document, article in rows if article is not None}
    return [_known(pair, here, elsewhere) for pair in keys]


def _known(pair: tuple[UUID, UUID], here: dict[tuple[UUID, UUID], UUID | None], elsewhere: dict[UUID, UUID]) -> Known | None:
    if pair in here:
        return Known(outcome="unchanged", article_id=here[pair])
    if pair[1] in elsewhere:
        return Known(outcome="sighting", article_id=elsewhere[pair[1]])
    return None


def articles_at(con: Connection, keys: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Return what stood at each of the places that are known: the article, or None for a rejected document."""
    rows = con.execute("SELECT place_key, article_id FROM internal.places WHERE place_key IN (SELECT unnest(?::UUID[]))", [list(keys)])
    return dict(rows.fetchall())


def keep_places(con: Connection, rows: Sequence[tuple[UUID, UUID, UUID | None]], known: dict[UUID, UUID | None]) -> None:
    """Write (place, document, article) rows in place of what stood at the known ones."""
    if known:
        con.execute("DELETE FROM internal.places WHERE place_key IN (SELECT unnest(?::UUID[]))", [list(known)])
    with con.appender("internal.places") as appender:
        appender.append_rows(rows)
