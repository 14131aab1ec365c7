"""A command killed before a call to the store, run again, and compared with one that nobody interrupted."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb

from schemas.settings import writer_path
from tasks.store.care.health import check_deeply, check_store
from tests.bench.generate import articles
from tests.flows.command import environment, public_rows
from tests.flows.dying import KEEP, STATES
from tests.flows.feeding import POLITENESS_OFF, TOLD_BY_RUNS

ROOT = Path(__file__).parents[2]
COUNTS = ("seen", "new", "new_versions", "sightings", "unchanged", "rejected")
PATIENCE = 300  # seconds
ENVIRONMENT = "nothing phones home"  # a check of this process, not of the store

Counts = tuple[int, ...]


class Sweep:
    """A command in a folder of its own for every death. Of archives, rejections and documents are compared too, and the counts."""

    def __init__(self, folder: Path, command: Iterable[object], *, archive: bool) -> None:
        self.folder, self.archive = folder, archive
        self.command = [str(word) for word in command]
        self.leave_out = ("runs", "story_log") if archive else TOLD_BY_RUNS
        whole = folder / "whole"
        whole.mkdir(parents=True)
        assert self.run(whole, 0) == 0
        self.expected = public_rows(whole / "news.duckdb", self.leave_out)
        [(_, self.counts)] = run_counts(whole)
        self.boundaries = len((whole / "calls.txt").read_text("utf-8").splitlines())

    def run(self, folder: Path, last: int, **more: str) -> int:
        """Return the exit code of the command that dies before its call number `last`; 0: it lives."""
        line = [sys.executable, "-m", "tests.flows.dying", str(last), str(folder / "calls.txt"), *self.command]
        environ = environment(**POLITENESS_OFF, WIREHOUSE_WORKERS="1", WIREHOUSE_PUBLISH_EVERY="0.0001", PYTHONPATH=str(ROOT), **more)
        done = subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        return done.returncode

    def leftovers(self) -> dict[Path, list[int]]:
        """Return folders with what a death leaves on the disk, each with the calls before which it is this that is left.

        A killed process has written what it has written: the files as they lie there before a call are what it leaves.
        """
        kept, folder = self.folder / "kept", self.folder / "watched"
        kept.mkdir()
        folder.mkdir()
        assert self.run(folder, 0, **{KEEP: str(kept)}) == 0
        places: dict[Path, list[int]] = {}
        for number, name in enumerate((kept / STATES).read_text("utf-8").splitlines(), 1):
            places.setdefault(kept / name, []).append(number)
        return places

    def differences(self, last: int) -> list[str]:
        """Return what differs, by table, when the command was killed before call number `last` and run again; the folder goes."""
        folder = self.folder / str(last)
        folder.mkdir()
        assert self.run(folder, last) == -signal.SIGKILL
        return self.differences_from(folder)

    def differences_from(self, folder: Path) -> list[str]:
        """Return what differs, by table, when the command goes on from what was left in a folder; the folder goes."""
        assert self.run(folder, 0) == 0
        found = public_rows(folder / "news.duckdb", self.leave_out)
        wrong = [table for table, rows in self.expected.items() if found[table] != rows]
        if self.archive and not self._adds_up(run_counts(folder)):
            wrong.append(f"counts: {run_counts(folder)} and not {self.counts}")
        wrong += faults(folder / "news.duckdb")
        shutil.rmtree(folder)
        return wrong

    def _adds_up(self, runs: list[tuple[str, Counts]]) -> bool:
        """Return whether the runs counted everything once; one that died when all was done is followed by one that finds nothing new."""
        if [state for state, _ in runs] == ["completed", "completed"]:
            return [counts for _, counts in runs] == [self.counts, (self.counts[0], 0, 0, 0, self.counts[0], 0)]
        return tuple(map(sum, zip(*(counts for _, counts in runs), strict=True))) == self.counts


def faults(store: Path) -> list[str]:
    """Return what `wirehouse doctor --deep` finds wrong with a store: keys, indexes against scans, the balance of runs."""
    checks = [*check_store(store, writer_path(store)), *check_deeply(store)]
    return [f"doctor: {check.name}" for check in checks if not check.ok and check.name != ENVIRONMENT]


def run_counts(folder: Path) -> list[tuple[str, Counts]]:
    """Return state and counts of every run of a store, the oldest first; each must balance, and none may be left open."""
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as con:
        rows = con.execute(f"SELECT state, {', '.join(COUNTS)} FROM runs ORDER BY started_at").fetchall()
    assert all(state in {"completed", "crashed"} for state, *_ in rows)
    assert all(seen == sum(rest) for _, seen, *rest in rows)
    return [(state, tuple(counts)) for state, *counts in rows]


def write_archive(path: Path, count: int) -> Path:
    """Write a JSONL archive of so many generated articles and one broken line; return its path."""
    lines = [json.dumps(one.row) for one in articles(count, seed=9)]
    path.write_text("\n".join([*lines, "{broken"]) + "\n", encoding="utf-8")
    return path
