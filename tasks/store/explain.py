"""Why an article is what it is: each field with its rule, what it was chosen from, and what hangs on it with its method."""

from typing import Any
from uuid import UUID

from schemas.article import Candidate
from schemas.document import RawDocument
from schemas.record import Record
from tasks.store.browse import Found, fetch_article
from tasks.store.contexts import readings_of, stored_documents
from tasks.store.migrate import Connection

FIELDS = (
    *("title", "dek", "byline", "agency", "section", "keywords", "published_at", "updated_at", "language", "access", "rights"),
    *("image_url", "canonical_url", "text_share"),
)
"""Columns that are explained, in the order in which they are shown."""


_ALWAYS = {"language": "text:identified", "rights": "page:head", "text_share": "text:measured"}
"""Columns that come about in one way only."""


class Explained(Record):
    """A field: its value as stored, the rule that gave it, and the candidates that it beat, the most trusted first."""

    field: str
    value: Any
    rule: str | None
    beat: tuple[Candidate, ...] = ()


def fetch_explained(con: Connection, typed: str) -> tuple[Found, list[RawDocument]]:
    """Return an article with all that hangs on it, and the stored documents that it was made of, the latest first.

    Raises UsageError when the id names none or more than one.
    """
    article = fetch_article(con, typed)
    article_id: UUID = article["article_id"]
    readings = readings_of(con, [article_id]).get(article_id, [])
    return article, [stored.document for stored in reversed(stored_documents(con, readings))]


def explain_fields(article: Found, offered: list[Candidate]) -> list[Explained]:
    """Return the fields of a stored article, each beside what its documents offer for it."""
    return [_explained(name, article, [one for one in offered if one.field == name]) for name in FIELDS]


def _explained(name: str, article: Found, offered: list[Candidate]) -> Explained:
    rule = None
    if article[name] not in (None, []):
        known = {"published_at": article["published_from"], "canonical_url": "document:address"} | (article["found_by"] or {}) | _ALWAYS
        rule = known.get(name)
    beat = list(dict.fromkeys(one for one in offered if one.rule != rule))
    return Explained(field=name, value=article[name], rule=rule, beat=tuple(beat))
