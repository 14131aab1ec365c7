"""A poll taken in: what its answer means for the feed, and what is delivered of its items."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, get_args

from schemas.arrival import Delivery, Known
from schemas.document import MediaType
from schemas.feed import Feed, FeedBody, Fetch, KnownEntry, Ledger, Outcome, PageDue, ParsedFeed, PollLimits, entry_place
from schemas.rejection import REMOVED, Rejection
from tasks.clean.dates import Clock
from tasks.clean.entry import entry_document
from tasks.clean.url import normalize_url
from tasks.fetch.entries import entry_dates
from tasks.fetch.hints import freshness, retry_after
from tasks.fetch.plan import Memory, Planned, Told, plan
from tasks.fetch.poll import Polled, Received
from tasks.fetch.schedule import confirmed_move, health, next_state
from tasks.store.care.tombstones import removed_links, without_words
from tasks.store.feeds.polling import fetch_entries, fetch_met, fetch_told
from tasks.store.migrate import Connection

UNTYPED = "application/octet-stream"


class Moment(NamedTuple):
    """When a result is taken in, the bounds of the next poll, and where in its spread that falls (-1 to 1)."""

    now: datetime
    limits: PollLimits
    jitter: float


class Taken(NamedTuple):
    """What a poll comes to: deliveries in their order, and pages to be fetched now."""

    deliveries: list[Delivery]
    pages: list[PageDue]


def take_in_poll(polled: Polled, memory: Memory, moment: Moment) -> Taken:
    """Return what a poll comes to.

    Each item is remembered in the transaction of its document, and the feed's new state comes with the last of them:
    validators are never stored before what they vouch for.
    """
    planned = plan(polled.entries, Told(polled.feed, polled.state, moment.now), memory)
    fetched_at = polled.received.answer.fetched_at
    documents = [
        Delivery(
            item=_turned_away(one, polled.feed) if one.step == "removed" else entry_document(one.entry, polled.feed, fetched_at),
            known=Known(outcome="sighting", article_id=one.article_id) if one.step == "sighting" else None,
            ledger=Ledger(entries=(_remembered(one, polled.feed),)),
        )
        for one in planned
        if one.step in {"text", "sighting", "removed"}
    ]
    pages = [_page_due(one, polled.feed, moment.now) for one in planned if one.step == "page"]
    ledger = _ledger(polled, planned, moment).model_copy(update={"pages": tuple(pages)})
    return Taken([*documents, Delivery(ledger=ledger)], [page for page in pages if page.due_at == moment.now])


def _page_due(planned: Planned, feed: Feed, now: datetime) -> PageDue:
    return PageDue(
        feed_id=feed.feed_id,
        entry=planned.entry,
        due_at=planned.due_at or now,
        wanted_at=now,
        edits=planned.edits,
        stands=planned.stands,
        article_id=planned.article_id,
    )


def _turned_away(planned: Planned, feed: Feed) -> Rejection:
    return Rejection(
        stage="load",
        reason=REMOVED,
        detail="its address led to an article that was removed",
        origin=feed.url,
        place=entry_place(feed.feed_id, planned.entry.key),
        url=planned.entry.url,
    )


def _remembered(planned: Planned, feed: Feed) -> KnownEntry:
    return KnownEntry(
        feed_id=feed.feed_id,
        entry=without_words(planned.entry) if planned.step == "removed" else planned.entry.model_copy(update={"html": None}),
        link=planned.link,
        via=planned.via,
        edits=planned.edits,
        asked_at=planned.asked_at,
    )


def remember(con: Connection, polls: Sequence[Polled]) -> Memory:
    """Return what the store remembers that concerns the items of these polls, asked for all of them at once."""
    items = [(polled.feed.feed_id, entry) for polled in polls for entry in polled.entries]
    links = {entry.url: link for _, entry in items if entry.url and (link := normalize_url(entry.url))}
    known = fetch_entries(con, ((feed, entry.key) for feed, entry in items))
    strange = [(feed, entry) for feed, entry in items if (feed, entry.key) not in known]
    met = fetch_met(con, {link for _, entry in strange if (link := links.get(entry.url or ""))})
    told = fetch_told(con, [(feed, entry.digest) for feed, entry in strange if entry.url is None])
    return Memory(known, met, links, told, removed_links(con, links.values()))


def _ledger(polled: Polled, planned: Sequence[Planned], moment: Moment) -> Ledger:
    new = [one for one in planned if one.step != "pass"]
    outcome = outcome_of(polled, planned, moment.now)
    state = next_state(polled.state, outcome, moment.now, moment.limits, moment.jitter)
    feed = _feed_after(polled, confirmed_move(state))
    if feed and feed.url != polled.feed.url:
        state = state.model_copy(update={"moved_to": None, "moved_first_seen": None, "moved_seen": 0})
    fetch = fetch_row(polled.feed, polled.received)
    return Ledger(
        fetches=(
            fetch.model_copy(
                update={"reason": outcome.reason, "detail": fetch.detail or _detail(polled), "items": len(planned), "new_items": len(new)}
            ),
            *(fetch_row(polled.feed, child) for child in polled.children),
        ),
        body=_body(polled),
        feed=feed,
        state=state,
        health=health(state, moment.now),
        entries=tuple(_remembered(one, polled.feed) for one in new if one.step == "page"),
        passed=len(planned) - len(new),
    )


def _body(polled: Polled) -> FeedBody | None:
    answer = polled.received.answer
    if polled.packed is None or polled.body_hash is None:
        return None
    called = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FeedBody(
        document_id=polled.body_hash,
        media_type=called if called and called not in get_args(MediaType) else UNTYPED,  # the types of documents are theirs
        origin=polled.feed.url,
        url=answer.final_url,
        fetched_at=answer.fetched_at,
        packed=polled.packed,
    )


def _detail(polled: Polled) -> str:
    return "" if polled.parsed is None or isinstance(polled.parsed, ParsedFeed) else polled.parsed.detail


def _feed_after(polled: Polled, moved_to: str | None) -> Feed | None:
    """Return the feed under its new address and with the names that it gives itself, None when nothing is new."""
    parsed = polled.parsed if isinstance(polled.parsed, ParsedFeed) else ParsedFeed(kind="rss")
    names = {"title": polled.feed.title or parsed.title, "site_url": polled.feed.site_url or parsed.site_url}
    feed = polled.feed.model_copy(update=names | {"url": moved_to or polled.feed.url})
    return None if feed == polled.feed else feed


def outcome_of(polled: Polled, planned: Sequence[Planned], now: datetime) -> Outcome:
    """Return what a poll brought, as the decider of the next one sees it."""
    answer, parsed = polled.received.answer, polled.parsed
    reason = parsed.reason if parsed and not isinstance(parsed, ParsedFeed) else answer.reason
    if polled.children and not any(child.answer.reason == "ok" for child in polled.children):
        reason = polled.children[0].answer.reason
    hints = parsed if isinstance(parsed, ParsedFeed) else ParsedFeed(kind="rss")
    same = reason == "ok" and parsed is None  # the body that was parsed last: all of it is known
    # what broke off vouches for nothing, nor does an index for its sitemaps: the next poll is to bring the rest
    whole = hints.complete and hints.kind != "sitemap-index"
    return Outcome(
        reason=reason,
        conditional=polled.conditional,
        etag=answer.headers.get("etag") if whole else None,
        last_modified=answer.headers.get("last-modified") if whole else None,
        max_age=freshness(answer.headers),
        retry_after=retry_after(answer.headers, now),
        body_hash=polled.body_hash if whole else None,
        entries=1 if same else len(planned),
        new=sum(not one.known for one in planned),
        known=1 if same else sum(one.known for one in planned),
        published=_dates(planned, now) if polled.state.rate is None else (),
        ttl=hints.ttl_minutes * 60 if hints.ttl_minutes else None,
        skip_hours=hints.skip_hours,
        skip_days=hints.skip_days,
        moved_to=answer.moved_to if reason == "ok" else None,
    )


def _dates(planned: Sequence[Planned], now: datetime) -> tuple[datetime, ...]:
    stamps = (entry_dates(one.entry, Clock(zone="UTC", now=now))[0] for one in planned)
    return tuple(stamp.at for stamp in stamps if stamp and stamp.at <= now)


def fetch_row(feed: Feed, received: Received) -> Fetch:
    """Return the row of `fetches` for an answer."""
    answer = received.answer
    return Fetch(
        feed_id=feed.feed_id,
        url=answer.url,
        fetched_at=answer.fetched_at,
        status=answer.status,
        reason=answer.reason,
        detail=answer.detail,
        bytes=received.size,
        seconds=answer.seconds,
    )


def postponed(polled: Polled, until: datetime) -> Ledger:
    """Return what is written of a poll that was not made, or failed for want of a network: it counts as no failure."""
    state = polled.state.model_copy(update={"next_due_at": until})
    return Ledger(fetches=(fetch_row(polled.feed, polled.received),), state=state)
