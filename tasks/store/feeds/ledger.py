"""What is written beside documents: polls, pages that are due, what hosts asked for. Part of a batch's transaction."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args
from uuid import UUID

from schemas.arrival import Arrival
from schemas.document import MediaType
from schemas.feed import Feed, FeedBody, Fetch, HostState, KnownEntry, Ledger, PageDue, Signal, entry_place
from schemas.labels import LabelledArticle
from tasks.clean.entry import FROM_FEED
from tasks.store.articles.places import place_key
from tasks.store.migrate import Connection

TEXT_SAMPLES = 10  # a feed that changes its habit is noticed after some ten pages
TAG = re.compile(r"<[^<>]*>")


def write_ledgers(con: Connection, run_id: UUID, ledgers: Sequence[Ledger]) -> int:
    """Return how many items the polls met again as they were, after writing everything in the order in which it happened."""
    _write_feeds(con, {ledger.feed.feed_id: ledger.feed for ledger in ledgers if ledger.feed})
    _write_states(con, {ledger.state.feed_id: ledger for ledger in ledgers if ledger.state})
    _write_bodies(con, {ledger.body.origin: ledger.body for ledger in ledgers if ledger.body})
    _write_pages(con, pages_after(ledgers))
    _add_fetches(con, run_id, [fetch for ledger in ledgers for fetch in ledger.fetches])
    _write_entries(con, [entry for ledger in ledgers for entry in ledger.entries])
    _write_hosts(con, [host for ledger in ledgers for host in ledger.hosts])
    _write_signals(con, [signal for ledger in ledgers for signal in ledger.signals])
    return sum(ledger.passed for ledger in ledgers)


def _write_feeds(con: Connection, feeds: Mapping[UUID, Feed]) -> None:
    """Write the names that feeds give themselves where they have none yet, and the new addresses of those that have moved."""
    if not feeds:
        return
    said = [list(feeds), [feed.title for feed in feeds.values()], [feed.site_url for feed in feeds.values()]]
    con.execute(
        """UPDATE feeds SET title = coalesce(feeds.title, said.title), site_url = coalesce(feeds.site_url, said.site_url)
        FROM (SELECT unnest(?::UUID[]) AS feed_id, unnest(?::VARCHAR[]) AS title, unnest(?::VARCHAR[]) AS site_url) said
        WHERE feeds.feed_id = said.feed_id""",
        said,
    )
    stored = con.execute("SELECT feed_id, url FROM feeds WHERE feed_id IN (SELECT unnest(?::UUID[]))", [list(feeds)]).fetchall()
    for feed_id, url in stored:
        if url != feeds[feed_id].url:
            _move(con, feeds[feed_id])


def _move(con: Connection, feed: Feed) -> None:
    """Write a feed's new address; when another feed of the list has it, this one stays and is marked as its duplicate."""
    other = con.execute("SELECT feed_id FROM feeds WHERE url = ? AND feed_id <> ?", [feed.url, feed.feed_id]).fetchall()
    if other:
        con.execute("UPDATE feeds SET duplicate_of = ? WHERE feed_id = ?", [other[0][0], feed.feed_id])
    else:
        con.execute("UPDATE feeds SET moved_from = url, url = ? WHERE feed_id = ?", [feed.url, feed.feed_id])


def _write_states(con: Connection, ledgers: Mapping[UUID, Ledger]) -> None:
    states = [ledger.state for ledger in ledgers.values() if ledger.state]
    if not states:
        return
    con.execute("DELETE FROM internal.feed_states WHERE feed_id IN (SELECT unnest(?::UUID[]))", [list(ledgers)])
    without = {"full_text", "full_text_samples"}
    _append(con, "internal.feed_states", [(one.feed_id, one.model_dump_json(exclude=without, exclude_defaults=True)) for one in states])
    healths = [ledger.health or (None, None) for ledger in ledgers.values()]
    con.execute(
        """UPDATE feeds SET next_due_at = now.next_due_at, parked_until = now.parked_until, health = now.health, health_note = now.note
        FROM (SELECT unnest(?::UUID[]) AS feed_id, unnest(?::TIMESTAMPTZ[]) AS next_due_at, unnest(?::TIMESTAMPTZ[]) AS parked_until,
        unnest(?::VARCHAR[]) AS health, unnest(?::VARCHAR[]) AS note) now WHERE feeds.feed_id = now.feed_id""",
        [
            [one.feed_id for one in states],
            [one.next_due_at for one in states],
            [one.parked_until for one in states],
            *map(list, zip(*healths, strict=True)),
        ],
    )


