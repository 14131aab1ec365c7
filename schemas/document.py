"""The first rung of the ladder: a document as it was met, before anybody looked inside."""

import hashlib
from datetime import datetime
from functools import cached_property
from typing import Literal
from uuid import UUID

from schemas.feed import Entry
from schemas.record import Record

MediaType = Literal["text/plain", "text/html", "application/json"]
Channel = Literal["feed", "archive"]


class RawDocument(Record):
    """Bytes, what they are, where they were met and when.

    `application/json` is one object: a line of a JSONL archive, or an item of a feed.
    """

    body: bytes
    media_type: MediaType
    origin: str
    """Where it was met, as a person names it: `folder/a.txt`, `b.zip!c.html`, `d.jsonl#17`, or a feed's URL."""
    place: str
    """The same place in absolute form: two spellings of one path are one place."""
    channel: Channel = "archive"
    source: str
    """Name of the archive, or registered domain of the feed; a page's own URL overrules it."""
    url: str | None = None
    fetched_at: datetime | None = None
    charset: str | None = None
    """The charset that the server named, for bytes that are not UTF-8."""
    entry: Entry | None = None
    """What a feed says of the item that led here: of its own text (`application/json`) or of the page it points at."""
    feed_id: UUID | None = None
    """The feed of that item."""

    @cached_property
    def document_id(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


class Cursor(Record):
    """A position in a source up to which everything is committed; reading goes on right after it.

    `path` is the file inside the source ('' when the source is that file), `position` the number of
    items of that file already delivered, `size` and `mtime_ns` what the file was then: a file that
    has changed since is read again from its start.
    """

    source: str
    path: str
    position: int
    size: int
    mtime_ns: int
