"""Read one source, a file or a folder, from its start or from right behind a cursor."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from schemas.arrival import Delivery
from schemas.document import Cursor, RawDocument
from schemas.rejection import Rejection
from tasks.read.formats import bare_name, open_reader
from tasks.read.piece import Item, Piece, Trouble
from tasks.read.stream import guarded
from tasks.read.walk import Found, printable, walk


class Source(NamedTuple):
    """What the person typed, in the three forms that records carry."""

    origin: str
    place: str
    name: str


def read_source(path: Path, after: Cursor | None = None) -> Iterator[Delivery]:
    """Yield every document of a file or folder in a fixed order; those before the file of `after` are marked `again`.

    In the file at the cursor reading goes on right behind it, or starts again when the file has changed. A cursor
    of another source counts as none. Memory is bounded by one document
    (`piece.MAX_DOCUMENT`), one folder's names and a zip's table of contents. UsageError for a file in which
    no format can be recognised; whatever else cannot be read is a Rejection of stage `read`, with reason
    `empty`, `broken_json`, `broken_page`, `too_large`, `broken_archive`, `nested_archive` or `unreadable`.
    """
    source = describe(path)
    after = after if after is not None and after.source == source.place else None
    done = 0
    for found in files_of(path):
        deliveries = _read_file(source, found, after, done)
        done += size_of(found.file)
        if after is not None and found.path < after.path:
            deliveries = (one.model_copy(update={"cursor": after, "again": True}) for one in deliveries)
        yield from deliveries


def describe(path: Path) -> Source:
    """Return origin, place and archive name of a typed path: for `x/news.jsonl.gz` the name is `news`."""
    place = path.resolve()
    name = place.name if path.is_dir() else Path(bare_name(place.name)).stem
    return Source(printable(path.as_posix()), printable(place.as_posix()), printable(name) or "archive")


def files_of(path: Path) -> Iterable[Found]:
    """Return the files of a source: those of a folder, or the file itself."""
    return walk(path) if path.is_dir() else [Found("", path)]


def size_of(file: Path) -> int:
    """Return the bytes of a file as it lies there, 0 when that cannot be told."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _read_file(source: Source, found: Found, after: Cursor | None, before: int) -> Iterator[Delivery]:
    start = _start(source, found)
    skip = after.position if after is not None and after == start.model_copy(update={"position": after.position}) else 0
    origin, place = _join(source.origin, found.path), _join(source.place, found.path)
    file = OpenFile(found.file, start.size)
    for position, item in enumerate(guarded(file.read(skip)), 1):
        if position > skip and item is not None:
            cursor = Cursor(source=start.source, path=start.path, position=position, size=start.size, mtime_ns=start.mtime_ns)
            record = _record(item, origin + item.within, place + item.within, source.name)
            yield Delivery(item=record, cursor=cursor, done=before + file.done)


def _start(source: Source, found: Found) -> Cursor:
    try:
        status = found.file.stat()
    except OSError:
        return Cursor(source=source.place, path=found.path, position=0, size=0, mtime_ns=0)
    return Cursor(source=source.place, path=found.path, position=0, size=status.st_size, mtime_ns=status.st_mtime_ns)


class OpenFile:
    """A file that is being read, of `size` bytes."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._stream: BinaryIO | None = None

    def read(self, skip: int) -> Iterator[Item]:
        """Yield what is in it, by the reader of its format."""
        with self._path.open("rb") as stream:
            self._stream = stream
            reader, content = open_reader(self._path.name, stream, self._size)
            yield from reader(content, skip)

    @property
    def done(self) -> int:
        """How many of its bytes were read, in a compressed file those of the file; all once it is closed."""
        return self._stream.tell() if self._stream and not self._stream.closed else self._size


def _join(root: str, path: str) -> str:
    if not path or root == ".":
        return path or root
    return f"{root.rstrip('/')}/{path}"


def _record(item: Piece | Trouble, origin: str, place: str, source: str) -> RawDocument | Rejection:
    if isinstance(item, Trouble):
        return Rejection(stage="read", reason=item.reason, detail=item.detail, origin=origin, place=place)
    known = item._asdict()
    del known["within"]
    return RawDocument(**known, origin=origin, place=place, source=source)
