"""Systems measured on the same pages, each in a process of its own, in turns.

What a library remembers of a page then helps nobody else, every page is read once, and what else the machine does meets
all of them alike. A page that takes too long ends the process and counts as empty; so does one that a system
fails on. Connections to other machines are refused and counted.
"""

import logging
import multiprocessing
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pebble import ProcessExpired, ProcessPool

from tests.bench.generate import articles
from tests.bench.pages import Page, Result
from tests.bench.peers import SYSTEMS

LIMIT = 60  # seconds a page may take: a thousand times what it takes on average
TURN = 30  # pages before the next system has its turn

refused: Counter[str] = Counter()


class Reading(NamedTuple):
    """What a system made of a page, the CPU seconds it took, why it failed, how many connections it asked for."""

    result: Result
    seconds: float
    failure: str = ""
    connections: int = 0


@dataclass
class Measured:
    """What a system made of all pages."""

    results: list[Result] = field(default_factory=list)
    seconds: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    def add(self, reading: Reading) -> None:
        """Take in one more page."""
        self.results.append(reading.result)
        self.seconds += reading.seconds
        self.failures.update([reading.failure] if reading.failure else [])
        self.connections += reading.connections


def measured(names: Sequence[str], among: Sequence[Page], said: Callable[[str], None]) -> dict[str, Measured]:
    """Return for every system what it made of the pages, in their order; `said` is told how far it is."""
    os.environ["PYTHONHASHSEED"] = "0"  # for the new processes: what newspaper4k finds depends on the order of sets
    found = {name: Measured() for name in names}
    context: Any = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pools = {
            name: stack.enter_context(ProcessPool(max_workers=1, context=context, initializer=_start, initargs=[name])) for name in names
        }
        for turn, start in enumerate(range(0, len(among), TURN)):
            first = turn % max(len(names), 1)
            for name in [*names[first:], *names[:first]]:
                for page in among[start : start + TURN]:
                    found[name].add(_asked(pools[name], name, page))
            said(f"{min(start + TURN, len(among))} of {len(among)} pages")
    return found


def _asked(pool: ProcessPool, name: str, page: Page) -> Reading:
    try:
        reading: Reading = pool.schedule(read, args=[name, page], timeout=LIMIT).result()
    except TimeoutError:
        return Reading(Result(), LIMIT, "timeout")
    except ProcessExpired:
        return Reading(Result(), 0.0, "crash")
    return reading


def read(name: str, page: Page) -> Reading:
    """Return what a system makes of a page in this process."""
    system = SYSTEMS[name].read
    before, started = refused.total(), time.process_time()
    try:
        result, failure = system(page), ""
    except Exception as error:  # whatever it is: the system has nothing to show for the page
        result, failure = Result(), type(error).__name__
    return Reading(result, time.process_time() - started, failure, refused.total() - before)


def _start(name: str) -> None:
    """Load a system and let it read pages of our own: what the first call costs is not what a page costs."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.addaudithook(_refuse)
    for page in _own_pages():
        with suppress(Exception):  # what fails here fails on every page, and is counted there
            SYSTEMS[name].read(page)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    asked = event == "socket.getaddrinfo"
    if asked or (event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple)):  # else a socket file of this machine
        refused[event] += 1
        raise ConnectionRefusedError(event)


def _own_pages() -> Iterator[Page]:
    """Yield a generated article as a page, and again without an address and with a date that only the slowest parser tries."""
    article = next(articles(1))
    text = "".join(f"<p>{paragraph}</p>" for paragraph in article.paragraphs)
    head = f"<title>{article.title}</title><meta name='author' content='{article.byline}'>"
    for url, date in ((article.row["url"], ""), ("generated", "<p class='post-date'>Am 3. des Monats März, 2019</p>")):
        body = f"<body><article><h1>{article.title}</h1>{date}{text}</article></body>"
        yield Page({"file": "generated", "url": url}, f"<html lang='{article.language}'><head>{head}</head>{body}</html>".encode())
