"""Files that are one document: plain text and HTML."""

from collections.abc import Iterator
from typing import BinaryIO

from schemas.document import MediaType
from tasks.read.piece import MAX_DOCUMENT, Item, Piece, Reader, Trouble

FIRST, NEXT = 1 << 16, 1 << 20
"""Bytes asked for at first, which nearly every article fits in, and each time after that: what is asked for is reserved."""


def read_bytes(stream: BinaryIO, limit: int = MAX_DOCUMENT) -> bytes | None:
    """Return all bytes of the stream, or None when there are more than `limit`; never holds many more."""
    body = stream.read(FIRST)
    if len(body) < FIRST:
        return body
    parts, size = [body], len(body)
    while size <= limit and (part := stream.read(NEXT)):
        parts.append(part)
        size += len(part)
    return b"".join(parts) if size <= limit else None


def reader_of(media_type: MediaType) -> Reader:
    """Return a reader whose streams are one document of this type, whatever is in it.

    A compressed file that breaks off gives no document: half an article would pass for a whole one.
    """

    def read_whole(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
        if skip:
            yield None
        elif (body := read_bytes(stream)) is None:
            yield Trouble("", "too_large", f"more than {MAX_DOCUMENT:,} bytes")
        else:
            yield Piece("", body, media_type)

    return read_whole
