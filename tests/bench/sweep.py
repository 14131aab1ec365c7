"""Killing the process everywhere: `python -m tests.bench.sweep [--every N] [--soak N] [--write]`.

The sweep takes the files of the store as a death before each call to it leaves them, of a backfill and of an ingest, runs the command
again on all that differ, compares every public table with those of a run that nobody interrupted, and has doctor look deeply. Before
every N-th call the process is killed besides, one death a run: with 1 before each, which takes hours. The soak kills backfills at random
moments, whatever they are doing.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import circumstances, write_section
from tests.flows.command import environment, public_rows
from tests.flows.deaths import PATIENCE, Sweep, faults, write_archive
from tests.flows.feeding import feed_list
from tests.site.content import feeds
from tests.site.news import NewsSite

ARTICLES = 30
SOAKED_ARTICLES = 600  # three batches


def sweep(name: str, runs: Sweep, every: int) -> str:
    """Return what came of going on from all that deaths leave, and of some deaths."""
    left = runs.leftovers()
    wrong = {places[0]: found for folder, places in left.items() if (found := runs.differences_from(folder))}
    killed = range(every, runs.boundaries + 1, every) if every else ()
    wrong |= {place: found for place in killed if (found := runs.differences(place))}
    for place, found in wrong.items():
        print(f"{name}, call {place}: {', '.join(found)}")
    calls = sum(map(len, left.values()))
    return (
        f"{name}: what a death before each of {calls} calls to the store leaves on the disk, {len(left)} different stores, gone on from; "
        f"killed before {len(killed)} of the calls; {len(wrong)} with a difference"
    )


def soak(folder: Path, times: int) -> str:
    """Return how many backfills were killed at random and how many stores differ, each run again until one ends.

    A life is at most as long as one that nobody interrupted took.
    """
    chance, wrong = random.Random(1), 0
    archive = write_archive(folder / "soak.jsonl", SOAKED_ARTICLES)
    line = [sys.executable, "-c", "from flows.cli import main; main()", "backfill", str(archive), "--engine", "direct", "--json"]
    environ = environment(WIREHOUSE_PUBLISH_EVERY="0.01", PYTHONPATH=str(Path(__file__).parents[2]))
    whole = folder / "soak-whole"
    whole.mkdir()
    start = time.monotonic()
    subprocess.run(line, cwd=whole, env=environ, check=True, capture_output=True)
    longest = time.monotonic() - start
    expected = public_rows(whole / "news.duckdb", ("runs", "story_log"))
    left, stores = times, 0
    while left:
        stores += 1
        cut = folder / f"soak-{left}"
        cut.mkdir()
        ended = False
        while not ended:
            with subprocess.Popen(line, cwd=cut, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
                try:
                    code = run.wait(chance.uniform(0, longest) if left else PATIENCE)
                    assert code == 0, f"a backfill that nobody killed ended with {code}"
                    ended = True
                except subprocess.TimeoutExpired:
                    run.kill()
                    left -= 1
        wrong += public_rows(cut / "news.duckdb", ("runs", "story_log")) != expected or bool(faults(cut / "news.duckdb"))
        shutil.rmtree(cut)
    return f"soak: {times} random kills of backfills of {SOAKED_ARTICLES} articles, {stores} stores in the end, {wrong} with a difference"


def main() -> None:
    """Print what differed; write it where that is asked for."""
    options = argparse.ArgumentParser(description="Kill a backfill and an ingest everywhere.")
    options.add_argument("--every", type=int, default=10, help="kill before each so-manieth call; 0: before none")
    options.add_argument("--soak", type=int, default=50, help="random kills")
    options.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, NewsSite() as site:
        folder = Path(name)
        archive = write_archive(folder / "news.jsonl", ARTICLES)
        listed = feed_list(folder, [feed.url for feed in feeds(site.url)][:2])
        backfill = Sweep(folder / "backfill", ["backfill", archive, "--engine", "direct", "--json"], archive=True)
        lines = [sweep(f"backfill of {ARTICLES} articles", backfill, given.every)]
        print(lines[-1], flush=True)
        ingest = Sweep(folder / "ingest", ["ingest", "--engine", "direct", "--json", "--feeds", listed], archive=False)
        lines.append(sweep("ingest of two feeds", ingest, given.every))
        print(lines[-1], flush=True)
        lines.append(soak(folder, given.soak))
        print(lines[-1], flush=True)
    if given.write:
        told = "\n".join(f"- {line[0].upper()}{line[1:]}." for line in lines)
        about = "Killed, run again, every public table compared with those of a run that nobody interrupted; looked at by `doctor --deep`."
        write_section("sweep", "Exactly once", f"{about}\n\n{told}\n\n{circumstances(['duckdb'])}")


if __name__ == "__main__":
    main()
