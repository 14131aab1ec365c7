"""The intakes that need the network: feeds with their pages, and what was refused before.

feeds due | poll | plan each item | text of the feed, or page | deliver, with the feed's state in the same transaction
pages due | fetch ................................. | deliver, or ask again later
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from schemas.arrival import Delivery
from schemas.feed import Feed, HostState, Ledger, NotParsed, PageDue, ParsedFeed, PollLimits
from schemas.run import StageCost
from schemas.settings import Settings
from tasks.costs import Watch
from tasks.fetch.feeds import ToParse, parse_feed
from tasks.fetch.hosts import rests_until
from tasks.fetch.robots import host_key
from tasks.fetch.round import PAGES_OF_FEED, Round
from tasks.fetch.schedule import is_due
from tasks.fetch.wire import Wire
from tasks.store.articles.refused import refused_documents
from tasks.store.feeds.polling import Listed, add_feeds, fetch_feeds, fetch_hosts, fetch_pages
from tasks.store.writer import Writer
from tasks.workers import Failure, Workers

PARSE_SECONDS = 10.0  # the worst honest feed measured, 50,000 items, takes 9
PAGES = 5_000  # rows of the queue that a run takes up: more than ten minutes hold, at a page a second on several hosts

FURTHEST = timedelta(days=30)
"""A page that is due later than this counts as due, for no rule puts one off for more than a week: the clock has jumped."""


class FeedIntake:
    """Documents from feeds and their pages.

    `asked`: these feeds and no others, due or not; what is not in the list yet is added. None: the feeds that are due.
    """

    flow = "ingest"
    sources: Sequence[str] = ()

    def __init__(self, settings: Settings, asked: Sequence[Feed] | None = None) -> None:
        self._settings = settings
        self._asked = asked
        self._names = None if asked is None else {name for feed in asked for name in (feed.feed_id, feed.url)}
        self._limits = PollLimits(shortest=settings.min_poll_minutes * 60)
        self.pages_left = 0
        """Pages that wait for the next run."""

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield what feeds and pages bring, with what is to be written beside it."""
        now = datetime.now(UTC)
        add_feeds(store.con, self._asked or (), now)
        listed, hosts = fetch_feeds(store.con), fetch_hosts(store.con, now)
        due = self._due(listed, hosts, now)
        pages = self._pages(store, listed, now)
        watch = Watch()
        with Wire(self._settings, hosts, parser(workers, watch)) as wire:
            around = Round(store, wire, self._limits, [one.feed for one in listed])
            around.poll(due)
            yield from around.visit(pages)
            yield from around.results()
        self.pages_left = around.pages_left
        yield costs(around, wire, watch)

    def _is_asked(self, feed: Feed) -> bool:
        return self._names is None or feed.feed_id in self._names or feed.url in self._names

    def _pages(self, store: Writer, listed: Iterable[Listed], now: datetime) -> list[PageDue]:
        """Return the pages to fetch, of the feeds that were asked for or of all."""
        feeds = [one.feed.feed_id for one in listed if self._is_asked(one.feed)]
        clause = "(due_at <= ? OR due_at > ?) AND feed_id IN (SELECT unnest(?::UUID[]))"
        return fetch_pages(store.con, clause, [now, now + FURTHEST, feeds], PAGES, PAGES_OF_FEED)

    def _due(self, listed: Iterable[Listed], hosts: Iterable[HostState], now: datetime) -> list[Listed]:
        """Return the feeds to poll: due or asked for, not parked, no duplicates, on hosts that have had the time they asked for."""
        resting = {host.host for host in hosts if rests_until(host, now)}
        limits = self._limits if self._asked is None else PollLimits(shortest=0)  # at any time
        return [
            one
            for one in listed
            if not one.duplicate and self._is_asked(one.feed) and is_due(one.state, now, limits) and host_key(one.feed.url) not in resting
        ]


class RetryIntake:
    """Documents that were rejected, from the bytes that were kept, and the pages that were given up."""

    flow = "retry"
    sources: Sequence[str] = ()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield everything that was refused, to go through the line anew."""
        for document in refused_documents(store.con):
            yield Delivery(item=document, anew=True)
        pages = fetch_pages(store.con, "due_at IS NULL", [], PAGES, PAGES)
        if not pages:
            return
        watch = Watch()
        with Wire(self._settings, fetch_hosts(store.con, datetime.now(UTC)), parser(workers, watch)) as wire:
            around = Round(store, wire, PollLimits(), [one.feed for one in fetch_feeds(store.con)])
            yield from around.visit(pages)
            yield from around.results()
        yield costs(around, wire, watch)


def parser(workers: Workers, watch: Watch) -> Callable[[ToParse], ParsedFeed | NotParsed]:
    """Return what parses a body in a worker process, and counts in `watch` what that cost."""

    def parse(task: ToParse) -> ParsedFeed | NotParsed:
        made = workers.map(parse_feed, [task], PARSE_SECONDS)
        watch.add([made.watch])
        [result] = made.results
        return NotParsed(reason="parser_limit", detail=result.detail) if isinstance(result, Failure) else result

    return parse


def costs(around: Round, wire: Wire, watch: Watch) -> Delivery:
    """Return what the network side and the parsers cost, to be added to the run."""
    fetched = StageCost(stage="fetch", documents=around.answers, seconds=wire.seconds)
    return Delivery(ledger=Ledger(costs=(fetched, *watch.costs)))
