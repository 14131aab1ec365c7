"""The progress of a run on stderr: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from schemas.arrival import Delivery
from schemas.document import RawDocument
from schemas.run import RunCounts

LINE_EVERY = 5.0  # seconds between two plain lines: a log that can still be read after a night


class RunProgress:
    """Tells how many documents are done, how fast, how many were rejected and how long it will take."""

    def __init__(self, bytes_total: int) -> None:
        console = Console(stderr=True)
        self._bytes_total = max(1, bytes_total)
        self._bytes_done = 0
        self._started = time.monotonic()
        self._said = self._started
        self._bar = _bar(console) if console.is_terminal else None
        self._task = self._bar.add_task("backfill", total=self._bytes_total, rate=0.0, seen=0, rejected=0) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        """Take the counts so far and what the last loaded batch held."""
        self._bytes_done += sum(len(one.item.body) for one in deliveries if isinstance(one.item, RawDocument))
        now = time.monotonic()
        rate = counts.seen / max(now - self._started, 0.001)
        if self._bar and self._task is not None:
            done = min(self._bytes_done, self._bytes_total)  # compressed archives hold more than their size
            self._bar.update(self._task, completed=done, rate=rate, seen=counts.seen, rejected=counts.rejected)
        elif now - self._said >= LINE_EVERY:
            self._said = now
            share = min(1.0, self._bytes_done / self._bytes_total)
            left = (now - self._started) * (1 / share - 1) if share else 0.0
            line = f"{counts.seen:,} documents, {rate:.0f} a second, {counts.rejected:,} rejected, about {left:.0f} s left"
            sys.stderr.write(line + "\n")


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.fields[seen]:,} documents"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:.0f}/s, {task.fields[rejected]:,} rejected"),
        TimeRemainingColumn(),
        console=console,
    )
