"""Stories in the store: a provisional one for every article that is loaded, the settled ones at the end of a run.

    assign: changed articles | terms | provisional story | what is to be settled
    settle: unsettled stretches in order of time | then the undated | stories | threads

Settling goes by publication, never by arrival: after one backfill the stories depend on the articles alone.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np

from tasks.store.migrate import Connection
from tasks.store.stories.log import log_settled
from tasks.store.stories.tables import write_memberships, write_stories
from tasks.store.stories.threads import write_profiles, write_threads
from tasks.stories.settle import STRETCH_DAYS, Membership, settle_stretch, settle_undated, story_id_of
from tasks.stories.standing import Telling
from tasks.stories.terms import unpack
from tasks.stories.weights import Keys, Rarity, keys_of, rarity

DAY_SECONDS = 86_400
STORY_ONLY = ""
"""Instead of a language among the unsettled: the article stands where it stands, and its story and thread are to be written anew."""
COMPACT_SHARE = 2
"""The term counts are folded when they have so many rows for each different one."""


class StoryRow(NamedTuple):
    """A new article, or a known one whose text or date of publication changed."""

    article_no: int
    article_id: UUID
    published_at: datetime | None
    language: str
    terms: bytes


class SettleReport(NamedTuple):
    """What settling did: articles looked at, and how many of them came to another story or to their first."""

    articles: int
    moved: int


def assign(con: Connection, articles: Sequence[StoryRow]) -> None:
    """Give every new article a provisional story, and note what is to be settled.

    To be called in the transaction that loads the articles, after `relate`: the copy of a known article joins its
    story, any other opens one of its own. A changed article keeps its story until it is settled.
    """
    if not articles:
        return
    forget_terms(con, [row.article_no for row in articles])
    _keep_terms(con, articles)
    ids = [row.article_id for row in articles]
    write_memberships(con, _provisional(con, ids))
    rows = con.execute("SELECT DISTINCT story_id FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))", [ids])
    write_stories(con, {story_id for (story_id,) in rows.fetchall()})


def settle(con: Connection, run_id: UUID | None = None) -> SettleReport:
    """Return what was done to bring every unsettled article, and what it touches, into its story.

    To be called in one transaction; changes are logged under the run, None outside one.
    """
    languages = con.execute(
        "SELECT DISTINCT language FROM internal.unsettled WHERE language <> ? ORDER BY language", [STORY_ONLY]
    ).fetchall()
    seen = 0
    changes: dict[UUID, Membership] = {}
    for (language,) in languages:
        rare = rarity_in(con, language)
        dated = _settle_dated(con, language, rare)
        undated = _settle_undated(con, language, rare, dated)
        seen += len(dated) + len(undated)
        changes |= dated | undated
    stories = write_memberships(con, changes) | _unsettled_stories(con)
    write_stories(con, stories)
    moved = log_settled(con, changes, run_id)
    write_profiles(con, stories)
    write_threads(con, stories, rarity_in(con, None))
    con.execute("DELETE FROM internal.unsettled")
    _compact_counts(con)
    return SettleReport(seen, moved)


def _unsettled_stories(con: Connection) -> set[UUID]:
    rows = con.execute("SELECT DISTINCT story_id FROM articles JOIN internal.unsettled USING (article_id)")
    return {story_id for (story_id,) in rows.fetchall()}


def _settle_dated(con: Connection, language: str, rare: Rarity) -> dict[UUID, Membership]:
    """Return the memberships of all articles in the unsettled stretches, and after them as far as stories change."""
    rows = con.execute(
        "SELECT DISTINCT stretch FROM internal.unsettled WHERE language = ? AND stretch IS NOT NULL ORDER BY stretch", [language]
    )
    todo = [stretch for (stretch,) in rows.fetchall()]
    left = _left_stretches(con, language)
    found: dict[UUID, Membership] = {}
    last: tuple[int, list[Telling]] | None = None
    while todo:
        stretch = todo.pop(0)
        before = last[1] if last and last[0] == stretch - 1 else _stretch(con, language, stretch - 1)
        current = _stretch(con, language, stretch)
        memberships = settle_stretch(before, current, rare)
        found |= memberships
        settled = [one._replace(story_id=memberships[one.article_id].story_id) for one in current]
        last = (stretch, settled)
        changed = stretch in left or any(one.story_id != was.story_id for one, was in zip(settled, current, strict=True))
        if changed and (not todo or todo[0] != stretch + 1):
            todo.insert(0, stretch + 1)
    return found


def _left_stretches(con: Connection, language: str) -> set[int]:
    """Return the stretches that lost an article: the stretch after may still hold members of the story it opened."""
    rows = con.execute(
        """SELECT DISTINCT stretch FROM internal.unsettled u
        ANTI JOIN internal.article_terms t ON t.article_id = u.article_id AND t.language = u.language AND t.stretch = u.stretch
        WHERE u.language = ? AND stretch IS NOT NULL""",
        [language],
    )
    return {stretch for (stretch,) in rows.fetchall()}


def _settle_undated(con: Connection, language: str, rare: Rarity, dated: dict[UUID, Membership]) -> dict[UUID, Membership]:
    """Return the memberships of the unsettled articles without a date, and of those whose story has dissolved."""
    unsettled = {
        article_id
        for (article_id,) in con.execute(
            "SELECT DISTINCT article_id FROM internal.unsettled WHERE language = ? AND stretch IS NULL", [language]
        ).fetchall()
    }
    undated = _tellings(con, "language = ? AND stretch IS NULL", [language])
    alive = {membership.story_id for membership in dated.values()} | _dated_stories(con, language, dated)
    alive -= {story_id_of(article_id) for article_id in unsettled}
    alive |= {story_id_of(one.article_id) for one in undated if one.article_id not in unsettled}
    free = [one for one in undated if one.article_id in unsettled or one.story_id not in alive]
    if not free:
        return {}
    freed = {one.article_id for one in free}
    return settle_undated(free, _settled_stretches(con, language, dated, [one for one in undated if one.article_id not in freed]), rare)


def _dated_stories(con: Connection, language: str, dated: Collection[UUID]) -> set[UUID]:
    """Return the stories of the dated articles that were not settled anew."""
    rows = con.execute(
        """SELECT DISTINCT story_id FROM articles JOIN internal.article_terms t USING (article_id)
        WHERE t.language = ? AND stretch IS NOT NULL AND article_id NOT IN (SELECT unnest(?::UUID[]))""",
        [language, list(dated)],
    )
    return {story_id for (story_id,) in rows.fetchall()}


def _settled_stretches(
    con: Connection, language: str, dated: dict[UUID, Membership], undated: Sequence[Telling]
) -> Iterator[Sequence[Telling]]:
    """Yield all articles whose stories stand, stretch by stretch, then those without a date."""
    rows = con.execute(
        "SELECT DISTINCT stretch FROM internal.article_terms WHERE language = ? AND stretch IS NOT NULL ORDER BY ALL", [language]
    )
    for (stretch,) in rows.fetchall():
        yield [
            one._replace(story_id=dated[one.article_id].story_id) if one.article_id in dated else one
            for one in _stretch(con, language, stretch)
        ]
    if undated:
        yield undated


def _stretch(con: Connection, language: str, stretch: int) -> list[Telling]:
    return _tellings(con, "language = ? AND stretch = ?", [language, stretch])


def _tellings(con: Connection, where: str, values: Iterable[object]) -> list[Telling]:
    rows = con.execute(
        f"""SELECT t.article_id, coalesce(epoch(t.published_at), 0), a.story_id, terms
        FROM (SELECT * FROM internal.article_terms WHERE {where}) t JOIN articles a USING (article_id) ORDER BY t.article_id""",
        list(values),
    )
    return [Telling(article_id, seconds, story_id, unpack(terms)) for article_id, seconds, story_id, terms in rows.fetchall()]


def _provisional(con: Connection, ids: Sequence[UUID]) -> dict[UUID, Membership]:
    """Return a story for each article that has none: the one it stood in before it changed, that of a copy, or one of its own."""
    rows = con.execute(
        """WITH fresh AS (SELECT article_id, language FROM articles WHERE article_id IN (SELECT unnest(?::UUID[])) AND story_id IS NULL),
        copies AS (SELECT * FROM relations WHERE kind IN ('exact', 'near')),
        pairs AS (
          SELECT f.article_id, f.language, other_id AS copy_id FROM fresh f JOIN copies USING (article_id)
          UNION ALL
          SELECT f.article_id, f.language, r.article_id FROM fresh f JOIN copies r ON r.other_id = f.article_id)
        SELECT f.article_id, coalesce(min(s.story_id), min(o.story_id)) FROM fresh f
        LEFT JOIN story_articles s USING (article_id) LEFT JOIN pairs p USING (article_id)
        LEFT JOIN articles o ON o.article_id = p.copy_id AND o.language = f.language GROUP BY ALL""",
        [list(ids)],
    )
    return {article_id: Membership(story_id or story_id_of(article_id), 1.0) for article_id, story_id in rows.fetchall()}


def forget_terms(con: Connection, numbers: Sequence[int]) -> None:
    """Take back the terms of those articles, by number, that have some; the stretches they stood in are to be settled again."""
    condition = "article_no BETWEEN ? AND ? AND article_no IN (SELECT unnest(?::BIGINT[]))"
    values = [min(numbers), max(numbers), list(numbers)]
    known = con.execute(f"SELECT article_id, language, stretch, terms FROM internal.article_terms WHERE {condition}", values).fetchall()
    if known:
        _count(con, ((language, terms) for _, language, _, terms in known), -1)
        with con.appender("internal.unsettled") as unsettled:
            unsettled.append_rows((article_id, language, stretch) for article_id, language, stretch, _ in known)
        con.execute(f"DELETE FROM internal.article_terms WHERE {condition}", values)


def _keep_terms(con: Connection, articles: Sequence[StoryRow]) -> None:
    with con.appender("internal.article_terms") as terms, con.appender("internal.unsettled") as unsettled:
        for row in articles:
            stretch = int(row.published_at.timestamp() // (STRETCH_DAYS * DAY_SECONDS)) if row.published_at else None
            terms.append_row(row.article_no, row.article_id, row.language, row.published_at, stretch, row.terms)
            unsettled.append_row(row.article_id, row.language, stretch)
    _count(con, ((row.language, row.terms) for row in articles), 1)


def _count(con: Connection, articles: Iterable[tuple[str, bytes]], sign: int) -> None:
    """Add articles to the term counts, or with sign -1 take them away."""
    by_language: dict[str, list[bytes]] = {}
    for language, terms in articles:
        by_language.setdefault(language, []).append(terms)
    with con.appender("internal.term_counts") as counts:
        for language, packed in by_language.items():
            keys, articles_with = np.unique(keys_of(unpack(b"".join(packed))), return_counts=True)
            rows = zip(keys.tolist(), (articles_with * sign).tolist(), strict=True)
            counts.append_rows((language, key, count) for key, count in rows)
            counts.append_row(language, None, sign * len(packed))


def rarity_in(con: Connection, language: str | None, only: Keys | None = None) -> Rarity:
    """Return how rare terms are in a language, or in all together (None); with `only`, no more than is needed for these keys."""
    where = ["language = ?"] * (language is not None) + ["(key IS NULL OR key IN (SELECT unnest(?::UBIGINT[])))"] * (only is not None)
    values = [*([] if language is None else [language]), *([] if only is None else [only.tolist()])]
    rows = con.execute(
        f"SELECT key, sum(articles)::BIGINT AS articles FROM internal.term_counts WHERE {' AND '.join(['true', *where])} GROUP BY key",
        values,
    ).fetchnumpy()
    keys = np.ma.asarray(rows["key"])
    absent = np.ma.getmaskarray(keys)
    counts = np.asarray(rows["articles"])
    return rarity(language, np.asarray(keys.data)[~absent], counts[~absent], int(counts[absent].sum()))


def _compact_counts(con: Connection) -> None:
    rows, different = con.execute("SELECT count(*), count(DISTINCT (language, key)) FROM internal.term_counts").fetchall()[0]
    if rows > COMPACT_SHARE * different:
        con.execute(
            """CREATE TEMP TABLE folded AS
            SELECT language, key, sum(articles)::INTEGER FROM internal.term_counts GROUP BY language, key HAVING sum(articles) <> 0"""
        )
        con.execute("DELETE FROM internal.term_counts")
        con.execute("INSERT INTO internal.term_counts FROM folded ORDER BY ALL")
        con.execute("DROP TABLE folded")
