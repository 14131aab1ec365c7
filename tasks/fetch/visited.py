"""A page taken in: delivered for every item that leads to it, or the item's own text in its place, or a rejection."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from schemas.arrival import Delivery
from schemas.document import RawDocument
from schemas.feed import Feed, Ledger, PageDue, Reason, entry_place
from schemas.rejection import Rejection
from tasks.clean.dates import Clock
from tasks.clean.entry import entry_document, page_document
from tasks.fetch.entries import entry_dates
from tasks.fetch.http import Answer
from tasks.fetch.plan import after_failure, after_page
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
        item, after = _outcome(page, feed, answer, (reason, detail), heard)
        ledger = Ledger(
            fetches=(fetch,) if made and number == 0 else (),
            signals=signals if number == 0 else (),
            visited=((page.feed_id, page.entry.key),),
            pages=(after,) if after else (),
        )
        deliveries.append(Delivery(item=item, ledger=ledger))
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


def _outcome(
    page: PageDue, feed: Feed, answer: Answer, ended: tuple[Reason, str], heard: Heard
) -> tuple[RawDocument | Rejection | None, PageDue | None]:
    """Return what is delivered for an item, and when its page is asked for again."""
    (reason, detail), now = ended, heard.now
    if reason == "ok":
        kept = page.model_copy(update={"etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified")})
        return page_document(page.entry, feed, answer.final_url, answer.body, answer.fetched_at), after_page(
            kept, _published(page, now), now
        )
    if reason == "not_modified" and page.checks:
        return None, after_page(page, None, now)
    after = after_failure(page, reason, now, heard.not_before)
    if page.checks or reason in {"rate_limited", "not_modified"}:
        return None, after  # the article stands already, or the page will be had when the host has had its time
    if page.entry.html:
        return (entry_document(page.entry, feed, answer.fetched_at) if page.attempts == 0 else None), after
    refused = Rejection(
        stage="fetch", reason=reason, detail=detail, origin=feed.url, place=entry_place(feed.feed_id, page.entry.key), url=page.entry.url
    )
    return refused, after or page.model_copy(update={"due_at": None})


def _published(page: PageDue, now: datetime) -> datetime | None:
    stamp, _ = entry_dates(page.entry, Clock(zone="UTC", now=now))
    return stamp.at if stamp else None
