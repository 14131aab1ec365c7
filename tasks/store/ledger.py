"""What is written beside documents: polls, pages that are due, what hosts asked for. Part of a batch's transaction."""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from schemas.arrival import Arrival
from schemas.feed import Feed, Fetch, HostState, KnownEntry, Ledger, PageDue, Signal, entry_place
from schemas.labels import LabelledArticle
from tasks.clean.entry import FROM_FEED
from tasks.store.migrate import Connection
from tasks.store.places import place_key

TEXT_SAMPLES = 10  # a feed that changes its habit is noticed after some ten pages
TAG = re.compile(r"<[^<>]*>")


def write_ledgers(con: Connection, run_id: UUID, ledgers: Sequence[Ledger]) -> int:
    """Return how many items the polls met again as they were, after writing everything in the order in which it happened."""
    for ledger in ledgers:
        if ledger.feed:
            _write_feed(con, ledger.feed)
        if ledger.state:
            _write_state(con, ledger)
    _write_pages(con, pages_after(ledgers))
    _add_fetches(con, run_id, [fetch for ledger in ledgers for fetch in ledger.fetches])
    _write_entries(con, [entry for ledger in ledgers for entry in ledger.entries])
    _write_hosts(con, [host for ledger in ledgers for host in ledger.hosts])
    _write_signals(con, [signal for ledger in ledgers for signal in ledger.signals])
    return sum(ledger.passed for ledger in ledgers)


def _write_feed(con: Connection, feed: Feed) -> None:
    """Write names and address; when another feed of the list has the new address, this one stays and is marked as its duplicate."""
    other = con.execute("SELECT feed_id FROM feeds WHERE url = ? AND feed_id <> ?", [feed.url, feed.feed_id]).fetchall()
    if other:
        con.execute("UPDATE feeds SET duplicate_of = ? WHERE feed_id = ?", [other[0][0], feed.feed_id])
        return
    con.execute(
        """UPDATE feeds SET moved_from = CASE WHEN url <> $url THEN url ELSE moved_from END, url = $url,
        title = coalesce(title, $title), site_url = coalesce(site_url, $site) WHERE feed_id = $feed""",
        {"url": feed.url, "title": feed.title, "site": feed.site_url, "feed": feed.feed_id},
    )


def _write_state(con: Connection, ledger: Ledger) -> None:
    state = ledger.state
    if state is None:
        return
    con.execute(
        "INSERT OR REPLACE INTO internal.feed_states VALUES (?, ?)",
        [state.feed_id, state.model_dump_json(exclude={"full_text", "full_text_samples"}, exclude_defaults=True)],
    )
    health, note = ledger.health or (None, None)
    con.execute(
        "UPDATE feeds SET next_due_at = ?, parked_until = ?, health = ?, health_note = ? WHERE feed_id = ?",
        [state.next_due_at, state.parked_until, health, note, state.feed_id],
    )


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
            one.entry.model_dump_json(exclude_defaults=True),
        )
        for key, one in latest.items()
    ]
    _append(con, "internal.feed_entries", rows)


def _write_hosts(con: Connection, hosts: Iterable[HostState]) -> None:
    for host in hosts:
        con.execute("INSERT OR REPLACE INTO internal.hosts VALUES (?, ?, ?, ?, ?, ?)", list(host.model_dump().values()))


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
    for feed, share in samples:
        con.execute(
            """INSERT INTO internal.feed_texts VALUES ($feed, $share, 1) ON CONFLICT (feed_id) DO UPDATE
            SET share = share + ($share - share) / (least(samples, $most - 1) + 1), samples = samples + 1""",
            {"feed": feed, "share": share, "most": TEXT_SAMPLES},
        )
