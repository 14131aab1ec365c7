"""The chosen articles one after the other, each with its topics, its entities and its story, for formats that are one file."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found, fetch_dicts

AT_ONCE = 250
"""Articles in memory together; looking them up costs a scan of the ids, so they are not taken one by one."""

ARTICLES = "SELECT * FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))"
TOPICS = """SELECT article_id, topic_id, name_en AS name, score FROM article_topics JOIN topics USING (topic_id)
  WHERE article_id IN (SELECT unnest(?::UUID[])) ORDER BY article_id, score DESC, topic_id"""
ENTITIES = """SELECT a.article_id, a.entity_id, a.kind, a.name, e.wikidata_id, a.salience
  FROM article_entities a LEFT JOIN entities e USING (entity_id)
  WHERE a.article_id IN (SELECT unnest(?::UUID[])) ORDER BY a.article_id, salience DESC, a.entity_id"""


def chosen_articles(con: Connection) -> Iterator[Found]:
    """Yield the rows of the chosen articles, newest first, each with `topics` and `entities`, lists of rows, best first."""
    ids = [article_id for (article_id,) in con.execute("SELECT article_id FROM chosen ORDER BY rowid").fetchall()]
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found = {row["article_id"]: row for row in fetch_dicts(con, ARTICLES, [some])}
        topics, entities = _grouped(con, TOPICS, some), _grouped(con, ENTITIES, some)
        for article_id in some:
            yield found[article_id] | {"topics": topics[article_id], "entities": entities[article_id]}


def _grouped(con: Connection, sql: str, ids: list[UUID]) -> defaultdict[UUID, list[Found]]:
    rows: defaultdict[UUID, list[Found]] = defaultdict(list)
    for row in fetch_dicts(con, sql, [ids]):
        rows[row.pop("article_id")].append(row)
    return rows


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """Return what of some values is one: neither None nor empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def moment(at: datetime | None) -> str | None:
    """Return a moment as RFC 3339 says it, in UTC; None for none."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def address(row: Found) -> str | None:
    """Return where an article stands on the web."""
    found: str | None = row["url"] or row["canonical_url"]
    return found


def urn(article_id: UUID) -> str:
    """Return an article's id as a URI (RFC 9562)."""
    return f"urn:uuid:{article_id}"
