"""The second rung: an article, cleaned, with the provenance of what is known about it."""

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from schemas.document import Channel
from schemas.record import Record

DateSource = Literal["json-ld", "meta", "time", "feed", "row", "text", "htmldate", "inferred"]
TRUST: dict[DateSource, int] = {source: rank for rank, source in enumerate(get_args(DateSource))}
"""The rank of each source of dates, the most trusted first: the order in which DateSource names them."""
Zone = Literal["stated", "assumed"]
Access = Literal["full", "teaser", "metered", "unknown"]
BlockRole = Literal[
    "title", "kicker", "dek", "byline", "date", "agency", "related", "caption", "paywall", "donation", "social", "furniture"
]


class Stamp(Record):
    """A date: the moment in UTC, what was printed, and how it is known."""

    at: datetime
    raw: str
    zone: Zone
    found_in: DateSource


class RemovedBlock(Record):
    """A piece of text that cleaning took out of the body, whole, with its role and the rule that decided."""

    role: BlockRole
    reason: str
    text: str


class Candidate(Record):
    """A value that a document offers for a field, and the rule that reads it."""

    field: str
    rule: str
    value: str


class Article(Record):
    """An article: clean text (paragraphs parted by a blank line) and what the document says about itself."""

    text: str
    title: str | None = None
    dek: str | None = None
    byline: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    """News agencies that the text is credited to, by their usual short names: AFP, Reuters, AP..."""
    section: str | None = None
    keywords: tuple[str, ...] = ()
    """What the document says it is about, as printed."""
    published: Stamp | None = None
    published_untrusted: str | None = None
    """What was printed as the date of publication and cannot be one: it lies in the future, or says no day."""
    updated: Stamp | None = None
    url: str | None = None
    canonical_url: str | None = None
    """The normalised address that identifies the article; NULL for a document that names none."""
    identity: str | None = None
    """What identifies an article that has no address: its guid within its feed (`guid:<feed_id>:<key>`)."""
    image_url: str | None = None
    source: str
    channel: Channel = "archive"
    declared_language: str | None = None
    """What the document claims, ISO 639-1: a weak prior for language identification."""
    access: Access = "unknown"
    access_note: str | None = None
    rights: tuple[str, ...] = ()
    """What the page itself says about its reuse: `noai`, `noarchive`, `tdm-reservation=1`, `license=...`."""
    text_share: float | None = None
    """Share of the visible text of the document that is kept as text, 0 to 1; None where that was not counted."""
    found_by: dict[str, str] = Field(default_factory=dict)
    """The rule that gave each field that has a value."""
    removed: tuple[RemovedBlock, ...] = ()
