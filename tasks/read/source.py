"""Read one source, a file or a folder, from its start or from right behind a cursor."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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
    `empty`, `broken_json`, `too_large`, `broken_archive`, `nested_archive` or `unreadable`.
    """
    source = describe(path)
    after = after if after is not None and after.source == source.place else None
    for found in walk(path) if path.is_dir() else [Found("", path)]:
        deliveries = _read_file(source, found, after)
        if after is not None and found.path < after.path:
            deliveries = (one.model_copy(update={"cursor": after, "again": True}) for one in deliveries)
        yield from deliveries


def describe(path: Path) -> Source:
    """Return origin, place and archive name of a typed path: for `x/news.jsonl.gz` the name is `news`."""
    place = path.resolve()
    name = place.name if path.is_dir() else Path(bare_name(place.name)).stem
    return Source(printable(path.as_posix()), printable(place.as_posix()), printable(name) or "archive")


def _read_file(source: Source, found: Found, after: Cursor | None) -> Iterator[Delivery]:
    start = _start(source, found)
    skip = after.position if after is not None and after == start.model_copy(update={"position": after.position}) else 0
    origin, place = _join(source.origin, found.path), _join(source.place, found.path)
    for position, item in enumerate(guarded(_read(found.file, start.size, skip)), 1):
        if position > skip and item is not None:
            cursor = Cursor(source=start.source, path=start.path, position=position, size=start.size, mtime_ns=start.mtime_ns)
            yield Delivery(item=_record(item, origin + item.within, place + item.within, source.name), cursor=cursor)


def _start(source: Source, found: Found) -> Cursor:
    try:
        status = found.file.stat()
    except OSError:
        return Cursor(source=source.place, path=found.path, position=0, size=0, mtime_ns=0)
    return Cursor(source=source.place, path=found.path, position=0, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _read(file: Path, size: int, skip: int) -> Iterator[Item]:
    with file.open("rb") as stream:
        reader, content = open_reader(file.name, stream, size)
        yield from reader(content, skip)


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