def _write_bodies(con: Connection, bodies: Mapping[str, FeedBody]) -> None:
    """Keep the last bytes of each feed: all of them would outgrow the articles, which are documents of their own."""
    if not bodies:
        return
    con.execute(
        "DELETE FROM documents WHERE origin IN (SELECT unnest(?::VARCHAR[])) AND media_type NOT IN (SELECT unnest(?::VARCHAR[]))",
        [list(bodies), list(get_args(MediaType))],
    )
    ids = [body.document_id for body in bodies.values()]
    there = set(con.execute("SELECT document_id FROM documents WHERE document_id IN (SELECT unnest(?::VARCHAR[]))", [ids]).fetchall())
    rows = {body.document_id: tuple(body.model_dump().values()) for body in bodies.values() if (body.document_id,) not in there}
    _append(con, "documents", list(rows.values()))


def pages_after(ledgers: Iterable[Ledger]) -> dict[tuple[UUID, str], PageDue | None]:
    """Return, by feed and key of the item, which page is due after all that happened; None when none is any more."""
    after: dict[tuple[UUID, str], PageDue | None] = {}
    for ledger in ledgers:
        after |= dict.fromkeys(ledger.visited)
        after |= {(page.feed_id, page.entry.key): page for page in ledger.pages}
    return after


def _write_pages(con: Connection, after: dict[tuple[UUID, str], PageDue | None]) -> None:
    if after:
        con.execute(
            "DELETE FROM internal.pages WHERE (feed_id, entry_key) IN (SELECT (unnest(?::UUID[]), unnest(?::VARCHAR[])))",
            [[feed for feed, _ in after], [key for _, key in after]],
        )
    rows = [(feed, key, page.due_at, page.model_dump_json(exclude_defaults=True)) for (feed, key), page in after.items() if page]
    _append(con, "internal.pages", rows)


def _add_fetches(con: Connection, run_id: UUID, fetches: Iterable[Fetch]) -> None:
    rows = [
        (
            *(run_id, one.feed_id, one.url, one.fetched_at, one.status, one.reason, one.bytes, one.seconds, one.items, one.new_items),
            *(one.detail or None, one.kind),
        )
        for one in fetches
    ]
    _append(con, "fetches", rows)


def _write_entries(con: Connection, entries: Iterable[KnownEntry]) -> None:
    latest = {place_key(entry_place(one.feed_id, one.entry.key)): one for one in entries}
    if latest:
        con.execute("DELETE FROM internal.feed_entries WHERE place_key IN (SELECT unnest(?::UUID[]))", [list(latest)])
    rows = [
        (
            key,
            one.feed_id,
            place_key(one.link) if one.link else None,
            one.entry.digest,
            one.via,
            one.model_dump_json(exclude_defaults=True),
        )
        for key, one in latest.items()
    ]
    _append(con, "internal.feed_entries", rows)


def _write_hosts(con: Connection, hosts: Iterable[HostState]) -> None:
    """Write what hosts asked for; what counts no more goes: a feed can name a million hosts."""
    latest = {host.host: host for host in hosts}
    if latest:
        con.execute(
            """DELETE FROM internal.hosts WHERE host IN (SELECT unnest(?::VARCHAR[]))
            OR (coalesce(robots_at, not_before) < now() - INTERVAL 2 DAY AND coalesce(not_before, robots_at) < now())""",
            [list(latest)],
        )
    _append(con, "internal.hosts", [tuple(host.model_dump().values()) for host in latest.values()])


def _write_signals(con: Connection, signals: Iterable[Signal]) -> None:
    latest = {(one.url, one.found_in): one for one in signals}
    if latest:
        con.execute(
            "DELETE FROM tdm_signals WHERE (url, found_in) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))",
            [[url for url, _ in latest], [place for _, place in latest]],
        )
    _append(con, "tdm_signals", [tuple(one.model_dump().values()) for one in latest.values()])


def _append(con: Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        with con.appender(table) as appender:
            appender.append_rows(rows)


def text_sample(arrival: Arrival) -> tuple[UUID, float] | None:
    """Return a feed and how much of a page's text its own text of the item has, 0 to 1; None when the arrival is no sample."""
    document, result = arrival.document, arrival.result
    if not isinstance(result, LabelledArticle) or not document or not document.entry or document.media_type != "text/html":
        return None
    article = result.article
    if not document.feed_id or not document.entry.html or (article.access_note or "").startswith(FROM_FEED):
        return None
    told = len(TAG.sub(" ", document.entry.html).split())
    return document.feed_id, min(1.0, told / max(1, len(article.text.split())))


def add_text_samples(con: Connection, samples: Sequence[tuple[UUID, float]]) -> None:
    """Take samples into the running mean of their feeds."""
    feeds = list({feed for feed, _ in samples})
    if not feeds:
        return
    stored = con.execute("DELETE FROM internal.feed_texts WHERE feed_id IN (SELECT unnest(?::UUID[])) RETURNING *", [feeds]).fetchall()
    means: dict[UUID, tuple[float, int]] = {feed: (share, count) for feed, share, count in stored}
    for feed, share in samples:
        mean, count = means.get(feed, (0.0, 0))
        means[feed] = mean + (share - mean) / (min(count, TEXT_SAMPLES - 1) + 1), count + 1
    _append(con, "internal.feed_texts", [(feed, *mean) for feed, mean in means.items()])
