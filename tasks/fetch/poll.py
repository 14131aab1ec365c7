"""One poll of one feed: asked conditionally, its body parsed in a worker, the sitemaps of an index fetched too."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

import zstandard

from schemas.feed import Child, Entry, Feed, FeedState, NotParsed, ParsedFeed
from tasks.fetch.feeds import ToParse
from tasks.fetch.http import Answer, Request
from tasks.fetch.schedule import validators

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
LEVEL = 3  # of compression: 5 ms for a megabyte, on the network's thread
CHILDREN = 10  # sitemaps of an index in one poll: news sites name one or two that are fresh, and years of old ones

Get = Callable[[Request], Awaitable[Answer]]
Parse = Callable[[ToParse], Awaitable[ParsedFeed | NotParsed]]


class Received(NamedTuple):
    """An answer without its body, and how large that was: results wait for the main thread, and bodies are large."""

    answer: Answer
    size: int


class Polled(NamedTuple):
    """What came of a poll. `parsed` is None when nothing had to be parsed: no answer, not modified, or the same body as before."""

    feed: Feed
    state: FeedState
    received: Received
    conditional: bool
    body_hash: str | None = None
    parsed: ParsedFeed | NotParsed | None = None
    children: tuple[Received, ...] = ()
    packed: bytes | None = None
    """The body that was parsed, or could not be, compressed with zstd."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The items that were parsed."""
        return self.parsed.entries if isinstance(self.parsed, ParsedFeed) else ()


async def poll(feed: Feed, state: FeedState, now: datetime, get: Get, parse: Parse) -> Polled:
    """Return what came of polling a feed; the body is parsed only when it is not the one that was parsed last."""
    etag, last_modified = validators(state, now)
    answer = await get(Request(url=feed.url, accept=ACCEPT, etag=etag, last_modified=last_modified, named=True))
    polled = Polled(feed, state, received(answer), conditional=bool(etag or last_modified))
    if answer.reason != "ok":
        return polled
    body_hash = hashlib.sha256(answer.body).hexdigest()
    if body_hash == state.body_hash:
        return polled._replace(body_hash=body_hash)
    parsed = await parse(ToParse(answer.body, answer.final_url, answer.headers.get("content-type")))
    polled = polled._replace(packed=zstandard.compress(answer.body, LEVEL))
    if isinstance(parsed, ParsedFeed) and parsed.children:
        # of an index it is the sitemaps that change; its own bytes say nothing about them
        parsed, children = await _with_children(parsed, get, parse)
        return polled._replace(parsed=parsed, children=children)
    return polled._replace(body_hash=body_hash, parsed=parsed)


def received(answer: Answer) -> Received:
    """Return the answer without its body."""
    return Received(answer.model_copy(update={"body": b""}), len(answer.body))


async def _with_children(index: ParsedFeed, get: Get, parse: Parse) -> tuple[ParsedFeed, tuple[Received, ...]]:
    answers, entries = [], list(index.entries)
    for child in freshest(index.children):
        answer = await get(Request(url=child.url, accept=ACCEPT))
        answers.append(received(answer))
        parsed = await parse(ToParse(answer.body, answer.final_url, answer.headers.get("content-type"))) if answer.reason == "ok" else None
        if isinstance(parsed, ParsedFeed):
            entries.extend(parsed.entries)
    return index.model_copy(update={"entries": tuple(entries)}), tuple(answers)


def freshest(children: tuple[Child, ...]) -> list[Child]:
    """Return the sitemaps to fetch: those for news first, then those changed last; without dates the last ones named."""
    ranked = sorted(enumerate(children), key=lambda one: ("news" in one[1].url.lower(), one[1].modified or "", one[0]), reverse=True)
    return [child for _, child in ranked[:CHILDREN]]
