"""What is known of a feed, of its items and of an attempt to fetch something."""

from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from schemas.record import Record
from schemas.run import StageCost

Reason = Literal[
    "ok",
    "not_modified",
    "gone",
    "not_found",
    "auth",
    "forbidden",
    "challenge",
    "legal",
    "rate_limited",
    "server_error",
    "empty",
    "not_a_feed",
    "blocked_address",
    "bad_redirect",
    "too_large",
    "timeout",
    "tls",
    "dns",
    "refused",
    "protocol",
    "robots",
    "parser_limit",
]
"""How an attempt ended; the first two are the good ends."""

FeedKind = Literal["rss", "rdf", "atom", "cdf", "json", "news-sitemap", "sitemap", "sitemap-index"]

NAMESPACE = uuid5(NAMESPACE_URL, "https://wirehouse.invalid/feed")
"""Our own namespace; `.invalid` is reserved and can never be somebody's domain (RFC 2606)."""


def feed_id(url: str) -> UUID:
    """Return the id of the feed that was added under this address: the same in every store."""
    return uuid5(NAMESPACE, url)


class Entry(Record):
    """One item as its feed tells it; dates as printed, markup untrusted."""

    key: str
    """What identifies it within its feed: guid, else link, else a hash of title and body."""
    digest: str
    """Hash of what it says (title and words of the body, whatever the markup): another one is an edit."""
    guid: str | None = None
    url: str | None = None
    """Absolute http(s) address of at most 2,048 characters."""
    title: str | None = None
    html: str | None = None
    """The fullest text that the feed gives, as HTML."""
    published: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    """What feed or item declares, as printed."""
    section: str | None = None
    image_url: str | None = None


class Child(Record):
    """A sitemap that a sitemap index names."""

    url: str
    modified: str | None = None


class ParsedFeed(Record):
    """The content of a feed that could be parsed."""

    kind: FeedKind
    title: str | None = None
    site_url: str | None = None
    entries: tuple[Entry, ...] = ()
    children: tuple[Child, ...] = ()
    """Sitemaps of a sitemap index, in its order."""
    ttl_minutes: float | None = None
    """The longest time between two polls that the feed asks for (`ttl`, `sy:*`)."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day in UTC."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week, Monday is 0."""
    complete: bool = True
    """Whether the document was whole; of one that breaks off the last item is left out."""


class NotParsed(Record):
    """Why a body is no feed."""

    reason: Literal["not_a_feed", "empty", "parser_limit"]
    detail: str = ""


class Feed(Record):
    """A row of the feed list."""

    feed_id: UUID
    url: str
    """Where it is polled; not always where it was added."""
    title: str | None = None
    site_url: str | None = None
    folder: str | None = None
    """Folders of the feed list from the outside in, joined by `/`."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Further attributes of its OPML outline, kept for the way back."""


class FeedState(Record):
    """What polling has taught about a feed; `tasks/fetch/schedule.py` makes the next one from it."""

    feed_id: UUID
    etag: str | None = None
    last_modified: str | None = None
    validators_trusted: bool = True
    """False once new items came under an unchanged validator: from then on only the body counts."""
    not_modified_run: int = 0
    """Answers 304 in a row."""
    asked_whole_at: datetime | None = None
    """When it was last asked for without validators."""
    body_hash: str | None = None
    """SHA-256 of the last body that could be parsed, in hexadecimal."""
    interval: float | None = None
    """Seconds between polls, before hints and jitter."""
    next_due_at: datetime | None = None
    polled_at: datetime | None = None
    good_at: datetime | None = None
    """When it last answered well, 304 included."""
    new_at: datetime | None = None
    """When it last brought an item that was new."""
    rate: float | None = None
    """Estimated new items a day."""
    ttl: float | None = None
    """Seconds that the feed last asked to leave between polls; kept because an answer 304 does not repeat it."""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    failures: int = 0
    """Failures in a row."""
    failure_weight: float = 0.0
    """Their weights, added up; 0 after a good answer."""
    last_reason: Reason | None = None
    moved_to: str | None = None
    moved_first_seen: datetime | None = None
    moved_seen: int = 0
    """How often a permanent redirect to `moved_to` was confirmed."""
    parked_until: datetime | None = None
    parked_reason: str | None = None
    gaps: int = 0
    """Polls that shared no item with the one before: something between may be missing."""
    gap_at: datetime | None = None
    full_text: float | None = None
    """Share of the page's words that the feed's own text has, the mean of recent samples."""
    full_text_samples: int = 0


