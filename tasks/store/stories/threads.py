"""Threads in the store: the profiles of stories, the links between them, and the thread each story belongs to."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from tasks.dedupe.groups import order_of
from tasks.store.migrate import Connection
from tasks.stories.terms import unpack
from tasks.stories.threads import REACH_DAYS, Profile, link, profile_terms, thread_ids
from tasks.stories.weights import Rarity

ARTICLES_AT_ONCE = 10_000
"""Articles whose terms are gathered at once: some 15 MB, which DuckDB needs three times over."""


def write_profiles(con: Connection, story_ids: Collection[UUID]) -> None:
    """Write anew what threads are found by, for these stories; a story without articles loses it."""
    con.execute("DELETE FROM internal.story_profiles WHERE story_id IN (SELECT unnest(?::UUID[]))", [list(story_ids)])
    for some, first, last in _parts(con, story_ids):
        rows = con.execute(
            """SELECT story_id, min(t.published_at), min(t.language), list(terms ORDER BY t.article_id)
            FROM articles JOIN (FROM internal.article_terms WHERE article_no BETWEEN ? AND ?) t USING (article_id)
            WHERE story_id IN (SELECT unnest(?::UUID[])) GROUP BY story_id ORDER BY story_id""",
            [first, last, some],
        ).fetchall()
        with con.appender("internal.story_profiles") as profiles:
            for story_id, published_at, language, terms in rows:
                profiles.append_row(story_id, published_at, language, profile_terms([unpack(one) for one in terms]).tobytes())


def _parts(con: Connection, story_ids: Collection[UUID]) -> Iterator[tuple[list[UUID], int, int]]:
    """Yield the stories in parts of so many articles, with the least and the greatest number of these; neighbours by number together."""
    rows = con.execute(
        """SELECT list(story_id ORDER BY story_id), min(first), max(last) FROM (
          SELECT story_id, first, last, (sum(articles) OVER (ORDER BY first, story_id))::BIGINT // ? AS part FROM (
            SELECT story_id, count(*) AS articles, min(article_no) AS first, max(article_no) AS last
            FROM articles JOIN internal.article_terms USING (article_id)
            WHERE story_id IN (SELECT unnest(?::UUID[])) GROUP BY story_id))
        GROUP BY part ORDER BY part""",
        [ARTICLES_AT_ONCE, list(story_ids)],
    )
    yield from rows.fetchall()


def write_threads(con: Connection, story_ids: Collection[UUID], rarity: Rarity) -> None:
    """Bring the links of these stories, and the threads of all stories they reach, up to date."""
    changed = set(story_ids) | {end for pair in _links(con, story_ids) for end in pair}
    profiles = _profiles(con, changed)
    looked_at, links = link(profiles, rarity, changed)
    reached = _close(con, looked_at | changed)
    con.execute(
        """DELETE FROM internal.story_links
        WHERE story_id IN (SELECT unnest($ids::UUID[])) OR later_id IN (SELECT unnest($ids::UUID[]))""",
        {"ids": list(looked_at | changed)},
    )
    with con.appender("internal.story_links") as appender:
        appender.append_rows(links)
    _write_thread_ids(con, _close(con, reached))


def _profiles(con: Connection, changed: Iterable[UUID]) -> list[Profile]:
    """Return the profiles of the stories that are near enough in time to any changed one; undated ones are near to all."""
    rows = con.execute(
        """WITH span AS (SELECT min(first_published_at) - to_days($reach) AS lo, max(first_published_at) + to_days($reach) AS hi,
          bool_or(first_published_at IS NULL) AS open
          FROM internal.story_profiles WHERE story_id IN (SELECT unnest($ids::UUID[])))
        SELECT story_id, first_published_at, language, terms FROM internal.story_profiles, span
        WHERE open OR first_published_at IS NULL OR first_published_at BETWEEN lo AND hi""",
        {"ids": list(changed), "reach": REACH_DAYS},
    )
    return [Profile(story_id, first, language, unpack(terms)) for story_id, first, language, terms in rows.fetchall()]


def _links(con: Connection, story_ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    rows = con.execute(
        """SELECT story_id, later_id FROM internal.story_links
        WHERE story_id IN (SELECT unnest($ids::UUID[])) OR later_id IN (SELECT unnest($ids::UUID[]))""",
        {"ids": list(story_ids)},
    )
    return rows.fetchall()


def _close(con: Connection, story_ids: Iterable[UUID]) -> set[UUID]:
    """Return the stories and all that links lead to from them."""
    reached, fresh = set(story_ids), set(story_ids)
    while fresh:
        fresh = {end for pair in _links(con, fresh) for end in pair} - reached
        reached |= fresh
    return reached


def _write_thread_ids(con: Connection, story_ids: Collection[UUID]) -> None:
    rows = con.execute("SELECT story_id, first_published_at FROM stories WHERE story_id IN (SELECT unnest(?::UUID[]))", [list(story_ids)])
    stories = [(story_id, order_of(first, story_id)) for story_id, first in rows.fetchall()]
    threads = thread_ids(stories, _links(con, story_ids))
    con.execute(
        """UPDATE stories SET thread_id = found.thread_id
        FROM (SELECT unnest(?::UUID[]) AS story_id, unnest(?::UUID[]) AS thread_id) found
        WHERE stories.story_id = found.story_id AND stories.thread_id <> found.thread_id""",
        [list(threads), list(threads.values())],
    )
