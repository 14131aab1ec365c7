"""What publishing, compaction and a backup of a large store take: `python -m tests.bench.publish [MEGABYTES]`.

The store is filled with rows of noise, because only its size counts here. Seconds are of the clock, fsync included; the
plain copy beside is what any program would do.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from schemas.settings import Settings
from tasks.store.care.backup import back_up
from tasks.store.care.compaction import compact
from tasks.store.writer import Writer
from tests.bench.report import table

MEGABYTES = 500
ROWS_A_MEGABYTE = 15_600  # of 64 random bytes, as DuckDB packs them


def seconds(work: Callable[[], object]) -> str:
    """Return how long something takes."""
    begun = time.perf_counter()
    work()
    return f"{time.perf_counter() - begun:.2f}"


def plain_copy(source: Path, target: Path) -> None:
    """Copy through this process, durably."""
    with source.open("rb") as origin, target.open("wb") as copy:
        shutil.copyfileobj(origin, copy)
        copy.flush()
        os.fsync(copy.fileno())


def measure(megabytes: int) -> list[tuple[str, str]]:
    """Return what was done with a store of about that size, and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=Path(folder) / "news.duckdb")
        with Writer(settings) as store:
            rows = megabytes * ROWS_A_MEGABYTE
            noise = "random() AS a, random() AS b, hash(range) AS c, uuid() AS d, uuid() AS e"
            store.con.execute(f"CREATE TABLE internal.noise AS SELECT {noise} FROM range({rows})")
            found = [("publish", seconds(store.publish))]
            size = settings.store.stat().st_size
            found.append(("publish again, nothing has changed", seconds(store.publish)))
            with store.closed() as file:
                found.append(("plain copy", seconds(lambda: plain_copy(file, Path(folder) / "plain"))))
            safe = Path(folder) / "safe"
            found.append(("backup with verification", seconds(lambda: back_up(store, safe, "news.duckdb", datetime.now(UTC)))))
            found.append(("compaction", seconds(lambda: compact(store))))
    return [("megabytes", f"{size / 1e6:.0f}"), *found]


if __name__ == "__main__":
    print(table(("what", "seconds"), measure(int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES)))
