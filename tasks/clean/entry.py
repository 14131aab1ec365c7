"""What a feed tells of an item: a document of its own, and what lies under the page that it points at."""

import json
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from schemas.article import TRUST, Article, Stamp
from schemas.document import RawDocument
from schemas.feed import Entry, Feed
from tasks.clean.dates import Clock
from tasks.clean.folding import squeeze
from tasks.clean.people import split_people
from tasks.clean.stamps import machine_stamp
from tasks.clean.url import absolute_url, registered_domain
from tasks.clean.values import declared_code, tidied

UNTRUSTED_LONGEST = 100
"""Characters kept of a printed date that is not trusted: as many as are read of any."""
TITLE_LONGEST = 300
"""Characters of the longest title taken from a feed; what is longer is a text."""


def entry_document(entry: Entry, feed: Feed, fetched_at: datetime) -> RawDocument:
    """Return the item's own text as a document: a row of JSON, the same bytes for the same item."""
    row = {
        "id": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "html": entry.html,
        "published": entry.published,
        "updated": entry.updated,
        "authors": entry.authors,
        "language": entry.language,
        "section": entry.section,
        "image": entry.image_url,
    }
    said = {name: value for name, value in row.items() if value}
    return RawDocument(
        body=json.dumps(said, sort_keys=True, separators=(",", ":")).encode(),
        media_type="application/json",
        origin=feed.url,
        place=_place(entry, feed),
        channel="feed",
        source=_publisher(entry, feed),
        url=entry.url,
        fetched_at=fetched_at,
        entry=entry,
        feed_id=feed.feed_id,
    )


def page_document(entry: Entry, feed: Feed, final_url: str, body: bytes, fetched_at: datetime) -> RawDocument:
    """Return the page that an item points at, as it came from `final_url`; its place is that of the item's own text."""
    return RawDocument(
        body=body,
        media_type="text/html",
        origin=feed.url,
        place=_place(entry, feed),
        channel="feed",
        source=_publisher(entry, feed),
        url=final_url,
        fetched_at=fetched_at,
        entry=entry,
        feed_id=feed.feed_id,
    )


def _place(entry: Entry, feed: Feed) -> str:
    return f"feed:{feed.feed_id}#{entry.key}"


def _publisher(entry: Entry, feed: Feed) -> str:
    """Return the registered domain of the item, else of its feed, else the feed's host: an address in numbers, a local name."""
    return registered_domain(entry.url) or registered_domain(feed.url) or urlsplit(feed.url).hostname or feed.url


def with_entry(article: Article, document: RawDocument, clock: Clock) -> Article:
    """Return a page's article with what its feed says where the page says nothing; as it is without a feed.

    The date of publication is the more trusted of the two (see TRUST). One that the feed prints and that cannot be
    trusted, because it lies in the future or says no day, stands in `published_untrusted` when no other is known.
    """
    entry = document.entry
    if entry is None:
        return article
    people, agencies = split_people(tidied(list(entry.authors)))
    published = _earlier_trusted(article.published, machine_stamp(entry.published, "feed", clock))
    under: dict[str, Any] = {
        "title": feed_title(entry.title),
        "byline": people,
        "agency": agencies,
        "section": _line(entry.section),
        "image_url": absolute_url(entry.image_url),
        "declared_language": declared_code(entry.language),
        "updated": machine_stamp(entry.updated, "feed", clock),
    }
    values = {name: value for name, value in under.items() if value and not getattr(article, name)}
    updated = values.get("updated", article.updated)
    values["updated"] = updated if updated and not (published and updated.at <= published.at) else None
    values |= {"published": published, "published_untrusted": None if published else _untrusted(entry)}
    return article.model_copy(update=values | _identity(article, document))


def _earlier_trusted(page: Stamp | None, feed: Stamp | None) -> Stamp | None:
    known = [stamp for stamp in (page, feed) if stamp]
    return min(known, key=lambda stamp: TRUST[stamp.found_in], default=None)


def _untrusted(entry: Entry) -> str | None:
    return _line(entry.published, UNTRUSTED_LONGEST)


def _line(text: str | None, longest: int = TITLE_LONGEST) -> str | None:
    return squeeze(tidied(unescape(text or "")))[:longest] or None


def feed_title(title: str | None) -> str | None:
    """Return an item's title as one line of text, its references to characters resolved, or None when it says nothing."""
    return _line(title)


def _identity(article: Article, document: RawDocument) -> dict[str, str]:
    """Return what identifies an item without address: its guid, unless the feed gives that to several items."""
    entry = document.entry
    named = entry is not None and entry.guid is not None and entry.guid == entry.key
    return {"identity": f"guid:{document.feed_id}:{entry.key}"} if entry and named and not article.canonical_url else {}
