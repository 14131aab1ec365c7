"""A page taken in: what is delivered for the items that lead to it, what is counted, and when it is asked for again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from schemas.arrival import Delivery
from schemas.document import RawDocument
from schemas.feed import Entry, Feed, PageDue, Reason, feed_id
from schemas.rejection import Rejection
from tasks.fetch.http import Answer
from tasks.fetch.visited import Heard, judge_page, take_in_visit

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASKED = NOW - timedelta(seconds=3)
URL = "https://port.example/news/ferry.html"
PAGE = b"<!DOCTYPE html><title>Ferry</title><p>The ferry sails again."
TEXT = "<p>The ferry sails again from Monday.</p>"
PORT, COAST = (Feed(feed_id=feed_id(url), url=url) for url in ("https://port.example/feed", "https://coast.example/feed"))


def answer(reason: Reason = "ok", *, body: bytes = PAGE, **changes: Any) -> Answer:
    status = {"ok": 200, "not_modified": 304, "not_found": 404, "gone": 410, "server_error": 500, "rate_limited": 429}.get(reason)
    fields = {"url": URL, "final_url": URL, "status": status, "reason": reason, "body": body if reason == "ok" else b""}
    return Answer.model_validate(fields | {"headers": {"content-type": "text/html; charset=utf-8"}, "fetched_at": ASKED} | changes)


def page(feed: Feed = PORT, key: str = "1", html: str | None = None, published: datetime | None = None, **due: Any) -> PageDue:
    entry = Entry(key=key, digest="said", url=URL, html=html, published=format_datetime(published) if published else None)
    return PageDue(feed_id=feed.feed_id, entry=entry, due_at=NOW, **due)


def taken(due: PageDue, came: Answer, heard: Heard | None = None) -> Delivery:
    [delivery] = take_in_visit([(due, PORT)], came, heard or Heard(NOW))
    assert delivery.ledger
    assert delivery.ledger.visited == ((due.feed_id, due.entry.key),)
    return delivery


def after(delivery: Delivery) -> PageDue | None:
    """Return the page that is due after a delivery."""
    assert delivery.ledger
    return next(iter(delivery.ledger.pages), None)


# what is a page


@pytest.mark.parametrize(
    "kind", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", ""]
)
def test_what_may_be_a_page_is_one(kind: str) -> None:
    assert judge_page(answer(headers={"content-type": kind})) == ("ok", "")


def test_a_page_without_a_type_is_a_page() -> None:
    assert judge_page(answer(headers={})) == ("ok", "")


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "video/mp4", "application/json", "application/octet-stream"])
def test_a_pdf_a_picture_and_the_like_are_no_pages(kind: str) -> None:
    assert judge_page(answer(headers={"content-type": f"{kind}; q=1"})) == ("not_found", f"no page but {kind}")


@pytest.mark.parametrize("final", ["https://port.example/", "https://port.example", "https://www.port.example/#news"])
def test_the_front_page_in_place_of_an_article_is_no_article(final: str) -> None:
    assert judge_page(answer(final_url=final)) == ("not_found", "redirected to the front page")


@pytest.mark.parametrize(
    ("asked", "final"),
    [
        (URL, "https://port.example/news/"),
        (URL, "https://port.example/?id=7"),
        ("https://port.example/", "https://port.example/"),
        ("https://port.example", "https://www.port.example/"),
    ],
)
def test_other_redirects_lead_to_articles_and_a_front_page_may_be_asked_for(asked: str, final: str) -> None:
    assert judge_page(answer(url=asked, final_url=final)) == ("ok", "")


def test_a_failure_stays_what_it_is() -> None:
    failed = answer("server_error", detail="it said 500", final_url="https://port.example/", headers={"content-type": "application/pdf"})
    assert judge_page(failed) == ("server_error", "it said 500")


# a page that was had


def test_a_page_is_delivered_with_the_item_that_led_to_it() -> None:
    delivery = taken(page(html=TEXT), answer(final_url=f"{URL}?id=7&utm_source=feed"))
    item = delivery.item
    assert isinstance(item, RawDocument)
    assert (item.body, item.media_type, item.feed_id, item.fetched_at) == (PAGE, "text/html", PORT.feed_id, ASKED)
    assert item.url == f"{URL}?id=7"
    assert item.entry
    assert item.entry.key == "1"


def test_an_attempt_is_written_down_as_it_was_judged() -> None:
    ledger = taken(page(), answer(final_url="https://port.example/")).ledger
    assert ledger
    [fetch] = ledger.fetches
    assert (fetch.kind, fetch.reason, fetch.detail, fetch.status) == ("page", "not_found", "redirected to the front page", 200)
    assert (fetch.feed_id, fetch.url, fetch.bytes, fetch.fetched_at) == (PORT.feed_id, URL, len(PAGE), ASKED)


def test_a_fresh_page_is_asked_for_again_with_the_validators_of_this_answer() -> None:
    headers = {"content-type": "text/html", "etag": 'W/"2"', "last-modified": "yesterday"}
    again = after(taken(page(published=NOW - timedelta(hours=1), etag='"1"', attempts=1), answer(headers=headers)))
    assert again
    assert (again.checks, again.attempts, again.due_at) == (1, 0, NOW + timedelta(days=1))
    assert (again.etag, again.last_modified) == ('W/"2"', "yesterday")


def test_validators_that_the_answer_leaves_out_are_forgotten() -> None:
    again = after(taken(page(checks=1, etag='"1"', last_modified="yesterday"), answer()))
    assert again
    assert (again.etag, again.last_modified) == (None, None)


def test_an_old_page_is_not_asked_for_again_and_an_undated_one_is() -> None:
    assert after(taken(page(published=NOW - timedelta(days=4)), answer())) is None
    assert after(taken(page(), answer()))


def test_a_date_in_the_future_makes_no_page_old() -> None:
    assert after(taken(page(published=NOW + timedelta(days=400)), answer()))


# for several items


def test_one_page_is_delivered_for_every_item_and_the_attempt_counted_once() -> None:
    reserved = answer(headers={"content-type": "text/html", "tdm-reservation": "1"})
    items = [(page(), PORT), (page(COAST, "a"), COAST), (page(COAST, "b"), COAST)]
    deliveries = take_in_visit(items, reserved, Heard(NOW))
    assert [one.item.place if one.item else None for one in deliveries] == [
        f"feed:{feed.feed_id}#{key}" for feed, key in ((PORT, "1"), (COAST, "a"), (COAST, "b"))
    ]
    ledgers = [one.ledger for one in deliveries if one.ledger]
    assert [len(ledger.fetches) for ledger in ledgers] == [1, 0, 0]
    assert [len(ledger.signals) for ledger in ledgers] == [1, 0, 0]
    assert [ledger.visited for ledger in ledgers] == [((due.feed_id, due.entry.key),) for due, _ in items]
    assert [one.due_at for ledger in ledgers for one in ledger.pages] == [NOW + timedelta(days=1)] * 3


def test_an_attempt_that_was_counted_before_is_not_counted_again() -> None:
    ledger = taken(page(), answer(), Heard(NOW, counted=True)).ledger
    assert ledger
    assert ledger.fetches == ()


def test_items_at_one_page_end_each_in_its_own_way() -> None:
    items = [(page(html=TEXT), PORT), (page(COAST, "a"), COAST), (page(COAST, "b", checks=1), COAST)]
    found = [one.item for one in take_in_visit(items, answer("not_found"), Heard(NOW))]
    assert [type(item) for item in found] == [RawDocument, Rejection, type(None)]


# a page that could not be had


@pytest.mark.parametrize("came", [answer("not_found"), answer(headers={"content-type": "application/pdf"}), answer("server_error")])
def test_the_text_of_the_feed_stands_in_for_a_page_that_cannot_be_had(came: Answer) -> None:
    item = taken(page(html=TEXT), came).item
    assert isinstance(item, RawDocument)
    assert (item.media_type, item.url) == ("application/json", URL)
    assert b"sails again from Monday" in item.body


def test_the_text_of_the_feed_stands_in_once_and_the_page_is_asked_for_again_where_it_may_come() -> None:
    first = taken(page(html=TEXT), answer("server_error"))
    again = after(first)
    assert first.item
    assert again
    assert (again.attempts, again.due_at) == (1, NOW + timedelta(minutes=10))
    second = taken(again, answer("server_error"))
    assert second.item is None
    assert after(second)
    assert isinstance(taken(again, answer()).item, RawDocument)
    assert after(taken(page(html=TEXT), answer("not_found"))) is None


def test_a_page_that_cannot_be_had_of_an_item_without_text_is_rejected_and_kept_for_retry() -> None:
    delivery = taken(page(), answer("not_found", detail="it said 404"))
    assert delivery.item == Rejection(
        stage="fetch", reason="not_found", detail="it said 404", origin=PORT.url, place=f"feed:{PORT.feed_id}#1", url=URL
    )
    assert after(delivery) == page().model_copy(update={"due_at": None})


def test_where_it_may_pass_the_rejected_page_is_asked_for_again_and_in_the_end_kept_for_retry() -> None:
    due, waits = page(), []
    for _ in range(4):
        delivery = taken(due, answer("timeout"))
        again = after(delivery)
        assert isinstance(delivery.item, Rejection)
        assert again
        waits.append(again.due_at - NOW if again.due_at else None)
        due = again
    assert waits == [timedelta(minutes=10), timedelta(hours=2), timedelta(hours=24), None]


def test_a_host_that_wants_time_gets_it_and_nothing_is_rejected() -> None:
    until = NOW + timedelta(hours=2)
    delivery = taken(page(), answer("rate_limited"), Heard(NOW, until))
    assert delivery.item is None
    assert after(delivery) == page().model_copy(update={"due_at": until})
    assert delivery.ledger
    assert [fetch.reason for fetch in delivery.ledger.fetches] == ["rate_limited"]


def test_a_turn_that_was_refused_is_no_attempt() -> None:
    refused = taken(page(), answer("rate_limited", status=None), Heard(NOW, NOW + timedelta(hours=2))).ledger
    unreached = taken(page(), answer("refused")).ledger
    assert refused
    assert unreached
    assert (len(refused.fetches), len(unreached.fetches)) == (0, 1)


# a page that is asked for again


def test_not_modified_leaves_the_article_and_goes_on_to_the_next_check() -> None:
    delivery = taken(page(checks=1, etag='"1"', published=NOW - timedelta(days=30)), answer("not_modified"))
    again = after(delivery)
    assert delivery.item is None
    assert again
    assert (again.checks, again.etag, again.due_at) == (2, '"1"', NOW + timedelta(days=6))
    assert after(taken(again, answer("not_modified"))) is None


def test_not_modified_for_an_item_that_was_not_asked_so_is_no_end() -> None:
    delivery = taken(page(html=TEXT), answer("not_modified"))
    assert delivery.item is None
    assert after(delivery) == page(html=TEXT).model_copy(update={"due_at": NOW + timedelta(minutes=10)})


@pytest.mark.parametrize("reason", ["not_found", "gone"])
@pytest.mark.parametrize("html", [TEXT, None])
def test_a_page_that_is_gone_later_is_noted_and_its_article_left_alone(reason: Reason, html: str | None) -> None:
    delivery = taken(page(checks=1, html=html), answer(reason))
    assert delivery.item is None
    assert after(delivery) is None
    assert delivery.ledger
    assert [(fetch.kind, fetch.reason) for fetch in delivery.ledger.fetches] == [("page", reason)]


def test_a_check_that_fails_for_now_is_made_again() -> None:
    again = after(taken(page(checks=1, html=TEXT), answer("timeout")))
    assert again
    assert (again.checks, again.attempts, again.due_at) == (1, 1, NOW + timedelta(minutes=10))


# what a page reserves


def test_what_header_and_page_say_about_mining_is_written_down() -> None:
    said = answer(
        body=b'<!DOCTYPE html><meta name="tdm-reservation" content="0"><p>Ferry',
        headers={"content-type": "text/html", "tdm-reservation": "1", "tdm-policy": "/terms"},
        final_url=f"{URL}?id=7",
    )
    ledger = taken(page(), said).ledger
    assert ledger
    found = [(one.found_in, one.reserved, one.policy, one.url, one.seen_at) for one in ledger.signals]
    assert found == [("header", True, "https://port.example/terms", f"{URL}?id=7", ASKED), ("meta", False, None, f"{URL}?id=7", ASKED)]


def test_what_is_no_page_of_an_article_reserves_nothing() -> None:
    headers = {"content-type": "text/html", "tdm-reservation": "1"}
    for came in (answer("not_found", headers=headers), answer(final_url="https://port.example/", headers=headers)):
        ledger = taken(page(), came).ledger
        assert ledger
        assert ledger.signals == ()
