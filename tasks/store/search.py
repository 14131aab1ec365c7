"""Full-text search for people: the articles that hold some words, best first, with the place that shows why.

    query | the macro search('...'): who, and how good | conditions | the best few | their texts, with the hits marked

What a query means and how articles are ranked is in sql/0012_search.sql, for this and for everybody's SQL alike.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from schemas.errors import UsageError
from tasks.store.browse import Found, fetch_dicts
from tasks.store.migrate import Connection
from tasks.store.snippets import Unit, mark

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


def search(con: Connection, query: str, limit: int, conditions: Conditions = Conditions()) -> list[Found]:  # noqa: B008  # immutable
    """Return the articles that a query finds, best first, each with its `score` and the `Marked` `title` and `snippet`.

    Raises UsageError when the query is too long or has no word to look for.
    """
    units = _units(con, query)
    values = {name: value for name, value in conditions._asdict().items() if value is not None}
    where = f"WHERE {' AND '.join(_CONDITIONS[name] for name in values)}" if values else ""
    found = fetch_dicts(
        con,
        f"""SELECT article_id, score, a.title, source, language, published_at, url, story_id
        FROM search($query) s JOIN articles a USING (article_id) {where} ORDER BY score DESC, article_id LIMIT $limit""",
        values | {"query": query, "limit": limit},
    )
    texts = _texts(con, [one["article_id"] for one in found])
    marked = mark(con, units, [(one["title"], texts[one["article_id"]]) for one in found])
    return [one | {"title": title, "snippet": snippet} for one, (title, snippet) in zip(found, marked, strict=True)]


def _units(con: Connection, query: str) -> list[Unit]:
    """Return what must be found in an article; UsageError when that is nothing."""
    if len(query) > LONGEST_QUERY:
        raise UsageError(f"The query has {len(query):,} characters; {LONGEST_QUERY:,} are the most.")
    rows = con.execute("SELECT field, words, begins FROM internal.search_units(?) WHERE NOT excluded", [query]).fetchall()
    if not rows:
        raise UsageError('There is no word to look for; ask for one, for a "phrase", title:word or word*; -word leaves out.')
    return [Unit(field, tuple(words), begins) for field, words, begins in rows]


def _texts(con: Connection, ids: Sequence[object]) -> dict[object, str]:
    # constants, so that the articles are found by their key
    keys = ", ".join(f"'{one}'" for one in ids)
    return dict(con.execute(f"SELECT article_id, text FROM articles WHERE article_id IN ({keys})").fetchall()) if ids else {}
