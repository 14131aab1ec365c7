"""What is written beside documents: moves, states, the queue of pages, signals, samples of text."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.arrival import Arrival, Known
from schemas.document import RawDocument
from schemas.feed import Entry, Feed, FeedState, Fetch, Ledger, PageDue, Signal, feed_id
from schemas.rejection import Rejection
from tasks.clean.entry import FROM_FEED, entry_document, page_document
from tasks.store.feeds.ledger import add_text_samples, pages_after, text_sample, write_ledgers
from tasks.store.feeds.polling import add_feeds, fetch_feeds
from tasks.store.migrate import Connection
from tests.tasks.store.build import NOW, RUN, labelled
from tests.tasks.store.new import new_store

URL, NEW, OTHER = "https://port.example/feed", "https://port.example/new", "https://coast.example/feed"
PORT, COAST = (Feed(feed_id=feed_id(url), url=url) for url in (URL, OTHER))


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = new_store(tmp_path / "news.writer.duckdb")
    add_feeds(con, [PORT, COAST], NOW)
    yield con
    con.close()


def write(con: Connection, *ledgers: Ledger) -> int:
    return write_ledgers(con, RUN, ledgers)


def rows(con: Connection, query: str) -> list[Any]:
    return con.execute(query).fetchall()


def feeds(con: Connection) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in rows(con, "SELECT url, title, site_url, moved_from, duplicate_of FROM feeds")}


# feeds


def test_a_feed_takes_its_own_name_where_it_has_none(con: Connection) -> None:
    write(con, Ledger(feed=PORT.model_copy(update={"title": "Port", "site_url": "https://port.example/"})))
    write(con, Ledger(feed=PORT.model_copy(update={"title": "Harbour", "site_url": "https://harbour.example/"})))
    write(con, Ledger(feed=PORT))
    assert feeds(con)[URL] == ("Port", "https://port.example/", None, None)
    assert feeds(con)[OTHER] == (None, None, None, None)


def test_a_move_keeps_the_old_address(con: Connection) -> None:
    write(con, Ledger(feed=PORT.model_copy(update={"url": NEW, "title": "Port"})))
    assert feeds(con).keys() == {NEW, OTHER}
    assert feeds(con)[NEW] == ("Port", None, URL, None)
    write(con, Ledger(feed=PORT.model_copy(update={"url": NEW, "site_url": "https://port.example/"})))
    assert feeds(con)[NEW] == ("Port", "https://port.example/", URL, None)


def test_a_move_onto_another_feed_makes_a_duplicate_that_stays_where_it_is(con: Connection) -> None:
    write(con, Ledger(feed=PORT.model_copy(update={"url": OTHER})))
    assert feeds(con) == {URL: (None, None, None, COAST.feed_id), OTHER: (None, None, None, None)}


def test_two_feeds_that_move_to_one_address_are_one_and_its_duplicate(con: Connection) -> None:
    write(con, Ledger(feed=PORT.model_copy(update={"url": NEW})), Ledger(feed=COAST.model_copy(update={"url": NEW})))
    assert sorted((url, moved, duplicate) for url, (_, _, moved, duplicate) in feeds(con).items()) == [
        (OTHER, None, PORT.feed_id),
        (NEW, URL, None),
    ]


def test_the_last_state_counts_and_its_health_is_told(con: Connection) -> None:
    later = NOW + timedelta(hours=1)
    state = FeedState(feed_id=PORT.feed_id, etag='"1"', next_due_at=NOW, full_text=0.5, full_text_samples=9)
    write(con, Ledger(state=FeedState(feed_id=COAST.feed_id), health=("ok", "not asked yet")))
    write(
        con,
        Ledger(state=state, health=("ok", "")),
        Ledger(
            state=state.model_copy(update={"etag": '"2"', "next_due_at": later, "parked_until": later}), health=("gone", "answered 410")
        ),
    )
    stored = {one.feed.url: one.state for one in fetch_feeds(con)}
    assert (stored[URL].etag, stored[URL].full_text, stored[URL].full_text_samples) == ('"2"', None, 0)
    assert rows(con, "SELECT url, next_due_at, parked_until, health, health_note FROM feeds ORDER BY url") == [
        (OTHER, None, None, "ok", "not asked yet"),
        (URL, later, later, "gone", "answered 410"),
    ]
    write(con, Ledger(state=state, health=("ok", "")))
    assert rows(con, f"SELECT parked_until, health FROM feeds WHERE url = '{URL}'") == [(None, "ok")]


def test_a_state_is_written_again_and_again_in_one_transaction(con: Connection) -> None:
    con.begin()
    for number in range(3):
        write(con, Ledger(state=FeedState(feed_id=PORT.feed_id, failures=number)))
    con.commit()
    assert {one.feed.url: one.state.failures for one in fetch_feeds(con)}[URL] == 2


# fetches


def test_every_attempt_is_a_row_of_its_run(con: Connection) -> None:
    feed = Fetch(feed_id=PORT.feed_id, url=URL, fetched_at=NOW, status=200, reason="ok", bytes=7, seconds=0.5, items=3, new_items=2)
    page = Fetch(feed_id=None, url=NEW, fetched_at=NOW, status=None, reason="dns", detail="no such name", kind="page")
    assert write(con, Ledger(fetches=(feed, page), passed=3), Ledger(), Ledger(fetches=(feed,), passed=4)) == 7
    wanted = "run_id, feed_id, url, fetched_at, http_status, reason, bytes, seconds, items, new_items, detail, kind"
    told = [row[0] for row in con.execute("DESCRIBE fetches").fetchall()]
    status = next(name for name in told if "status" in name)
    assert rows(con, f"SELECT {wanted.replace('http_status', status)} FROM fetches ORDER BY reason") == [
        (RUN, None, NEW, NOW, None, "dns", 0, 0.0, 0, 0, "no such name", "page"),
        *[(RUN, PORT.feed_id, URL, NOW, 200, "ok", 7, 0.5, 3, 2, None, "feed")] * 2,
    ]


# the queue of pages


def due(key: str = "1", attempts: int = 0) -> PageDue:
    return PageDue(feed_id=PORT.feed_id, entry=Entry(key=key, digest="said"), due_at=NOW, attempts=attempts)


def done(key: str = "1", *pages: PageDue) -> Ledger:
    return Ledger(visited=((PORT.feed_id, key),), pages=pages)


PLACE = (PORT.feed_id, "1")


def test_a_page_that_was_had_before_its_batch_was_loaded_is_due_no_more() -> None:
    assert pages_after([Ledger(pages=(due(),)), done()]) == {PLACE: None}


def test_a_page_that_is_asked_for_again_is_due_after_it_was_had() -> None:
    assert pages_after([done("1", due(attempts=1))]) == {PLACE: due(attempts=1)}
    assert pages_after([Ledger(pages=(due(),)), done("1", due(attempts=1))]) == {PLACE: due(attempts=1)}


def test_an_item_that_is_edited_after_its_page_was_had_is_due_again() -> None:
    assert pages_after([done(), Ledger(pages=(due(),))]) == {PLACE: due()}


def test_a_key_belongs_to_its_feed() -> None:
    other = due().model_copy(update={"feed_id": COAST.feed_id})
    assert pages_after([Ledger(pages=(due(), other)), done()]) == {PLACE: None, (COAST.feed_id, "1"): other}


def test_the_queue_of_the_store_follows(con: Connection) -> None:
    queue = "SELECT feed_id, entry_key, due_at FROM internal.pages ORDER BY ALL"
    other = due().model_copy(update={"feed_id": COAST.feed_id, "due_at": None})
    write(con, Ledger(pages=(due(), due("2"), other)), done("2"))
    assert rows(con, queue) == sorted([(COAST.feed_id, "1", None), (PORT.feed_id, "1", NOW)], key=lambda row: str(row[0]))
    write(con, done("1", due(attempts=1).model_copy(update={"due_at": NOW + timedelta(hours=1)})), Ledger(pages=(due("3"),)))
    assert [row for row in rows(con, queue) if row[0] == PORT.feed_id] == [
        (PORT.feed_id, "1", NOW + timedelta(hours=1)),
        (PORT.feed_id, "3", NOW),
    ]
    write(con, done("1"), done("3"), Ledger(visited=((COAST.feed_id, "1"),)))
    assert rows(con, queue) == []


# signals


def signal(reserved: bool, found_in: str = "header", url: str = NEW, hours: int = 0) -> Signal:
    told = {"url": url, "host": "port.example", "found_in": found_in, "reserved": reserved, "seen_at": NOW + timedelta(hours=hours)}
    return Signal.model_validate(told)


def test_what_a_site_says_replaces_what_it_said_there(con: Connection) -> None:
    write(con, Ledger(signals=(signal(True), signal(True, "meta"), signal(True, url=URL))))
    write(con, Ledger(signals=(signal(True, hours=1),)), Ledger(signals=(signal(False, hours=2),)))
    found = rows(con, "SELECT url, found_in, reserved, seen_at FROM tdm_signals ORDER BY url, found_in")
    assert found == [
        (URL, "header", True, NOW),
        (NEW, "header", False, NOW + timedelta(hours=2)),
        (NEW, "meta", True, NOW),
    ]


# samples of text


SUMMARY = "<p>The <b>ferry</b> sails again.</p>"  # four words
TEXT = "The ferry sails again from Monday, they say."  # eight


def sample(html: str | None = SUMMARY, text: str = TEXT, **article: Any) -> Arrival:
    item = Entry(key="1", digest="said", url=NEW, html=html)
    return Arrival(item=page_document(item, PORT, NEW, b"<p>", NOW), result=labelled("a", text, **article))


def test_a_page_shows_how_much_of_it_its_feed_gives() -> None:
    assert text_sample(sample()) == (PORT.feed_id, 0.5)
    assert text_sample(sample(text="The ferry.")) == (PORT.feed_id, 1.0)


def test_other_arrivals_show_nothing() -> None:
    page = sample()
    document = page.document
    assert isinstance(document, RawDocument)
    refused = Rejection(stage="clean", reason="empty", origin=URL, place="p")
    assert document.entry
    others = [
        sample(html=None),
        sample(access_note=f"{FROM_FEED}: the page has none"),
        page.model_copy(update={"item": entry_document(document.entry, PORT, NOW)}),
        page.model_copy(update={"item": document.model_copy(update={"feed_id": None})}),
        page.model_copy(update={"item": document.model_copy(update={"entry": None})}),
        page.model_copy(update={"item": refused}),
        page.model_copy(update={"result": refused}),
        page.model_copy(update={"result": Known(outcome="unchanged", article_id=UUID(int=3))}),
    ]
    assert [text_sample(one) for one in others] == [None] * len(others)


def means(con: Connection) -> dict[UUID, tuple[float, int]]:
    return {feed: (round(share, 6), samples) for feed, share, samples in rows(con, "FROM internal.feed_texts")}


def test_samples_are_a_mean_of_their_feed(con: Connection) -> None:
    add_text_samples(con, [(PORT.feed_id, 1.0), (COAST.feed_id, 0.25), (PORT.feed_id, 0.0)])
    add_text_samples(con, [])
    add_text_samples(con, [(PORT.feed_id, 0.2)])
    assert means(con) == {PORT.feed_id: (0.4, 3), COAST.feed_id: (0.25, 1)}


def test_a_feed_that_changes_its_habit_is_noticed_after_ten_pages(con: Connection) -> None:
    for _ in range(20):
        add_text_samples(con, [(PORT.feed_id, 1.0)] * 10)
    add_text_samples(con, [(PORT.feed_id, 0.0)])
    assert means(con)[PORT.feed_id] == (0.9, 201)
    add_text_samples(con, [(PORT.feed_id, 0.0)] * 9)
    assert means(con)[PORT.feed_id] == (round(0.9**10, 6), 210)
