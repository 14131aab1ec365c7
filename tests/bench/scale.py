"""A store as it grows: `python -m tests.bench.scale [ARTICLES ...] [--workers N] [--write]` (10,000 and 100,000 by default).

A backfill of generated articles by the command line, its batches timed by the log that it writes, its memory looked at every two
seconds; then ten usual queries on the published file, the size of the file beside the texts in zstd, and the time of a publication.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import duckdb
import zstandard

from schemas.settings import Settings
from tasks.store.writer import Writer
from tests.bench.generate import write
from tests.bench.report import circumstances, table, write_section
from tests.bench.warc import Watched, command, watch

SIZES = (10_000, 100_000)
FEWEST_BATCHES = 3  # of a tenth: two do not tell a rate
ROUNDS = 3  # the quickest counts, as a file is read from memory the second time
HEAD = [
    "articles",
    "articles/s",
    "last tenth against first",
    "peak MB",
    "bytes an article",
    "of its text in zstd",
    "slowest query ms",
    "publish s",
]
QUERIES = {
    "newest": "SELECT * FROM latest LIMIT 20",
    "an outlet's days": "SELECT * FROM source_daily WHERE source = (SELECT min(source) FROM articles) ORDER BY day DESC LIMIT 31",
    "topics of the last week": """SELECT name_en, sum(articles) FROM topic_daily
        WHERE day > DATE '{newest}' - 7 GROUP BY ALL ORDER BY 2 DESC LIMIT 20""",
    "people of the last week": """SELECT name, sum(articles) FROM entity_daily
        WHERE kind = 'PER' AND day > DATE '{newest}' - 7 GROUP BY ALL ORDER BY 2 DESC LIMIT 20""",
    "largest stories": "SELECT * FROM stories ORDER BY independent_source_count DESC, article_count DESC LIMIT 20",
    "a story": "SELECT * FROM story_timeline WHERE story_id = (SELECT arg_max(story_id, article_count) FROM stories)",
    "copies": "SELECT kind, count(*) FROM relations GROUP BY ALL",
    "an article": "SELECT * FROM articles WHERE article_id = (SELECT max(article_id) FROM articles)",
    "months": "SELECT date_trunc('month', published_at), count(*), count(duplicate_of) FROM articles GROUP BY 1 ORDER BY 1",
    "words in headlines": "SELECT count(*) FROM articles WHERE title ILIKE '%port%'",
}
WHOLE_VIEWS = {
    "topics of all days": "SELECT name_en, sum(articles) FROM topic_daily GROUP BY ALL ORDER BY 2 DESC LIMIT 20",
    "people of all days": "SELECT name, sum(articles) FROM entity_daily WHERE kind = 'PER' GROUP BY ALL ORDER BY 2 DESC LIMIT 20",
}
"""Every row of a view is counted: what it takes grows with the store, as with a view whose newest day is asked for in the query."""


class Growth(NamedTuple):
    """What was measured of one size."""

    articles: int
    rate: float
    last_to_first: float
    peak: float
    bytes_each: float
    to_text: float
    queries: dict[str, float]
    publish: float

    @property
    def row(self) -> list[str]:
        """The line of the table."""
        return [
            f"{self.articles:,}",
            f"{self.rate:.0f}",
            f"{self.last_to_first:.2f}",
            f"{self.peak:.0f}",
            f"{self.bytes_each:,.0f}",
            f"{self.to_text:.2f}",
            f"{max(self.queries[name] for name in QUERIES):.0f}",
            f"{self.publish:.1f}",
        ]


def measure(count: int, workers: int) -> Growth:
    """Return what a backfill of so many articles and the store after it cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "news.jsonl", count)
        store = folder / "news.duckdb"
        watched = watch([*command(folder / "news.jsonl", store, workers), "--log-json"], folder)
        loaded = watched.report["counts"]["seen"]
        return Growth(
            loaded,
            loaded / watched.seconds,
            last_to_first(logged(watched)),
            max(look.tree for look in watched.memory),
            store.stat().st_size / loaded,
            store.stat().st_size / text_bytes(store),
            queries(store),
            publication(store),
        )


def logged(watched: Watched) -> list[tuple[int, float]]:
    """Return of each batch how many articles had been loaded after it, and the seconds since the start."""
    batches = [json.loads(line) for line in watched.said.splitlines() if '"seen"' in line]
    return list(zip(accumulate(batch["seen"] for batch in batches), (batch["seconds"] for batch in batches), strict=True))


def last_to_first(done: Sequence[tuple[int, float]]) -> float:
    """Return the rate of the last tenth of the batches as a share of that of the first."""
    tenth = max(FEWEST_BATCHES, len(done) // 10)
    return rate(done[-tenth:]) / rate(done[:tenth])


def rate(done: Sequence[tuple[int, float]]) -> float:
    """Return the articles a second of some batches, behind the first of them: that of a run waits for the workers."""
    return (done[-1][0] - done[0][0]) / max(1e-9, done[-1][1] - done[0][1])


def text_bytes(store: Path) -> int:
    """Return the size of all texts in zstd, as they would lie in a file of their own."""
    packer, size = zstandard.ZstdCompressor().compressobj(), 0
    with duckdb.connect(str(store), read_only=True) as con:
        rows = con.execute("SELECT text FROM articles ORDER BY published_at")
        while some := rows.fetchmany(1_000):
            size += sum(len(packer.compress(text.encode())) for (text,) in some)
    return size + len(packer.flush())


def queries(store: Path) -> dict[str, float]:
    """Return the milliseconds of each query."""
    found = {}
    with duckdb.connect(str(store), read_only=True) as con:
        [(newest,)] = con.execute("SELECT max(published_at)::DATE FROM articles").fetchall()  # a person writes the day out, or current_date
        for name, query in (QUERIES | WHOLE_VIEWS).items():
            times = []
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                con.execute(query.format(newest=newest)).fetchall()
                times.append((time.perf_counter() - begun) * 1000)
            found[name] = min(times)
    return found


def publication(store: Path) -> float:
    """Return the seconds that one more publication takes when something changed."""
    with Writer(Settings(store=store)) as writer:
        writer.con.execute("CREATE TABLE internal.changed AS SELECT 1 AS one")
        begun = time.perf_counter()
        writer.publish()
        return time.perf_counter() - begun


def main() -> None:
    """Print the table; write it where that is asked for."""
    options = argparse.ArgumentParser(description="A store as it grows.")
    options.add_argument("articles", nargs="*", type=int, default=list(SIZES))
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = options.parse_args()
    found = []
    for count in given.articles:
        found.append(measure(count, given.workers))
        print(found[-1], flush=True)
    drawn = table(HEAD, [one.row for one in found])
    print(drawn)
    if given.write:
        rows = [[name, *(f"{one.queries[name]:.0f}" for one in found)] for name in QUERIES | WHOLE_VIEWS]
        asked = table(["query, ms", *(f"{one.articles:,}" for one in found)], rows)
        about = (
            f"A backfill of generated articles of 450 words by the command line, {given.workers} workers, everything included: cleaning,\n"
            "language, copies, stories, topics, names. Memory is that of the whole process tree, shared pages once.\n"
            "The slowest query is that of the first ten; the last two count every row of a view, which takes time with the store's size,\n"
            "and so does a query that asks a view for its newest day."
        )
        write_section("scale", "A store as it grows", f"{about}\n\n{drawn}\n\n{asked}\n\n{circumstances(['duckdb'])}")


if __name__ == "__main__":
    main()
