"""What stands in the store whenever a run ends, and what the next run makes of it."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.command import public_rows
from tests.flows.feeding import TOLD_BY_RUNS
from tests.site.server import Seen, response
from tests.tasks.fetch.newsroom import STORIES, BreakOff, BreakOffError, Newsroom, Paper

SMALL = 3  # documents a batch, so that few articles are many batches
IN_FEED, ON_PAGES = STORIES[:4], STORIES[4:7]


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Paper() as paper:
        yield paper


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


# a run that breaks off


def without_links(body: bytes) -> bytes:
    return body.replace(b"<link>", b"<comments>").replace(b"</link>", b"</comments>")


def news_of(room: Newsroom) -> dict[str, Any]:
    """Return what a store holds of the news, and what polling has taught, without what tells of runs."""
    told = {
        "documents": "SELECT document_id FROM documents ORDER BY ALL",
        "entries": "SELECT place_key, feed_id, link_key, digest FROM internal.feed_entries ORDER BY ALL",
        "places": "SELECT * FROM internal.places ORDER BY ALL",
        "queue": "SELECT feed_id, entry_key FROM internal.pages ORDER BY ALL",
        "texts": "SELECT feed_id, round(share, 9), samples FROM internal.feed_texts ORDER BY ALL",
    }
    found = {name: room.rows(query) for name, query in told.items()}
    return public_rows(room.settings.writer_store, TOLD_BY_RUNS) | found


def check_validators(room: Newsroom, full: str, summaries: str) -> None:
    """Check of every feed whose validators are in the store that all it brought is there too, or is still to be asked for."""
    states = room.states()
    if full in states and (states[full].etag or states[full].body_hash):
        assert room.rows("SELECT count(*) FROM sightings WHERE feed_id = ?", states[full].feed_id) == [(len(IN_FEED),)]
    if summaries in states and (states[summaries].etag or states[summaries].body_hash):
        feed = states[summaries].feed_id
        stands = room.rows("SELECT parse_filename(url) FROM sightings WHERE feed_id = ?", feed)
        waits = room.rows("SELECT page FROM internal.pages WHERE feed_id = ?", feed)
        assert [story.slug for story in ON_PAGES if not any(story.slug in text for (text,) in stands + waits)] == []


def test_validators_are_never_in_the_store_before_their_articles(
    paper: Paper, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.stages.BATCH", SMALL)
    paper.page(*ON_PAGES)
    full = paper.feed("/full", *(paper.item(story, full=True) for story in IN_FEED), changed=without_links)
    summaries = paper.feed("/summaries", *map(paper.item, ON_PAGES))
    whole = Newsroom(tmp_path_factory.mktemp("whole"))
    assert whole.ingest(full, summaries)["new"] == len(IN_FEED + ON_PAGES)
    check_validators(whole, full, summaries)
    assert all(state.etag for state in whole.states().values())
    batches, broken = 0, True
    while broken:
        batches += 1
        room = Newsroom(tmp_path_factory.mktemp("broken"))
        try:
            room.ingest(full, summaries, progress=BreakOff(batches))
            broken = False
        except BreakOffError:
            check_validators(room, full, summaries)
            room.ingest()
        assert news_of(room) == news_of(whole), f"broken off after batch {batches}"
    assert batches > len(IN_FEED + ON_PAGES) // SMALL


# pages that were not had


def test_pages_for_which_there_was_no_time_are_left_for_the_next_run(paper: Paper, room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    paper.page(*ON_PAGES)
    feed = paper.feed("/feed", *map(paper.item, ON_PAGES))
    with monkeypatch.context() as hurried:
        hurried.setattr("tasks.fetch.round.PAGES_FOR", 0.0)
        assert room.ingest(feed) == {}
    assert room.intake.pages_left == len(ON_PAGES)
    assert room.rows("SELECT count(*) FROM internal.pages WHERE due_at <= now()") == [(len(ON_PAGES),)]
    paper.forget()
    assert room.ingest() == {"seen": len(ON_PAGES), "new": len(ON_PAGES)}
    assert sorted(paper.asked) == sorted(["/feed", *(f"/{story.slug}.html" for story in ON_PAGES)])
    assert room.intake.pages_left == 0


def test_a_page_that_comes_late_replaces_the_text_of_the_feed(paper: Paper, room: Newsroom) -> None:
    story = STORIES[0]
    path = f"/{story.slug}.html"
    paper.answers[path] = response(b"", "503 Service Unavailable")
    feed = paper.feed("/feed", paper.item(story))
    assert room.ingest(feed) == {"seen": 1, "new": 1}
    assert room.rows("SELECT text FROM articles") == [(story.summary,)]
    room.due_again()
    assert room.ingest() == {}
    paper.page(story)
    room.due_again("2099-01-01")  # by a clock that was ahead
    assert room.ingest() == {"seen": 1, "new_versions": 1}
    assert room.rows("SELECT text FROM articles") == [("\n\n".join(story.paragraphs),)]
    assert paper.asked.count(path) == 3


def test_the_page_of_a_fresh_article_is_asked_for_again_and_its_edit_is_a_version(paper: Paper, room: Newsroom) -> None:
    story = STORIES[0]
    path = f"/{story.slug}.html"
    paper.page(story)
    page = paper.answers[path]
    assert isinstance(page, bytes)
    paper.answers[path] = page.replace(b"\r\n\r\n", b'\r\netag: "first"\r\n\r\n', 1)
    room.ingest(paper.feed("/feed", paper.item(story)))
    assert room.rows(
        "SELECT due_at - fetched_at BETWEEN INTERVAL 23 HOUR AND INTERVAL 25 HOUR FROM internal.pages, fetches WHERE kind = 'page'"
    )
    asked: list[str | None] = []

    def check(seen: Seen) -> bytes:
        asked.append(seen.headers.get("if-none-match"))
        return response(b"", "304 Not Modified")

    paper.answers[path] = check
    room.due_again()
    assert room.ingest() == {}
    paper.page(story._replace(paragraphs=(*story.paragraphs, "The captains agreed late on Friday night.")))
    room.due_again()
    assert room.ingest() == {"seen": 1, "new_versions": 1}
    room.due_again()
    paper.forget()
    room.ingest()
    assert (asked, paper.asked) == (['"first"'], ["/feed"])


def test_an_article_whose_page_is_gone_stays_and_is_called_withdrawn(paper: Paper, room: Newsroom) -> None:
    story = STORIES[0]
    paper.page(story)
    room.ingest(paper.feed("/feed", paper.item(story)))
    del paper.answers[f"/{story.slug}.html"]
    room.due_again()
    assert room.ingest() == {}
    assert room.rows("SELECT title, reason FROM withdrawn") == [(story.title, "not_found")]
    assert room.rows("SELECT count(*) FROM articles") == [(1,)]
    assert room.rows("SELECT count(*) FROM rejections") == [(0,)]
    assert room.rows("SELECT count(*) FROM internal.pages") == [(0,)]


def test_a_page_that_was_had_in_this_run_serves_a_feed_that_answers_later(paper: Paper, room: Newsroom) -> None:
    story, served = STORIES[0], threading.Event()
    paper.page(story)
    page = paper.answers[f"/{story.slug}.html"]
    early, late = paper.feed("/early", paper.item(story)), paper.feed("/late", paper.item(story._replace(title="In other words"), "other"))
    answer = paper.answers["/late"]
    assert callable(answer)
    assert isinstance(page, bytes)

    def give(seen: Seen) -> bytes:
        served.set()
        return page

    def wait(seen: Seen) -> Any:
        return asyncio.to_thread(lambda: served.wait(60) and answer(seen))

    with Paper() as other:
        paper.answers[f"/{story.slug}.html"] = give
        other.answers["/late"] = wait
        counted = room.ingest(early, late.replace(paper.url, other.url))
    assert counted == {"seen": 2, "new": 1, "sightings": 1}
    assert paper.asked == ["/early", f"/{story.slug}.html"]
    assert room.rows("SELECT count(*) FROM fetches WHERE kind = 'page'") == [(1,)]


# retry


def test_retry_asks_again_for_pages_that_were_given_up(paper: Paper, room: Newsroom) -> None:
    story, lost = STORIES[:2]

    def without_summaries(body: bytes) -> bytes:
        return re.sub(rb"(?s)<description>(?!Port).*?</description>", b"", body)

    room.ingest(paper.feed("/feed", paper.item(story), paper.item(lost), changed=without_summaries))
    assert room.rows("SELECT stage, reason, count(*) FROM rejections GROUP BY ALL") == [("fetch", "not_found", 2)]
    room.due_again()
    paper.forget()
    assert room.ingest() == {}
    assert paper.asked == ["/feed"]
    paper.page(story)
    paper.forget()
    assert room.retry() == {"seen": 2, "new": 1, "unchanged": 1}
    assert sorted(paper.asked) == sorted(f"/{one.slug}.html" for one in (story, lost))
    assert room.rows("SELECT title FROM articles") == [(story.title,)]
    paper.page(lost)
    assert room.retry() == {"seen": 1, "new": 1}
    assert room.retry() == {}


def test_retry_puts_a_rejected_document_through_again(paper: Paper, room: Newsroom) -> None:
    story = STORIES[0]
    path = f"/{story.slug}.html"
    paper.answers[path] = response(b"<!DOCTYPE html><title></title><p>", content_type="text/html")
    feed = paper.feed("/feed", paper.item(story), changed=lambda body: re.sub(rb"(?s)<description>(?!Port).*?</description>", b"", body))
    assert room.ingest(feed) == {"seen": 1, "rejected": 1}
    [(place, attempts)] = room.rows("SELECT place_key, attempts FROM internal.refused")
    paper.forget()
    assert room.retry() == {"seen": 1, "rejected": 1}
    assert room.rows("SELECT place_key, attempts FROM internal.refused") == [(place, attempts + 1)]
    assert paper.asked == []
    paper.page(story)
    room.due_again()
    assert room.ingest() == {"seen": 1, "new": 1}
    assert room.rows("SELECT count(*) FROM internal.refused") == [(0,)]
    assert room.retry() == {}
