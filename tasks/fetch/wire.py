"""The network side of a run: an event loop in a thread of its own that polls and visits, and hands back what came.

jobs (main thread) -> one task each | turn of the host | a seat | request | parse in a worker -> results, as they come
"""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from schemas.feed import Feed, FeedState, HostState, NotParsed, PageDue, ParsedFeed, Signal
from schemas.settings import Settings
from tasks.fetch.feeds import ToParse
from tasks.fetch.hosts import Hosts
from tasks.fetch.http import MEGABYTE, Answer, Client, Hold, Request, Turn
from tasks.fetch.poll import Polled, poll

ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
SEATS = 100  # polls, and as many pages, under way or waiting to be taken in: sockets stay bounded, 50 slow hosts do not fill them
PAGE_BYTES = 5 * MEGABYTE  # no article is larger; some that call themselves so are

Parse = Callable[[ToParse], ParsedFeed | NotParsed]
"""Blocks; called in a thread."""


class Visited(NamedTuple):
    """What came of fetching a page."""

    page: PageDue
    answer: Answer


class Wire:
    """A context manager; `take` returns results in the order in which they came, and raises what a job raised."""

    def __init__(self, settings: Settings, known: Iterable[HostState], parse: Parse) -> None:
        self._settings = settings
        self.known = list(known)
        """What earlier runs have learned of hosts."""
        self._parse = parse
        self._results: queue.Queue[tuple[Polled | Visited | BaseException, Seat | None]] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
        self._parsers = ThreadPoolExecutor(settings.workers, "parse")
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.outstanding = 0
        """Jobs whose result was not taken yet."""
        self.seconds = 0.0
        """CPU time of the network side, complete when it is closed."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()
        self._parsers.shutdown(wait=False, cancel_futures=True)
        self._loop.close()

    def poll(self, feed: Feed, state: FeedState) -> None:
        """Start polling a feed."""
        self._start("polls", lambda seat: self._poll(feed, state, seat))

    def visit(self, page: PageDue) -> None:
        """Start fetching a page."""
        self._start("pages", lambda seat: self._visit(page, seat))

    def take(self, timeout: float) -> Polled | Visited | None:
        """Return the next result, None when there is none within so many seconds."""
        try:
            result, seat = self._results.get(timeout=timeout)
        except queue.Empty:
            return None
        self.outstanding -= 1
        if seat:
            self._loop.call_soon_threadsafe(seat.leave)
        if isinstance(result, BaseException):
            raise result
        return result

    def learned(self) -> tuple[tuple[HostState, ...], tuple[Signal, ...]]:
        """Return what was learned of hosts since it was asked last."""
        done = asyncio.run_coroutine_threadsafe(self._learned(), self._loop)
        return done.result()

    async def _learned(self) -> tuple[tuple[HostState, ...], tuple[Signal, ...]]:
        return tuple(self._hosts.changed()), tuple(self._hosts.signals())

    def _start(self, kind: str, job: "Job") -> None:
        self.outstanding += 1
        self._loop.call_soon_threadsafe(self._spawn, kind, job)

    def _spawn(self, kind: str, job: "Job") -> None:
        task = self._loop.create_task(self._finish(Seat(self._seats[kind], self._client.hold()), job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, seat: "Seat", job: "Job") -> None:
        try:
            result: Polled | Visited | BaseException = await job(seat)
        except Exception as error:  # a fault of ours, or a User-Agent without contact: the run ends with it
            result = error
        if not isinstance(result, Visited):
            seat.hold.release()  # its body has been parsed
        self._results.put((result, seat))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # else who waits for results would wait for ever
            self._results.put((error, None))
        finally:
            self._ready.set()
        self.seconds = time.thread_time()

    async def _serve(self) -> None:
        self._closing = asyncio.Event()
        self._seats = {
            kind: asyncio.Semaphore(SEATS) for kind in ("polls", "pages")
        }  # pages of one feed must not keep others from being polled
        async with Client(self._settings) as self._client:
            self._hosts = Hosts(self._settings, self._client.get, self.known, _now)
            self._ready.set()
            await self._closing.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _poll(self, feed: Feed, state: FeedState, seat: "Seat") -> Polled:
        async def get(request: Request) -> Answer:
            return await self._get(request, seat.turn(self._hosts.feed_turn), seat.hold)

        return await poll(feed, state, _now(), get, self._parse_in_worker)

    async def _visit(self, page: PageDue, seat: "Seat") -> Visited:
        asked = Request(url=page.entry.url or "", accept=ACCEPT_PAGE, most_bytes=PAGE_BYTES)
        request = asked.model_copy(update={"etag": page.etag, "last_modified": page.last_modified})
        return Visited(page, await self._get(request, seat.turn(self._hosts.page_turn), seat.hold))

    async def _get(self, request: Request, turn: Turn, hold: Hold) -> Answer:
        answer = await self._client.get(request, turn, hold)
        self._hosts.note(answer)
        return answer

    async def _parse_in_worker(self, task: ToParse) -> ParsedFeed | NotParsed:
        return await self._loop.run_in_executor(self._parsers, self._parse, task)


class Seat:
    """A job's right to a connection, and to a large body; given back when its result was taken in."""

    def __init__(self, seats: asyncio.Semaphore, hold: Hold) -> None:
        self._seats = seats
        self._taken = False
        self.hold = hold

    def leave(self) -> None:
        """Give everything back."""
        self.hold.release()
        if self._taken:
            self._seats.release()
            self._taken = False

    def turn(self, host_turn: Turn) -> Turn:
        """Return the turn of a host with the seat.

        Nobody keeps a seat while waiting for a host: who has one never waits for a turn, so who has a turn gets a seat.
        """

        def seated(url: str) -> AbstractAsyncContextManager[None]:
            return self._seated(host_turn, url)

        return seated

    @asynccontextmanager
    async def _seated(self, host_turn: Turn, url: str) -> AsyncIterator[None]:
        self.leave()  # of the hop before
        async with host_turn(url):
            await self._seats.acquire()
            self._taken = True
            yield


Job = Callable[[Seat], Coroutine[Any, Any, Polled | Visited]]


def _now() -> datetime:
    return datetime.now(UTC)
