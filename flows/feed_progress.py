"""The progress of an ingest on stderr: a line that changes on a terminal, plain lines elsewhere.

How much there is to do shows only on the way: pages follow from polls.
"""

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows.progress import LINE_EVERY
from schemas.arrival import Delivery
from schemas.run import RunCounts


class FeedProgress:
    """Tells how many feeds were polled, how many pages fetched, and what came of it."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._polled = self._fetched = 0
        self._said = time.monotonic()
        self._line = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)
        self._task = self._line.add_task("polling") if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._task is not None:
            self._line.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._task is not None:
            self._line.stop()

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        """Take the counts so far and what the last loaded batch held."""
        ledgers = [one.ledger for one in deliveries if one.ledger]
        self._polled += sum(ledger.state is not None for ledger in ledgers)
        self._fetched += sum(len(ledger.visited) for ledger in ledgers)
        said = (
            f"{self._polled:,} feeds polled, {self._fetched:,} pages fetched, "
            f"{counts.new:,} new articles, {counts.new_versions:,} new versions, {counts.rejected:,} rejected"
        )
        now = time.monotonic()
        if self._task is not None:
            self._line.update(self._task, description=said)
        elif now - self._said >= LINE_EVERY and (self._polled or self._fetched):
            self._said = now
            sys.stderr.write(said + "\n")
