"""The extra's index brought up to date by processes that are killed: `python -m tests.tasks.store.search.killed_index FOLDER EVERY`.

Of the store in FOLDER a folder `killed-N` is left for each N, of which EVERY is the measure: the store, and the index that was left by
a process that died before the N-th line of the index's own code. Portions are small, so that there are several commits.
"""

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import numpy as np
import tantivy

from tasks.store.search import tantivy_feed, tantivy_index

LOADED = (duckdb, np, tantivy)
"""What each process would otherwise load for itself."""
CODE = {tantivy_feed.__file__, tantivy_index.__file__}


def die_before(last: int) -> None:
    """Have this process killed before it comes to its line number `last` of the index's code."""
    lines = count(1)

    def watch(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename not in CODE:
            return None
        if event == "line" and next(lines) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return watch

    sys.settrace(watch)


def main() -> None:
    """Kill one process after the other, until one comes to its end."""
    folder, every = Path(sys.argv[1]), int(sys.argv[2])
    tantivy_feed.COMMITTED = 8
    tantivy_feed.READ_AT_ONCE = 3
    for last in range(every, 100_000, every):
        killed = folder / f"killed-{last}"
        index = tantivy_index.index_path(Path("news.duckdb")).name
        killed.mkdir()
        os.link(folder / "news.duckdb", killed / "news.duckdb")
        if (folder / index).exists():
            shutil.copytree(folder / index, killed / index)
        child = os.fork()
        if not child:
            die_before(last)
            tantivy_feed.bring_up_to_date(killed / "news.duckdb")
            os._exit(0)
        if not os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            return


if __name__ == "__main__":
    main()
