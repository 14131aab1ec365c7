"""The articles of a batch whose text or date is new, as the search for copies and stories needs them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from schemas.labels import Sketch
from tasks.dedupe.sketch import sketch
from tasks.store.articles.touched import Touched
from tasks.store.keyed import by_key
from tasks.store.migrate import Connection
from tasks.stories.terms import story_terms


class Changed(NamedTuple):
    """An article with its number, date, fingerprint and story terms."""

    article_no: int
    article_id: UUID
    published_at: datetime | None
    source: str
    language: str
    sketch: Sketch
    terms: bytes

    @property
    def day(self) -> date | None:
        """Day of publication in UTC."""
        return self.published_at.date() if self.published_at else None


def changed_articles(con: Connection, touched: Iterable[Touched]) -> list[Changed]:
    """Return the articles that are new, have a new current version, or another date, in order of their numbers."""
    entries = list(touched)
    fresh = {entry.current.article_id: entry for entry in entries if entry.current}
    moved = [entry.known.article_id for entry in entries if entry.known and entry.moved and not entry.current]
    numbers = con.execute(
        "SELECT article_id, article_no FROM internal.article_numbers WHERE article_id IN (SELECT unnest(?::UUID[])) ORDER BY article_no",
        [[*fresh, *moved]],
    ).fetchall()
    found = {one.article_id: one for one in (*_fresh(fresh.values()), *_stored(con, moved))}
    return [found[article_id]._replace(article_no=number) for article_id, number in numbers]


def _fresh(entries: Iterable[Touched]) -> Iterator[Changed]:
    for entry in entries:
        if entry.current:
            labelled, published = entry.current, entry.published
            yield Changed(
                article_no=0,
                article_id=labelled.article_id,
                published_at=published.at if published else None,
                source=labelled.article.source,
                language=labelled.language.code,
                sketch=labelled.sketch,
                terms=labelled.terms,
            )


def _stored(con: Connection, ids: Sequence[UUID]) -> Iterator[Changed]:
    """Yield articles whose text stayed and whose date moved: rare enough to take their fingerprints anew."""
    if not ids:
        return
    named = con.execute(
        """SELECT article_id, list(entity_id ORDER BY field DESC, start) FROM mentions
        WHERE article_id IN (SELECT unnest(?::UUID[])) AND role = 'subject' GROUP BY article_id""",
        [list(ids)],
    )
    names: dict[UUID, list[str]] = dict(named.fetchall())
    columns = "article_id, published_at, source, language, title, text"
    for article_id, published_at, source, language, title, text in by_key(con, f"SELECT {columns} FROM articles WHERE article_id IN", ids):
        yield Changed(0, article_id, published_at, source, language, sketch(text), story_terms(title, text, names.get(article_id, ())))
