"""What is kept of removed articles, and how it keeps them out: a document that belongs to one is turned away.

Its place is remembered as that of any rejected document: the first time it is a row of `rejections`, afterwards unchanged.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.arrival import Arrival, Known
from schemas.feed import Entry, KnownEntry
from schemas.labels import LabelledArticle
from schemas.rejection import REMOVED, Rejection
from tasks.clean.url import normalize_url
from tasks.store.articles.places import place_key
from tasks.store.migrate import Connection

RemovalReason = Literal["asked", "retention"]


def bury(con: Connection, ids: Sequence[UUID], reason: RemovalReason, now: datetime) -> set[UUID]:
    """Return the keys of the addresses that led to some articles, after writing what is kept of these.

    To be called while the articles and their sightings still stand.
    """
    con.execute(
        """INSERT INTO removed_articles SELECT article_id, source, coalesce(canonical_url, url), published_at, ?, ?
        FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))""",
        [now, reason, list(ids)],
    )
    rows = con.execute(
        """SELECT DISTINCT unnest([url, canonical_url]) FROM articles WHERE article_id IN (SELECT unnest($ids::UUID[]))
        UNION SELECT url FROM sightings WHERE article_id IN (SELECT unnest($ids::UUID[]))""",
        {"ids": list(ids)},
    ).fetchall()
    return _keep_links(con, [url for (url,) in rows])


def _keep_links(con: Connection, urls: Iterable[str | None]) -> set[UUID]:
    """Return the keys of some addresses, which are now among those of removed articles."""
    keys = link_keys(urls)
    con.execute(
        """INSERT INTO internal.removed_links
        SELECT key FROM (SELECT unnest(?::UUID[]) AS key) ANTI JOIN internal.removed_links ON link_key = key""",
        [list(keys)],
    )
    return keys


def link_keys(urls: Iterable[str | None]) -> set[UUID]:
    """Return the keys of those of some addresses that have a normal form."""
    return {place_key(link) for url in urls if url and (link := normalize_url(url))}


def forget_items(con: Connection, links: Collection[UUID], places: Collection[UUID]) -> None:
    """Keep of the items of feeds that lead to removed articles only what they are known again by, and ask for none of their pages.

    They are named by the keys of their addresses or of their places.
    """
    rows = con.execute(
        """SELECT place_key, entry FROM internal.feed_entries
        WHERE link_key IN (SELECT unnest(?::UUID[])) OR place_key IN (SELECT unnest(?::UUID[]))""",
        [list(links), list(places)],
    ).fetchall()
    items = {place: KnownEntry.model_validate_json(stored) for place, stored in rows}
    bare = [one.model_copy(update={"entry": without_words(one.entry), "link": None}) for one in items.values()]
    if not bare:
        return
    con.execute(
        """UPDATE internal.feed_entries SET entry = bare.entry
        FROM (SELECT unnest(?::UUID[]) AS place_key, unnest(?::VARCHAR[]) AS entry) bare WHERE feed_entries.place_key = bare.place_key""",
        [list(items), [one.model_dump_json(exclude_defaults=True) for one in bare]],
    )
    con.execute(
        "DELETE FROM internal.pages WHERE (feed_id, entry_key) IN (SELECT (unnest(?::UUID[]), unnest(?::VARCHAR[])))",
        [[one.feed_id for one in bare], [one.entry.key for one in bare]],
    )


def removed_links(con: Connection, links: Iterable[str]) -> set[str]:
    """Return those of some addresses, in their normal form, that led to an article that was removed."""
    keys = {place_key(link): link for link in links}
    rows = con.execute("SELECT DISTINCT link_key FROM internal.removed_links WHERE link_key IN (SELECT unnest(?::UUID[]))", [list(keys)])
    return {keys[key] for (key,) in rows.fetchall()}


def without_words(entry: Entry) -> Entry:
    """Return of a feed's item what it is known again by, and nothing that it says."""
    return Entry(key=entry.key, digest=entry.digest)


def turn_away(con: Connection, arrivals: Sequence[Arrival]) -> tuple[Arrival, ...]:
    """Return what arrives with a rejection in place of everything that belongs to a removed article.

    What is known at its own place stays unchanged. That the address leads to such an article is noted.
    """
    found = [_article_of(arrival) for arrival in arrivals]
    removed = _removed_at(con, {article_id for article_id in found if article_id})
    if not removed:
        return tuple(arrivals)
    _keep_links(con, [arrival.item.url for arrival, article_id in zip(arrivals, found, strict=True) if article_id in removed])
    return tuple(
        arrival.model_copy(update={"result": _rejection(arrival, removed[article_id])}) if article_id in removed else arrival
        for arrival, article_id in zip(arrivals, found, strict=True)
    )


def _article_of(arrival: Arrival) -> UUID | None:
    """Return the article that an arrival would add to; None for what adds to none, and for a stored one that is made anew."""
    match arrival.result:
        case LabelledArticle(article_id=article_id) if not arrival.of:
            return article_id
        case Known(outcome="sighting", article_id=article_id):
            return article_id
    return None


def _removed_at(con: Connection, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    rows = con.execute("SELECT article_id, removed_at FROM removed_articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)])
    return dict(rows.fetchall())


def _rejection(arrival: Arrival, removed_at: datetime) -> Rejection:
    """Return why an arrival is turned away; its bytes are not kept, so it names none."""
    return Rejection(
        stage="load",
        reason=REMOVED,
        detail=f"its article was removed on {removed_at:%Y-%m-%d}",
        origin=arrival.item.origin,
        place=arrival.item.place,
        url=arrival.item.url,
    )
