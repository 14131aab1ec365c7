"""A store of a million: `python -m tests.bench.million [--base STORE] [--times 10] [--write]`.

A store of 100,000 generated articles (`--base`, else it is made, which takes half an hour) is made ten times as large
(tests/bench/multiply.py). Into both, 5,000 articles more are taken in by the command line; then both are asked.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tasks.store.connection import open_reader
from tasks.store.search.find import search
from tests.bench.generate import write
from tests.bench.multiply import multiply
from tests.bench.report import circumstances, table, write_section
from tests.bench.scale import QUERIES, WHOLE_VIEWS, logged, publication, queries, rate
from tests.bench.warc import command, watch

ARTICLES = 100_000
MORE = 5_000
SEARCHES = ("gouvernement", "storm villages rescue", '"commission européenne"', "title:commission", "gouv*")
HEAD = ["articles", "articles/s", "end of the run s", "peak MB", "bytes an article", "slowest query ms", "publish s"]


class Large(NamedTuple):
    """What was measured of one size."""

    articles: int
    rate: float
    """Articles a second while they are loaded."""
    end: float
    """Seconds from the last batch on: stories in their final order, spellings of names, publication."""
    peak: float
    bytes_each: float
    asked: dict[str, float]
    publish: float

    @property
    def row(self) -> list[str]:
        """The line of the table."""
        slowest = max(self.asked[name] for name in QUERIES)
        figures = (
            f"{self.rate:.0f}",
            f"{self.end:.0f}",
            f"{self.peak:.0f}",
            f"{self.bytes_each:,.0f}",
            f"{slowest:.0f}",
            f"{self.publish:.1f}",
        )
        return [f"{self.articles:,}", *figures]


def measure(store: Path, more: Path, folder: Path) -> Large:
    """Return what taking in some articles costs in a store, and what asking it takes afterwards."""
    watched = watch([*command(more, store, 2), "--log-json"], folder)
    done = logged(watched)
    with open_reader(store) as con:
        articles = con.execute("SELECT count(*) FROM articles").fetchall()[0][0]
    return Large(
        articles,
        rate(done),
        watched.seconds - done[-1][1],
        max(look.tree for look in watched.memory),
        store.stat().st_size / articles,
        queries(store) | searches(store),
        publication(store),
    )


def searches(store: Path) -> dict[str, float]:
    """Return the milliseconds that the ten best of each search take, with their snippets."""
    found = {}
    with open_reader(store) as con:
        for query in SEARCHES:
            search(con, query, 10)
            begun = time.perf_counter()
            search(con, query, 10)
            found[f"search: {query}"] = (time.perf_counter() - begun) * 1000
    return found


def make_base(folder: Path) -> Path:
    """Return a new store of generated articles."""
    write(folder / "news.jsonl", ARTICLES)
    watch(command(folder / "news.jsonl", folder / "base.duckdb", 2), folder)
    return folder / "base.duckdb"


def main() -> None:
    """Print the tables; write them where that is asked for."""
    options = argparse.ArgumentParser(description="A store of a million.")
    options.add_argument("--base", type=Path, help="the published file of a store of generated articles; it is copied")
    options.add_argument("--times", type=int, default=10)
    options.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    given = options.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = given.base or make_base(folder)
        write(folder / "more.jsonl", MORE, seed=2)
        for times in (1, given.times):
            store = folder / f"{times}.duckdb"
            begun = time.perf_counter()
            multiply(base, store, times) if times > 1 else shutil.copyfile(base, store)
            print(f"made in {time.perf_counter() - begun:.0f} s", flush=True)
            found.append(measure(store, folder / "more.jsonl", folder))
            print(found[-1], flush=True)
            for path in folder.glob(f"{times}.*"):
                path.unlink() if path.is_file() else shutil.rmtree(path)
    drawn = table(HEAD, [one.row for one in found])
    rows = [[name, *(f"{one.asked[name]:.0f}" for one in found)] for name in found[0].asked]
    asked = table(["ms", *(f"{one.articles:,}" for one in found)], rows)
    print(f"{drawn}\n{asked}")
    if given.write:
        about = (
            f"A store of generated articles of a year, and {given.times} such years in one, made by copying its rows with other ids and\n"
            f"dates; into each, {MORE:,} articles of all days of the newest year are taken in, everything included. The slowest\n"
            f"query is that of ten usual ones, of which {' and '.join(WHOLE_VIEWS)} are none."
        )
        write_section("million", "A store of a million", f"{about}\n\n{drawn}\n\n{asked}\n\n{circumstances(['duckdb'])}")


if __name__ == "__main__":
    main()
