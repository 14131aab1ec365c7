"""The progress of a run on stderr: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from schemas.arrival import Delivery
from schemas.run import RunCounts

LINE_EVERY = 5.0  # seconds between two plain lines: a log that can still be read after a night


class RunProgress:
    """Tells how many documents are done, how fast, how many were rejected and how long it will take.

    How far a run is, is the share of the archives' bytes as they lie there (packed ones are read at the pace of their
    packed size), or the share of the documents that were asked for. The time left follows from what this run has done of
    it: what a run before it did took this one no time.
    """

    def __init__(self, bytes_total: int, limit: int | None = None) -> None:
        console = Console(stderr=True)
        self._bytes_total = max(1, bytes_total)
        self._limit = limit
        self._began: float | None = None
        self._done = 0.0
        self._started = time.monotonic()
        self._said = self._started
        self._bar = _bar(console) if console.is_terminal else None
        self._task = self._bar.add_task("backfill", total=1.0, rate=0.0, seen=0, rejected=0, left="") if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        """Take the counts so far and what the last loaded batch held."""
        now = time.monotonic()
        self._move(counts, deliveries)
        rate = counts.seen / max(now - self._started, 0.001)
        left = self._left(now - self._started)
        if self._bar and self._task is not None:
            told: dict[str, Any] = {"rate": rate, "seen": counts.seen, "rejected": counts.rejected, "left": left and f"{left} left"}
            self._bar.update(self._task, completed=self._done, **told)
        elif now - self._said >= LINE_EVERY:
            self._said = now
            documents = f"{counts.seen:,} document{'s' * (counts.seen != 1)}"
            line = f"{documents}, {rate:.0f} a second, {counts.rejected:,} rejected, {100 * self._done:.0f} %"
            sys.stderr.write(line + (left and f", about {left} left") + "\n")

    def _move(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        if self._began is None:
            self._began = min(1.0, deliveries[0].done / self._bytes_total)
        of_limit = counts.seen / self._limit if self._limit else 0.0
        self._done = min(1.0, max(self._done, deliveries[-1].done / self._bytes_total, of_limit))

    def _left(self, seconds: float) -> str:
        """Return how long the rest will take (hours, minutes, seconds), '' when nothing can be told yet or nothing is left."""
        share = self._done - (self._began or 0.0)
        return str(timedelta(seconds=round(seconds * (1.0 - self._done) / share))) if share > 0 and self._done < 1.0 else ""


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.fields[seen]:,} documents"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:.0f}/s, {task.fields[rejected]:,} rejected"),
        TextColumn("{task.fields[left]}"),
        console=console,
    )
