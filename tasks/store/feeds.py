"""The feed list and what polling needs from the store."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schemas.feed import Feed, FeedState, HostState, KnownEntry, Met, PageDue, entry_place
from tasks.store.migrate import Connection
from tasks.store.places import place_key
from tasks.store.transaction import transaction

FEED_COLUMNS = "feed_id, url, title, site_url, folder"
LATER = 6  # columns of `feeds` that are filled by polling


class Listed(NamedTuple):
    """A feed of the list with what polling has taught about it."""

    feed: Feed
    state: FeedState


def add_feeds(con: Connection, feeds: Iterable[Feed], now: datetime) -> list[Feed]:
    """Return those of the feeds that were not in the list and now are; a feed that has moved is known under both addresses."""
    known = set(con.execute("SELECT feed_id FROM feeds").fetchall())
    addresses = {url for row in con.execute("SELECT url, moved_from FROM feeds").fetchall() for url in row if url}
    added = {feed.feed_id: feed for feed in feeds if (feed.feed_id,) not in known and feed.url not in addresses}
    with transaction(con):
        with con.appender("feeds") as appender:
            appender.append_rows(
                (one.feed_id, one.url, one.title, one.site_url, one.folder, now, *[None] * LATER) for one in added.values()
            )
        with con.appender("internal.feed_attributes") as appender:
            appender.append_rows((one.feed_id, *pair) for one in added.values() for pair in one.attributes)
    return list(added.values())


def remove_feeds(con: Connection, ids: Sequence[UUID]) -> None:
    """Take feeds off the list with what polling taught about them; their articles, sightings and fetches stay."""
    with transaction(con):
        for table in (
            "feeds",
            "internal.feed_attributes",
            "internal.feed_states",
            "internal.feed_texts",
            "internal.feed_entries",
            "internal.pages",
        ):
            con.execute(f"DELETE FROM {table} WHERE feed_id IN (SELECT unnest(?::UUID[]))", [list(ids)])


def fetch_feeds(con: Connection, clause: str = "", values: Sequence[object] = ()) -> list[Listed]:
    """Return the feeds that a clause of SQL on `feeds f` picks, by folder and address, with their states."""
    rows = con.execute(
        f"""SELECT f.feed_id, f.url, f.title, f.site_url, f.folder, s.state, t.share, t.samples
        FROM feeds f LEFT JOIN internal.feed_states s USING (feed_id) LEFT JOIN internal.feed_texts t USING (feed_id)
        {clause} ORDER BY f.folder NULLS FIRST, f.url""",
        values,
    ).fetchall()
    attributes: dict[UUID, list[tuple[str, str]]] = {}
    for feed, name, value in con.execute("SELECT * FROM internal.feed_attributes").fetchall():
        attributes.setdefault(feed, []).append((name, value))
    names = FEED_COLUMNS.split(", ")
    return [
        Listed(
            Feed.model_validate(dict(zip(names, row, strict=False)) | {"attributes": attributes.get(row[0], ())}),
            _state(row[0], row[5], row[6], row[7]),
        )
        for row in rows
    ]


def _state(feed: UUID, stored: str | None, share: float | None, samples: int | None) -> FeedState:
    values = json.loads(stored) if stored else {"feed_id": feed}
    return FeedState.model_validate(values | {"full_text": share, "full_text_samples": samples or 0})


def fetch_entries(con: Connection, items: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], KnownEntry]:
    """Return what the store remembers of items, each named by its feed and its key there."""
    places = {place_key(entry_place(*item)): item for item in items}
    if not places:
        return {}
    rows = con.execute(
        "SELECT place_key, feed_id, entry, via FROM internal.feed_entries WHERE place_key IN (SELECT unnest(?::UUID[]))", [list(places)]
    ).fetchall()
    return {
        places[place]: KnownEntry.model_validate({"feed_id": feed, "entry": json.loads(entry), "via": via})
        for place, feed, entry, via in rows
    }


def fetch_met(con: Connection, links: Iterable[str]) -> dict[str, list[Met]]:
    """Return the items met before under each address in its normal form, those that became an article."""
    keys = {place_key(link): link for link in links}
    if not keys:
        return {}
    rows = con.execute(
        """SELECT e.link_key, e.feed_id, e.digest, p.article_id FROM internal.feed_entries e JOIN internal.places p USING (place_key)
        WHERE e.link_key IN (SELECT unnest(?::UUID[])) AND p.article_id IS NOT NULL""",
        [list(keys)],
    ).fetchall()
    met: dict[str, list[Met]] = {}
    for key, feed, digest, article in rows:
        met.setdefault(keys[key], []).append(Met(feed_id=feed, digest=digest, article_id=article))
    return met


def fetch_told(con: Connection, items: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """Return the articles of items without address, each item named by its feed and its digest."""
    wanted = list(items)
    if not wanted:
        return {}
    rows = con.execute(
        """SELECT e.feed_id, e.digest, p.article_id FROM internal.feed_entries e JOIN internal.places p USING (place_key)
        WHERE e.link_key IS NULL AND p.article_id IS NOT NULL
        AND (e.feed_id, e.digest) IN (SELECT (unnest(?::UUID[]), unnest(?::VARCHAR[])))""",
        [[feed for feed, _ in wanted], [digest for _, digest in wanted]],
    ).fetchall()
    return {(feed, digest): article for feed, digest, article in rows}


def fetch_pages(con: Connection, clause: str, values: Sequence[object] = ()) -> list[PageDue]:
    """Return the queued pages that a clause of SQL picks."""
    rows = con.execute(f"SELECT page FROM internal.pages {clause}", values).fetchall()
    return [PageDue.model_validate_json(page) for (page,) in rows]


def fetch_hosts(con: Connection) -> list[HostState]:
    """Return what hosts asked for."""
    rows = con.execute("SELECT host, not_before, forbidden, robots, robots_at, rights_at FROM internal.hosts ORDER BY host").fetchall()
    return [HostState.model_validate(dict(zip(HostState.model_fields, row, strict=True))) for row in rows]
