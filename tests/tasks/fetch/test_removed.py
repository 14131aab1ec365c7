"""What feeds and pages bring of articles that were removed: it is counted once, and not asked for again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.remove import remove
from tests.site.server import response
from tests.tasks.fetch.newsroom import STORIES, Newsroom, Paper

FIRST, SECOND, THIRD = STORIES[:3]


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Paper() as paper:
        paper.page(FIRST, SECOND, THIRD)
        yield paper


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


def take_out(room: Newsroom, title: str) -> None:
    ids = [article_id for (article_id,) in room.rows("SELECT article_id FROM articles WHERE title = ?", title)]
    assert remove(ids, room.settings).removed_articles == 1


def pages(paper: Paper) -> list[str]:
    return [path for path in paper.asked if path.endswith(".html")]


def test_its_page_is_not_asked_for_again_though_the_item_is_shown_edited_and_shown_elsewhere(paper: Paper, room: Newsroom) -> None:
    feed = paper.feed("/news", paper.item(FIRST), paper.item(SECOND))
    assert room.ingest(feed) == {"seen": 2, "new": 2}
    take_out(room, FIRST.title)
    room.due_again()
    paper.forget()
    paper.feed("/news", paper.item(FIRST), paper.item(SECOND), paper.item(THIRD))
    assert room.ingest(feed) == {"seen": 4, "new": 1, "unchanged": 3}  # the page of the second one was due again
    paper.feed("/news", paper.item(FIRST._replace(title="In other words")), paper.item(SECOND), paper.item(THIRD))
    assert room.ingest(feed) == {"seen": 3, "unchanged": 3}
    other = paper.feed("/other", paper.item(FIRST, "another guid", query="?utm_source=other"))
    assert room.ingest(other) == {"seen": 1, "rejected": 1}
    assert room.ingest(other, feed) == {}
    assert f"/{FIRST.slug}.html" not in "".join(pages(paper))
    assert room.rows("SELECT stage, reason, origin FROM rejections") == [("load", "removed", other)]
    room.due_again()
    assert room.rows("SELECT count(*) FROM internal.pages WHERE page LIKE ?", f"%{FIRST.slug}%") == [(0,)]


def test_nothing_that_the_item_said_is_left(paper: Paper, room: Newsroom) -> None:
    feed = paper.feed("/news", paper.item(FIRST, "1"), paper.item(SECOND, "2"))
    room.ingest(feed)
    take_out(room, FIRST.title)
    left = room.rows("SELECT entry FROM internal.feed_entries ORDER BY entry")
    assert [FIRST.title in entry for (entry,) in left] == [False, False]
    assert [FIRST.slug in entry for (entry,) in left] == [False, False]
    assert sum(SECOND.title in entry for (entry,) in left) == 1


def test_an_item_that_leads_to_it_under_an_unknown_address_is_fetched_once(paper: Paper, room: Newsroom) -> None:
    feed = paper.feed("/news", paper.item(FIRST))
    room.ingest(feed)
    take_out(room, FIRST.title)
    page = paper.answers[f"/{FIRST.slug}.html"]
    paper.answers["/moved.html"] = page
    moved = paper.item(FIRST, "moved")._replace(link=f"{paper.url}/moved.html")
    other = paper.feed("/other", moved)
    paper.forget()
    assert room.ingest(other) == {"seen": 1, "rejected": 1}
    assert pages(paper) == ["/moved.html"]
    assert room.rows("SELECT count(*) FROM internal.feed_entries WHERE entry LIKE ?", f"%{FIRST.title}%") == [(0,)]
    assert room.rows("FROM internal.pages") == []
    paper.forget()
    paper.feed("/other", moved._replace(story=FIRST._replace(title="In other words")))
    assert room.ingest(other) == {"seen": 1, "unchanged": 1}
    assert pages(paper) == []


def test_an_item_without_address_is_turned_away_too(paper: Paper, room: Newsroom) -> None:
    def without_links(body: bytes) -> bytes:
        return body.replace(b"<link>", b"<comments>").replace(b"</link>", b"</comments>")

    feed = paper.feed("/full", paper.item(FIRST, full=True), paper.item(SECOND, full=True), changed=without_links)
    assert room.ingest(feed) == {"seen": 2, "new": 2}
    take_out(room, FIRST.title)
    edited = FIRST._replace(title="In other words")
    paper.feed("/full", paper.item(edited, FIRST.slug, full=True), paper.item(SECOND, full=True), changed=without_links)
    assert room.ingest(feed) == {"seen": 2, "rejected": 1, "unchanged": 1}
    again = paper.feed("/full", paper.item(edited, FIRST.slug, full=True), paper.item(THIRD, full=True), changed=without_links)
    assert room.ingest(again) == {"seen": 2, "new": 1, "unchanged": 1}
    assert room.rows("SELECT count(*) FROM articles") == [(2,)]
    assert [entry for (entry,) in room.rows("SELECT entry FROM internal.feed_entries") if edited.title in entry] == []
    kept = room.rows("SELECT media_type FROM documents WHERE document_id NOT IN (SELECT document_id FROM sightings)")
    assert kept == [("application/rss+xml",)]  # the feed as it was last


def test_a_page_given_up_before_is_not_asked_for_by_retry(paper: Paper, room: Newsroom) -> None:
    feed = paper.feed("/news", paper.item(FIRST))
    room.ingest(feed)
    paper.answers[f"/{FIRST.slug}.html"] = response(b"gone", "404 Not Found")
    second = paper.feed("/second", paper.item(FIRST._replace(title="Edited"), "x", query="?id=2"))
    room.ingest(second)
    take_out(room, FIRST.title)
    paper.forget()
    assert "new" not in room.retry()
    assert f"/{FIRST.slug}.html" not in pages(paper)
