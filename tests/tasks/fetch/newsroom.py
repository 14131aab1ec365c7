"""A paper whose answers a test decides, and a newsroom that reads it: whole runs in this process, on a real store."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import duckdb

from schemas.arrival import Delivery
from schemas.feed import Feed, FeedState, Ledger, feed_id
from schemas.run import RunCounts, RunReport
from schemas.settings import Settings
from tasks.fetch.intake import FeedIntake, RetryIntake
from tasks.pipeline import Direct, Progress, Quiet, run
from tasks.store.feeds.ledger import write_ledgers
from tasks.store.feeds.polling import add_feeds, fetch_feeds
from tasks.store.writer import Writer
from tests.site.formats import Channel, Item, rss
from tests.site.pages import article
from tests.site.server import Seen, Server, response
from tests.site.texts import Story, news

BASE = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
STORIES = [story for story in news(BASE) if story.language == "en"]
"""Articles of the last days, the newest first, each with a hundred words of its own."""

Answer = bytes | Callable[[Seen], bytes | Awaitable[bytes]]


class Paper:
    """A site on loopback with an answer for each path; everything else is not found."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self._server = Server(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def asked(self) -> list[str]:
        """Paths that were asked for, without those that only robots ask for."""
        return [seen.path for seen in self._server.requests if seen.path not in ("/robots.txt", "/.well-known/tdmrep.json")]

    def forget(self) -> None:
        self._server.requests.clear()

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        answer = self.answers.get(seen.path, response(b"Nothing here.", "404 Not Found"))
        made = answer(seen) if callable(answer) else answer
        writer.write(await made if isawaitable(made) else made)

    def item(self, story: Story, guid: str | None = None, *, full: bool = False, query: str = "") -> Item:
        return Item(story, f"{self.url}/{story.slug}.html{query}", guid or story.slug, full)

    def feed(self, path: str, *items: Item, changed: Callable[[bytes], bytes] = bytes) -> str:
        """Set a feed, with an ETag that is heeded, and return its address."""
        return self.sends(path, changed(rss(Channel("Port", self.url, self.url + path, list(items)))))

    def sends(self, path: str, body: bytes) -> str:
        etag = f'"{hash(body)}"'

        def answer(seen: Seen) -> bytes:
            if seen.headers.get("if-none-match") == etag:
                return response(b"", "304 Not Modified", etag=etag)
            return response(body, etag=etag, content_type="application/rss+xml")

        self.answers[path] = answer
        return self.url + path

    def page(self, *stories: Story) -> None:
        """Set the pages of articles."""
        for story in stories:
            path = f"/{story.slug}.html"
            self.answers[path] = response(article(story, self.url + path, "json-ld", []), content_type="text/html; charset=utf-8")


class Newsroom:
    """A store and the runs that fill it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        given = {"allow_networks": "127.0.0.0/8", "host_delay": 0, "min_poll_minutes": 0, "workers": 1, "publish_every": 1_000}
        self.settings = Settings.model_validate(given | settings | {"store": folder / "news.duckdb"})
        self.intake = FeedIntake(self.settings)

    def ingest(self, *urls: str, progress: Progress | None = None) -> dict[str, int]:
        """Return the counts, those that are not nought, of a run over these feeds, or over all that are due."""
        self.intake = FeedIntake(self.settings, [feed_at(url) for url in urls] or None)
        return counts(run(self.intake, self.settings, Direct(), progress or Quiet()))

    def retry(self) -> dict[str, int]:
        return counts(run(RetryIntake(self.settings), self.settings, Direct(), Quiet()))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return an answer of the writer's store, in which every committed batch stands."""
        with duckdb.connect(str(self.settings.writer_store)) as con:
            return con.execute(query, values).fetchall()

    def states(self) -> dict[str, FeedState]:
        """Return what is known of each feed, by the address at which it is polled."""
        with duckdb.connect(str(self.settings.writer_store)) as con:
            return {one.feed.url: one.state for one in fetch_feeds(con)}

    def knows(self, url: str, **state: Any) -> UUID:
        """Have a feed in the list, with what is known of it; return its id."""
        feed = feed_at(url)
        with Writer(self.settings) as store:
            add_feeds(store.con, [feed], datetime.now(UTC))
            write_ledgers(store.con, UUID(int=0), [Ledger(state=FeedState(feed_id=feed.feed_id, **state))])
        return feed.feed_id

    def due_again(self, at: str = "2020-01-01") -> None:
        """Have every page asked for that waits for its time."""
        with duckdb.connect(str(self.settings.writer_store)) as con:
            con.execute("UPDATE internal.pages SET due_at = ?::TIMESTAMPTZ WHERE due_at IS NOT NULL", [at])


class BreakOffError(Exception):
    """Ends a run."""


class BreakOff:
    """Progress that ends its run when so many batches are loaded."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        self.batches -= 1
        if not self.batches:
            raise BreakOffError


def feed_at(url: str) -> Feed:
    return Feed(feed_id=feed_id(url), url=url)


def counts(report: RunReport) -> dict[str, int]:
    """Return the counts of a run that are not nought."""
    return {name: count for name, count in report.counts.model_dump().items() if count}
