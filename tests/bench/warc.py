"""A web archive of any size, and a backfill of it: `python -m tests.bench.warc --megabytes 2000 [--workers 2] [--packed]`.

The pages are generated articles in the usual surroundings of a site: navigation, teasers, scripts, a footer. Prints the
rate, the memory of the whole process tree as the run goes on (memory shared by processes counts once), and whether a run
that is killed and started again ends with the same store.
"""

import argparse
import gzip
import json
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.bench.generate import Generated, articles
from tests.flows.command import WIREHOUSE

COUNT = 10**9  # articles to generate at most: size decides when to stop
TEASERS = 60  # on a page: what stands around an article is longer than the article
SCRIPT = 20_000  # characters of a page that are scripts and styles
EVERY = 0.5  # seconds between two looks at the memory
KILL_AT = 0.4  # of the time of the whole run


class Watched(NamedTuple):
    """A run that was watched: its report, how long it took, the megabytes of its processes at each look, its progress."""

    report: dict[str, Any]
    seconds: float
    memory: list[float]
    said: str


def page(article: Generated, chance: random.Random) -> bytes:
    """Return an article as the HTML page of a site."""
    row, title, byline = article.row, escape(article.title), escape(article.byline)
    teasers = "".join(teaser(article, number, chance) for number in range(TEASERS))
    script = "".join(f"window.a{n}={chance.random()};" for n in range(SCRIPT // 30))
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


def records(article: Generated, chance: random.Random) -> Iterator[bytes]:
    """Yield the records of one capture: the request, the response."""
    body = page(article, chance)
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


def write(path: Path, megabytes: float, seed: int = 1) -> int:
    """Return how many pages a web archive of so many megabytes has; each record is packed by itself when the name ends in .gz."""
    chance = random.Random(seed)
    with path.open("wb") as file:
        for article in articles(COUNT, seed):
            for record in records(article, chance):
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
            memory.append(tree_memory(run.pid))
            time.sleep(EVERY)
        said.seek(0)
        report.seek(0)
        found, lines = report.read(), said.read().decode()
    if run.returncode:
        raise SystemExit(lines)
    return Watched(json.loads(found), time.perf_counter() - started, memory, lines)


def tree_memory(pid: int) -> float:
    """Return the megabytes of a process and all below it, what they share counted once (Linux: Pss of smaps_rollup)."""
    total, waiting = 0, [pid]
    while waiting:
        process = Path("/proc") / str(waiting.pop())
        try:
            rollup = (process / "smaps_rollup").read_text()
            waiting += [int(child) for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
        except OSError:  # it ended meanwhile
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def kill_after(arguments: list[str], seconds: float) -> None:
    """Start a run and kill it with SIGKILL."""
    run = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.wait()


def digest(store: Path) -> list[tuple[object, ...]]:
    """Return what two stores of the same articles have in common."""
    with duckdb.connect(str(store), read_only=True) as con:
        return con.execute(
            """SELECT count(*), count(duplicate_of), count(DISTINCT story_id),
            bit_xor(hash(article_id, text, title, published_at, duplicate_of)),
            (SELECT count(*) FROM sightings), (SELECT count(*) FROM relations) FROM articles"""
        ).fetchall()


def main() -> None:
    """Make the archive, take it in, kill and continue, print what was measured."""
    options = argparse.ArgumentParser(description="A backfill of a large web archive.")
    options.add_argument("--megabytes", type=float, default=200, help="size of the file as it lies there")
    options.add_argument("--packed", action="store_true", help="each record gzipped")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--no-kill", action="store_true", help="leave out the run that is killed and continued")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / ("pages.warc.gz" if given.packed else "pages.warc")
        pages = write(path, given.megabytes)
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {pages:,} pages")
        whole = watch(command(path, folder / "whole.duckdb", given.workers), folder)
        print(f"{pages / whole.seconds:.1f} pages/s with {given.workers} workers, {whole.seconds:.0f} s; {whole.report['counts']}")
        quarters = [max(part) for part in zip(*[iter(whole.memory)] * max(1, len(whole.memory) // 4), strict=False)]
        print("memory of all processes, largest in each quarter of the run: " + ", ".join(f"{most:.0f} MB" for most in quarters[:4]))
        print("progress:\n  " + "\n  ".join(whole.said.splitlines()[-3:]))
        if not given.no_kill:
            arguments = command(path, folder / "cut.duckdb", given.workers)
            kill_after(arguments, KILL_AT * whole.seconds)
            rest = watch(arguments, folder)
            print(f"killed and continued: {rest.report['counts']['seen']:,} pages were left; {rest.seconds:.0f} s")
            same = digest(folder / "whole.duckdb") == digest(folder / "cut.duckdb")
            print("the same articles, copies and stories" if same else "THE STORES DIFFER")


if __name__ == "__main__":
    main()
