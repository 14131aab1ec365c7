"""Articles and their versions: what is stored, what arrives, and which version is the current one afterwards."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal
from uuid import UUID

from schemas.article import Stamp
from schemas.labels import LabelledArticle
from tasks.store.articles.decide import KnownArticle, VersionKey, best_stamp, latest, untrusted, version_key
from tasks.store.migrate import Connection
from tasks.store.rows import (
    OTHER_READING,
    History,
    Labelled,
    Row,
    article_entity_rows,
    article_row,
    entity_rows,
    found_by,
    mention_rows,
    removed_rows,
    stamp_columns,
    topic_rows,
)

PARTS = {
    "removed_blocks": removed_rows,
    "mentions": mention_rows,
    "article_topics": topic_rows,
    "article_entities": article_entity_rows,
}
"""Tables that follow the current version, and what fills them."""


LabelledBy = tuple[str | None, str | None]


class Touched:
    """One article in a batch: what the store knew of it, and what arrived.

    `anew`: it consists of nothing but what arrives, the documents that it was made of before.
    """

    def __init__(self, known: KnownArticle | None, *, anew: bool = False) -> None:
        self.known = known
        self.anew = anew
        self.arrived: dict[UUID, LabelledArticle] = {}
        """The fullest that arrived of each version."""
        self.met: dict[UUID, datetime] = {}
        """When each of them was met first."""
        self.seen: list[datetime] = [known.first_seen_at, known.last_seen_at] if known else []
        kept = None if anew else known
        self._versions = {version.key: version for version in kept.versions} if kept else {}
        self._stamps: list[Stamp | None] = [kept.published] if kept else []
        self._untrusted: list[str | None] = [kept.published_untrusted] if kept else []
        self._updated: list[datetime | None] = [kept.updated_at] if kept else []

    def add(self, labelled: LabelledArticle, seen_at: datetime) -> Literal["new", "new_versions", "sightings"]:
        """Return what an arriving article is, after taking it in."""
        first = not self.seen
        self.seen += () if self.anew else (seen_at,)
        self._stamps.append(labelled.article.published)
        self._untrusted.append(labelled.article.published_untrusted)
        self._updated.append(labelled.article.updated.at if labelled.article.updated else None)
        version = version_key(labelled)
        self.met[version.key] = min(seen_at, self.met.get(version.key, seen_at))
        before = self._versions.get(version.key)
        after = self._versions[version.key] = before.merged(version) if before else version
        if version.key not in self.arrived or before is None or after.variant != before.variant:
            self.arrived[version.key] = labelled
        return "new" if first else "new_versions" if before is None else "sightings"

    @property
    def article_id(self) -> UUID:
        """The article."""
        return self.known.article_id if self.known else next(iter(self.arrived.values())).article_id

    @property
    def versions(self) -> list[VersionKey]:
        """All versions, known and arrived, in their order."""
        return sorted(self._versions.values(), key=lambda version: version.order)

    @property
    def revised(self) -> bool:
        """Whether the versions, or their order, are not as they are stored."""
        return self.known is None or self.versions != list(self.known.versions)

    @property
    def current(self) -> LabelledArticle | None:
        """The arrived article that is now the current version; None when the stored one stays."""
        newest = self.versions[-1]
        stored = self.known.versions[-1] if self.known else None
        stays = stored is not None and (stored.key, stored.variant) == (newest.key, newest.variant)
        return None if stays else self.arrived[newest.key]

    @property
    def published(self) -> Stamp | None:
        """The most trusted date of publication of all versions and sightings, the earliest among equals."""
        return best_stamp(self._stamps)

    @property
    def published_untrusted(self) -> str | None:
        """What was printed as the date of publication, when none can be trusted."""
        return untrusted(self.published, self._untrusted)

    @property
    def updated_at(self) -> datetime | None:
        """The latest stated update."""
        return latest(self._updated)

    @property
    def moved(self) -> bool:
        """Whether a stored article got another date of publication."""
        return self.known is not None and self.known.published != self.published


VERSION_COLUMNS = tuple(VersionKey.model_fields)


def fetch_known(con: Connection, ids: Sequence[UUID]) -> list[KnownArticle]:
    """Return what the store knows of those of the articles that it has."""
    versions: dict[UUID, list[VersionKey]] = {}
    for article_id, _, *columns in con.execute(
        "SELECT * FROM internal.version_keys WHERE article_id IN (SELECT unnest(?::UUID[])) ORDER BY article_id, version",
        [list(ids)],
    ).fetchall():
        version = VersionKey.model_validate(dict(zip(VERSION_COLUMNS, columns, strict=True)))
        versions.setdefault(article_id, []).append(version)
    rows = con.execute(
        """SELECT article_id, updated_at, first_seen_at, last_seen_at, published_at, published_raw, published_zone, published_from
        FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))""",
        [list(versions)],
    ).fetchall()
    return [
        KnownArticle(
            article_id=row[0],
            updated_at=row[1],
            first_seen_at=row[2],
            last_seen_at=row[3],
            published=_stamp(row[4:]),
            published_untrusted=None if row[4] else row[5],
            versions=tuple(versions[row[0]]),
        )
        for row in rows
    ]


def _stamp(columns: Sequence[object]) -> Stamp | None:
    at, raw, zone, found_in = columns
    return Stamp.model_validate({"at": at, "raw": raw, "zone": zone, "found_in": found_in}) if at else None


def write_articles(con: Connection, touched: Iterable[Touched], labelled_by: LabelledBy = (None, None)) -> None:
    """Put the current version of each article into `articles` and what hangs on it.

    `labelled_by` are the digests of the rules that found its topics and its entities.
    """
    decided = [(entry, entry.current) for entry in touched]
    rewritten = [(entry, current) for entry, current in decided if current]
    current = [labelled for _, labelled in rewritten]
    delete_articles(con, ("articles", *PARTS), [entry.known.article_id for entry, _ in rewritten if entry.known])
    write_entities(con, current)
    with con.appender("articles") as appender:
        appender.append_rows((*_row(entry, labelled), *labelled_by) for entry, labelled in rewritten)
    for table, rows_of in PARTS.items():
        with con.appender(table) as appender:
            appender.append_rows(chain.from_iterable(map(rows_of, current)))
    _number(con, [labelled.article_id for entry, labelled in rewritten if not entry.known])
    _update_kept(con, [entry for entry, labelled in decided if not labelled])


def _row(entry: Touched, labelled: LabelledArticle) -> Row:
    return article_row(labelled, _history(entry), len(entry.versions))


def _history(entry: Touched) -> History:
    return History(
        published=entry.published,
        published_untrusted=entry.published_untrusted,
        updated_at=entry.updated_at,
        first_seen_at=min(entry.seen),
        last_seen_at=max(entry.seen),
    )


def delete_articles(con: Connection, tables: Collection[str], ids: Sequence[UUID]) -> None:
    """Delete what some tables hold of some articles; with their mentions, which entity these had by themselves."""
    if ids:
        for table in (*tables, *(["internal.merged_mentions"] if "mentions" in tables else [])):
            con.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)])


def write_entities(con: Connection, current: Iterable[Labelled]) -> None:
    """Write the entities that are new, by the names that the first article gives them."""
    rows: dict[str, Row] = {}
    for row in chain.from_iterable(map(entity_rows, current)):
        rows.setdefault(row[0], row)
    known = con.execute("SELECT entity_id FROM entities WHERE entity_id IN (SELECT unnest(?::VARCHAR[]))", [list(rows)]).fetchall()
    for (entity_id,) in known:
        del rows[entity_id]
    with con.appender("entities") as appender:
        appender.append_rows(rows.values())


def _number(con: Connection, ids: list[UUID]) -> None:
    con.execute(
        """INSERT INTO internal.article_numbers
        SELECT (SELECT coalesce(max(article_no), 0) FROM internal.article_numbers) + generate_subscripts(?::UUID[], 1),
        unnest(?::UUID[])""",
        [ids, ids],
    )


def _update_kept(con: Connection, kept: Iterable[Touched]) -> None:
    rows = [
        (
            entry.known.article_id,
            *stamp_columns(entry.published, entry.published_untrusted),
            entry.updated_at,
            min(entry.seen),
            max(entry.seen),
            len(entry.versions),
            *_rules_kept(entry),
        )
        for entry in kept
        if entry.known
    ]
    if not rows:
        return
    con.execute(
        """CREATE OR REPLACE TEMP TABLE kept (article_id UUID, published_at TIMESTAMPTZ, published_raw VARCHAR, published_zone VARCHAR,
        published_from VARCHAR, updated_at TIMESTAMPTZ, first_seen_at TIMESTAMPTZ, last_seen_at TIMESTAMPTZ, version INTEGER,
        found_by MAP(VARCHAR, VARCHAR), anew BOOLEAN)"""
    )
    with con.appender("kept") as appender:
        appender.append_rows(rows)
    con.execute(
        """UPDATE articles SET published_at = kept.published_at, published_raw = kept.published_raw, published_zone = kept.published_zone,
        published_from = kept.published_from, updated_at = kept.updated_at, first_seen_at = kept.first_seen_at,
        last_seen_at = kept.last_seen_at, version = kept.version,
        found_by = if(anew, kept.found_by, map_concat(articles.found_by, kept.found_by))
        FROM kept WHERE articles.article_id = kept.article_id"""
    )


def _rules_kept(entry: Touched) -> tuple[dict[str, str], bool]:
    """Return the rules of a current version that stays, and whether they are all of them: else those of the dates that moved."""
    if entry.anew:
        return found_by(entry.arrived[entry.versions[-1].key], _history(entry)), True
    rules = {"published_at": entry.published.found_in} if entry.moved and entry.published else {}
    updated = entry.known is not None and entry.known.updated_at != entry.updated_at
    return rules | ({"updated_at": OTHER_READING} if updated else {}), False
