"""WARC archives (1.0 and 1.1): each web page in them is a document, at the number of its record.

    records | those that may be a page | HTTP: status 200, HTML | transfer and content coding undone

FastWARC finds the records. Everything else in a web archive is passed over: requests, metadata, revisits (which repeat
a page without its bytes), DNS, robots.txt, other media types, other statuses.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from schemas.document import MediaType
from tasks.clean.decode import charset_of
from tasks.read.message import MAX_HEADER as MAX_HTTP_HEADER
from tasks.read.message import BrokenMessageError, Page, holds_page, kind_of, read_message
from tasks.read.piece import MAX_DOCUMENT, Item, Piece, Trouble

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

MAX_HEADER = 1 << 16
"""Bytes of a record's own header; the longest part is an address."""
BEGINNING = 1 << 16
"""Bytes in which an HTTP header ends and a page shows that it is one."""
PART = 1 << 20
"""Bytes asked for at a time: what is asked for is reserved."""
YEARS = range(1990, 2101)
"""Years a capture can have: the Web began in 1990; what lies far outside is damage, and breaks the arithmetic of time zones."""
LONGEST_NUMBER = 19
"""Digits of a length: 18 are a thousand petabytes, and more no longer fit the 64 bits that FastWARC counts with."""
BARE: dict[str, MediaType] = {"text/plain": "text/plain", "text/html": "text/html", "application/xhtml+xml": "text/html"}
"""Records that hold the document itself, without HTTP: pages that were saved, and the texts of WET files."""


class Steps:
    """A stream for FastWARC, in single steps, so that an error in it comes after everything that stood before."""

    def __init__(self, stream: BinaryIO) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._taken = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        part: bytes = self._read(size)
        self._taken += len(part)
        return part

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._taken


class Record:
    """A record of an archive, its block read once, in one or two goes; ValueError where the archive says nonsense or ends too soon."""

    def __init__(self, raw: "WarcRecord", number: int) -> None:
        self._raw = raw
        self._number = number
        self.length = self._left = _length(raw, number)
        self.place = f"#{number}"

    def header(self, name: str) -> str:
        """Return a header of the record, '' when it has none of this name."""
        return (self._raw.headers.get(name) or "").strip()

    @property
    def captured(self) -> datetime | None:
        """When the record was made, in UTC."""
        moment = self._raw.record_date
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None and moment.year in YEARS else None

    def begin(self) -> bytes:
        """Return the beginning of what is in the record."""
        reader: Any = self._raw.reader
        part: bytes = reader.read(min(self._left, BEGINNING))
        self._left -= len(part)
        return part

    def rest(self) -> bytes:
        """Return what is left of it."""
        parts = []
        reader: Any = self._raw.reader
        while self._left and (part := reader.read(min(self._left, PART))):
            parts.append(part)
            self._left -= len(part)
        self.finish()
        return b"".join(parts)

    def finish(self) -> None:
        """Read to the end: whether a record is whole is known before it counts."""
        self._left -= self._raw.consume() if self._left else 0
        if self._left:
            raise ValueError(f"the archive ends inside record {self._number}")


def read_warc(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
    """Yield a document for each page, None for each record that holds none; ValueError where the archive is damaged."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    steps: Any = Steps(stream)  # all that FastWARC calls of a stream
    records = ArchiveIterator(steps, record_types=WarcRecordType.any_type, parse_http=False, stream_detect=False, max_header_len=MAX_HEADER)
    number, found = 0, skip > 0
    while (raw := _next(records, number + 1)) is not None:
        number += 1
        record = Record(raw, number)
        item = _item(record) if number > skip else None
        record.finish()
        found = found or item is not None
        yield item
    if not found:
        yield Trouble("", "empty", "there is no page in it")


def _next(records: Iterator["WarcRecord"], number: int) -> "WarcRecord | None":
    try:
        return next(records, None)
    except OSError as error:
        if type(error) is OSError and error.errno is None:  # FastWARC's own; those of the stream are more exact
            raise ValueError(f"record {number}: {error}") from error
        raise


def _length(raw: "WarcRecord", number: int) -> int:
    length = (raw.headers.get("Content-Length") or "").strip()
    if not (length.isascii() and length.isdigit() and len(length) < LONGEST_NUMBER):
        raise ValueError(f"record {number} does not say its length")
    return int(length)


def _item(record: Record) -> Item:
    """Return the page in a record, None when it holds none; what holds none is read no further than its beginning."""
    url = _target(record.header("WARC-Target-URI"))
    declared = record.header("Content-Type")
    if not _may_hold_page(record.header("WARC-Type").lower(), kind_of(declared)) or _is_robots(url):
        return None
    begin = record.begin()
    is_bare = kind_of(declared) in BARE
    if not (is_bare or holds_page(begin)):
        return None
    try:
        if record.length > MAX_DOCUMENT + MAX_HTTP_HEADER:
            raise BrokenMessageError("too_large", f"more than {MAX_DOCUMENT:,} bytes")
        block = begin + record.rest()
        page = Page(block, BARE[kind_of(declared)], charset_of(declared)) if is_bare else read_message(block, MAX_DOCUMENT)
    except BrokenMessageError as error:
        return Trouble(record.place, error.reason, str(error))
    return Piece(record.place, page.body, page.media_type, url=url, fetched_at=record.captured, charset=page.charset)


def _may_hold_page(record_type: str, kind: str) -> bool:
    if record_type == "response":
        return kind in {"application/http", ""}  # not text/dns
    return record_type in {"resource", "conversion"} and kind in BARE


def _is_robots(url: str | None) -> bool:
    try:
        return url is not None and urlsplit(url).path == "/robots.txt"
    except ValueError:  # an address that is none
        return False


def _target(uri: str) -> str | None:
    """Return the address a record is about; some writers of WARC 1.0 put it in angle brackets."""
    address = uri.removeprefix("<").removesuffix(">")
    return address if address.lower().startswith(("http://", "https://")) else None
