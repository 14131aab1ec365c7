"""Every version of every article, numbered in order of revision whatever the order of arrival."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tasks.store.articles.decide import change
from tasks.store.articles.touched import Touched, delete_articles
from tasks.store.migrate import Connection


class Content(NamedTuple):
    """The text of one version, and when the store met it."""

    seen_at: datetime
    title: str | None
    text: str
    content_hash: str


def write_versions(con: Connection, touched: Iterable[Touched]) -> None:
    """Put the arrived versions in line with the stored ones; an older one that comes late renumbers those after it.

    A stored version that was met earlier elsewhere, by a web archive that is read late, was met then.
    """
    entries = list(touched)
    revised = [entry for entry in entries if entry.revised]
    known = [entry.known.article_id for entry in revised if entry.known]
    contents = _stored(con, known)
    delete_articles(con, ("article_versions", "internal.version_keys"), known)
    rows, keys = [], []
    for entry in revised:
        for key, labelled in entry.arrived.items():
            article, here = labelled.article, (key, entry.article_id)
            content = contents.setdefault(here, Content(entry.met[key], article.title, article.text, labelled.sketch.words_hash))
            contents[here] = content._replace(seen_at=min(content.seen_at, entry.met[key]))
        before: Content | None = None
        for number, version in enumerate(entry.versions, 1):
            content = contents[version.key, entry.article_id]
            difference = change(content.title, content.text, (before.title, before.text) if before else None)
            rows.append((entry.article_id, number, *content, *difference))
            keys.append((entry.article_id, number, *version.model_dump().values()))
            before = content
    _append(con, "article_versions", rows)
    _append(con, "internal.version_keys", keys)
    _met_earlier(con, [entry for entry in entries if not entry.revised])


def _stored(con: Connection, ids: list[UUID]) -> dict[tuple[UUID, UUID], Content]:
    rows = con.execute(
        """SELECT k.version_key, v.article_id, v.seen_at, v.title, v.text, v.content_hash
        FROM article_versions v JOIN internal.version_keys k USING (article_id, version)
        WHERE v.article_id IN (SELECT unnest(?::UUID[]))""",
        [ids],
    ).fetchall()
    return {(key, article_id): Content(*content) for key, article_id, *content in rows}


def _met_earlier(con: Connection, entries: Iterable[Touched]) -> None:
    rows = [
        (entry.article_id, number, entry.met[version.key])
        for entry in entries
        for number, version in enumerate(entry.versions, 1)
        if version.key in entry.met
    ]
    con.execute(
        """UPDATE article_versions SET seen_at = met.seen_at
        FROM (SELECT unnest(?::UUID[]) AS article_id, unnest(?::INTEGER[]) AS version, unnest(?::TIMESTAMPTZ[]) AS seen_at) met
        WHERE article_versions.article_id = met.article_id AND article_versions.version = met.version
        AND article_versions.seen_at > met.seen_at""",
        [list(column) for column in zip(*rows, strict=True)] or [[], [], []],
    )


def _append(con: Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    with con.appender(table) as appender:
        appender.append_rows(rows)
