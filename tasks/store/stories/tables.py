"""The rows of stories: who belongs where, and what a story says of itself."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from tasks.dedupe.groups import order_of
from tasks.store.keyed import by_key
from tasks.store.migrate import Connection
from tasks.stories.settle import Membership
from tasks.stories.telling import TITLE_CHARACTERS, Teller, headline, independent_sources

STORIES_AT_ONCE = 10_000  # bounds the memory that headlines take; each part is one scan of the articles
OPENING_CHARACTERS = 4 * TITLE_CHARACTERS  # room for a first sentence, however it is spaced


def write_memberships(con: Connection, memberships: Mapping[UUID, Membership]) -> set[UUID]:
    """Return the stories that gained, lost or rescored an article when these memberships were written."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE moved AS
        SELECT m.article_id, a.story_id AS was, m.story_id, m.score FROM (
          SELECT unnest($ids::UUID[]) AS article_id, unnest($stories::UUID[]) AS story_id, unnest($scores::DOUBLE[]) AS score) m
        JOIN articles a USING (article_id) LEFT JOIN story_articles s ON s.article_id = m.article_id
        WHERE s.story_id IS DISTINCT FROM m.story_id OR s.score IS DISTINCT FROM m.score OR a.story_id IS DISTINCT FROM m.story_id""",
        {
            "ids": list(memberships),
            "stories": [membership.story_id for membership in memberships.values()],
            "scores": [membership.score for membership in memberships.values()],
        },
    )
    con.execute("DELETE FROM story_articles WHERE article_id IN (SELECT article_id FROM moved)")
    con.execute("INSERT INTO story_articles SELECT story_id, article_id, score, now() FROM moved ORDER BY story_id, article_id")
    con.execute(
        """UPDATE articles SET story_id = moved.story_id FROM moved
        WHERE articles.article_id = moved.article_id AND articles.story_id IS DISTINCT FROM moved.story_id"""
    )
    rows = con.execute("SELECT DISTINCT unnest([was, story_id]) FROM moved").fetchall()
    con.execute("DROP TABLE moved")
    return {story_id for (story_id,) in rows if story_id}


def write_stories(con: Connection, story_ids: Collection[UUID]) -> None:
    """Write the rows of these stories from their articles; a story without articles goes.

    A story keeps its thread until threads are written; a new one stands for itself.
    """
    ordered = sorted(story_ids)
    for start in range(0, len(ordered), STORIES_AT_ONCE):
        some = ordered[start : start + STORIES_AT_ONCE]
        _write_some(con, some)


def _write_some(con: Connection, story_ids: list[UUID]) -> None:
    tellers = _tellers(con, story_ids)
    related = _related(con, story_ids)
    con.execute(
        """CREATE OR REPLACE TEMP TABLE told AS
        SELECT unnest(?::UUID[]) AS story_id, unnest(?::VARCHAR[]) AS title, unnest(?::INTEGER[]) AS independent""",
        [
            list(tellers),
            [headline(some) for some in tellers.values()],
            [independent_sources(some, related[story_id]) for story_id, some in tellers.items()],
        ],
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT story_id, any_value(told.title), min(published_at), max(published_at), count(*), count(DISTINCT source),
          any_value(independent), list_sort(list(DISTINCT language)), coalesce(any_value(s.thread_id), story_id)
        FROM told JOIN articles a USING (story_id) LEFT JOIN stories s USING (story_id) GROUP BY story_id"""
    )
    con.execute("DELETE FROM stories WHERE story_id IN (SELECT unnest(?::UUID[]))", [story_ids])
    con.execute("INSERT INTO stories FROM fresh ORDER BY ALL")
    con.execute("DROP TABLE fresh")
    con.execute("DROP TABLE told")


def _tellers(con: Connection, story_ids: list[UUID]) -> dict[UUID, list[Teller]]:
    rows = con.execute(
        """SELECT story_id, article_id, published_at, source, agency, title, score
        FROM articles JOIN story_articles USING (story_id, article_id)
        WHERE story_id IN (SELECT unnest(?::UUID[])) ORDER BY story_id, article_id""",
        [story_ids],
    )
    found: dict[UUID, list[Teller]] = defaultdict(list)
    for story_id, article_id, published_at, source, agency, title, score in rows.fetchall():
        found[story_id].append(Teller(article_id, order_of(published_at, article_id), source, tuple(agency), title, "", score))
    untitled = [story_id for story_id, tellers in found.items() if not any(teller.title for teller in tellers)]
    openings = _openings(con, [teller.article_id for story_id in untitled for teller in found[story_id]])
    for story_id in untitled:
        found[story_id] = [teller._replace(opening=openings[teller.article_id]) for teller in found[story_id]]
    return found


def _openings(con: Connection, ids: list[UUID]) -> dict[UUID, str]:
    """Return how articles begin. Texts are by far the most of a store, so they are read for these only."""
    return dict(by_key(con, f"SELECT article_id, left(text, {OPENING_CHARACTERS}) FROM articles WHERE article_id IN", ids))


def _related(con: Connection, story_ids: list[UUID]) -> dict[UUID, list[tuple[UUID, UUID]]]:
    """Return the pairs of copies of which the later stands in each story, containment included."""
    rows = con.execute(
        """SELECT a.story_id, r.article_id, r.other_id FROM relations r JOIN articles a USING (article_id)
        WHERE a.story_id IN (SELECT unnest(?::UUID[]))""",
        [story_ids],
    )
    found: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    for story_id, one, other in rows.fetchall():
        found[story_id].append((one, other))
    return found
