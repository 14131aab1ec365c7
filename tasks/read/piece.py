"""What a reader finds in one stream, and what a reader is."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple, Protocol

from schemas.document import MediaType

MAX_DOCUMENT = 50_000_000
"""Bytes one document may have, decompressed. The longest news page we know of has 4 MB; a whole book as text has 6."""


class Piece(NamedTuple):
    """One document of a file: its place within the file (`#17`, `!c.html`, ''), its bytes, what they are.

    A web archive knows more: the address, when it was fetched (UTC), the charset that the server named.
    """

    within: str
    body: bytes
    media_type: MediaType
    url: str | None = None
    fetched_at: datetime | None = None
    charset: str | None = None


class Trouble(NamedTuple):
    """A part of a file that cannot be read: its place within the file, why in a word, why for people."""

    within: str
    reason: str
    detail: str


Item = Piece | Trouble | None


class Reader(Protocol):
    """A function that yields the items of one stream in order.

    The caller already has the first `skip` items: for them a reader may yield None and save the work.
    A reader lets the errors of its stream pass; `tasks.read.stream.guarded` turns them into Trouble.
    """

    def __call__(self, stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
        """Yield what is in the stream."""
        ...


def within(place: str, item: Item) -> Item:
    """Return the item with `place` put before its own place."""
    return item if item is None else item._replace(within=place + item.within)
