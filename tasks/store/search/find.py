"""Full-text search for people: the articles that hold some words, best first, with the place that shows why.

    query | units | who has them, and how good | conditions | the best few | their rows, with the hits marked

What a query means and how articles are ranked is in sql/0012_search.sql and 0013_search_speed.sql, for this and for everybody's
search('...') alike; only what is shown is taken from the articles. What finds and ranks is interchangeable: a `Ranker`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol
from uuid import UUID

from schemas.errors import UsageError
from tasks.store.keyed import by_key
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found, fetch_dicts
from tasks.store.search.snippets import Unit, mark

SHOWN = ("title", "source", "language", "published_at", "url", "story_id", "text")
LONGEST_QUERY = 1_000
"""Characters of a query that are read; the macro leaves out what is beyond, a person is told."""


class Conditions(NamedTuple):
    """Which articles are asked for; all conditions hold together, None asks for nothing."""

    since: date | None = None
    """Published on this day (UTC) or later; not one without a date."""
    topics: Sequence[str] | None = None
    """On one of these topics, or on a narrower one."""
    entities: Sequence[str] | None = None
    """Naming one of these."""
    language: str | None = None
    source: str | None = None


class Ranker(Protocol):
    """What finds articles and says how good each is."""

    def __call__(self, con: Connection, asked: Sequence[Found], limit: int, conditions: Conditions, /) -> dict[UUID, float]:
        """Return the scores of the best articles by their id, best first; `asked` are rows of internal.search_units."""


_CONDITIONS = {
    "since": "published_at >= $since::TIMESTAMPTZ",
    "topics": """article_id IN (
        WITH RECURSIVE asked AS (SELECT unnest($topics::VARCHAR[]) AS topic_id
          UNION SELECT t.topic_id FROM topics t JOIN asked ON t.broader_id = asked.topic_id)
        SELECT article_id FROM article_topics JOIN asked USING (topic_id))""",
    "entities": "article_id IN (SELECT article_id FROM article_entities WHERE entity_id IN (SELECT unnest($entities::VARCHAR[])))",
    "language": "language = $language",
    "source": "source = $source",
}


def narrowed(conditions: Conditions) -> tuple[str, dict[str, object]]:
    """Return the SQL that keeps, of rows with an article_id, those that are asked for, and its values."""
    values = {name: value for name, value in conditions._asdict().items() if value is not None}
    return f"JOIN articles USING (article_id) WHERE {' AND '.join(_CONDITIONS[name] for name in values)}" if values else "", values


def rank_in_store(con: Connection, asked: Sequence[Found], limit: int, conditions: Conditions) -> dict[UUID, float]:
    """Return the scores of the best articles by the index in the store, best first."""
    where, values = narrowed(conditions)
    rows = con.execute(
        f"""SELECT article_id, score FROM internal.search_scores($asked) JOIN internal.article_numbers USING (article_no) {where}
        ORDER BY score DESC, article_id LIMIT $limit""",
        values | {"asked": asked, "limit": limit},
    )
    return dict(rows.fetchall())


def search(
    con: Connection,
    query: str,
    limit: int,
    conditions: Conditions = Conditions(),  # noqa: B008  # immutable
    rank: Ranker = rank_in_store,
) -> list[Found]:
    """Return the articles that a query finds, best first, each with its `score` and the `Marked` `title` and `snippet`.

    Raises UsageError when the query is too long or has no word to look for.
    """
    asked = _asked(con, query)
    best = rank(con, asked, limit, conditions)
    found = _rows(con, best)
    marked = mark(con, _shown(asked), [(one["title"], one.pop("text")) for one in found])
    return [one | {"title": title, "snippet": snippet} for one, (title, snippet) in zip(found, marked, strict=True)]


def _asked(con: Connection, query: str) -> list[Found]:
    """Return a query taken apart; UsageError when there is nothing in it that must be found."""
    if len(query) > LONGEST_QUERY:
        raise UsageError(f"The query has {len(query):,} characters; {LONGEST_QUERY:,} are the most.")
    asked = fetch_dicts(con, "FROM internal.search_units(?)", [query])
    if all(unit["excluded"] for unit in asked):
        raise UsageError('There is no word to look for; ask for one, for a "phrase", title:word or word*; -word leaves out.')
    return asked


def _rows(con: Connection, best: Mapping[UUID, float]) -> list[Found]:
    """Return what is shown of some articles, with their scores and texts."""
    rows = by_key(con, f"SELECT article_id, {', '.join(SHOWN)} FROM articles WHERE article_id IN", list(best))
    by_id = {article_id: dict(zip(SHOWN, values, strict=True)) for article_id, *values in rows}
    return [{"article_id": one, "score": score} | by_id[one] for one, score in best.items()]


def _shown(asked: Sequence[Found]) -> list[Unit]:
    return [Unit(unit["field"], tuple(unit["words"]), unit["begins"]) for unit in asked if not unit["excluded"]]
