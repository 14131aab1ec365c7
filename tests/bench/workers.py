"""Two workers against one, on generated web pages: `python -m tests.bench.workers [--pages 1000] [--write]`.

Measured twice: what the workers do, cleaning and labelling in batches as the line hands them out, after the processes
have started; and the whole backfill into an empty store, where reading and loading share the cores with the workers. One, two, two,
one: what the machine does beside it meets both. `--write` puts the table into docs/benchmarks.md.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from schemas.article import Article
from schemas.document import RawDocument
from schemas.settings import Settings
from tasks.pipeline import Direct, Quiet, run
from tasks.prepare import ToClean, ToLabel, clean, label
from tasks.read.intake import ArchiveIntake
from tasks.stages import BATCH
from tasks.workers import CHUNK, Workers
from tests.bench.generate import articles
from tests.bench.report import circumstances, table, write_section
from tests.bench.warc import page

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ORDER = (1, 2, 2, 1)
WANTED = 1.9
IDLE = 0.3  # a load below which nothing else to speak of is running


def documents(count: int) -> list[RawDocument]:
    """Return generated articles as web pages."""
    chance = random.Random(1)
    return [
        RawDocument(
            body=page(article, chance),
            media_type="text/html",
            origin=f"{n}.html",
            place=f"{n}.html",
            source="bench",
            url=article.row["url"],
        )
        for n, article in enumerate(articles(count))
    ]


def through(workers: Workers, some: Sequence[RawDocument]) -> None:
    """Clean and label documents."""
    made = workers.map(clean, [ToClean(document, "UTC", NOW) for document in some]).results
    workers.map(label, [ToLabel(article, None) for article in made if isinstance(article, Article)])


def stages(count: int, told: Sequence[RawDocument]) -> float:
    """Return the seconds that so many workers take for the documents, once they run."""
    with Workers(Settings(workers=count)) as workers:
        through(workers, told[: 2 * count * CHUNK])
        started = time.perf_counter()
        for start in range(0, len(told), BATCH):
            through(workers, told[start : start + BATCH])
        return time.perf_counter() - started


def backfill(count: int, told: Sequence[RawDocument]) -> float:
    """Return the seconds of a backfill of the documents into an empty store with so many workers."""
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "pages.jsonl"
        with archive.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"url": one.url, "html": one.body.decode()}) + "\n" for one in told)
        started = time.perf_counter()
        run(ArchiveIntake([str(archive)]), Settings(store=Path(name) / "news.duckdb", workers=count), Direct(), Quiet())
        return time.perf_counter() - started


def compared(measure: Callable[[int, Sequence[RawDocument]], float], told: Sequence[RawDocument]) -> dict[int, float]:
    """Return the pages a second with one worker and with two."""
    seconds = dict.fromkeys(ORDER, 0.0)
    for count in ORDER:
        seconds[count] += measure(count, told)
    return {count: ORDER.count(count) * len(told) / spent for count, spent in seconds.items()}


def main() -> None:
    """Measure, print, and write where that is asked for."""
    options = argparse.ArgumentParser(description="Two workers against one.")
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = options.parse_args()
    load = os.getloadavg()[0]  # of the last minute, before our own work counts in it
    told = documents(given.pages)
    rates = {"cleaning and labelling": compared(stages, told), "the whole backfill": compared(backfill, told)}
    head = ["pages a second", "one worker", "two workers", "ratio"]
    drawn = table(head, [[name, f"{rate[1]:.1f}", f"{rate[2]:.1f}", f"{rate[2] / rate[1]:.2f}"] for name, rate in rates.items()])
    size = sum(len(one.body) for one in told) / len(told) / 1000
    others = ": what other work takes of them, the second worker lacks" if load > IDLE else ""
    about = (
        f"{len(told):,} generated web pages of {size:.0f} kB on average; wanted is {WANTED}. "
        f"Before it began, the machine's load was {load:.1f} on {os.cpu_count()} cores{others}."
    )
    print(f"{drawn}\n{about}")
    if given.write:
        write_section("workers", "Two workers against one", f"{about}\n\n{drawn}\n\n{circumstances(['pebble', 'trafilatura', 'duckdb'])}")


if __name__ == "__main__":
    main()
