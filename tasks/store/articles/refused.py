"""Rejected documents whose bytes are kept: what is needed to put them through again."""

import json
from collections.abc import Iterable, Iterator

import zstandard

from schemas.document import RawDocument
from tasks.store.articles.places import place_key
from tasks.store.migrate import Connection

FETCHED_AT_ONCE = 50  # documents: pages are some 100 kB, and the line takes them in batches anyway


def keep_refused(con: Connection, accepted: Iterable[RawDocument], rejected: Iterable[RawDocument]) -> None:
    """Remember the rejected documents, and forget those that were accepted; each counts how often it was tried."""
    refused = {place_key(document.place): document for document in rejected}
    keys = [*refused, *(place_key(document.place) for document in accepted)]
    tried = con.execute("DELETE FROM internal.refused WHERE place_key IN (SELECT unnest(?::UUID[])) RETURNING place_key, attempts", [keys])
    attempts = dict(tried.fetchall())
    rows = [
        (key, document.document_id, attempts.get(key, 0) + 1, document.model_dump_json(exclude={"body"}, exclude_defaults=True))
        for key, document in refused.items()
    ]
    if rows:
        with con.appender("internal.refused") as appender:
            appender.append_rows(rows)


def refused_documents(con: Connection) -> Iterator[RawDocument]:
    """Yield every remembered document with its bytes, in the order of their places' keys."""
    keys = [key for (key,) in con.execute("SELECT place_key FROM internal.refused ORDER BY place_key").fetchall()]
    for start in range(0, len(keys), FETCHED_AT_ONCE):
        rows = con.execute(
            """SELECT r.document, d.body FROM internal.refused r JOIN documents d USING (document_id)
            WHERE r.place_key IN (SELECT unnest(?::UUID[])) ORDER BY r.place_key""",
            [keys[start : start + FETCHED_AT_ONCE]],
        ).fetchall()
        for known, body in rows:
            yield RawDocument.model_validate(json.loads(known) | {"body": zstandard.decompress(body)})
