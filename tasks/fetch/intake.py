"""The intakes that need the network: feeds with their pages, and what was refused before.

feeds due | poll | plan each item | text of the feed, or page | deliver, with the feed's state in the same transaction
pages due | fetch ................................. | deliver, or ask again later
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from schemas.arrival import Delivery
from schemas.feed import Feed, HostState, Ledger, NotParsed, ParsedFeed, PollLimits
from schemas.run import StageCost
from schemas.settings import Settings
from tasks.costs import Watch
from tasks.fetch.feeds import ToParse, parse_feed
from tasks.fetch.robots import host_key
from tasks.fetch.round import Round
from tasks.fetch.schedule import is_due
from tasks.fetch.wire import Wire
from tasks.store.feeds import Listed, add_feeds, fetch_feeds, fetch_hosts, fetch_pages
from tasks.store.refused import refused_documents
from tasks.store.writer import Writer
from tasks.workers import Failure, Workers

PARSE_SECONDS = 10.0  # the worst honest feed measured, 50,000 items, takes 9
PAGES = 5_000  # rows of the queue that a run takes up: more than ten minutes hold, at a page a second on several hosts


class FeedIntake:
    """Documents from feeds and their pages.

    `asked`: these feeds and no others, due or not; what is not in the list yet is added. None: the feeds that are due.
    """

    flow = "ingest"
    sources: Sequence[str] = ()

    def __init__(self, settings: Settings, asked: Sequence[Feed] | None = None) -> None:
        self._settings = settings
        self._asked = asked
        self._limits = PollLimits(shortest=settings.min_poll_minutes * 60)
        self.polls: int | None = None
        """Feeds to be polled in this run; None before it has begun."""
        self.pages_left = 0
        """Pages that wait for the next run."""

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield what feeds and pages bring, with what is to be written beside it."""
        now = datetime.now(UTC)
        add_feeds(store.con, self._asked or (), now)
        listed, hosts = fetch_feeds(store.con, "WHERE f.duplicate_of IS NULL"), fetch_hosts(store.con)
        due = self._due(listed, hosts, now)
        self.polls = len(due)
        pages = fetch_pages(store.con, "WHERE due_at <= ? ORDER BY due_at LIMIT ?", [now, PAGES])
        watch = Watch()
        with Wire(self._settings, hosts, parser(workers, watch)) as wire:
            around = Round(store, wire, self._limits, [one.feed for one in listed])
            around.poll(due)
            yield from around.visit(pages)
            yield from around.results()
        self.pages_left = around.pages_left
        yield costs(around, wire, watch)

    def _due(self, listed: Iterable[Listed], hosts: Iterable[HostState], now: datetime) -> list[Listed]:
        """Return the feeds to poll: due or asked for, not parked, on hosts that have had the time they asked for."""
        resting = {host.host for host in hosts if host.not_before and host.not_before > now}
        limits = self._limits if self._asked is None else PollLimits(shortest=0)  # at any time
        asked = None if self._asked is None else {name for feed in self._asked for name in (feed.feed_id, feed.url)}
        return [
            one
            for one in listed
            if (asked is None or one.feed.feed_id in asked or one.feed.url in asked)
            and is_due(one.state, now, limits)
            and host_key(one.feed.url) not in resting
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
        pages = fetch_pages(store.con, "WHERE due_at IS NULL LIMIT ?", [PAGES])
        if not pages:
            return
        watch = Watch()
        with Wire(self._settings, fetch_hosts(store.con), parser(workers, watch)) as wire:
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
