"""Articles that were removed: the others are as in a store that never had them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.store.care.removal import remove_articles
from tasks.store.migrate import Connection
from tasks.store.stories.settle import settle
from tests.tasks.store.copies.test_relate import CROWDED, PIECES, family
from tests.tasks.store.shelf import Piece, event, filled, prose, put, rows
from tests.tasks.store.stories.test_settle import whole

NOW = datetime(2026, 2, 1, tzinfo=UTC)
DAY = datetime(2025, 6, 2, 12, tzinfo=UTC)
RELATIONS = "SELECT * FROM relations"
HEADS = "SELECT article_id, duplicate_of FROM articles"
STORIES = "SELECT * FROM stories"
MEMBERS = "SELECT story_id, article_id, score FROM story_articles"
PLACES = "SELECT article_id, story_id FROM articles"
LINKS = "SELECT story_id, later_id FROM internal.story_links"
THREADS = "SELECT story_id, thread_id, article_count, title, first_published_at FROM stories"
FINGERPRINTS = "SELECT article_id, hash, day, closing FROM internal.fingerprints JOIN internal.article_numbers USING (article_no)"
SKETCHES = "SELECT article_id, day, hash_count, words_hash FROM internal.sketches JOIN internal.article_numbers USING (article_no)"
COUNTS = "SELECT language, key, sum(articles) FROM internal.term_counts GROUP BY ALL HAVING sum(articles) <> 0"


def remove(con: Connection, pieces: Collection[Piece]) -> None:
    """Remove articles and settle, each in one transaction."""
    con.begin()
    assert remove_articles(con, [piece.id for piece in pieces], "asked", NOW) == len(pieces)
    con.commit()
    assert whole(con)
    con.begin()
    settle(con)
    con.commit()
    assert whole(con)


def same(con: Connection, fresh: Connection, *queries: str) -> None:
    for query in queries:
        assert rows(con, query) == rows(fresh, query), query


def without(pieces: Sequence[Piece], gone: Collection[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece not in gone]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_copies_end_where_a_fresh_store_would(seed: int, count: int) -> None:
    gone = Random(seed).sample(PIECES, count)
    con = filled(PIECES)
    remove(con, gone)
    same(con, filled(without(PIECES, gone)), RELATIONS, HEADS, FINGERPRINTS, SKETCHES, COUNTS)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 70))
def test_a_crowd_that_shrinks_ends_where_a_fresh_store_would(seed: int, count: int) -> None:
    gone = Random(seed).sample(CROWDED, count)
    con = filled(CROWDED)
    remove(con, gone)
    same(con, filled(without(CROWDED, gone)), RELATIONS, HEADS, FINGERPRINTS, SKETCHES)


def test_a_removed_original_leaves_its_copies_a_new_head() -> None:
    text = prose(Random(1), 90)
    pieces = [Piece(str(day), text, DAY + timedelta(days=day), source=f"{day}.example") for day in range(3)]
    con = filled(pieces)
    remove(con, pieces[:1])
    assert dict(con.execute(HEADS).fetchall()) == {pieces[1].id: None, pieces[2].id: pieces[1].id}
    remove(con, pieces[1:2])
    assert dict(con.execute(HEADS).fetchall()) == {pieces[2].id: None}
    assert con.execute(RELATIONS).fetchall() == []


def test_a_removed_link_in_a_chain_of_copies_parts_the_group() -> None:
    pieces = [piece for piece in family(Random(5), 0) if piece.name in {"0-base", "0-edited", "0-cut"}]
    words = pieces[0].text.split()
    far = Piece("far", " ".join([*words[100:], *prose(Random(6), 60).split()]), DAY)
    con = filled([*pieces, far])
    remove(con, [pieces[0]])
    same(con, filled([*pieces[1:], far]), RELATIONS, HEADS)


EVENTS = [piece for n in range(8) for piece in event(200 + n, 2 + n % 3, DAY + timedelta(days=6 * n))]
EVENTS += [replace(piece, name=f"u{piece.name}", at=None) for n in (2, 5) for piece in event(200 + n, 4, DAY)[-1:]]
EVENTS += event(220, 3, None) + event(230, 3, DAY + timedelta(days=20), "fr")


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_stories_end_where_a_fresh_store_would(seed: int, count: int) -> None:
    gone = Random(seed).sample(EVENTS, count)
    con = filled(EVENTS)
    remove(con, gone)
    same(con, filled(without(EVENTS, gone)), PLACES, STORIES, MEMBERS, "FROM internal.story_links", HEADS, COUNTS)


def test_in_a_store_too_large_to_be_settled_as_a_whole_the_stories_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.store.stories.recluster.unsettle_recent.__defaults__", (0,))
    for seed in range(2):
        gone = Random(seed).sample(EVENTS, 4 * seed + 1)
        con = filled(EVENTS)
        remove(con, gone)
        same(con, filled(without(EVENTS, gone)), PLACES, THREADS, LINKS)


def test_a_story_that_lost_its_first_article_is_named_after_the_next() -> None:
    con = filled(EVENTS)
    first, second, *_ = EVENTS
    before = dict(con.execute(PLACES).fetchall())
    assert before[first.id] == before[second.id]
    remove(con, [first])
    after = dict(con.execute(PLACES).fetchall())
    assert after[second.id] != before[second.id]
    assert {one: story for one, story in after.items() if before[one] != before[first.id]} == {
        one: story for one, story in before.items() if story != before[first.id]
    }


def test_a_removed_middle_of_an_affair_leaves_every_story_a_thread_that_exists() -> None:
    chance = Random(8)
    own = prose(chance, 14, 10**6).title()
    affair = [
        Piece(f"part {n}", f"{own} {prose(chance, 50, 10**6)} {own}", DAY + timedelta(days=60 * n), f"Part {n} of {own[:30]}")
        for n in range(4)
    ]
    con = filled([*affair, *EVENTS])
    for gone in ([affair[0]], [affair[2]]):
        remove(con, gone)
        affair = without(affair, gone)
        same(con, filled([*affair, *EVENTS]), THREADS, LINKS)


def test_the_log_only_grows_and_says_that_a_story_ended() -> None:
    con = filled(EVENTS)
    alone = Piece("alone", prose(Random(77), 80, 10**6), DAY)
    put(con, [alone])
    settle(con)
    logged = rows(con, "SELECT * FROM story_log")
    remove(con, [alone, EVENTS[0]])
    after = con.execute("SELECT event, reason, article_id FROM story_log ORDER BY rowid").fetchall()[len(logged) :]
    assert set(logged) <= set(rows(con, "SELECT * FROM story_log"))
    assert ("closed", "Its last article was removed.", None) in after
    assert ("moved", "An article of its former story was removed.", EVENTS[1].id) in after
    assert "The article changed." not in {reason for _, reason, _ in after}
    settle(con)
    assert len(rows(con, "SELECT * FROM story_log")) == len(logged) + len(after)


def test_what_is_not_there_is_not_removed() -> None:
    con = filled(EVENTS[:4])
    assert remove_articles(con, [Piece("never", "").id], "asked", NOW) == 0
    assert remove_articles(con, [], "asked", NOW) == 0
    assert settle(con) == (0, 0)


def test_an_empty_store_is_what_remains_when_all_are_removed() -> None:
    con = filled(EVENTS)
    remove(con, EVENTS)
    same(
        con,
        filled([]),
        "FROM articles",
        STORIES,
        MEMBERS,
        RELATIONS,
        LINKS,
        COUNTS,
        "FROM internal.story_profiles",
        "FROM internal.article_numbers",
    )


def test_removed_one_by_one_or_together_ends_alike() -> None:
    gone = Random(1).sample(EVENTS, 4)
    together, single = filled(EVENTS), filled(EVENTS)
    remove(together, gone)
    for piece in gone:
        remove(single, [piece])
    same(single, together, PLACES, THREADS, LINKS, "SELECT article_id, reason, removed_at FROM removed_articles")
