"""Records for the store's tests, with everything that a test does not name filled in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from schemas.arrival import Arrival, Batch
from schemas.article import Article, Stamp
from schemas.document import RawDocument
from schemas.labels import LabelledArticle, Labels, Language
from tasks.dedupe.sketch import sketch
from tasks.stories.terms import story_terms

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = UUID(int=1)
NAMES = UUID(int=7)


def stamp(day: int, found_in: Any = "row") -> Stamp:
    return Stamp(at=datetime(2025, 1, day, tzinfo=UTC), raw=f"2025-01-{day:02}", zone="stated", found_in=found_in)


def labelled(name: str, text: str, **fields: Any) -> LabelledArticle:
    article = Article(text=text, source="test.example", **fields)
    return LabelledArticle(
        article_id=uuid5(NAMES, name),
        article=article,
        language=Language(code="en", score=1.0),
        labels=Labels(),
        sketch=sketch(text),
        terms=story_terms(article.title, text, ()),
        day=article.published.at.date() if article.published else None,
    )


def document(place: str, body: str) -> RawDocument:
    return RawDocument(body=body.encode(), media_type="text/plain", origin=place, place=f"/archive/{place}", source="archive")


def batch(*arrivals: Arrival, run_id: UUID = RUN) -> Batch:
    return Batch(run_id=run_id, arrivals=arrivals, now=NOW)
