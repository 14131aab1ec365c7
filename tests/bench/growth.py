"""What copies and stories cost as a store grows: `python -m tests.bench.growth [ARTICLES] [--write]`.

Generated articles of a year come in order of publication, in batches of 500, and are settled after every 5,000 as at the
end of a run. Counted is everything that finding copies and stories takes: sketches and terms, candidates and comparisons,
groups, stories and threads; not the writing of the articles themselves.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import process_time
from typing import NamedTuple

from schemas.settings import Settings
from tasks.dedupe.sketch import sketch
from tasks.store.connection import open_writer
from tasks.store.copies.relate import FingerprintRow, relate
from tasks.store.migrate import Connection, migrate
from tasks.store.stories.settle import StoryRow, assign, settle
from tasks.stories.terms import story_terms
from tests.bench.generate import Generated, articles
from tests.bench.report import circumstances, table, write_section
from tests.tasks.store.shelf import COLUMNS, NOW, Piece

ARTICLES = 100_000
BATCH = 500
RUN = 5_000
HEAD = ["stored articles", "sketch and terms", "copies", "stories, at once", "stories, settled", "ms CPU an article"]


class Cost(NamedTuple):
    """CPU seconds of one run, by what they went to."""

    texts: float
    copies: float
    assigned: float
    settled: float

    @property
    def article(self) -> float:
        """Milliseconds an article."""
        return sum(self) / RUN * 1000


def pieces(count: int) -> Iterator[Piece]:
    """Yield generated articles in order of publication."""
    dated: Sequence[Generated] = sorted(articles(count), key=lambda one: (one.published, one.number))
    for one in dated:
        yield Piece(str(one.number), "\n\n".join(one.paragraphs), one.published, one.title, one.outlet, one.language)


def put(con: Connection, some: Sequence[Piece], first: int) -> None:
    """Write the rows of new articles."""
    with con.appender("articles", columns=COLUMNS) as appender:
        for p in some:
            appender.append_row(p.id, p.source, "feed", p.title, [], [], p.at, NOW, NOW, p.language, 1.0, p.text, 1, "full", 1, "")
    with con.appender("internal.article_numbers") as appender:
        appender.append_rows((first + place, piece.id) for place, piece in enumerate(some))


def load(con: Connection, some: Sequence[Piece], first: int) -> tuple[float, float, float]:
    """Load a batch; return the CPU seconds of its sketches and terms, its copies, and its provisional stories."""
    con.begin()
    put(con, some, first)
    begun = process_time()
    texts = [(sketch(p.text), story_terms(p.title, p.text, ())) for p in some]
    made = process_time()
    dated = [(first + place, p, *text) for place, (p, text) in enumerate(zip(some, texts, strict=True))]
    relate(con, [FingerprintRow(no, p.id, p.at.date() if p.at else None, p.source, sketched) for no, p, sketched, _ in dated])
    related = process_time()
    assign(con, [StoryRow(no, p.id, p.at, p.language, terms) for no, p, _, terms in dated])
    assigned = process_time()
    con.commit()
    return made - begun, related - made, assigned - related


def run(con: Connection, some: Sequence[Piece], first: int) -> Cost:
    """Return what a run of articles costs."""
    spent = [load(con, some[start : start + BATCH], first + start) for start in range(0, len(some), BATCH)]
    begun = process_time()
    con.begin()
    settle(con)
    con.commit()
    return Cost(*map(sum, zip(*spent, strict=True)), settled=process_time() - begun)


def measure(count: int) -> dict[int, Cost]:
    """Return for each number of stored articles what the run before it cost."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        con = open_writer(Settings(store=Path(folder) / "growth.duckdb"))
        migrate(con)
        source = pieces(count)
        for stored in range(RUN, count + 1, RUN):
            found[stored] = run(con, list(islice(source, RUN)), stored)
            parts = ", ".join(f"{name} {value / RUN * 1000:.2f}" for name, value in found[stored]._asdict().items())
            print(f"{stored:,}: {found[stored].article:.2f} ms CPU an article ({parts})", flush=True)
        con.close()
    return found


def main() -> None:
    """Print the table; write it where that is asked for."""
    options = argparse.ArgumentParser(description="The cost of copies and stories in a growing store.")
    options.add_argument("articles", nargs="?", type=int, default=ARTICLES)
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = options.parse_args()
    found = measure(given.articles)
    shown = [n for n in found if n in {2 * RUN, given.articles // 2, given.articles}]
    rows = [[f"{n:,}", *(f"{value / RUN * 1000:.2f}" for value in found[n]), f"{found[n].article:.2f}"] for n in shown]
    drawn = table(HEAD, rows)
    rate = f"The rate at {shown[-1]:,} articles is {found[shown[0]].article / found[shown[-1]].article:.2f} of that at {shown[0]:,}."
    print(f"{drawn}\n{rate}")
    if given.write:
        about = (
            "Generated articles of a year, in order of publication, in batches of 500 and settled after every 5,000; milliseconds of CPU\n"
            f"an article for everything that copies and stories take, in the run that ends at so many stored articles. {rate}"
        )
        write_section(
            "growth", "Copies and stories as a store grows", f"{about}\n\n{drawn}\n\n{circumstances(['duckdb', 'numpy', 'scipy'])}"
        )


if __name__ == "__main__":
    main()
