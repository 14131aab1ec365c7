"""The intake of a backfill: typed paths, one after the other, and of what is in them what was asked for."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

from schemas.arrival import Delivery
from schemas.choice import Choice
from schemas.document import Cursor, RawDocument
from tasks.read.exported import is_export, read_export
from tasks.read.paths import expand_paths
from tasks.read.source import describe, files_of, read_source, size_of
from tasks.store.runs import fetch_cursors
from tasks.store.writer import Writer
from tasks.workers import Workers

EVERYTHING = Choice()


class ArchiveIntake:
    """Documents from files and folders; raises UsageError for a path that names nothing.

    A run that asks for some of it keeps cursors of its own, so that what it passes over is not passed over by the next
    run too. A limited run keeps none: it is short, and begins at the beginning each time.
    """

    flow = "backfill"

    def __init__(self, arguments: Sequence[str], choice: Choice = EVERYTHING) -> None:
        self._paths = expand_paths(arguments)
        self._places = [describe(path).place for path in self._paths]
        self._choice = choice
        self.sources = [] if choice.limit else [place + choice.key for place in self._places]

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield the documents of every path, right behind the cursors of an unfinished run; the unwanted only as such."""
        del workers  # reading is cheap enough for this process
        cursors = fetch_cursors(store.con)
        left = self._choice.limit
        for number in range(len(self._paths)):
            deliveries = self._read_back(number, store) if is_export(self._paths[number]) else self._read(number, cursors)
            for delivery in deliveries:
                yield delivery
                left = left - 1 if left and not delivery.passed_over else left
                if left == 0:
                    return

    def _read(self, number: int, cursors: dict[str, Cursor]) -> Iterator[Delivery]:
        place = self._places[number]
        after = None if self._choice.limit else cursors.get(place + self._choice.key)
        for delivery in read_source(self._paths[number], after and after.model_copy(update={"source": place})):
            yield delivery.model_copy(update=self._as_asked(delivery) | {"done": self._before[number] + delivery.done})

    def _read_back(self, number: int, store: Writer) -> Iterator[Delivery]:
        """Yield what an exported store holds that this one does not; its rows say how far it has come, so it needs no cursor."""
        for delivery in read_export(store.con, self._paths[number], whole=self._choice == EVERYTHING):
            yield delivery.model_copy(update=self._as_asked(delivery) | {"done": self._before[number] + delivery.done})

    def _as_asked(self, delivery: Delivery) -> dict[str, Any]:
        """Return what changes in a delivery by what was asked for."""
        item, cursor = delivery.item, delivery.cursor
        key = {"source": cursor.source + self._choice.key} if cursor else {}
        changed = {"cursor": cursor.model_copy(update=key) if cursor and not self._choice.limit else None}
        if not isinstance(item, RawDocument):
            return changed
        if not self._choice.captured.holds(item.fetched_at):
            return changed | {"item": None, "passed_over": True}
        named = item.model_copy(update={"source": self._choice.source}) if self._choice.source else item
        return changed | {"item": named, "published": self._choice.published}

    @cached_property
    def _before(self) -> list[int]:
        """Bytes that lie before each path, and at last of all of them."""
        sizes = (sum(size_of(found.file) for found in files_of(path)) for path in self._paths)
        return list(accumulate(sizes, initial=0))

    @property
    def bytes_total(self) -> int:
        """Size of all files, for the progress display; compressed ones count as they lie there."""
        return self._before[-1]