class Outcome(Record):
    """What a poll brought, as the decider of the next one sees it."""

    reason: Reason
    conditional: bool = False
    """Whether validators were sent."""
    etag: str | None = None
    last_modified: str | None = None
    max_age: float | None = None
    """Seconds for which the answer is fresh (`Cache-Control: max-age` or `Expires`); 0 or less: validators are not to be relied on."""
    retry_after: float | None = None
    """Seconds to wait, as asked for."""
    body_hash: str | None = None
    entries: int = 0
    new: int = 0
    known: int = 0
    """Entries that were there before: what overlaps with the polls before."""
    published: tuple[datetime, ...] = ()
    """Dates of the entries, where they are known and not in the future."""
    ttl: float | None = None
    """Seconds that the feed asks to leave between polls."""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    moved_to: str | None = None
    """Target of the permanent part of the redirects, when what it gave is a feed."""


class PollLimits(Record):
    """Bounds of the time between polls, in seconds."""

    shortest: float = 600.0
    longest: float = 86_400.0


class HostState(Record):
    """What is known of a host, kept between runs."""

    host: str
    """Name or address, with the port where it is not the usual one, in lower case."""
    not_before: datetime | None = None
    """Nothing is asked of it before this moment (Retry-After)."""
    forbidden: int = 0
    """Answers 403 in a row."""
    robots: str | None = None
    """Its robots.txt; empty when it has none; NULL when it could not be had."""
    robots_at: datetime | None = None
    rights_at: datetime | None = None
    """When its /.well-known/tdmrep.json was asked for."""


class Signal(Record):
    """What a site says about text and data mining (TDM Reservation Protocol, W3C CG 2024)."""

    url: str
    """The page, or the pattern of addresses below the host."""
    host: str
    found_in: Literal["header", "meta", "well-known"]
    reserved: bool
    policy: str | None = None
    seen_at: datetime


class Fetch(Record):
    """An attempt to fetch a feed or a page: a row of `fetches`."""

    feed_id: UUID | None
    url: str
    fetched_at: datetime
    status: int | None
    reason: Reason
    detail: str = ""
    bytes: int = 0
    """Of the body after decoding."""
    seconds: float = 0.0
    items: int = 0
    new_items: int = 0
    kind: Literal["feed", "page"] = "feed"


Via = Literal["page", "feed"]
"""Where an item's text comes from: its page, or the feed itself."""


class KnownEntry(Record):
    """An item as the store remembers it; its place there is `entry_place`."""

    feed_id: UUID
    entry: Entry
    """Without its text."""
    link: str | None = None
    """Its address in the form that identifies the page."""
    via: Via
    edits: int = 0
    """How often it has come in other words."""
    asked_at: datetime | None = None
    """When its page was last asked for because of what it said."""


class Met(Record):
    """An item, of whatever feed, that led to an address, and the article that came of it."""

    feed_id: UUID
    digest: str
    article_id: UUID
    via: Via
    dated: bool
    """Whether the article has a date of publication."""


class PageDue(Record):
    """A page to be fetched for an item of a feed, now or later; `due_at` is None when only a person may ask for it again."""

    feed_id: UUID
    entry: Entry
    due_at: datetime | None
    attempts: int = 0
    """Attempts that failed."""
    checks: int = 0
    """How often the page was asked for again after it had become an article."""
    wanted_at: datetime | None = None
    """When it was asked for first."""
    edits: int = 0
    """Of the item, as KnownEntry counts them."""
    stands: bool = False
    """Whether the article stands already with the text of its page: then the feed's own text does not replace it."""
    article_id: UUID | None = None
    """The article that another feed's item led to: when the page cannot be had, the item is one more sighting of it."""
    etag: str | None = None
    last_modified: str | None = None


class FeedBody(Record):
    """The bytes of a feed as they were fetched: the last ones of each feed are kept, so that a fault of its parser can be looked into."""

    document_id: str
    """SHA-256 of the bytes, in hexadecimal."""
    media_type: str
    """As the server called it."""
    origin: str
    """The feed's address in the list."""
    url: str
    fetched_at: datetime
    packed: bytes
    """The bytes, compressed with zstd."""


class Ledger(Record):
    """What is written beside documents, in the same transaction."""

    fetches: tuple[Fetch, ...] = ()
    body: FeedBody | None = None
    feed: Feed | None = None
    """A feed whose address or names changed."""
    state: FeedState | None = None
    health: tuple[str, str] | None = None
    """Of the feed in that state, and why."""
    entries: tuple[KnownEntry, ...] = ()
    passed: int = 0
    """Items met again as they were."""
    pages: tuple[PageDue, ...] = ()
    visited: tuple[tuple[UUID, str], ...] = ()
    """Feed and key of items whose page was fetched: what was due is no longer."""
    hosts: tuple[HostState, ...] = ()
    signals: tuple[Signal, ...] = ()
    costs: tuple[StageCost, ...] = ()


def entry_place(feed: UUID, key: str) -> str:
    """Return the place of a feed's item: an item keeps it when the feed moves."""
    return f"feed:{feed}#{key}"
