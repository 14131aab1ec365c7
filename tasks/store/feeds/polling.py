"""The feed list and what polling needs from the store."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schemas.feed import Feed, FeedState, HostState, KnownEntry, Met, PageDue, entry_place
from tasks.store.articles.places import place_key
from tasks.store.migrate import Connection
from tasks.store.transaction import transaction

FEED_COLUMNS = "feed_id, url, title, site_url, folder"
LATER = 6  # columns of `feeds` that are filled by polling


class Listed(NamedTuple):
    """A feed of the list with what polling has taught about it."""

    feed: Feed
    state: FeedState
    duplicate: bool = False
    """Whether it has moved to where another feed of the list is: then it is not polled."""


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
        con.execute("UPDATE feeds SET duplicate_of = NULL WHERE duplicate_of IN (SELECT unnest(?::UUID[]))", [list(ids)])
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
        f"""SELECT f.feed_id, f.url, f.title, f.site_url, f.folder, s.state, t.share, t.samples, f.duplicate_of IS NOT NULL
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
            row[8],
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
        "SELECT place_key, entry FROM internal.feed_entries WHERE place_key IN (SELECT unnest(?::UUID[]))", [list(places)]
    ).fetchall()
    return {places[place]: KnownEntry.model_validate_json(entry) for place, entry in rows}


def fetch_met(con: Connection, links: Iterable[str]) -> dict[str, list[Met]]:
    """Return the items met before under each address in its normal form, those that became an article."""
    keys = {place_key(link): link for link in links}
    if not keys:
        return {}
    rows = con.execute(
        """SELECT e.link_key, e.feed_id, e.digest, p.article_id, e.via, a.published_at IS NOT NULL
        FROM internal.feed_entries e JOIN internal.places p USING (place_key) JOIN articles a USING (article_id)
        WHERE e.link_key IN (SELECT unnest(?::UUID[]))""",
        [list(keys)],
    ).fetchall()
    met: dict[str, list[Met]] = {}
    for key, *values in rows:
        met.setdefault(keys[key], []).append(Met.model_validate(dict(zip(Met.model_fields, values, strict=True))))
    return met


def fetch_told(con: Connection, items: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Return those of the items without address, each named by its feed and its digest, that became an article."""
    wanted = list(items)
    if not wanted:
        return set()
    rows = con.execute(
        """SELECT e.feed_id, e.digest FROM internal.feed_entries e JOIN internal.places p USING (place_key)
        WHERE e.link_key IS NULL AND p.article_id IS NOT NULL
        AND (e.feed_id, e.digest) IN (SELECT (unnest(?::UUID[]), unnest(?::VARCHAR[])))""",
        [[feed for feed, _ in wanted], [digest for _, digest in wanted]],
    ).fetchall()
    return set(rows)


def fetch_pages(con: Connection, clause: str, values: Sequence[object], most: int, most_of_feed: int) -> list[PageDue]:
    """Return the queued pages that a condition in SQL picks, those due first, at most so many in all and of one feed."""
    rows = con.execute(
        f"""SELECT page FROM internal.pages WHERE {clause}
        QUALIFY row_number() OVER (PARTITION BY feed_id ORDER BY due_at, entry_key) <= ? ORDER BY due_at, feed_id, entry_key LIMIT ?""",
        [*values, most_of_feed, most],
    ).fetchall()
    return [PageDue.model_validate_json(page) for (page,) in rows]


def fetch_hosts(con: Connection, now: datetime) -> list[HostState]:
    """Return what hosts asked for, as far as it still counts: robots.txt for a day."""
    rows = con.execute(
        """SELECT host, not_before, forbidden, robots, robots_at, rights_at FROM internal.hosts
        WHERE not_before > $now OR forbidden > 0 OR robots_at > $now - INTERVAL 1 DAY ORDER BY host""",
        {"now": now},
    ).fetchall()
    return [HostState.model_validate(dict(zip(HostState.model_fields, row, strict=True))) for row in rows]
