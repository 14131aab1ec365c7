"""One poll of one feed with the real client on a real server: what is sent, what is parsed, what comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from schemas.feed import Child, Feed, FeedState, NotParsed, ParsedFeed, feed_id
from schemas.settings import Settings
from tasks.costs import Watch
from tasks.fetch.feeds import ToParse, parse_feed
from tasks.fetch.http import Answer, Client, Request
from tasks.fetch.poll import CHILDREN, Polled, freshest, poll
from tests.site.server import Seen, Server, response

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RSS = b'<rss version="2.0"><channel><title>Port</title><item><title>Ferry</title><guid>1</guid></item></channel></rss>'
ETAG, SINCE = 'W/"a, \\"b\\"  c=="', "Fri Nov 20 09:00:00 2026"
"""Forms that nobody would make up: what is sent must be what was received."""


@asynccontextmanager
async def free(url: str) -> AsyncIterator[None]:
    yield


class Site:
    """Paths with their answers; `parsed` are the addresses of the bodies that were parsed."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers
        self.parsed: list[str] = []
        self.server = Server(self._answer)

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(self.answers.get(seen.path, response(b"Nothing here.", "404 Not Found")))

    def poll(self, path: str = "/feed", **state: Any) -> Polled:
        async def parse(task: ToParse) -> ParsedFeed | NotParsed:
            self.parsed.append(task.url.removeprefix(self.server.url))
            return parse_feed(task, Watch())

        async def once() -> Polled:
            feed = Feed(feed_id=feed_id("http://port.example/feed"), url=self.server.url + path)
            async with Client(Settings(allow_networks=("127.0.0.0/8",))) as client:  # type: ignore[arg-type]

                async def get(request: Request) -> Answer:
                    return await client.get(request, free)

                return await poll(feed, FeedState(feed_id=feed.feed_id, **state), NOW, get, parse)

        with self.server:
            return asyncio.run(once())

    @property
    def sent(self) -> list[tuple[str, str | None, str | None]]:
        """What was asked for, with the validators of the request."""
        return [(seen.path, seen.headers.get("if-none-match"), seen.headers.get("if-modified-since")) for seen in self.server.requests]


def test_a_first_poll_asks_for_feeds_without_validators_and_gives_the_feed() -> None:
    site = Site({"/feed": response(RSS, etag=ETAG, content_type="application/rss+xml")})
    polled = site.poll()
    assert site.sent == [("/feed", None, None)]
    assert "application/rss+xml" in site.server.requests[0].headers["accept"]
    assert isinstance(polled.parsed, ParsedFeed)
    assert [entry.title for entry in polled.parsed.entries] == ["Ferry"]
    assert (polled.conditional, polled.body_hash) == (False, sha256(RSS).hexdigest())
    assert polled.received.answer.headers["etag"] == ETAG


def test_a_result_holds_no_body_and_knows_how_large_it_was() -> None:
    received = Site({"/feed": response(RSS)}).poll().received
    assert (received.answer.body, received.size) == (b"", len(RSS))


@pytest.mark.parametrize(("etag", "last_modified"), [(ETAG, SINCE), (ETAG, None), (None, SINCE)])
def test_validators_are_sent_back_byte_for_byte(etag: str | None, last_modified: str | None) -> None:
    site = Site({"/feed": response(b"", "304 Not Modified")})
    polled = site.poll(etag=etag, last_modified=last_modified)
    assert site.sent == [("/feed", etag, last_modified)]
    assert (polled.received.answer.reason, polled.parsed, polled.body_hash) == ("not_modified", None, None)
    assert polled.conditional
    assert site.parsed == []


@pytest.mark.parametrize("state", [{"validators_trusted": False}, {"not_modified_run": 12}, {"asked_whole_at": NOW - timedelta(days=7)}])
def test_validators_are_left_out_where_they_may_lie(state: dict[str, Any]) -> None:
    site = Site({"/feed": response(RSS)})
    assert not site.poll(etag=ETAG, last_modified=SINCE, **state).conditional
    assert site.sent == [("/feed", None, None)]


def test_the_same_bytes_are_not_parsed_again() -> None:
    same = sha256(RSS).hexdigest()
    site = Site({"/feed": response(RSS, etag='"2"')})
    polled = site.poll(body_hash=same, etag='"1"')
    assert (site.parsed, polled.parsed, polled.body_hash) == ([], None, same)
    assert polled.received.answer.headers["etag"] == '"2"'


