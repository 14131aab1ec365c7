"""Why an article is what it is: each field with its rule, what it was chosen from, and what hangs on it with its method."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from schemas.article import Candidate
from schemas.document import RawDocument
from schemas.record import Record
from tasks.store.articles.contexts import readings_of, stored_documents
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found, fetch_article, fetch_dicts

FIELDS = (
    *("title", "dek", "byline", "agency", "section", "keywords", "published_at", "updated_at", "language", "access", "rights"),
    *("image_url", "canonical_url", "text_share"),
)
"""Columns that are explained, in the order in which they are shown."""
MOST_COMPARED = 500

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


def fetch_texts(con: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the texts of some articles."""
    return dict(con.execute("SELECT article_id, text FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)]).fetchall())


def fetch_reasons(con: Connection, article: Found) -> Found:
    """Return the story of an article, its score there, and the terms by which it is like the others (`reasons`).

    In a large story it is compared with the 500 articles that are nearest in time.
    """
    import numpy as np

    from tasks.store.stories.settle import rarity_in
    from tasks.stories.reasons import Told, Written, reasons
    from tasks.stories.terms import unpack
    from tasks.stories.weights import keys_of

    [story] = fetch_dicts(
        con,
        """SELECT s.story_id, s.title, m.score, s.article_count FROM story_articles m JOIN stories s USING (story_id)
        WHERE m.article_id = ?""",
        [article["article_id"]],
    )
    rows = con.execute(
        """SELECT t.article_id, epoch(t.published_at), t.terms FROM internal.article_terms t JOIN articles a USING (article_id)
        WHERE a.story_id = $story AND (t.language = $language OR t.article_id = $article)
        ORDER BY t.article_id <> $article, abs(epoch(t.published_at) - epoch($at::TIMESTAMPTZ)) NULLS LAST, t.article_id LIMIT $most""",
        {
            **{"story": story["story_id"], "article": article["article_id"], "language": article["language"]},
            **{"at": article["published_at"], "most": MOST_COMPARED + 1},
        },
    ).fetchall()
    told = [Told(seconds, unpack(terms)) for _, seconds, terms in rows]
    if len(told) < 2:  # alone: nothing to be like
        return story | {"reasons": []}
    terms = np.concatenate([one.terms for one in told])
    keys = np.unique(np.concatenate([keys_of(terms), terms["term"].astype(np.uint64)]))  # a lead word counts as a word, whose field is 0
    rarity = rarity_in(con, article["language"], keys)
    written = Written(article["title"], article["text"], _names(con, article["article_id"]))
    return story | {"reasons": [one._asdict() for one in reasons(told[0], told[1:], rarity, written)]}


def _names(con: Connection, article_id: UUID) -> dict[str, str]:
    rows = con.execute(
        """SELECT entity_id, arg_min(surface, (field <> 'title', start)) FROM mentions
        WHERE article_id = ? AND role = 'subject' GROUP BY entity_id""",
        [article_id],
    )
    return dict(rows.fetchall())
