"""A care of a store that is killed at every so many lines of the code that handles files, and what the next one finds.

    python -m tests.flows.sweep FOLDER EVERY

FOLDER holds a store with something to give back. Prints a JSON line for each kill: the line of code, and what was wrong
afterwards. A child is forked for every kill, because imports take longer than the work.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb

from flows.maintain import Asked, maintain
from flows.options import Step
from schemas.settings import Settings
from tasks.store import replace
from tasks.store.care import backup, compaction, contents
from tasks.store.care.health import check_store

FILES = tuple(str(module.__file__) for module in (replace, compaction, backup, contents))
STEPS = Asked((Step.COMPACTION, Step.BACKUP, Step.PUBLISH), frozenset({Step.COMPACTION, Step.PUBLISH}))


class Killer:
    """Counts the lines that run in some files, and kills this process at one of them."""

    def __init__(self, at: int, place: Path, files: tuple[str, ...] = FILES) -> None:
        self.at, self.place, self.files, self.lines = at, place, files, 0

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if not frame.f_code.co_filename.endswith(self.files) or frame.f_code.co_name.startswith("<"):
            return None  # comprehensions go over every table
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                self.place.write_text(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}", encoding="utf-8")
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def settings(folder: Path) -> Settings:
    return Settings(store=folder / "news.duckdb", backup_dir=folder / "backups", backups_kept=1)


def killed(folder: Path, at: int) -> bool:
    """Return whether a care was killed at that line; not when it ended before."""
    child = os.fork()
    if not child:
        sys.settrace(Killer(at, folder / "place"))
        maintain(settings(folder), STEPS)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def digest(file: Path) -> list[Sequence[Any]]:
    """Return for every table of a file how many rows it has, and a hash of them."""
    with duckdb.connect(str(file), read_only=True) as con:
        tables = [name for (name,) in con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL").fetchall()]
        return [[name, *con.execute(f"SELECT count(*), bit_xor(hash(t)) FROM {name} t").fetchall()[0]] for name in tables]


def wrong_after(folder: Path, expected: list[Sequence[Any]]) -> list[str]:
    """Return what is wrong with a store after a kill, to readers at once, and after the next care."""
    child_says = folder / "says"
    child = os.fork()
    if not child:
        wrong = [] if digest(folder / "news.duckdb") == expected else ["the published copy differs"]
        maintain(settings(folder), STEPS)
        wrong += [check.name for check in check_store(folder / "news.duckdb", folder / "news.writer.duckdb") if not check.ok]
        for path in (folder / "news.writer.duckdb", folder / "news.duckdb", *(folder / "backups").glob("*.duckdb")):
            wrong += [] if digest(path) == expected else [f"{path.name} differs"]
        left = {path.name for path in folder.iterdir()} - {
            "news.duckdb",
            "news.writer.duckdb",
            "news.writer.duckdb.lock",
            "backups",
            "place",
        }
        wrong += [f"left behind: {name}" for name in left]
        wrong += [] if len(list((folder / "backups").iterdir())) == 2 else ["not one backup with its checksum"]
        child_says.write_text(json.dumps(wrong), encoding="utf-8")
        os._exit(0)
    code = os.waitpid(child, 0)[1]
    wrong = json.loads(child_says.read_text("utf-8")) if child_says.exists() else [f"the next care ended with {code}"]
    return list(wrong)


def expected_rows(original: Path) -> list[Sequence[Any]]:
    """Return the rows of the store, read in a child: DuckDB must not have run in a process that is forked."""
    reader, writer = os.pipe()
    if not os.fork():
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps(digest(original / "news.duckdb")))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        rows: list[Sequence[Any]] = json.loads(pipe.read())
    return rows


def main() -> None:
    original, every = Path(sys.argv[1]), int(sys.argv[2])
    expected, at, more = expected_rows(original), 1, True
    while more:
        folder = original.with_name(f"{original.name}-{at}")
        shutil.copytree(original, folder)
        more = killed(folder, at)
        if more:
            print(json.dumps({"at": (folder / "place").read_text("utf-8"), "wrong": wrong_after(folder, expected)}), flush=True)
        shutil.rmtree(folder)
        at += every


if __name__ == "__main__":
    main()
