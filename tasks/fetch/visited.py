"""A page taken in: delivered for every item that leads to it, or the item's own text in its place, or a rejection."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from schemas.arrival import Delivery, Known
from schemas.feed import Feed, KnownEntry, Ledger, PageDue, Reason, Via, entry_place
from schemas.rejection import Rejection
from tasks.clean.dates import Clock
from tasks.clean.decode import charset_of
from tasks.clean.entry import entry_document, page_document
from tasks.clean.url import normalize_url
from tasks.fetch.entries import entry_dates
from tasks.fetch.http import Answer
from tasks.fetch.plan import after_failure, after_page, put_off
from tasks.fetch.poll import received
from tasks.fetch.polled import fetch_row
from tasks.fetch.rights import page_signals

HEAD = 2**16  # bytes of a page in which its meta elements stand
PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


class Heard(NamedTuple):
    """When an answer is taken in, until when its host wants to be left alone, and whether the attempt has been counted already."""

    now: datetime
    not_before: datetime | None = None
    counted: bool = False


def take_in_visit(items: Sequence[tuple[PageDue, Feed]], answer: Answer, heard: Heard) -> list[Delivery]:
    """Return the deliveries of one fetched page for all the items that lead to it; the attempt is counted once."""
    reason, detail = judge_page(answer)
    fetch = fetch_row(items[0][1], received(answer)).model_copy(update={"reason": reason, "detail": detail, "kind": "page"})
    made = not heard.counted and (answer.status is not None or reason != "rate_limited")  # a turn that was refused is no attempt
    signals = tuple(page_signals(answer.final_url, answer.headers, answer.body[:HEAD], answer.fetched_at)) if reason == "ok" else ()
    deliveries = []
    for number, (page, feed) in enumerate(items):
        delivery = _deliver(page, feed, Ended(answer, reason, detail), heard)
        told = {"fetches": (fetch,) if made else (), "signals": signals} if number == 0 else {}
        ledger = (delivery.ledger or Ledger()).model_copy(update=told | {"visited": ((page.feed_id, page.entry.key),)})
        deliveries.append(delivery.model_copy(update={"ledger": ledger}))
    return deliveries


def judge_page(answer: Answer) -> tuple[Reason, str]:
    """Return how fetching a page ended: what is no page, and the front page in place of an article, are no good ends."""
    if answer.reason != "ok":
        return answer.reason, answer.detail
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in PAGE_TYPES:
        return "not_found", f"no page but {kind}"
    if _is_front(answer.final_url) and not _is_front(answer.url):
        return "not_found", "redirected to the front page"
    return "ok", answer.detail


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


class Ended(NamedTuple):
    """An answer, and how it counts."""

    answer: Answer
    reason: Reason
    detail: str


def _deliver(page: PageDue, feed: Feed, ended: Ended, heard: Heard) -> Delivery:
    """Return what is delivered for an item, with when its page is asked for again."""
    answer, now = ended.answer, heard.now
    if ended.reason == "ok":
        kept = page.model_copy(update={"etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified")})
        document = page_document(page.entry, feed, answer.final_url, answer.body, answer.fetched_at)
        document = document.model_copy(update={"charset": charset_of(answer.headers.get("content-type", ""))})
        # one that the feed's text has stood in for is told by its page from now on
        return Delivery(
            item=document, ledger=_after(after_page(kept, _published(page, now), now), _told_by(page, "page") if page.attempts else None)
        )
    if ended.reason == "not_modified" and page.checks:
        return Delivery(ledger=_after(after_page(page, None, now)))
    after = after_failure(page, ended.reason, now, heard.not_before)
    if page.checks or put_off(page, ended.reason, now) or (page.stands and not page.article_id):
        return Delivery(ledger=_after(after))  # the article stands already, or the page will be had later
    if page.article_id or page.entry.html:
        return _in_its_place(page, feed, answer.fetched_at, after)
    refused = Rejection(
        stage="fetch",
        reason=ended.reason,
        detail=ended.detail,
        origin=feed.url,
        place=entry_place(feed.feed_id, page.entry.key),
        url=page.entry.url,
    )
    return Delivery(item=refused, ledger=_after(after or page.model_copy(update={"due_at": None})))


def _in_its_place(page: PageDue, feed: Feed, fetched_at: datetime, after: PageDue | None) -> Delivery:
    """Return what stands in for a page that cannot be had: the article that another feed led to, else the feed's own text."""
    if page.attempts:
        return Delivery(ledger=_after(after))  # delivered after the first attempt
    known = Known(outcome="sighting", article_id=page.article_id) if page.article_id else None
    return Delivery(item=entry_document(page.entry, feed, fetched_at), known=known, ledger=_after(after, _told_by(page, "feed")))


def _after(page: PageDue | None, told: KnownEntry | None = None) -> Ledger:
    return Ledger(pages=(page,) if page else (), entries=(told,) if told else ())


def _told_by(page: PageDue, via: Via) -> KnownEntry:
    return KnownEntry(
        feed_id=page.feed_id,
        entry=page.entry.model_copy(update={"html": None}),
        link=normalize_url(page.entry.url),
        via=via,
        edits=page.edits,
        asked_at=page.wanted_at,
    )


def _published(page: PageDue, now: datetime) -> datetime | None:
    stamp, _ = entry_dates(page.entry, Clock(zone="UTC", now=now))
    return stamp.at if stamp else None
