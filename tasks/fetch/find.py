"""Finding the feed of a site: the address itself, what its page names, the usual places, the news sitemaps of robots.txt."""

import asyncio
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from schemas.errors import UsageError
from schemas.feed import Feed, FeedKind, NotParsed, ParsedFeed, Reason, feed_id
from tasks.fetch.asking import Asker
from tasks.fetch.body import Link, Page, read_body
from tasks.fetch.discover import common_addresses
from tasks.fetch.entries import link
from tasks.fetch.feeds import ToParse
from tasks.fetch.http import Answer, Request
from tasks.fetch.poll import ACCEPT, Get
from tasks.workers import Failure

ACCEPT_ANY = ACCEPT.replace("*/*;q=0.1", "text/html;q=0.7, application/xhtml+xml;q=0.7, */*;q=0.1")
SITEMAPS = 4  # of robots.txt, and as many of an index, that are looked at: those of news are few and named so
LINES = 1_000  # of a robots.txt that name sitemaps
LONGEST_SEARCH = 180.0  # seconds: a dozen addresses at a polite pace take a quarter of that
_SITEMAP = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


class Found(NamedTuple):
    """A feed as it is to be added, and the other feeds that its site names, which were not looked at."""

    asked: str
    feed: Feed
    kind: FeedKind
    items: int
    others: tuple[Link, ...] = ()


class NotFound(NamedTuple):
    """Why there is no feed; `reason` is None when it was not asked for, because requests do not say who asks."""

    asked: str
    reason: Reason | None
    detail: str


async def find_feed(url: str, asker: Asker) -> Found | NotFound:
    """Return the feed at an address or, when a page is there, the first feed of its site that can be read."""
    try:
        async with asyncio.timeout(LONGEST_SEARCH):
            with asker.seated() as get:
                return await _Search(url, asker, get).run()
    except TimeoutError:
        return NotFound(url, "timeout", f"no feed was found within {LONGEST_SEARCH / 60:g} minutes")
    except UsageError as error:
        return NotFound(url, None, str(error))


def sitemaps(robots: str, url: str) -> list[str]:
    """Return the sitemaps that a robots.txt names, those for news first."""
    named = dict.fromkeys(link(found[1], url) for found in islice(_SITEMAP.finditer(robots), LINES))
    return sorted(filter(None, named), key=_without_news)[:SITEMAPS]


def _without_news(address: str) -> bool:
    return "news" not in address.lower()


class _Search:
    """One search; no address is asked for twice."""

    def __init__(self, url: str, asker: Asker, get: Get) -> None:
        self._url, self._asker, self._get = url, asker, get
        self._tried: set[str] = set()

    async def run(self) -> Found | NotFound:
        answer, read = await self._ask(self._url)
        if isinstance(read, ParsedFeed):
            return self._found(self._url, answer, read, ())
        if read is None:
            return NotFound(self._url, answer.reason, answer.detail)
        for address in self._places(answer.final_url, read.links):
            if address not in self._tried:
                tried, parsed = await self._ask(address)
                if isinstance(parsed, ParsedFeed):
                    return self._found(address, tried, parsed, read.links)
        return await self._news_sitemap(answer.final_url) or self._nothing(read)

    def _places(self, page: str, links: tuple[Link, ...]) -> Iterator[str]:
        yield from (address for address, _ in links)
        yield from common_addresses(page)

    async def _news_sitemap(self, page: str) -> Found | None:
        """Return the first sitemap of news that robots.txt names; others list years of pages of all sorts."""
        waiting = sitemaps(self._asker.robots(self._url) or self._asker.robots(page), page)
        indexed = False
        while waiting:
            address = waiting.pop(0)
            if address in self._tried:
                continue
            answer, parsed = await self._ask(address)
            if isinstance(parsed, ParsedFeed) and parsed.kind == "news-sitemap":
                return self._found(address, answer, parsed, ())
            if isinstance(parsed, ParsedFeed) and not indexed:
                children = [child.url for child in parsed.children if not _without_news(child.url)]
                waiting, indexed = children[:SITEMAPS] + waiting, bool(children)
        return None

    async def _ask(self, url: str) -> tuple[Answer, ParsedFeed | Page | None]:
        """Return the answer and what was read in it, None when it is no good one."""
        answer = await self._get(Request(url=url, accept=ACCEPT_ANY))
        self._tried |= {url, answer.final_url}
        if answer.reason != "ok":
            return answer, None
        read = await self._asker.read(read_body, ToParse(answer.body, answer.final_url, answer.headers.get("content-type")))
        return answer, Page(NotParsed(reason="parser_limit", detail=read.detail), ()) if isinstance(read, Failure) else read

    def _found(self, address: str, answer: Answer, parsed: ParsedFeed, named: tuple[Link, ...]) -> Found:
        # where a permanent redirect leads is believed at once: nothing is known yet that it could hide
        url = answer.moved_to or address
        site = parsed.site_url or (self._url if address != self._url else None)
        feed = Feed(feed_id=feed_id(url), url=url, title=parsed.title or dict(named).get(address), site_url=site)
        others = tuple(one for one in named if one[0] not in self._tried)
        return Found(self._url, feed, parsed.kind, len(parsed.entries), others)

    def _nothing(self, page: Page) -> NotFound:
        named = f"the page names {len(page.links)} feeds, none of which could be read" if page.links else "the page names none"
        fault = page.fault.detail or page.fault.reason.replace("_", " ")
        return NotFound(self._url, "not_a_feed", f"what is there is no feed ({fault}), {named}, and none is at the usual addresses")
