"""A web archive of any size, and a backfill of it: `python -m tests.bench.warc --megabytes 2000 [--kilobytes 200] [--workers 2]`.

The pages are generated articles in the usual surroundings of a site: navigation, teasers, scripts, a footer. Prints the
rate, the memory of the whole process tree and of the main process as the run goes on (memory shared by processes counts
once), and whether a run that is killed and started again ends with the same tables.
"""

import argparse
import gzip
import json
import random
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.bench.generate import Generated, articles
from tests.flows.command import VOLATILE, WIREHOUSE

COUNT = 10**9  # articles to generate at most: size decides when to stop
TEASERS = 60  # on a page: what stands around an article is longer than the article
SCRIPT = 20_000  # characters of a page that are scripts and styles, in one of USUAL kilobytes
USUAL = 43
EVERY = 2.0  # seconds between two looks at the memory, each of which costs some 50 ms
KILL_AT = 0.4  # of the time of the whole run


class Memory(NamedTuple):
    """Megabytes of all processes of a run, and of the first of them."""

    tree: float
    main: float


class Watched(NamedTuple):
    """A run that was watched: its report, how long it took, its memory at each look, its progress."""

    report: dict[str, Any]
    seconds: float
    memory: list[Memory]
    said: str


def page(article: Generated, chance: random.Random, characters: int = SCRIPT) -> bytes:
    """Return an article as the HTML page of a site, with so many characters of scripts."""
    row, title, byline = article.row, escape(article.title), escape(article.byline)
    teasers = "".join(teaser(article, number, chance) for number in range(TEASERS))
    script = "".join(f"window.a{n}={chance.random()};" for n in range(characters // 30))
    data = {"@type": "NewsArticle", "headline": article.title, "datePublished": row["published_at"], "author": {"name": article.byline}}
    text = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in article.paragraphs)
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8">
<title>{title} | {escape(article.outlet)}</title><link rel="canonical" href="{row["url"]}">
<script type="application/ld+json">{json.dumps(data)}</script><script>{script}</script></head>
<body><nav><ul>{teasers}</ul></nav>
<main><article><h1>{title}</h1><p class="byline">{byline}</p>{text}</article></main>
<aside><ul>{teasers}</ul></aside><footer>{escape(article.outlet)}</footer></body></html>""".encode()


def teaser(article: Generated, number: int, chance: random.Random) -> str:
    """Return a link to another article, as they stand around one."""
    told = f"<h3>{escape(article.related)} {number}</h3><span>{chance.randrange(60)} min</span>"
    return f'<li class="teaser"><a href="/{chance.randrange(10**6)}">{told}</a></li>\n'


def records(article: Generated, body: bytes) -> Iterator[bytes]:
    """Yield the records of one capture: the request, the response."""
    url, day = article.row["url"], f"{article.published:%Y-%m-%dT%H:%M:%SZ}"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for kind, block in (("request", f"GET {url} HTTP/1.1\r\n\r\n".encode()), ("response", head + body)):
        lines = [
            "WARC/1.0",
            f"WARC-Type: {kind}",
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{article.number * 2 + (kind == 'response'):012}>",
            f"WARC-Target-URI: {url}",
            f"WARC-Date: {day}",
            f"Content-Type: application/http; msgtype={kind}",
            f"Content-Length: {len(block)}",
        ]
        yield "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def write(path: Path, megabytes: float, kilobytes: float = USUAL, seed: int = 1) -> int:
    """Return how many pages, of about so many kilobytes each, a web archive of so many megabytes has.

    Each record is packed by itself when the name ends in .gz.
    """
    chance = random.Random(seed)
    script = SCRIPT + int(max(0, kilobytes - USUAL) * 1000)
    with path.open("wb") as file:
        for article in articles(COUNT, seed):
            for record in records(article, page(article, chance, script)):
                file.write(gzip.compress(record, 6) if path.suffix == ".gz" else record)
            if file.tell() >= megabytes * 1e6:
                return article.number
    return COUNT


def command(path: Path, store: Path, workers: int) -> list[str]:
    """Return the command of a backfill."""
    options = ["--engine", "direct", "--json", "--store", str(store), "--workers", str(workers)]
    return [str(WIREHOUSE), "backfill", str(path), *options]


def watch(arguments: list[str], folder: Path) -> Watched:
    """Return what a run reported, and what memory it took on the way."""
    memory, started = [], time.perf_counter()
    with (folder / "said").open("w+b") as said, (folder / "report").open("w+b") as report:
        run = subprocess.Popen(arguments, stdout=report, stderr=said)
        while run.poll() is None:
            memory.append(memory_of(run.pid))
            time.sleep(EVERY)
        said.seek(0)
        report.seek(0)
        found, lines = report.read(), said.read().decode()
    if run.returncode:
        raise SystemExit(lines)
    return Watched(json.loads(found), time.perf_counter() - started, memory, lines)


def memory_of(pid: int) -> Memory:
    """Return the megabytes of a process and all below it, what they share counted once (Linux: Pss of smaps_rollup)."""
    found, waiting = dict[int, int](), [pid]
    while waiting:
        number = waiting.pop()
        process = Path("/proc") / str(number)
        try:
            rollup = (process / "smaps_rollup").read_text()
            waiting += [int(child) for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
        except OSError:  # it ended meanwhile
            continue
        found[number] = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return Memory(sum(found.values()) / 1024, found.get(pid, 0) / 1024)


def told(name: str, looks: list[float]) -> str:
    """Return the memory of a run in a line: its peak, and what it usually was in the first and in the last third of the time."""
    third = max(1, len(looks) // 3)
    first, last = statistics.median(looks[:third]), statistics.median(looks[-third:])
    return (
        f"memory of {name}: peak {max(looks):.0f} MB; median of the first third {first:.0f}, of the last {last:.0f} ({last - first:+.0f})"
    )


def kill_after(arguments: list[str], seconds: float) -> None:
    """Start a run and kill it with SIGKILL."""
    run = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.wait()


def digest(store: Path) -> dict[str, tuple[Any, ...]]:
    """Return the number of rows of every public table and a sum over them, without the columns that say when."""
    with duckdb.connect(str(store), read_only=True) as con:
        columns: dict[str, list[str]] = {}
        rows = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal ORDER BY ALL")
        for table, column in rows.fetchall():
            columns.setdefault(table, []).append(column)
        tables = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall()} - {"runs"}
        return {table: _sum(con, table, [name for name in columns[table] if name not in VOLATILE]) for table in sorted(tables)}


def _sum(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> tuple[Any, ...]:
    named = ", ".join(f'"{column}"' for column in columns)
    return con.execute(f"SELECT count(*), sum(hash({named})) FROM {table}").fetchall()[0]


def main() -> None:
    """Make the archive, take it in, kill and continue, print what was measured."""
    options = argparse.ArgumentParser(description="A backfill of a large web archive.")
    options.add_argument("--megabytes", type=float, default=200, help="size of the file as it lies there")
    options.add_argument("--kilobytes", type=float, default=USUAL, help="size of a page")
    options.add_argument("--packed", action="store_true", help="each record gzipped")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--no-kill", action="store_true", help="leave out the run that is killed and continued")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / ("pages.warc.gz" if given.packed else "pages.warc")
        pages = write(path, given.megabytes, given.kilobytes)
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {pages:,} pages")
        whole = watch(command(path, folder / "whole.duckdb", given.workers), folder)
        print(f"{pages / whole.seconds:.1f} pages/s with {given.workers} workers, {whole.seconds:.0f} s; {whole.report['counts']}")
        print(told("all processes", [look.tree for look in whole.memory]))
        print(told("the main process", [look.main for look in whole.memory]))
        print("progress:\n  " + "\n  ".join(whole.said.splitlines()[-3:]))
        if not given.no_kill:
            arguments = command(path, folder / "cut.duckdb", given.workers)
            kill_after(arguments, KILL_AT * whole.seconds)
            rest = watch(arguments, folder)
            print(f"killed and continued: {rest.report['counts']['seen']:,} pages were left; {rest.seconds:.0f} s")
            print(told("all processes", [look.tree for look in rest.memory]))
            one, other = digest(folder / "whole.duckdb"), digest(folder / "cut.duckdb")
            differing = [table for table in one if one[table] != other[table]]
            print(f"{len(one)} tables, all equal" if not differing else f"THE STORES DIFFER in {', '.join(differing)}")


if __name__ == "__main__":
    main()
