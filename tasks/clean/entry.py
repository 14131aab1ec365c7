"""What a feed tells of an item: a document of its own, and what lies under the page that it points at."""

import json
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from schemas.article import TRUST, Article
from schemas.document import RawDocument
from schemas.feed import Entry, Feed, entry_place
from tasks.clean.dates import Clock
from tasks.clean.feed_text import feed_text, feed_title, names_site
from tasks.clean.folding import squeeze
from tasks.clean.people import split_people
from tasks.clean.stamps import feed_stamp
from tasks.clean.url import absolute_url, registered_domain, without_trackers
from tasks.clean.values import declared_code, tidied

FROM_FEED = "text from the feed"
"""How the access note of an article begins whose page gave no text."""
UNTRUSTED_LONGEST = 100
"""Characters kept of a printed date that is not trusted: as many as are read of any."""
SECTION_LONGEST = 200
"""Characters of the longest name of a section."""


def entry_row(entry: Entry) -> bytes:
    """Return the item as a row of JSON: the same bytes for the same item."""
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
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def entry_document(entry: Entry, feed: Feed, fetched_at: datetime) -> RawDocument:
    """Return the item's own text as a document; equal items have equal bytes."""
    return RawDocument(
        body=entry_row(entry),
        media_type="application/json",
        origin=feed.url,
        place=entry_place(feed.feed_id, entry.key),
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
        place=entry_place(feed.feed_id, entry.key),
        channel="feed",
        source=_publisher(entry, feed),
        url=without_trackers(final_url),
        fetched_at=fetched_at,
        entry=entry,
        feed_id=feed.feed_id,
    )


def _publisher(entry: Entry, feed: Feed) -> str:
    """Return the registered domain of the item, else of its feed, else the feed's host: an address in numbers, a local name."""
    return registered_domain(entry.url) or registered_domain(feed.url) or urlsplit(feed.url).hostname or feed.url


def feed_alone(document: RawDocument) -> RawDocument | None:
    """Return what the feed says as the document in place of a page that gave no text; None when the feed has no text either.

    The page's address stays: text that can be had from it later is the same article.
    """
    entry = document.entry
    if entry is None or document.media_type != "text/html" or not feed_text(entry.html, entry.title).lines:
        return None
    body = entry_row(entry.model_copy(update={"url": document.url}))
    return document.model_copy(update={"body": body, "media_type": "application/json"})


def with_entry(article: Article, document: RawDocument, clock: Clock) -> Article:
    """Return a page's article with what its feed says where the page says nothing; as it is without a feed.

    The date of publication is the more trusted of the two (see TRUST). One that the feed prints and that cannot be
    trusted, because it lies in the future or says no day, stands in `published_untrusted` when no other is known.
    """
    entry = document.entry
    if entry is None:
        return article
    people, agencies = split_people(tidied(list(entry.authors)))
    under: dict[str, Any] = {
        "title": _title(entry, article.source),
        "byline": people,
        "agency": agencies,
        "section": _line(entry.section, SECTION_LONGEST),
        "image_url": absolute_url(entry.image_url),
        "declared_language": declared_code(entry.language),
    }
    unsaid = {"title"} if names_site(article.title or "", article.source) else set()
    values = {name: value for name, value in under.items() if value and (name in unsaid or not getattr(article, name))}
    byline = values.get("byline", article.byline)
    values["byline"] = tuple(name for name in byline if not names_site(name, article.source))
    values |= _dates(article, entry, clock) | _identity(article, document)
    by = {name: f"feed:{name}" for name, value in values.items() if value and value != getattr(article, name)}
    return article.model_copy(update=values | {"found_by": article.found_by | by})


def _dates(article: Article, entry: Entry, clock: Clock) -> dict[str, Any]:
    language = declared_code(entry.language)
    published, updated = (feed_stamp(printed, language, clock) for printed in (entry.published, entry.updated))
    known = [stamp for stamp in (article.published, published) if stamp]
    if not known and updated and not entry.published and (entry.title or entry.html):
        known = [updated]  # Atom leaves the first date out where it is the second; the lone address of a sitemap has only a change
    published = min(known, key=lambda stamp: TRUST[stamp.found_in], default=None)
    updated = article.updated or updated
    return {
        "published": published,
        "published_untrusted": None if published else _line(entry.published, UNTRUSTED_LONGEST),
        "updated": None if updated and published and updated.at <= published.at else updated,
    }


def _title(entry: Entry, source: str) -> str | None:
    title = feed_title(tidied(entry.title or ""))
    return None if title and names_site(title, source) else title


def _line(text: str | None, longest: int) -> str | None:
    return squeeze(tidied(unescape(text or "")))[:longest] or None


def _identity(article: Article, document: RawDocument) -> dict[str, str]:
    """Return what identifies an item without address: its guid, unless the feed gives that to several items."""
    entry = document.entry
    if entry is None or entry.guid is None or article.canonical_url or entry.key.startswith("text:"):
        return {}
    return {"identity": f"guid:{document.feed_id}:{entry.key}"}
