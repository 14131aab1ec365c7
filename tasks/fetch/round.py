"""One round on the wire: results are taken in as they come, pages that polls ask for join, until all is done or time is up."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from schemas.arrival import Delivery
from schemas.feed import Feed, HostState, Ledger, PageDue, PollLimits, Signal
from tasks.clean.url import normalize_url
from tasks.fetch.hosts import NOT_ASKED, UNCONNECTED
from tasks.fetch.http import Answer
from tasks.fetch.poll import Polled
from tasks.fetch.polled import Moment, postponed, remember, take_in_poll
from tasks.fetch.robots import host_key
from tasks.fetch.visited import Heard, take_in_visit
from tasks.fetch.wire import Visited, Wire
from tasks.store.feeds.polling import Listed
from tasks.store.writer import Writer

PAUSE = 2.0  # seconds without a result after which what is at hand is loaded
GROUP = 50  # results taken in together: what the store remembers is asked for once
LOAD_EVERY = 10.0  # seconds: what a kill can cost is fetched again, and sites have been asked for it in vain
POLLS_FOR = (
    900.0  # seconds for polls; what has not been polled by then stays due: one host that wants a minute each must not hold all others up
)
PAGES_OF_FEED = 200  # pages of one feed in a run: a feed that shows thousands must not keep the others from theirs
GROUP_BYTES = 8 * 2**20  # of pages taken in together
PAGES_FOR = 600.0  # seconds for which pages are fetched when all polls are done; what is left stays due for the next run
OFFLINE_HOSTS = 2  # hosts of which none could be looked up or reached while nothing else answered: then it is our network
RECENT = 100  # pages kept for items that lead to them a little later: feeds of one site show the same news, and are polled together
RECENT_BYTES = 2**20  # of a page that is kept
UNREACHABLE = ("Network is unreachable", "No route to host")


class Round:
    """Polls and visits under way, and what they come to; used by one thread, that of the store."""

    def __init__(self, store: Writer, wire: Wire, limits: PollLimits, feeds: Iterable[Feed]) -> None:
        self._store = store
        self._wire = wire
        self._limits = limits
        self._feeds = {feed.feed_id: feed for feed in feeds}
        self._waiting: dict[str, list[tuple[PageDue, Feed]]] = {}
        """Items by the page that is being fetched for them: one page is fetched once, whoever points at it."""
        self._recent: dict[str, Answer] = {}
        self._unreached: list[Polled] = []
        """Polls that found no network, held back until something answers: if nothing does, it is no fault of the feeds."""
        self._online = False
        self._polls_open = 0
        self._hosts: dict[str, HostState] = {}
        self._signals: list[Signal] = []
        self._resting = {host.host: host.not_before for host in wire.known}
        self._visits: Counter[UUID] = Counter()
        self.pages_left = 0
        """Items whose page was to be fetched and was not."""
        self.answers = 0

    def poll(self, listed: Iterable[Listed]) -> None:
        """Start polling feeds."""
        for one in listed:
            self._polls_open += 1
            self._wire.poll(one.feed, one.state)

    def visit(self, pages: Iterable[PageDue]) -> Iterator[Delivery]:
        """Start fetching pages, and yield what is at hand: a page that was had in this run, or is on its way, is not asked for again."""
        for page in pages:
            feed, link = self._feeds.get(page.feed_id), _link(page)
            if feed is None:
                continue
            if recent := self._recent.get(link):
                yield from take_in_visit([(page, feed)], recent, Heard(_now(), counted=True))
                continue
            if link not in self._waiting:
                if self._visits[page.feed_id] >= PAGES_OF_FEED:
                    self.pages_left += 1
                    continue
                self._visits[page.feed_id] += 1
                self._wire.visit(page)
            self._waiting.setdefault(link, []).append((page, feed))

    def results(self) -> Iterator[Delivery]:
        """Yield what everything that was started comes to."""
        began = ends = loaded = time.monotonic()
        while self._wire.outstanding and time.monotonic() < (began + POLLS_FOR if self._polls_open else ends + PAGES_FOR):
            results = self._take()
            now = time.monotonic()
            ends = now if self._polls_open else ends
            if not results or now - loaded > LOAD_EVERY:
                loaded = now
                yield Delivery(ledger=self._learned(), pause=True)
            yield from self._polled([one for one in results if isinstance(one, Polled)])
            for one in results:
                if isinstance(one, Visited):
                    yield from self._visited(one)
        yield from self._after_silence()
        self.pages_left += sum(map(len, self._waiting.values()))
        yield Delivery(ledger=self._learned())

    def _take(self) -> list[Polled | Visited]:
        """Return what has come, after waiting a little when nothing has."""
        results: list[Polled | Visited] = []
        wait, size = PAUSE, 0
        while len(results) < GROUP and size < GROUP_BYTES and (result := self._wire.take(wait)) is not None:
            results.append(result)
            wait, size = 0.0, size + (len(result.answer.body) if isinstance(result, Visited) else 0)
        self.answers += len(results)
        answers = (one.received.answer if isinstance(one, Polled) else one.answer for one in results)
        self._online = self._online or any(answer.status is not None for answer in answers)
        return results

    def _polled(self, polls: Sequence[Polled]) -> Iterator[Delivery]:
        self._polls_open -= len(polls)
        if self._online:
            polls, self._unreached = [*self._unreached, *polls], []  # something answered: what failed before, failed by itself
        else:
            self._unreached += [polled for polled in polls if _unreached(polled)]
            polls = [polled for polled in polls if not _unreached(polled)]
        yield from self._take_in(polls)

    def _take_in(self, polls: Sequence[Polled]) -> Iterator[Delivery]:
        memory = remember(self._store.con, polls)
        for polled in polls:
            if _refused_turn(polled):  # the host asked for time while this feed waited for its turn
                yield Delivery(ledger=postponed(polled, self._not_before(polled.feed.url) or _soon(self._limits)))
                continue
            taken = take_in_poll(polled, memory, Moment(_now(), self._limits, random.uniform(-1, 1)))
            yield from taken.deliveries
            yield from self.visit(taken.pages)

    def _after_silence(self) -> Iterator[Delivery]:
        """Of a run in which nothing was reached: one host has failed; several have not, our network has."""
        if self._online or len({host_key(polled.feed.url) for polled in self._unreached}) < OFFLINE_HOSTS:
            yield from self._take_in(self._unreached)
            return
        for polled in self._unreached:
            yield Delivery(ledger=postponed(polled, _soon(self._limits)))

    def _visited(self, visited: Visited) -> Iterator[Delivery]:
        not_before = self._not_before(visited.page.entry.url or "") if visited.answer.reason == "rate_limited" else None
        link = _link(visited.page)
        if visited.answer.reason == "ok" and len(visited.answer.body) <= RECENT_BYTES:
            self._recent[link] = visited.answer
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        yield from take_in_visit(self._waiting.pop(link), visited.answer, Heard(_now(), not_before))

    def _not_before(self, url: str) -> datetime | None:
        """Return until when a host wants to be left alone."""
        self._learn()
        return self._resting.get(host_key(url))

    def _learn(self) -> None:
        hosts, signals = self._wire.learned()
        self._hosts |= {host.host: host for host in hosts}
        self._signals += signals
        self._resting |= {host.host: host.not_before for host in hosts}

    def _learned(self) -> Ledger:
        """Return what was learned of hosts and is not stored yet."""
        self._learn()
        ledger = Ledger(hosts=tuple(self._hosts.values()), signals=tuple(self._signals))
        self._hosts, self._signals = {}, []
        return ledger


def _link(page: PageDue) -> str:
    url = page.entry.url or ""
    return normalize_url(url) or url


def _unreached(polled: Polled) -> bool:
    answer = polled.received.answer
    told = answer.detail.startswith(NOT_ASKED) and answer.reason in UNCONNECTED  # by the polls of its host before it
    return told or answer.reason == "dns" or any(sign in answer.detail for sign in UNREACHABLE)


def _refused_turn(polled: Polled) -> bool:
    answer = polled.received.answer
    return answer.reason == "rate_limited" and answer.status is None


def _soon(limits: PollLimits) -> datetime:
    return _now() + timedelta(seconds=limits.shortest)


def _now() -> datetime:
    return datetime.now(UTC)
