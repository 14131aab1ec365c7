"""Articles taken out of the store, with all that hangs on them; a tombstone stays.

    tombstones | rows of the articles | documents, entities that nothing uses | items of feeds | copies | words | stories that lost one

Afterwards the others are as if these had never been there: at once for copies, for stories when they are settled.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from tasks.store.articles.touched import delete_articles
from tasks.store.care.tombstones import RemovalReason, bury, forget_items
from tasks.store.care.unused import documents_of, drop_documents, drop_entities, entities_of
from tasks.store.copies.relate import unrelate
from tasks.store.migrate import Connection
from tasks.store.search.index import forget_words
from tasks.store.stories.recluster import unsettle_again
from tasks.store.stories.settle import STORY_ONLY, forget_terms
from tasks.store.stories.tables import write_stories
from tasks.store.stories.threads import write_profiles
from tasks.store.transaction import transaction

AT_ONCE = 1_000
"""Articles removed in one transaction: a second or two, and what a kill can undo."""
OWN_TABLES = (
    *("articles", "article_versions", "sightings", "story_articles", "mentions", "article_topics", "article_entities"),
    *("removed_blocks", "rule_changes", "internal.version_keys", "internal.contexts"),
)
"""Tables whose rows belong to one article. `story_log` is only ever added to; `internal.places` keeps what was met where."""


def remove_all(con: Connection, ids: Sequence[UUID], reason: RemovalReason, now: datetime) -> int:
    """Return how many of the articles were in the store and are not any more; batch after batch, one transaction each.

    Their stories are to be settled afterwards; whatever settles next does it.
    """
    removed = 0
    for start in range(0, len(ids), AT_ONCE):
        with transaction(con):
            removed += remove_articles(con, ids[start : start + AT_ONCE], reason, now)
    return removed


def remove_articles(con: Connection, ids: Collection[UUID], reason: RemovalReason, now: datetime) -> int:
    """Return how many of the articles were in the store; everything of them but their tombstones is gone.

    To be called in a transaction. Copies have their new heads at once; which stories must be settled is noted.
    """
    rows = con.execute(
        """SELECT article_no, article_id, story_id FROM articles JOIN internal.article_numbers USING (article_id)
        WHERE article_id IN (SELECT unnest(?::UUID[]))""",
        [list(ids)],
    ).fetchall()
    numbers = {number: article_id for number, article_id, _ in rows}
    if not numbers:
        return 0
    known = list(numbers.values())
    documents, entities = documents_of(con, known), entities_of(con, known)
    forget_items(con, bury(con, known, reason, now), _places_of(con, known))
    delete_articles(con, OWN_TABLES, known)
    drop_documents(con, documents)
    drop_entities(con, entities)
    unrelate(con, numbers)
    forget_terms(con, list(numbers))
    forget_words(con, list(numbers))
    _forget_numbers(con, list(numbers))
    _unsettle(con, {story_id for *_, story_id in rows if story_id})
    unsettle_again(con)
    return len(known)


def _places_of(con: Connection, ids: Sequence[UUID]) -> list[UUID]:
    rows = con.execute("SELECT place_key FROM internal.places WHERE article_id IN (SELECT unnest(?::UUID[]))", [list(ids)])
    return [place for (place,) in rows.fetchall()]


def _forget_numbers(con: Connection, numbers: list[int]) -> None:
    for table in ("internal.whole_archive", "internal.article_numbers"):
        con.execute(f"DELETE FROM {table} WHERE article_no IN (SELECT unnest(?::BIGINT[]))", [numbers])


def _unsettle(con: Connection, stories: Collection[UUID]) -> None:
    """Write the stories that lost an article, and note what is to be settled beside the stretches of time of the articles, noted already.

    Those without a date choose anew; these stories, and those linked to one that ended, are written anew with their threads.
    """
    write_stories(con, stories)
    write_profiles(con, stories)
    con.execute("CREATE OR REPLACE TEMP TABLE bereft AS SELECT unnest(?::UUID[]) AS story_id", [list(stories)])
    con.execute("CREATE OR REPLACE TEMP TABLE ended AS SELECT story_id FROM bereft ANTI JOIN stories USING (story_id)")
    con.execute(
        """INSERT INTO internal.unsettled
        SELECT t.article_id, t.language, t.stretch FROM internal.article_terms t JOIN articles USING (article_id)
        SEMI JOIN bereft USING (story_id) WHERE t.stretch IS NULL
        UNION ALL
        SELECT min(article_id), ?, NULL FROM articles SEMI JOIN (
          FROM bereft UNION SELECT later_id FROM internal.story_links SEMI JOIN ended USING (story_id)
          UNION SELECT l.story_id FROM internal.story_links l SEMI JOIN ended e ON e.story_id = l.later_id) USING (story_id)
        GROUP BY story_id""",
        [STORY_ONLY],
    )
    con.execute("DELETE FROM internal.story_links WHERE story_id IN (FROM ended) OR later_id IN (FROM ended)")
    con.execute("UPDATE stories SET thread_id = story_id WHERE thread_id IN (FROM ended)")
    con.execute(
        """INSERT INTO story_log SELECT story_id, NULL, now(), NULL, 'closed', NULL, NULL, 'Its last article was removed.'
        FROM ended SEMI JOIN story_log USING (story_id) ORDER BY ALL"""
    )
    con.execute("DROP TABLE ended")
    con.execute("DROP TABLE bereft")
