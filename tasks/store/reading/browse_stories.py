"""Reading stories for people: which there are, and how one of them is told."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tasks.dedupe.groups import order_of
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found, fetch_dicts, find_id
from tasks.stories.telling import Teller, independent_tellings


class Wanted(NamedTuple):
    """Which stories are asked for; all conditions hold together, None asks for nothing."""

    since: date | None = None
    """A story with an article published on this day (UTC) or later; not one without dates."""
    topics: Sequence[str] | None = None
    """A story with an article on one of these topics, or on a narrower one."""
    entities: Sequence[str] | None = None
    """A story with an article that names one of these."""
    language: str | None = None


_CONDITIONS = {
    "since": "last_published_at >= $since",
    "topics": """story_id IN (
        WITH RECURSIVE asked AS (SELECT unnest($topics::VARCHAR[]) AS topic_id
          UNION SELECT t.topic_id FROM topics t JOIN asked ON t.broader_id = asked.topic_id)
        SELECT story_id FROM story_articles JOIN article_topics USING (article_id) JOIN asked USING (topic_id))""",
    "entities": """story_id IN (SELECT story_id FROM story_articles JOIN article_entities USING (article_id)
        WHERE entity_id IN (SELECT unnest($entities::VARCHAR[])))""",
    "language": "list_contains(languages, $language)",
}


def list_stories(con: Connection, limit: int, wanted: Wanted = Wanted()) -> list[Found]:  # noqa: B008  # immutable
    """Return the wanted stories with the most independent sources first, then the newest."""
    values = {name: value for name, value in wanted._asdict().items() if value is not None}
    where = f"WHERE {' AND '.join(_CONDITIONS[name] for name in values)}" if values else ""
    return fetch_dicts(
        con,
        f"""SELECT story_id, title, article_count, source_count, independent_source_count, languages,
        first_published_at, last_published_at, thread_id FROM stories {where}
        ORDER BY independent_source_count DESC, article_count DESC, last_published_at DESC NULLS LAST, story_id LIMIT $limit""",
        values | {"limit": limit},
    )


class Story(NamedTuple):
    """A story: its articles in order of publication, who copied whom, who tells it independently, and the others of its thread."""

    story: Found
    articles: list[Found]
    copies: list[Found]
    """Relations with an article of the story at either end; `share` is the share of the smaller text that is in the larger,
    of a copy that of its own text that is in the original."""
    tellings: list[Found]
    """Articles that count once together: of one source, of one text, or credited to one agency."""
    thread: list[Found]


def fetch_story(con: Connection, typed: str) -> Story:
    """Return the story whose id is, or begins with, what was typed; UsageError when there is none or more than one."""
    story_id = find_id(con, "stories", "story_id", typed)
    story = fetch_dicts(con, "SELECT * FROM stories WHERE story_id = ?", [story_id])[0]
    articles = fetch_dicts(
        con,
        """SELECT a.article_id, a.published_at, a.source, a.language, a.title, left(a.text, 120) AS opening, m.score,
        a.duplicate_of, a.agency
        FROM story_articles m JOIN articles a USING (article_id) WHERE m.story_id = ?
        ORDER BY a.published_at NULLS FIRST, a.article_id""",
        [story_id],
    )
    copies = _copies(con, story_id)
    thread = fetch_dicts(
        con,
        """SELECT story_id, title, first_published_at, article_count FROM stories WHERE thread_id = ? AND story_id <> ?
        ORDER BY first_published_at NULLS FIRST, story_id""",
        [story["thread_id"], story_id],
    )
    return Story(story, articles, copies, _tellings(articles, copies), thread)


def _copies(con: Connection, story_id: UUID) -> list[Found]:
    return fetch_dicts(
        con,
        """SELECT r.article_id, a.source, r.kind, r.other_id, b.source AS other_source,
          CASE r.kind WHEN 'contains' THEN r.other_containment ELSE r.containment END AS share
        FROM relations r JOIN articles a ON a.article_id = r.article_id JOIN articles b ON b.article_id = r.other_id
        WHERE $story IN (a.story_id, b.story_id)
        ORDER BY a.published_at NULLS FIRST, r.article_id, b.published_at NULLS FIRST, r.other_id""",
        {"story": story_id},
    )


def _tellings(articles: Sequence[Found], copies: Sequence[Found]) -> list[Found]:
    """Return the groups of articles that count once in the order of their first."""
    numbers = {one["article_id"]: number for number, one in enumerate(articles)}
    tellers = [
        Teller(
            one["article_id"],
            order_of(one["published_at"], one["article_id"]),
            one["source"],
            tuple(one["agency"]),
            one["title"],
            "",
            one["score"],
        )
        for one in articles
    ]
    groups = independent_tellings(tellers, [(one["article_id"], one["other_id"]) for one in copies])
    return [_telling([articles[number] for number in group]) for group in sorted(sorted(numbers[one] for one in group) for group in groups)]


def _telling(articles: Sequence[Found]) -> Found:
    return {
        "sources": sorted({one["source"] for one in articles}),
        "agency": sorted({agency for one in articles for agency in one["agency"]}),
        "first_published_at": articles[0]["published_at"],
        "article_ids": [one["article_id"] for one in articles],
    }
