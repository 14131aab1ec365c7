"""Asking for feeds outside of a run: nothing is stored, hosts are treated as politely as in one.

Asker: the turn of the host | a seat | request, and a worker process for what came
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from schemas.feed import HostState
from schemas.settings import Settings
from tasks.fetch.hosts import Hosts
from tasks.fetch.http import Answer, Client, Request
from tasks.fetch.intake import PARSE_SECONDS
from tasks.fetch.poll import Get
from tasks.fetch.robots import host_key
from tasks.fetch.wire import Seat
from tasks.workers import Failure, Work, Workers

SEATS = 20  # bodies in memory at once; a person waits for these answers, and more than so many hosts are rarely asked
PARSERS = ("tasks.fetch.body", "feedparser", "lxml.etree")  # all that workers need here: they are ready sooner than those of a run

T = TypeVar("T")
R = TypeVar("R")


class Asker:
    """How to ask for an address, and how to read what came."""

    def __init__(self, client: Client, hosts: Hosts, workers: Workers, known: Iterable[HostState]) -> None:
        self._client, self._hosts, self._workers = client, hosts, workers
        self._rules = {host.host: host for host in known}
        self._seats = asyncio.Semaphore(SEATS)

    @contextmanager
    def seated(self) -> Iterator[Get]:
        """Yield how to ask for one address after the other; so many callers hold a body at once, the others wait."""
        seat = Seat(self._seats, self._client.hold())

        async def get(request: Request) -> Answer:
            answer = await self._client.get(request.model_copy(update={"named": True}), seat.turn(self._hosts.feed_turn), seat.hold)
            self._hosts.note(answer)
            return answer

        try:
            yield get
        finally:
            seat.leave()

    async def read(self, work: Work[T, R], item: T) -> R | Failure:
        """Return what `work` makes of an item in a process that is ended after ten seconds."""
        made = await asyncio.to_thread(self._workers.map, work, [item], PARSE_SECONDS)
        return made.results[0]

    def robots(self, url: str) -> str:
        """Return the robots.txt of a host that was asked for something; '' when it has none or it could not be had."""
        self._rules.update({host.host: host for host in self._hosts.changed()})
        host = self._rules.get(host_key(url))
        return (host.robots if host else None) or ""


@asynccontextmanager
async def asking(settings: Settings, known: Iterable[HostState]) -> AsyncIterator[Asker]:
    """Yield an Asker; `known` is what earlier runs learned of hosts."""
    hosts = list(known)
    with Workers(settings, PARSERS) as workers:
        async with Client(settings) as client:
            yield Asker(client, Hosts(settings, client.get, hosts), workers, hosts)


def ask_all(
    settings: Settings,
    known: Iterable[HostState],
    items: Sequence[T],
    ask: Callable[[T, Asker], Awaitable[R]],
    tell: Callable[[], object] = lambda: None,
) -> list[R]:
    """Return what `ask` found for each item, in their order; the hosts are asked at the same time, each politely.

    `tell` is called whenever an item is done.
    """
    enough = settings.model_copy(update={"workers": max(1, min(settings.workers, len(items)))})

    async def run() -> list[R]:
        async with asking(enough, known) as asker:
            tasks = [asyncio.ensure_future(ask(item, asker)) for item in items]
            for task in tasks:
                task.add_done_callback(lambda _: tell())
            try:
                return list(await asyncio.gather(*tasks))
            finally:  # one that raised ends the others
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(run())
