"""The one door of the room: a document in, an article or a rejection out."""

from datetime import datetime

from schemas.article import Article
from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.clean.dates import Clock
from tasks.clean.decode import decode
from tasks.clean.entry import FROM_FEED, feed_alone, with_entry
from tasks.clean.page import clean_page, looks_like_page
from tasks.clean.row import BrokenRowError, clean_row
from tasks.clean.text import clean_text

MAX_BYTES = 20_000_000
"""Bytes of the largest document; pages carry their pictures with them."""
MAX_TEXT = 3_000_000
"""Characters of the largest plain text or row: a novel has fewer. It keeps the worst case under the time limit."""


def clean_document(document: RawDocument, *, zone: str, now: datetime) -> Article | Rejection:
    """Return the article in a document, or why there is none.

    `zone` (IANA) is assumed for dates printed without one; `now` (aware) only refuses dates in the future
    and bounds years that are inferred. For a page that gives no text, the text of its feed's item stands in.
    Nothing is raised for bad input: the reasons are `empty`, `binary`, `too_large`, `no_text`, `broken_json`,
    `not_an_object` and `failed`.
    """
    clock = Clock(zone=zone, now=now)
    found = _guarded(document, clock)
    return (_told_by_feed(document, clock) or found) if document.entry and isinstance(found, Rejection) else found


def _told_by_feed(document: RawDocument, clock: Clock) -> Article | None:
    """Return the article of the feed's own text where a page gave none, or None when the feed has none either."""
    alone = feed_alone(document)
    told = _guarded(alone, clock) if alone else None
    if not isinstance(told, Article):
        return None
    return told.model_copy(update={"access_note": "; ".join(note for note in (FROM_FEED, told.access_note) if note)})


def _guarded(document: RawDocument, clock: Clock) -> Article | Rejection:
    try:
        return _clean(document, clock)
    except BrokenRowError as error:
        return reject(document, str(error), _where(error))
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError) as error:
        return reject(document, "failed", f"{type(error).__name__}: {error}"[:300])


def _clean(document: RawDocument, clock: Clock) -> Article | Rejection:
    if len(document.body) > MAX_BYTES:
        return reject(document, "too_large", f"{len(document.body)} bytes")
    if not document.body.strip():
        return reject(document, "empty")
    text = decode(document.body, document.charset)
    if text is None:
        return reject(document, "binary", "not decodable as text")
    if not text.strip():
        return reject(document, "empty")
    if len(text) > MAX_TEXT and document.media_type != "text/html":
        return reject(document, "too_large", f"{len(text)} characters")
    article = _article(text, document, clock)
    return with_entry(article, document, clock) if article is not None else reject(document, "no_text")


def _article(text: str, document: RawDocument, clock: Clock) -> Article | None:
    if document.media_type == "application/json":
        return clean_row(text, document, clock)
    if document.media_type == "text/html" or looks_like_page(text):
        return clean_page(text, document, clock)
    return clean_text(text, document, clock)


def _where(error: BrokenRowError) -> str:
    cause = error.__cause__
    return f"{cause}"[:300] if cause else ""


def reject(document: RawDocument, reason: str, detail: str = "") -> Rejection:
    """Return the rejection of a document at this stage, with everything that identifies it."""
    return Rejection(
        stage="clean",
        reason=reason,
        detail=detail,
        origin=document.origin,
        place=document.place,
        url=document.url,
        document_id=document.document_id,
    )
