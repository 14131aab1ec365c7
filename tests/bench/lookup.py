"""What looking for copies costs in a store of a year: `python -m tests.bench.lookup [--full] [--write]`.

The store is filled with invented fingerprints in order of publication, 57 an article. One of these is a shingle of the batch
too, so that one pair of unrelated articles in 300 shares a fingerprint, as was counted in 746 English news articles. The
batches are generated articles, once as news of the last day and once of a day in the middle of the year, with 90 days on
both sides.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import NamedTuple

from schemas.settings import Settings
from tasks.dedupe.sketch import sketch
from tasks.store.connection import open_writer
from tasks.store.copies.relate import FingerprintRow, relate
from tasks.store.migrate import Connection, migrate
from tests.bench.generate import DAYS, START, articles
from tests.bench.report import circumstances, table, write_section
from tests.tasks.store.shelf import COLUMNS, NOW, Piece

SIZES = (10_000, 100_000)
FULL = 1_000_000
HASHES = 57  # what an article of 450 words keeps
CLOSING = 8  # of them in its last words
BATCH = 500
BATCHES = 5
ROUNDS = 2  # of which the first, which reads the file, does not count
RELATED = 4  # one in so many stored articles has a relation
FILLING_MEMORY = "1500MB"
HEAD = ["stored articles", "last day: ms CPU", "ms", "middle of the year: ms CPU", "ms", "bytes an article"]


class Cost(NamedTuple):
    """Milliseconds of the cheapest of some batches, as the machine has other work too: CPU of all threads, and on the clock."""

    cpu: float
    clock: float


def fill(con: Connection, count: int, common: Sequence[int]) -> float:
    """Put so many articles of a year into an empty store; return the bytes of fingerprints an article takes."""
    about = {"count": count, "days": DAYS, "start": START.date()}
    when = "($start + (n * $days // $count)::INTEGER)"
    con.execute(
        f"""INSERT INTO articles ({", ".join(COLUMNS)})
        SELECT md5(n::VARCHAR)::UUID, (n % 500) || '.example', 'feed', NULL, [], [], {when}, $start, $start, 'en', 1, 'text ' || n, 2,
          'full', 1, '' FROM range($count) _(n)""",
        about,
    )
    con.execute("INSERT INTO internal.article_numbers SELECT n, md5(n::VARCHAR)::UUID FROM range(?) _(n)", [count])
    con.execute(
        "INSERT INTO relations SELECT md5(n::VARCHAR)::UUID, md5((n + 1)::VARCHAR)::UUID, 'near', .6, .7, .8 FROM range(0, ?, ?) _(n)",
        [count, RELATED],
    )
    con.execute(f"INSERT INTO internal.sketches SELECT n, 1, {when}, {HASHES}, hash(n) FROM range($count) _(n)", about)
    con.execute("CHECKPOINT")
    before = used_bytes(con)
    con.execute(
        f"""INSERT INTO internal.fingerprints
        SELECT if(k = 0, $common[1 + (hash(n, k) % len($common))::BIGINT], (hash(n, k) >> 32)::UINTEGER), n, {when}, k >= {HASHES - CLOSING}
        FROM range($count) _(n), range({HASHES}) _(k) ORDER BY n""",
        about | {"common": common},
    )
    con.execute("CHECKPOINT")
    return (used_bytes(con) - before) / count


def used_bytes(con: Connection) -> int:
    """Return the size of the file without its free blocks."""
    size, used = con.execute("SELECT block_size, used_blocks FROM pragma_database_size()").fetchall()[0]
    return int(size) * int(used)


def put(con: Connection, pieces: Sequence[Piece], first: int) -> list[FingerprintRow]:
    """Write a batch into `articles`, numbered from `first`; return what is to be related."""
    with con.appender("articles", columns=COLUMNS) as appender:
        for p in pieces:
            values = (p.id, p.source, "feed", p.title, [], [], p.at, NOW, NOW, p.language, 1.0, p.text, 1, "full", 1, "")
            appender.append_row(*values)
    with con.appender("internal.article_numbers") as appender:
        appender.append_rows((first + place, piece.id) for place, piece in enumerate(pieces))
    return [FingerprintRow(first + place, p.id, p.at.date() if p.at else None, p.source, sketch(p.text)) for place, p in enumerate(pieces)]


def batches(day: datetime) -> Iterator[list[Piece]]:
    """Yield batches of generated articles, published within a day."""
    chance, source = Random(1), articles(BATCH * BATCHES)
    while some := list(islice(source, BATCH)):
        moments = [day + timedelta(minutes=chance.randrange(1440)) for _ in some]
        yield [
            Piece(str(one.number), "\n\n".join(one.paragraphs), at, one.title, one.outlet) for one, at in zip(some, moments, strict=True)
        ]


def cost(con: Connection, day: datetime, count: int) -> Cost:
    """Return what relating a batch costs; the store stays as it was."""
    spent = []
    for number, pieces in enumerate([*batches(day)] * ROUNDS):
        con.begin()
        changed = put(con, pieces, count)
        cpu, clock = process_time(), perf_counter()
        relate(con, changed)
        if number >= BATCHES:
            spent.append(Cost((process_time() - cpu) * 1000, (perf_counter() - clock) * 1000))
        con.rollback()
    return Cost(min(one.cpu for one in spent), min(one.clock for one in spent))


def measure(count: int, folder: Path) -> tuple[float, Cost, Cost]:
    """Return the bytes of an article, and the cost of a batch on the last day and in the middle of the year."""
    settings = Settings(store=folder / f"{count}.duckdb")
    common = [value for pieces in batches(START) for piece in pieces for value in sketch(piece.text).hashes]
    con = open_writer(settings)
    con.execute(f"SET memory_limit = '{FILLING_MEMORY}'")
    migrate(con)
    size = fill(con, count, common)
    con.close()
    con = open_writer(settings)  # which sets the memory a run has
    found = size, cost(con, START + timedelta(days=DAYS - 1), count), cost(con, START + timedelta(days=DAYS // 2), count)
    con.close()
    return found


def main() -> None:
    """Print the table; write it where that is asked for."""
    options = argparse.ArgumentParser(description="The cost of looking for copies.")
    options.add_argument("--full", action="store_true", help="with a store of a million articles too")
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {count: measure(count, Path(folder)) for count in (*SIZES, *([FULL] if given.full else []))}
    rows = [[f"{count:,}", *(f"{value:.0f}" for day in days for value in day), f"{size:.0f}"] for count, (size, *days) in found.items()]
    small, large = (found[count][1].cpu for count in SIZES)
    drawn = table(HEAD, rows)
    print(drawn)
    more, fewer = (f"{cost / BATCH:.2f} ms at {count:,}" for cost, count in ((large, SIZES[1]), (small, SIZES[0])))
    rate = f"An article costs {more} stored articles, {fewer}: the rate is {small / large:.2f} of that."
    print(rate)
    if given.write:
        about = (
            f"`relate` for a batch of {BATCH} generated articles, with their relations and groups, in a store of a year of invented\n"
            f"fingerprints, {HASHES} an article. Copies are looked for 90 days around: before the last day there are 90 days, around the\n"
            "middle of the year 181. As in ordinary news, one pair of unrelated articles in 300 shares one fingerprint.\n"
            f"The cheapest of {BATCHES} batches; CPU of all threads. {rate} The machine's load was {os.getloadavg()[0]:.1f}."
        )
        write_section("lookup", "Looking for copies in a large store", f"{about}\n\n{drawn}\n\n{circumstances(['duckdb', 'numpy'])}")


if __name__ == "__main__":
    main()
