"""One `wirehouse ingest` under load: `python -m tests.bench.ingest [--feeds 1000] [--hosts 50] [--items 3] [--delay 0.2] [--timeout 60]`.

The hosts are addresses of loopback, served by this process. Of the feeds 5 % are dead (half of them refuse, half say nothing),
5 % drip, 1 % have no end, 10 % have summaries only; the bad ones are spread evenly over the hosts. Prints how long the run took
against what politeness alone takes, its memory, the spacing that each host saw, and how the fetches ended.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import resource
import socket
import statistics
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb
from rich.console import Console
from rich.table import Table

from tests.bench.generate import Generated, articles
from tests.flows.command import WIREHOUSE, environment
from tests.site.formats import Channel, Item, opml, rss
from tests.site.pages import article as page
from tests.site.server import Seen, Server, response
from tests.site.texts import Story

Kind = Literal["full", "summary", "slow", "silent", "refused", "huge"]
DRIP = 1.0  # seconds between two bytes: often enough for every limit but the total one
READ = 20.0
"""Seconds without a byte after which the client gives up, when its total limit is not shorter."""
LOOK = 0.1  # seconds between two looks whether a client is still there
SAMPLE = 1.0  # seconds between two looks at the memory of the run
PIECE = b"<item><title>and on</title></item>" * 2_000
ESTABLISHED = 1  # a state of TCP_INFO (tcp_states.h)
FIRST_HOST = 10  # the hosts are 127.0.0.10 and following


class Load(NamedTuple):
    """What a run is given: so many feeds on so many hosts with so many articles each; seconds between requests, and for each at most."""

    feeds: int
    hosts: int
    items: int
    delay: float
    timeout: float


class Asked(NamedTuple):
    """A request as a host saw it: when it came and when it was done with, in seconds of a monotonic clock."""

    path: str
    came: float
    done: float


class Host:
    """An address with its feeds and pages; a context manager. `log` holds what was asked of it."""

    def __init__(self, address: str) -> None:
        self.log: list[Asked] = []
        self.kinds: dict[str, Kind] = {}
        self.answers: dict[str, bytes] = {}
        self.server = Server(self._answer, address)
        self.closed = socket.socket()
        self.closed.bind((address, 0))  # and never listens: whoever connects is refused

    def __enter__(self) -> "Host":
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)
        self.closed.close()

    def add(self, name: str, kind: Kind, stories: list[Story]) -> str:
        """Return the address of a further feed."""
        path = f"/{name}.xml"
        self.kinds[path] = kind
        if kind == "refused":
            return "http://{}:{}".format(*self.closed.getsockname()) + path
        if kind in ("full", "summary"):
            items = [Item(story, f"{self.server.url}/{story.slug}.html", story.slug, kind == "full") for story in stories]
            self.answers[path] = _answer(rss(Channel(name, self.server.url, self.server.url + path, items)), "application/rss+xml")
            for item in items:
                self.answers[f"/{item.story.slug}.html"] = _answer(page(item.story, item.link, "json-ld", []), "text/html; charset=utf-8")
        return self.server.url + path

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        came = time.monotonic()
        try:
            await self._write(seen, writer)
        finally:
            self.log.append(Asked(seen.path, came, time.monotonic()))

    async def _write(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        kind = self.kinds.get(seen.path)
        if kind in ("slow", "silent"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" if kind == "slow" else b"")
            for tick in itertools.takewhile(lambda _: _is_listening(writer), itertools.count()):
                writer.write(b" " if kind == "slow" and tick % round(DRIP / LOOK) == 0 else b"")
                await asyncio.sleep(LOOK)
        elif kind == "huge":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n<rss><channel>")
            while not writer.is_closing():
                writer.write(PIECE)
                await writer.drain()
        else:
            writer.write(self.answers.get(seen.path) or response(b"", "404 Not Found"))

    def polite(self, load: Load) -> float:
        """Return the seconds that its requests take at least, one after the other, with the pauses between."""
        held = {"slow": load.timeout, "silent": min(READ, load.timeout)}
        return load.delay * len(self.log) + sum(held.get(self.kinds.get(asked.path, ""), 0.0) for asked in self.log)

    def pauses(self) -> Iterator[float]:
        """Yield the seconds between the starts of requests that follow each other."""
        yield from (later - earlier for earlier, later in itertools.pairwise(sorted(asked.came for asked in self.log)))

    def at_once(self) -> int:
        """Return how many requests it had open at the same time, at most."""
        moments = sorted([(asked.came, 1) for asked in self.log] + [(asked.done, -1) for asked in self.log])
        most = now = 0
        for _, change in moments:
            now += change
            most = max(most, now)
        return most


def _is_listening(writer: asyncio.StreamWriter) -> bool:
    """Return whether the client is still there: the streams of asyncio do not tell when one leaves that is not written to."""
    if writer.is_closing():
        return False
    state: bytes = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return state[0] == ESTABLISHED


def _answer(body: bytes, kind: str) -> bytes:
    return response(body, content_type=kind, etag=f'"{len(body)}-{hash(body) & 0xFFFF:x}"')


def kind_of(number: int, hosts: int) -> Kind:
    """Return what becomes of a feed: the first on every host drips, the second is dead, and so on."""
    row, host = divmod(number, hosts)
    if row == 0:
        return "slow"
    if row == 1:
        return "refused" if host % 2 else "silent"
    if row == 2 and host % 5 == 0:
        return "huge"
    return "summary" if row in (3, 4) else "full"


def _story(one: Generated) -> Story:
    return Story(f"news-{one.number}", one.title, tuple(one.paragraphs), one.language, "news", one.byline, one.published)


def fill(hosts: list[Host], load: Load) -> bytes:
    """Return the feed list of all feeds, after giving them to the hosts."""
    texts = map(_story, articles(load.feeds * load.items, seed=20))
    listed = []
    for number in range(load.feeds):
        kind = kind_of(number, len(hosts))
        stories = [next(texts) for _ in range(load.items)] if kind in ("full", "summary") else []
        listed.append((f"feed {number}", hosts[number % len(hosts)].add(f"feed-{number}", kind, stories)))
    return opml("Load", {"All": listed})


class Processes:
    """A process and those it has started, looked at now and then: their memory in megabytes, their CPU in seconds."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.cpu: dict[int, float] = {}
        self.peaks: dict[int, float] = defaultdict(float)
        self.shared_out = 0.0
        """The highest sum over all processes, pages in common counted once."""

    def look(self) -> None:
        """Take the figures of this moment."""
        total = 0.0
        for pid in self._tree(self.pid):
            with contextlib.suppress(OSError):  # it may have ended meanwhile
                self.cpu[pid] = _seconds(Path(f"/proc/{pid}/stat"))
                self.peaks[pid] = _figure(Path(f"/proc/{pid}/status"), "VmHWM:")
                total += _figure(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")
        self.shared_out = max(self.shared_out, total)

    def _tree(self, pid: int) -> Iterator[int]:
        yield pid
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                for child in (task / "children").read_text("ascii").split():
                    yield from self._tree(int(child))


def _figure(file: Path, name: str) -> float:
    lines = (line.split() for line in file.read_text("ascii", errors="replace").splitlines())
    return next((int(line[1]) / 1024 for line in lines if line and line[0] == name), 0.0)


def _seconds(stat: Path) -> float:
    ticks = stat.read_text("ascii", errors="replace").rpartition(")")[2].split()[11:13]  # utime, stime
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


class Measured(NamedTuple):
    """What a run took."""

    wall: float
    started: float
    processes: Processes
    own_cpu: float


def measure(folder: Path, listed: bytes, load: Load) -> Measured:
    """Return what one ingest of this feed list took, into an empty store of the folder."""
    (folder / "feeds.opml").write_bytes(listed)
    command = [str(WIREHOUSE), "ingest", "--engine", "direct", "--json", "--feeds", "feeds.opml"]
    limits = {"WIREHOUSE_HOST_DELAY": str(load.delay), "WIREHOUSE_FETCH_TIMEOUT": str(load.timeout)}
    environ = environment(WIREHOUSE_ALLOW_NETWORKS="127.0.0.0/8", **limits)
    own = _cpu()
    started = time.monotonic()
    with (folder / "report.json").open("wb") as report, (folder / "log").open("wb") as log:
        run = subprocess.Popen(command, cwd=folder, env=environ, stdout=report, stderr=log)
        processes = Processes(run.pid)
        while run.poll() is None:
            processes.look()
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(SAMPLE)
    if run.returncode:
        raise SystemExit((folder / "log").read_text("utf-8"))
    return Measured(time.monotonic() - started, started, processes, _cpu() - own)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def figures(hosts: list[Host], took: Measured, load: Load) -> dict[str, str]:
    """Return the figures of a run by their names."""
    bound = max(host.polite(load) for host in hosts)
    pauses = [pause for host in hosts for pause in host.pauses()]
    last = max(asked.done for host in hosts for asked in host.log) - took.started
    processes = took.processes
    others = [peak for pid, peak in processes.peaks.items() if pid != processes.pid]
    return {
        "requests": f"{sum(len(host.log) for host in hosts):,}",
        "wall time": f"{took.wall:.1f} s",
        "last answer": f"{last:.1f} s",
        "politeness alone": f"{bound:.1f} s (the busiest host: requests x {load.delay:g} s, and what drips or is silent until its limit)",
        "wall time / politeness": f"{took.wall / bound:.2f}",
        "CPU of the run": f"{sum(processes.cpu.values()):.1f} s, {processes.cpu[processes.pid]:.1f} s of them in the main process",
        "CPU of the sites": f"{took.own_cpu:.1f} s",
        "peak, main process": f"{processes.peaks[processes.pid]:.0f} MB",
        "peaks, other processes": ", ".join(f"{peak:.0f}" for peak in sorted(others, reverse=True)) + " MB",
        "peak, all together": f"{processes.shared_out:.0f} MB (pages in common counted once)",
        "requests at once on a host": f"{max(host.at_once() for host in hosts)} at most",
        "between two on a host": f"{min(pauses):.3f} s at least, {statistics.median(pauses):.3f} s in the median",
    }


def reasons(store: Path) -> Table:
    """Return how the fetches ended and how many articles came of them."""
    table = Table("kind", "reason", "fetches", "longest, s")
    query = "SELECT kind, reason, count(*), max(seconds) FROM fetches GROUP BY ALL ORDER BY kind, count(*) DESC"
    with duckdb.connect(str(store), read_only=True) as con:
        for kind, reason, count, longest in con.execute(query).fetchall():
            table.add_row(kind, reason, f"{count:,}", f"{longest:.1f}")
        table.caption = "{:,} articles".format(con.execute("SELECT count(*) FROM articles").fetchall()[0][0])
    return table


def stages(report: Path) -> Table:
    """Return the CPU of each stage, as the run's own report has it."""
    table = Table("stage", "documents", "CPU s")
    for cost in json.loads(report.read_bytes())["per_stage"]:
        table.add_row(cost["stage"], f"{cost['documents']:,}", f"{cost['seconds']:.2f}")
    return table


def main() -> None:
    """Run the benchmark and print its tables."""
    options = argparse.ArgumentParser(description="Measure one ingest of many feeds, some of them bad.")
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--hosts", type=int, default=50)
    options.add_argument("--delay", type=float, default=0.2, help="seconds between two requests to one host")
    options.add_argument("--items", type=int, default=3, help="articles in a feed")
    options.add_argument("--timeout", type=float, default=60.0, help="seconds that a fetch may take")
    load = Load(**vars(options.parse_args()))
    console = Console()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        hosts = [stack.enter_context(Host(f"127.0.0.{FIRST_HOST + number}")) for number in range(load.hosts)]
        listed = fill(hosts, load)
        kinds = Counter(kind_of(number, load.hosts) for number in range(load.feeds))
        took = measure(folder, listed, load)
        table = Table("what", "value", title=f"{load.feeds:,} feeds on {load.hosts} hosts: {dict(kinds)}")
        for what, value in figures(hosts, took, load).items():
            table.add_row(what, value)
        console.print(table)
        console.print(reasons(folder / "news.duckdb"))
        console.print(stages(folder / "report.json"))


if __name__ == "__main__":
    main()
