"""What whole runs over feeds do, and leave in the store: in this process, against servers on loopback."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.site.formats import Channel, rss
from tests.site.server import Seen, response
from tests.tasks.fetch.newsroom import BASE, STORIES, Newsroom, Paper

NOW = datetime.now(UTC)


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Paper() as paper:
        yield paper


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


# a page, whoever points at it


def test_one_page_is_fetched_once_for_all_items_that_lead_to_it(paper: Paper, room: Newsroom) -> None:
    story = STORIES[0]
    paper.page(story)
    feeds = [
        paper.feed("/one", paper.item(story, "1"), paper.item(story, "2", query="?utm_source=feed")),
        paper.feed("/two", paper.item(story, "a", query="#top")),
    ]
    assert room.ingest(*feeds) == {"seen": 3, "new": 1, "sightings": 2}
    assert paper.asked.count(f"/{story.slug}.html") == 1
    assert room.rows("SELECT count(*) FROM fetches WHERE kind = 'page'") == [(1,)]
    assert room.rows("SELECT guid FROM sightings ORDER BY guid") == [("1",), ("2",), ("a",)]


def test_an_address_that_another_feed_showed_is_sighted_in_a_later_run_without_fetching_its_page(paper: Paper, room: Newsroom) -> None:
    first, second = STORIES[:2]
    paper.page(first, second)
    room.ingest(paper.feed("/one", paper.item(first)))
    paper.forget()
    two = paper.feed("/two", paper.item(first._replace(title="In other words"), "other"), paper.item(second))
    assert room.ingest(two) == {"seen": 2, "new": 1, "sightings": 1}
    assert sorted(paper.asked) == sorted(["/two", f"/{second.slug}.html"])
    assert room.rows("SELECT count(*), count(DISTINCT feed_id) FROM sightings WHERE contains(url, ?)", first.slug) == [(2, 2)]


def test_an_edited_item_is_fetched_again_and_becomes_the_second_version(paper: Paper, room: Newsroom) -> None:
    story, other = STORIES[:2]
    paper.page(story, other)
    feed = paper.feed("/feed", paper.item(story), paper.item(other))
    assert room.ingest(feed) == {"seen": 2, "new": 2}
    edited = story._replace(
        title=f"{story.title}, say captains", paragraphs=(*story.paragraphs, "The captains agreed late on Friday night.")
    )
    paper.page(edited)
    paper.feed("/feed", paper.item(edited), paper.item(other))
    paper.forget()
    assert room.ingest(feed) == {"seen": 2, "new_versions": 1, "unchanged": 1}
    assert sorted(paper.asked) == sorted(["/feed", f"/{story.slug}.html"])
    assert room.rows("SELECT version, title FROM articles WHERE version > 1") == [(2, edited.title)]
    assert room.rows("SELECT count(*) FROM article_versions WHERE contains(text, 'captains agreed')") == [(1,)]


# odd items


def test_items_without_address_without_date_and_of_the_future_are_kept(paper: Paper, room: Newsroom) -> None:
    linkless, undated, future = STORIES[0], STORIES[1]._replace(published=None), STORIES[2]._replace(published=BASE + timedelta(days=400))
    paper.page(undated, future)

    def without_link(body: bytes) -> bytes:
        return re.sub(rb"<link>[^<]*ferry[^<]*</link>", b"", body)

    assert "ferry" in linkless.slug
    items = [paper.item(linkless, full=True), paper.item(undated), paper.item(future)]
    assert room.ingest(paper.feed("/feed", *items, changed=without_link)) == {"seen": 3, "new": 3}
    found = {title: (url, at, raw) for title, url, at, raw in room.rows("SELECT title, url, published_at, published_raw FROM articles")}
    url, at, _ = found[linkless.title]
    assert (url, at) == (None, linkless.published)
    assert found[undated.title][1:] == (None, None)
    _, at, raw = found[future.title]
    assert (at, str((BASE + timedelta(days=400)).year) in raw) == (None, True)


def test_an_item_without_address_that_is_issued_again_is_no_second_article(paper: Paper, room: Newsroom) -> None:
    def without_links(body: bytes) -> bytes:
        return re.sub(rb"<link>[^<]*</link>", b"", body)

    items = [paper.item(story, full=True) for story in STORIES[:2]]
    feed = paper.feed("/feed", *items, changed=without_links)
    assert room.ingest(feed) == {"seen": 2, "new": 2}
    paper.feed("/feed", *(item._replace(guid=f"new-{item.guid}") for item in items), changed=without_links)
    assert room.ingest(feed) == {"seen": 2, "unchanged": 2}
    assert room.states()[feed].gaps == 0


# whole texts


def test_a_feed_that_has_shown_three_times_that_it_gives_the_whole_text_is_asked_for_no_more_pages(paper: Paper, room: Newsroom) -> None:
    paper.page(*STORIES)
    shown = STORIES[:3]
    feed = paper.feed("/feed", *(paper.item(story, f"item-{number}", full=True) for number, story in enumerate(shown)))
    room.ingest(feed)
    assert len(paper.asked) == 4
    paper.forget()
    paper.feed("/feed", *(paper.item(story, f"item-{number}", full=True) for number, story in enumerate(STORIES[:4])))
    assert room.ingest(feed) == {"seen": 4, "new": 1, "unchanged": 3}
    assert paper.asked == ["/feed"]
    [(text,)] = room.rows("SELECT text FROM articles WHERE title = ?", STORIES[3].title)
    assert text == "\n\n".join(STORIES[3].paragraphs)


def test_a_feed_of_summaries_is_never_believed(paper: Paper, room: Newsroom) -> None:
    paper.page(*STORIES)
    feed = paper.feed("/feed", *(paper.item(story, f"item-{number}") for number, story in enumerate(STORIES[:3])))
    room.ingest(feed)
    paper.forget()
    paper.feed("/feed", *(paper.item(story, f"item-{number}") for number, story in enumerate(STORIES[:4])))
    room.ingest(feed)
    assert paper.asked == ["/feed", f"/{STORIES[3].slug}.html"]


# what is missing between two polls


def test_a_poll_that_shares_no_item_with_the_one_before_counts_a_gap(paper: Paper, room: Newsroom) -> None:
    paper.page(*STORIES)
    feed = paper.feed("/feed", *map(paper.item, STORIES[4:6]))
    room.ingest(feed)
    paper.feed("/feed", *map(paper.item, STORIES[3:5]))
    room.ingest(feed)
    assert room.states()[feed].gaps == 0
    paper.feed("/feed", *map(paper.item, STORIES[:2]))
    room.ingest(feed)
    state = room.states()[feed]
    assert (state.gaps, state.gap_at is not None) == (1, True)
    assert room.rows("SELECT state, contains(why, 'missing') FROM feed_health") == [("degraded", True)]


# servers that lie


def test_a_server_that_keeps_its_validator_although_its_feed_changes_is_found_out(paper: Paper, room: Newsroom) -> None:
    paper.page(*STORIES)
    body = rss(Channel("Port", paper.url, f"{paper.url}/feed", [paper.item(STORIES[0])]))
    conditional = []

    def lie(seen: Seen) -> bytes:
        conditional.append("if-none-match" in seen.headers)
        return response(b"", "304 Not Modified") if conditional[-1] else response(body, etag='"1"', content_type="application/rss+xml")

    paper.answers["/feed"] = lie
    feed = f"{paper.url}/feed"
    room.knows(feed, etag='"1"', not_modified_run=11, body_hash="of what was there before", new_at=NOW - timedelta(days=1))
    assert room.ingest() == {}
    assert room.ingest() == {"seen": 1, "new": 1}
    state = room.states()[feed]
    assert (state.validators_trusted, state.not_modified_run, state.asked_whole_at is not None) == (False, 0, True)
    room.ingest()
    assert conditional == [True, False, False]


def test_a_feed_that_breaks_off_is_asked_for_whole_the_next_time(paper: Paper, room: Newsroom) -> None:
    paper.page(*STORIES)
    feed = paper.feed("/feed", *map(paper.item, STORIES[:2]), changed=lambda body: body[: body.rindex(b"<item>") + 100])
    assert room.ingest(feed) == {"seen": 1, "new": 1}
    assert (room.states()[feed].etag, room.states()[feed].body_hash) == (None, None)


def test_validators_of_what_is_no_feed_are_not_kept(paper: Paper, room: Newsroom) -> None:
    page = f"{paper.url}/feed"
    paper.sends("/feed", b"<!DOCTYPE html><title>Port</title><p>Please sign in.")
    room.ingest(page)
    state = room.states()[page]
    assert (state.etag, state.body_hash, state.failures, state.last_reason) == (None, None, 1, "not_a_feed")


# hosts, and feeds that go or move


def test_a_host_whose_page_asked_for_time_is_not_asked_for_its_feeds_by_the_next_run(paper: Paper, room: Newsroom) -> None:
    with Paper() as other:
        busy, free = paper.feed("/feed", paper.item(STORIES[0])), other.feed("/feed", other.item(STORIES[1]))
        other.page(STORIES[1])
        paper.answers[f"/{STORIES[0].slug}.html"] = response(b"", "429 Too Many Requests", retry_after="3600")
        assert room.ingest(busy, free) == {"seen": 1, "new": 1}
        paper.page(STORIES[0])
        paper.forget()
        other.forget()
        room.due_again()
        room.ingest()
        room.ingest(busy)
        assert paper.asked == []
        assert sorted(other.asked) == sorted(["/feed", f"/{STORIES[1].slug}.html"])
    assert room.rows("SELECT count(*) FROM fetches WHERE starts_with(url, ?)", paper.url) == [(2,)], "nothing of it was even tried"
    # the page is kept for when the host has had its time, the rest of an hour counted from the first answer
    [(due,)] = room.rows("SELECT due_at FROM internal.pages WHERE contains(page, ?)", STORIES[0].slug)
    assert timedelta(minutes=50) < due - datetime.now(UTC) < timedelta(minutes=70)
    assert room.rows("SELECT count(*) FROM rejections") == [(0,)]


def test_a_feed_that_is_gone_is_parked_and_its_articles_stay(paper: Paper, room: Newsroom) -> None:
    paper.page(STORIES[0])
    feed = paper.feed("/feed", paper.item(STORIES[0]))
    room.ingest(feed)
    paper.answers["/feed"] = response(b"", "410 Gone")
    room.ingest()
    paper.forget()
    room.ingest()
    assert paper.asked == []
    assert room.rows("SELECT state, parked_until > now() + INTERVAL 29 DAY FROM feed_health") == [("gone", True)]
    assert room.rows("SELECT count(*) FROM articles") == [(1,)]


def test_a_move_that_is_still_there_after_a_day_is_believed(paper: Paper, room: Newsroom) -> None:
    old, new = f"{paper.url}/old", paper.feed("/new", paper.item(STORIES[0]))
    paper.page(STORIES[0])
    paper.answers["/old"] = response(b"", "301 Moved Permanently", location="/new")
    feed = room.knows(old, moved_to=new, moved_first_seen=NOW - timedelta(hours=25), moved_seen=1)
    assert room.ingest() == {"seen": 1, "new": 1}
    assert room.rows("SELECT feed_id, url, moved_from, duplicate_of FROM feeds") == [(feed, new, old, None)]
    assert room.states()[new].moved_to is None
    paper.forget()
    room.ingest()
    assert paper.asked == ["/new"]
    room.ingest(old)  # it is known under the address at which it was added too
    assert room.rows("SELECT count(*) FROM feeds") == [(1,)]


@pytest.mark.parametrize(
    ("status", "hours", "target"),
    [
        ("301 Moved Permanently", 23, "/new"),
        ("302 Found", 48, "/new"),
        ("301 Moved Permanently", 48, "/html"),
        ("301 Moved Permanently", 48, "/same"),
    ],
)
def test_other_moves_are_not_believed(paper: Paper, room: Newsroom, status: str, hours: int, target: str) -> None:
    paper.page(STORIES[0])
    paper.feed("/new", paper.item(STORIES[0]))
    paper.answers["/html"] = response(b"<!DOCTYPE html><title>Port</title><p>Please sign in.", content_type="text/html")
    paper.answers["/same"] = response(b"", "304 Not Modified")
    old = f"{paper.url}/old"
    paper.answers["/old"] = response(b"", status, location=target)
    room.knows(old, etag='"1"', moved_to=paper.url + target, moved_first_seen=NOW - timedelta(hours=hours), moved_seen=1)
    room.ingest()
    assert room.rows("SELECT url, moved_from FROM feeds") == [(old, None)]
    reasons = {"/new": "ok", "/html": "not_a_feed", "/same": "not_modified"}
    assert room.rows("SELECT reason FROM fetches WHERE kind = 'feed'") == [(reasons[target],)]


def test_a_move_onto_another_feed_of_the_list_makes_a_duplicate_that_is_polled_no_more(paper: Paper, room: Newsroom) -> None:
    old, new = f"{paper.url}/old", paper.feed("/new", paper.item(STORIES[0]))
    paper.page(STORIES[0])
    room.ingest(new)
    paper.answers["/old"] = response(b"", "301 Moved Permanently", location="/new")
    feed = room.knows(old, moved_to=new, moved_first_seen=NOW - timedelta(hours=25), moved_seen=1)
    room.ingest()
    [(kept,)] = room.rows("SELECT feed_id FROM feeds WHERE url = ?", new)
    assert room.rows("SELECT url, duplicate_of FROM feeds WHERE feed_id = ?", feed) == [(old, kept)]
    paper.forget()
    room.ingest()
    room.ingest(old)
    assert paper.asked == ["/new"]


# no network


NOWHERE = ["http://224.0.0.1/feed", "http://224.0.0.2/feed"]
"""Groups, not hosts: the system refuses at once to connect to them, with the words that it has for a missing network."""


def test_where_nothing_can_be_reached_the_network_has_failed_and_no_feed(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, allow_networks="224.0.0.0/4")
    room.ingest(*NOWHERE)
    assert [state.failures for state in room.states().values()] == [0, 0]
    assert room.rows("SELECT count(*) FROM fetches WHERE reason <> 'ok'") == [(2,)]
    assert room.rows("SELECT count(*) FROM feed_health WHERE state = 'failing'") == [(0,)]


def test_where_one_host_alone_was_asked_it_has_failed(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, allow_networks="224.0.0.0/4")
    room.ingest(NOWHERE[0])
    assert [state.failures for state in room.states().values()] == [1]


def test_several_feeds_of_a_host_that_cannot_be_reached_do_not_hide_that_the_network_has_failed(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, allow_networks="224.0.0.0/4")
    room.ingest(*NOWHERE, *(f"{url}/{number}" for url in NOWHERE for number in range(3)))
    assert {state.failures for state in room.states().values()} == {0}


def test_where_something_answers_what_cannot_be_reached_has_failed(paper: Paper, tmp_path: Path) -> None:
    room = Newsroom(tmp_path, allow_networks="224.0.0.0/4, 127.0.0.0/8")
    alive = f"{paper.url}/lost"
    room.ingest(*NOWHERE, alive)
    assert {url: state.failures for url, state in room.states().items()} == dict.fromkeys([*NOWHERE, alive], 1)
