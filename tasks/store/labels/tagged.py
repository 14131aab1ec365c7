"""Articles with the tags that a model of topics learns from, out of the published copy."""

import hashlib
from collections.abc import Iterator, Sequence
from uuid import UUID

from schemas.labelling import TagKind
from tasks.label.train_topics import PARTS, Tagged, slug
from tasks.store.conditions import articles_where
from tasks.store.migrate import Connection
from tasks.store.reading.browse import fetch_dicts

MOST_ARTICLES = 50_000
"""Articles a model learns from, picked by their ids, which is as good as by lot: their words take some 300 MB."""
AT_ONCE = 500
MOST_TAGS = 20
"""Tags of one article that are looked at: pages with hundreds list what they could be found by."""

_TAGS: dict[TagKind, str] = {
    "section": "CASE WHEN trim(section) <> '' THEN [trim(section)] END",
    "keywords": "keywords",
    "user": """coalesce((SELECT list(t.topic_id ORDER BY t.topic_id) FROM article_topics t
        WHERE t.article_id = a.article_id AND t.method = 'user'), [])""",
}


def tagged_articles(con: Connection, where: str, kind: TagKind, timeout: float) -> Iterator[Tagged]:
    """Yield the articles that a condition over `articles` holds for and that have tags of a kind; copies are left out.

    For topics of one's own an article without one is one, too: no rule wanted it. Raises UsageError for what is no condition.
    """
    ids = _sample(articles_where(con, where, timeout))
    names = dict(con.execute("SELECT topic_id, name_en FROM topics WHERE topic_id NOT LIKE 'medtop:%'").fetchall())
    for start in range(0, len(ids), AT_ONCE):
        rows = fetch_dicts(
            con,
            f"""SELECT title, text, coalesce(story_id, article_id) AS story, {_TAGS[kind]} AS tags FROM articles a
            WHERE article_id IN (SELECT unnest(?::UUID[])) AND duplicate_of IS NULL ORDER BY article_id""",
            [ids[start : start + AT_ONCE]],
        )
        for row in rows:
            tags = [(tag, names.get(tag, tag)) if kind == "user" else (slug(kind, tag), tag) for tag in (row["tags"] or ())[:MOST_TAGS]]
            if tags or kind == "user":
                yield Tagged(row["title"], row["text"], tuple(tag for tag in tags if tag[0].partition(":")[2]), _part(row["story"]))


def _sample(ids: Sequence[UUID]) -> list[UUID]:
    return sorted(sorted(ids, key=_lot)[:MOST_ARTICLES])


def _lot(one: UUID) -> bytes:
    return hashlib.sha256(one.bytes).digest()


def _part(story: UUID) -> int:
    return int.from_bytes(_lot(story)[:8]) % PARTS
