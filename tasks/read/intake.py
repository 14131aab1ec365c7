"""The intake of a backfill: typed paths, one after the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.arrival import Delivery
from tasks.read.paths import expand_paths
from tasks.read.source import describe, read_source
from tasks.store.runs import fetch_cursors
from tasks.store.writer import Writer
from tasks.workers import Workers


class ArchiveIntake:
    """Documents from files and folders; raises UsageError for a path that names nothing."""

    flow = "backfill"

    def __init__(self, arguments: Sequence[str]) -> None:
        self._paths = expand_paths(arguments)
        self.sources = [describe(path).place for path in self._paths]

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield the documents of every path, right behind the cursors of an unfinished run."""
        del workers  # reading is cheap enough for this process
        cursors = fetch_cursors(store.con)
        for path, source in zip(self._paths, self.sources, strict=True):
            yield from read_source(path, cursors.get(source))

    @property
    def bytes_total(self) -> int:
        """Size of all files, for the progress display; compressed ones count as they lie there."""
        return sum(_size(path) for path in self._paths)


def _size(path: Path) -> int:
    files = (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)
