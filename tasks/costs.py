"""What each stage costs: documents and CPU seconds, counted where the work is done and added up on the way."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from schemas.run import StageCost


class Watch:
    """A stopwatch of this process's CPU time, with a sum for each stage; it travels between processes."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._documents: dict[str, int] = {}

    @contextmanager
    def stage(self, name: str, documents: int = 1) -> Iterator[None]:
        """Count what runs inside towards a stage."""
        start = time.thread_time()  # of this thread: while one batch is loaded, the next is prepared beside it
        try:
            yield
        finally:
            self._add(name, documents, time.thread_time() - start)

    def add(self, others: Iterable["Watch"]) -> None:
        """Take in the sums of other watches."""
        for other in others:
            for cost in other.costs:
                self._add(cost.stage, cost.documents, cost.seconds)

    def _add(self, name: str, documents: int, seconds: float) -> None:
        self._documents[name] = self._documents.get(name, 0) + documents
        self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """The sums, in order of first appearance."""
        return tuple(StageCost(stage=name, documents=n, seconds=self._seconds[name]) for name, n in self._documents.items())
