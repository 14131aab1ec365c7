"""The feed list, and what polling reads of the store."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from schemas.arrival import Arrival, Batch
from schemas.document import RawDocument
from schemas.feed import Entry, Feed, FeedState, Fetch, HostState, KnownEntry, Ledger, PageDue, feed_id
from schemas.labels import LabelledArticle
from schemas.rejection import Rejection
from schemas.run import RunReport
from tasks.clean.entry import entry_document
from tasks.store.feeds.polling import add_feeds, fetch_entries, fetch_feeds, fetch_hosts, fetch_met, fetch_pages, fetch_told, remove_feeds
from tasks.store.load import load
from tasks.store.migrate import Connection
from tasks.store.runs import start_run
from tests.tasks.store.build import NOW, RUN, labelled
from tests.tasks.store.new import new_store

URL = "https://port.example/feed"
LINK = "https://port.example/ferry.html"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = new_store(tmp_path / "news.writer.duckdb")
    start_run(con, RunReport(run_id=RUN, flow="ingest", engine="direct", started_at=NOW))
    yield con
    con.close()


def feed(url: str = URL, **fields: object) -> Feed:
    return Feed.model_validate({"feed_id": feed_id(url), "url": url} | fields)


def entry(key: str = "1", digest: str = "said", url: str | None = LINK) -> Entry:
    return Entry(key=key, digest=digest, url=url, guid=key, title="Ferry", published="Fri, 20 Nov 2026 08:00:00 GMT", authors=("Ada Wren",))


def known(of: Feed, item: Entry, link: str | None = LINK) -> KnownEntry:
    return KnownEntry(feed_id=of.feed_id, entry=item, link=link, via="page")


def arrival(of: Feed, item: Entry, result: LabelledArticle | Rejection | None = None) -> Arrival:
    document: RawDocument = entry_document(item.model_copy(update={"html": f"<p>{item.digest}"}), of, NOW)
    return Arrival(item=document, result=result or labelled(item.digest, f"The ferry {item.digest} sails again."))


def write(con: Connection, *ledgers: Ledger, arrivals: tuple[Arrival, ...] = ()) -> None:
    load(con, Batch(run_id=RUN, arrivals=arrivals, ledgers=ledgers, now=NOW))


def test_feeds_are_added_once_and_come_back_as_they_went_in(con: Connection) -> None:
    port = feed(title="Port", site_url="https://port.example/", folder="World/Coast", attributes=(("shelf", "B-12"), ("colour", "blue")))
    coast = feed("https://coast.example/feed")
    assert add_feeds(con, [port, coast, port], NOW) == [port, coast]
    assert add_feeds(con, [port.model_copy(update={"title": "Other"})], NOW) == []
    assert [one.feed for one in fetch_feeds(con)] == [coast, port]
    assert {one.state for one in fetch_feeds(con)} == {FeedState(feed_id=coast.feed_id), FeedState(feed_id=port.feed_id)}
    assert con.execute("SELECT DISTINCT added_at FROM feeds").fetchall() == [(NOW,)]


def test_a_clause_picks_feeds(con: Connection) -> None:
    add_feeds(con, [feed(), feed("https://coast.example/feed")], NOW)
    assert [one.feed.url for one in fetch_feeds(con, "WHERE f.url = ?", [URL])] == [URL]


def test_a_feed_that_has_moved_is_known_under_both_addresses(con: Connection) -> None:
    moved = feed()
    add_feeds(con, [moved], NOW)
    write(con, Ledger(feed=moved.model_copy(update={"url": "https://port.example/new"})))
    assert add_feeds(con, [moved, feed("https://port.example/new")], NOW) == []
    # somebody else's id with the old address
    assert add_feeds(con, [moved.model_copy(update={"feed_id": UUID(int=5)})], NOW) == []
    write(con, Ledger(feed=moved.model_copy(update={"url": "https://port.example/newer"})))
    assert add_feeds(con, [moved], NOW) == [], "its id is that of its first address"


def test_an_error_in_between_adds_nothing(con: Connection) -> None:
    broken = feed("https://coast.example/feed").model_copy(update={"attributes": (("shelf", None),)})
    with pytest.raises(duckdb.ConstraintException):
        add_feeds(con, [feed(), broken], NOW)
    assert fetch_feeds(con) == []


def test_a_removed_feed_leaves_its_articles_and_nothing_else(con: Connection) -> None:
    gone, stays = feed(attributes=(("shelf", "B-12"),)), feed("https://coast.example/feed", attributes=(("shelf", "C"),))
    add_feeds(con, [gone, stays], NOW)
    for one in (gone, stays):
        ledger = Ledger(
            state=FeedState(feed_id=one.feed_id, etag='"1"'),
            entries=(known(one, entry()),),
            pages=(PageDue(feed_id=one.feed_id, entry=entry(), due_at=NOW),),
            fetches=(Fetch(feed_id=one.feed_id, url=one.url, fetched_at=NOW, status=200, reason="ok"),),
        )
        write(con, ledger, arrivals=(arrival(one, entry(digest=one.url)),))
        con.execute("INSERT INTO internal.feed_texts VALUES (?, 1.0, 3)", [one.feed_id])
    remove_feeds(con, [gone.feed_id])
    tables = ("feeds", "internal.feed_attributes", "internal.feed_states", "internal.feed_texts", "internal.feed_entries", "internal.pages")
    assert {con.execute(f"SELECT list(DISTINCT feed_id) FROM {table}").fetchall()[0][0][0] for table in tables} == {stays.feed_id}
    assert [one.feed for one in fetch_feeds(con)] == [stays]
    kept = {table: con.execute(f"SELECT count(*) FROM {table}").fetchall() for table in ("articles", "sightings", "fetches", "documents")}
    assert kept == {table: [(2,)] for table in kept}


def test_a_state_comes_back_as_it_went_in(con: Connection) -> None:
    port = feed()
    add_feeds(con, [port], NOW)
    state = FeedState(
        feed_id=port.feed_id,
        etag='W/"a, \\"b\\""',
        last_modified="Fri Nov 20 09:00:00 2026",
        validators_trusted=False,
        not_modified_run=3,
        asked_whole_at=NOW,
        body_hash="abc",
        interval=700.5,
        next_due_at=NOW + timedelta(minutes=10),
        rate=12.5,
        skip_hours=frozenset({1, 2}),
        failures=2,
        failure_weight=1.5,
        last_reason="timeout",
        moved_to="https://port.example/new",
        moved_first_seen=NOW,
        moved_seen=1,
        gaps=1,
        gap_at=NOW,
    )
    write(con, Ledger(state=state))
    assert fetch_feeds(con)[0].state == state
    write(con, Ledger(state=state.model_copy(update={"etag": None, "failures": 0})))
    assert fetch_feeds(con)[0].state == state.model_copy(update={"etag": None, "failures": 0})
    con.execute("INSERT INTO internal.feed_texts VALUES (?, 0.75, 3)", [port.feed_id])
    again = fetch_feeds(con)[0].state
    assert (again.full_text, again.full_text_samples) == (0.75, 3)


# what was met before


def test_items_are_remembered_by_feed_and_key(con: Connection) -> None:
    port, coast = feed(), feed("https://coast.example/feed")
    linkless = entry("2", "other", None)
    write(con, Ledger(entries=(known(port, entry("1")), known(port, linkless, None), known(coast, entry("1", "elsewhere")))))
    found = fetch_entries(con, [(port.feed_id, "1"), (port.feed_id, "2"), (port.feed_id, "3"), (coast.feed_id, "2")])
    assert {item: (one.feed_id, one.entry, one.via) for item, one in found.items()} == {
        (port.feed_id, "1"): (port.feed_id, entry("1"), "page"),
        (port.feed_id, "2"): (port.feed_id, linkless, "page"),
    }
    assert [one.entry.digest for one in fetch_entries(con, [(coast.feed_id, "1")]).values()] == ["elsewhere"]
    assert fetch_entries(con, []) == {}


def test_an_item_that_says_something_else_replaces_itself(con: Connection) -> None:
    port = feed()
    write(con, Ledger(entries=(known(port, entry(digest="first")),)))
    write(con, Ledger(entries=(known(port, entry(digest="second")),)), Ledger(entries=(known(port, entry(digest="third")),)))
    assert [one.entry.digest for one in fetch_entries(con, [(port.feed_id, "1")]).values()] == ["third"]
    assert con.execute("SELECT count(*) FROM internal.feed_entries").fetchall() == [(1,)]


def test_items_that_became_articles_are_met_again_by_their_address(con: Connection) -> None:
    port, coast = feed(), feed("https://coast.example/feed")
    made, refused, waiting = entry("1"), entry("2", "refused"), entry("3", "waiting")
    elsewhere = entry("a", "in other words")
    no = Rejection(stage="clean", reason="empty", origin=URL, place=f"feed:{port.feed_id}#2")
    entries = (
        *(known(port, one) for one in (made, refused, waiting)),
        known(coast, elsewhere),
        known(port, entry("4", "linkless", None), None),
    )
    write(con, Ledger(entries=entries), arrivals=(arrival(port, made), arrival(port, refused, no), arrival(coast, elsewhere)))
    met = fetch_met(con, [LINK, "https://port.example/other.html"])
    assert met.keys() == {LINK}
    assert {(one.feed_id, one.digest) for one in met[LINK]} == {(port.feed_id, "said"), (coast.feed_id, "in other words")}
    assert {one.article_id for one in met[LINK]} == {labelled(name, "").article_id for name in ("said", "in other words")}
    assert fetch_met(con, []) == {}


def test_items_without_address_are_met_again_by_what_they_said_in_their_own_feed(con: Connection) -> None:
    port, coast = feed(), feed("https://coast.example/feed")
    linkless, linked, waiting, refused = (
        entry("1", url=None),
        entry("2", "linked"),
        entry("3", "waiting", None),
        entry("4", "refused", None),
    )
    entries = (known(port, linked), *(known(port, one, None) for one in (linkless, waiting, refused)))
    no = Rejection(stage="clean", reason="empty", origin=URL, place=f"feed:{port.feed_id}#4")
    write(con, Ledger(entries=entries), arrivals=(arrival(port, linkless), arrival(port, linked), arrival(port, refused, no)))
    told = fetch_told(con, [(port.feed_id, digest) for digest in ("said", "linked", "waiting", "refused", "never said")])
    assert told == {(port.feed_id, "said")}
    assert fetch_told(con, [(coast.feed_id, "said")]) == set()
    assert fetch_told(con, []) == set()


# queue and hosts


def due(key: str, at: datetime | None, of: Feed | None = None) -> PageDue:
    return PageDue(feed_id=(of or feed()).feed_id, entry=entry(key), due_at=at)


def test_queued_pages_come_back_as_they_went_in(con: Connection) -> None:
    page = due("1", NOW).model_copy(update={"attempts": 1, "checks": 2, "etag": 'W/"1"', "last_modified": "yesterday"})
    given_up = due("2", None)
    write(con, Ledger(pages=(page, given_up)))
    assert fetch_pages(con, "due_at <= ?", [NOW], 10, 10) == [page]
    assert fetch_pages(con, "due_at < ?", [NOW], 10, 10) == []
    assert fetch_pages(con, "due_at IS NULL", [], 10, 10) == [given_up]


def test_pages_come_those_due_first_and_not_too_many_of_one_feed(con: Connection) -> None:
    coast = feed("https://coast.example/feed")
    late = due("c", NOW, coast)
    write(con, Ledger(pages=(late, *(due(str(number), NOW - timedelta(hours=number)) for number in range(1, 6)))))
    assert [page.entry.key for page in fetch_pages(con, "due_at <= ?", [NOW], 4, 3)] == ["5", "4", "3", "c"]
    assert [page.entry.key for page in fetch_pages(con, "due_at <= ?", [NOW], 2, 3)] == ["5", "4"]


def test_hosts_come_back_as_they_went_in(con: Connection) -> None:
    rests, blank = HostState(host="port.example", not_before=NOW, forbidden=2, robots="", robots_at=NOW), HostState(host="a.example:8080")
    forbids = HostState(host="b.example", forbidden=1)
    write(con, Ledger(hosts=(rests, blank, forbids)))
    before = NOW - timedelta(seconds=1)
    assert fetch_hosts(con, before) == [forbids, rests]
    assert fetch_hosts(con, NOW + timedelta(hours=24)) == [forbids, rests]
    changed = rests.model_copy(update={"forbidden": 0, "not_before": NOW + timedelta(days=9), "robots": None, "robots_at": None})
    write(con, Ledger(hosts=(changed, forbids.model_copy(update={"forbidden": 0}))))
    assert fetch_hosts(con, NOW) == [changed]
    assert fetch_hosts(con, NOW + timedelta(days=10)) == []