def test_an_equal_validator_does_not_make_other_bytes_the_same() -> None:
    site = Site({"/feed": response(RSS, etag=ETAG)})
    assert isinstance(site.poll(body_hash=sha256(RSS + b" ").hexdigest(), etag=ETAG).parsed, ParsedFeed)


def test_what_is_no_feed_comes_back_as_such() -> None:
    site = Site({"/feed": response(b"<!DOCTYPE html><title>Port</title><p>Welcome to the port.", content_type="application/rss+xml")})
    parsed = site.poll().parsed
    assert isinstance(parsed, NotParsed)
    assert parsed.reason == "not_a_feed"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error", "429 Too Many Requests"])
def test_the_body_of_a_failure_is_no_feed(status: str) -> None:
    site = Site({"/feed": response(RSS, status)})
    polled = site.poll()
    assert (polled.parsed, polled.body_hash, site.parsed) == (None, None, [])
    assert polled.received.answer.status == int(status[:3])


def test_relative_addresses_are_completed_where_the_feed_was_found() -> None:
    moved = b'<rss version="2.0"><channel><item><title>Ferry</title><link>ferry.html</link></item></channel></rss>'
    site = Site({"/feed": response(b"", "302 Found", location="/elsewhere/feed"), "/elsewhere/feed": response(moved)})
    parsed = site.poll().parsed
    assert isinstance(parsed, ParsedFeed)
    assert [entry.url for entry in parsed.entries] == [f"{site.server.url}/elsewhere/ferry.html"]


# sitemaps of an index


def sitemap(*pages: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>https://port.example/{page}</loc></url>' for page in pages)}</urlset>".encode()


def index(*names: str) -> bytes:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>/{name}</loc></sitemap>' for name in names)}</sitemapindex>".encode()


def pages(polled: Polled) -> list[str]:
    assert isinstance(polled.parsed, ParsedFeed)
    return [(entry.url or "").rpartition("/")[2] for entry in polled.parsed.entries]


def test_the_sitemaps_of_an_index_are_fetched_too() -> None:
    site = Site({"/feed": response(index("a.xml", "b.xml")), "/a.xml": response(sitemap("1", "2")), "/b.xml": response(sitemap("3"))})
    polled = site.poll(etag=ETAG)
    assert pages(polled) == ["3", "1", "2"]
    assert site.sent == [("/feed", ETAG, None), ("/b.xml", None, None), ("/a.xml", None, None)]
    sizes = [(child.answer.url.rpartition("/")[2], child.size, child.answer.body) for child in polled.children]
    assert sizes == [("b.xml", len(sitemap("3")), b""), ("a.xml", len(sitemap("1", "2")), b"")]


def test_the_bytes_of_an_index_say_nothing_about_its_sitemaps() -> None:
    assert Site({"/feed": response(index("a.xml")), "/a.xml": response(sitemap("1"))}).poll().body_hash is None


def test_a_sitemap_that_cannot_be_had_or_read_costs_its_own_pages_only() -> None:
    site = Site({"/feed": response(index("a.xml", "b.xml", "lost.xml")), "/a.xml": response(sitemap("1")), "/b.xml": response(b"Hello")})
    polled = site.poll()
    assert pages(polled) == ["1"]
    assert [child.answer.reason for child in polled.children] == ["not_found", "ok", "ok"]
    assert site.parsed == ["/feed", "/b.xml", "/a.xml"]


def test_an_index_in_an_index_is_followed_no_further() -> None:
    site = Site({"/feed": response(index("feed")), "/a.xml": response(sitemap("1"))})
    assert pages(site.poll()) == []
    assert len(site.sent) == 2


def test_of_many_sitemaps_few_are_fetched() -> None:
    names = [f"{number}.xml" for number in range(3 * CHILDREN)]
    site = Site({"/feed": response(index(*names))} | {f"/{name}": response(sitemap(name)) for name in names})
    assert pages(site.poll()) == names[: -CHILDREN - 1 : -1]


def test_sitemaps_for_news_come_first_then_those_changed_last() -> None:
    told = [("old", "2019"), ("News-1", None), ("new", "2026-11-19"), ("undated", None), ("news-2", "2026-01-01")]
    children = tuple(Child(url=f"https://port.example/{name}.xml", modified=modified) for name, modified in told)
    assert [child.url[21:-4] for child in freshest(children)] == ["news-2", "News-1", "new", "old", "undated"]
