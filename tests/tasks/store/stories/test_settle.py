"""Stories in a real store: what belongs together, and that order, batches and crashes leave no trace."""

import gzip
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import hypothesis
import pytest
from hypothesis import strategies as st

from tasks.store.migrate import migrate
from tasks.store.stories.settle import settle
from tests.tasks.store.shelf import Piece, bcubed, empty, event, filled, prose, put, rows

ROOT = Path(__file__).parents[4]
SHARED = ROOT.parent / "shared"
DAY = datetime(2025, 3, 3, 8, tzinfo=UTC)
STORIES = "SELECT * FROM stories"
MEMBERS = "SELECT story_id, article_id, score FROM story_articles"
LEAST_F1 = 0.93


DATED = [piece for n in range(12) for piece in event(n, 1 + n % 4, DAY + timedelta(days=5 * n))]
UNDATED = [replace(event(n, 5, DAY)[-1], name=f"{n}/u", at=None) for n in (3, 7)] + event(40, 3, None)
FRENCH = event(60, 3, DAY, "fr")
PIECES = DATED + UNDATED + FRENCH


@pytest.fixture(scope="module")
def expected():
    con = filled(PIECES)
    yield con
    con.close()


def partition(con) -> set[frozenset[str]]:
    names = {piece.id: piece.name for piece in PIECES}
    groups = defaultdict(set)
    for article_id, story_id in con.execute("SELECT article_id, story_id FROM articles").fetchall():
        groups[story_id].add(names[article_id])
    return {frozenset(group) for group in groups.values()}


def test_every_event_is_one_story_and_undated_tellings_find_theirs(expected):
    events = defaultdict(set)
    for piece in PIECES:
        events[piece.name.split("/")[0]].add(piece.name)
    assert partition(expected) == {frozenset(group) for group in events.values()}


@pytest.mark.parametrize(("size", "seed"), [(6, 1), (13, 2), (100, 3)])
def test_order_and_batches_do_not_matter(expected, size, seed):
    con = filled(PIECES, size, seed)
    assert rows(con, STORIES) == rows(expected, STORIES)
    assert rows(con, MEMBERS) == rows(expected, MEMBERS)
    assert rows(con, "FROM internal.story_links") == rows(expected, "FROM internal.story_links")


def whole(con) -> bool:
    """Return whether every article is in exactly one story, and every story says what its articles say."""
    checks = """SELECT
      (SELECT bool_and(story_id IS NOT NULL) FROM articles),
      (SELECT count(*) FROM articles) = (SELECT count(DISTINCT article_id) FROM story_articles),
      (SELECT count(*) FROM articles) = (SELECT count(*) FROM story_articles JOIN articles USING (article_id, story_id)),
      (SELECT count(*) FROM stories) = (SELECT count(DISTINCT story_id) FROM articles),
      (SELECT count(*) FROM stories) = (SELECT count(DISTINCT story_id) FROM stories),
      (SELECT bool_and(article_count = n AND first_published_at IS NOT DISTINCT FROM first AND last_published_at IS NOT DISTINCT FROM last)
       FROM stories JOIN (SELECT story_id, count(*) n, min(published_at) first, max(published_at) last FROM articles GROUP BY 1)
       USING (story_id)),
      (SELECT bool_and(t.story_id IS NOT NULL) FROM stories s LEFT JOIN stories t ON t.story_id = s.thread_id),
      (SELECT bool_and(independent_source_count BETWEEN 1 AND source_count) FROM stories)"""
    return all(value is not False for value in con.execute(checks).fetchall()[0])


def test_articles_have_a_story_before_they_are_settled(expected):
    con = empty()
    put(con, PIECES[:20])
    assert whole(con)
    assert con.execute("SELECT count(*) FROM stories WHERE thread_id IS NULL").fetchall() == [(0,)]
    assert whole(expected)


def test_a_copy_joins_the_story_of_its_original_at_once():
    con = empty()
    text = prose(Random(5), 90)
    put(con, [Piece("a", text, DAY, "The title")])
    put(con, [Piece("b", text, DAY, "The title", "two.example")])
    assert con.execute("SELECT title, article_count, source_count, independent_source_count FROM stories").fetchall() == [
        ("The title", 2, 2, 1)
    ]


def test_what_was_unsettled_when_a_process_died_is_settled_by_the_next(tmp_path, expected):
    path = tmp_path / "store.duckdb"
    con = duckdb.connect(str(path))
    migrate(con)
    put(con, PIECES[:15])
    con.close()
    con = duckdb.connect(str(path))
    con.execute("SET TimeZone = 'UTC'")
    put(con, PIECES[15:])
    settle(con)
    assert rows(con, STORIES) == rows(expected, STORIES)
    assert rows(con, MEMBERS) == rows(expected, MEMBERS)
    con.close()


def test_settling_again_changes_nothing():
    con = filled(PIECES)
    before = rows(con, "FROM story_articles"), rows(con, STORIES)
    assert settle(con) == (0, 0)
    assert (rows(con, "FROM story_articles"), rows(con, STORIES)) == before


def test_later_runs_extend_stories_and_keep_their_ids(expected):
    con = empty()
    for start in range(0, len(PIECES), 9):
        put(con, PIECES[start : start + 9])
        settle(con)
        assert whole(con)
    assert partition(con) == partition(expected)
    assert rows(con, "SELECT story_id, thread_id FROM stories") == rows(expected, "SELECT story_id, thread_id FROM stories")


def test_an_article_that_now_tells_something_else_moves():
    con = filled(PIECES)
    first, other = event(3, 4, DAY + timedelta(days=15)), event(7, 4, DAY + timedelta(days=35))
    put(con, [replace(first[0], text=other[1].text, title=other[1].title, at=other[1].at)])
    settle(con)
    stories = dict(con.execute("SELECT article_id, story_id FROM articles").fetchall())
    assert whole(con)
    assert stories[first[0].id] == stories[other[0].id] != stories[first[1].id]


def test_a_lone_article_moves_to_an_earlier_stretch_and_the_store_goes_on():
    con = empty()
    lone, later = Piece("lone", prose(Random(31), 60), datetime(2024, 3, 5, tzinfo=UTC)), Piece("later", prose(Random(32), 60), DAY)
    moved = replace(lone, at=datetime(2023, 2, 1, tzinfo=UTC))
    for piece in (lone, moved, later):
        put(con, [piece])
        settle(con)
        assert whole(con)
    assert rows(con, STORIES) == rows(filled([moved, later]), STORIES)
    assert rows(con, MEMBERS) == rows(filled([moved, later]), MEMBERS)


def test_who_joined_a_story_does_not_follow_its_first_article_to_another_year():
    first, second = event(50, 2, DAY)
    pieces = [replace(first, at=DAY), replace(second, at=DAY + timedelta(days=8))]
    con = empty()
    put(con, pieces)
    settle(con)
    assert con.execute("SELECT count(*) FROM stories").fetchall() == [(1,)]
    put(con, [replace(first, at=DAY - timedelta(days=700))])
    settle(con)
    assert whole(con)
    assert con.execute("SELECT count(*) FROM stories").fetchall() == [(2,)]


TOLD = [piece for n in range(4) for piece in event(100 + n, 3, DAY + timedelta(days=9 * n))]
DATES = st.one_of(st.none(), st.integers(0, 60).map(lambda days: DAY + timedelta(days=days)))
LOAD = st.tuples(st.integers(0, 5), st.integers(0, len(TOLD) - 1), DATES, st.sampled_from(["en", "en", "fr"]))


@hypothesis.settings(max_examples=12, deadline=None)
@hypothesis.given(st.lists(st.tuples(st.lists(LOAD, min_size=1, max_size=4), st.booleans()), min_size=1, max_size=5))
def test_whatever_is_loaded_changed_and_moved_every_article_has_its_story(batches):
    """An article may come again with another text, date or language; a date once known is not forgotten."""
    con, current = empty(), dict[str, Piece]()
    for loads, settled in batches:
        batch = dict[str, Piece]()
        for name, telling, at, language in loads:
            known = current.get(str(name))
            date = at or (known.at if known else None)
            batch[str(name)] = current[str(name)] = replace(TOLD[telling], name=str(name), at=date, language=language)
        put(con, list(batch.values()))
        assert whole(con)
        if settled:
            settle(con)
            assert whole(con)
    settle(con)
    assert whole(con)
    if not any(settled for _, settled in batches):
        fresh = filled(list(current.values()))
        assert rows(con, STORIES) == rows(fresh, STORIES)
        assert rows(con, MEMBERS) == rows(fresh, MEMBERS)


def test_blocks_bound_the_memory_and_not_the_stories(monkeypatch, expected):
    monkeypatch.setattr("tasks.stories.settle.BLOCK", 7)
    con = filled(PIECES, 13, 5)
    assert partition(con) == partition(expected)
    assert whole(con)


def test_what_threads_are_found_by_is_gathered_in_parts(monkeypatch, expected):
    monkeypatch.setattr("tasks.store.stories.threads.ARTICLES_AT_ONCE", 3)
    con = filled(PIECES)
    profiles = rows(con, "FROM internal.story_profiles")
    assert profiles == rows(expected, "FROM internal.story_profiles")
    assert profiles


def test_what_a_story_says_of_itself(expected):
    story = dict(expected.execute("SELECT article_id, story_id FROM articles").fetchall())[FRENCH[0].id]
    title, first, last, articles, sources, languages = expected.execute(
        "SELECT title, first_published_at, last_published_at, article_count, source_count, languages FROM stories WHERE story_id = ?",
        [story],
    ).fetchall()[0]
    assert title in {piece.title for piece in FRENCH}
    assert (first, last, articles, sources, languages) == (FRENCH[0].at, FRENCH[-1].at, 3, 3, ["fr"])


def test_a_store_without_articles_settles():
    assert settle(empty()) == (0, 0)


def test_articles_without_words_stand_alone():
    con = filled([Piece("a", "!!!", DAY), Piece("b", "???", DAY), Piece("c", "…")])
    assert whole(con)
    assert con.execute("SELECT count(*) FROM stories").fetchall() == [(3,)]


def shared_rows(name: str) -> list[dict[str, str]]:
    path = SHARED / "data" / "stories" / name
    if not path.exists():
        pytest.skip("the labelled stories lie outside the repository")
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_events_of_undated_news_among_unrelated_articles():
    articles = shared_rows("ecbplus_topics_01_22.jsonl.gz") + shared_rows("distractors.jsonl.gz")
    pieces = [Piece(article["id"], article["text"], None, article["title"]) for article in articles]
    con = filled(pieces, size=400)
    stories = dict(con.execute("SELECT article_id, story_id FROM articles").fetchall())
    assert bcubed([stories[piece.id] for piece in pieces], [article["event"] for article in articles])[2] >= LEAST_F1


def test_the_five_documents_are_three_stories_of_one_affair():
    fields = SHARED / "data" / "entities" / "seeds_fields_gold.json"
    if not fields.exists():
        pytest.skip("the five documents lie outside the repository")
    dates = {"002": "2024-06-19T23:09+00:00", "003": "2024-11-19T06:53+00:00", "001": "2024-12-04T00:00+00:00"}
    pieces = []
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        gold = json.loads(fields.read_text("utf-8"))[path.name]
        text = "\n".join(line for line in path.read_text("utf-8").splitlines() if line not in gold["drop"])
        at = datetime.fromisoformat(dates[path.name[:3]]) if path.name[:3] in dates else None
        pieces.append(Piece(path.name[:3], text, at, gold["title"], path.name[:3], "fr", tuple(gold["agency"])))
    con = filled(pieces)
    stories = dict(con.execute("SELECT article_id, story_id FROM articles").fetchall())
    groups = defaultdict(set)
    for piece in pieces:
        groups[stories[piece.id]].add(piece.name)
    assert sorted(map(sorted, groups.values())) == [["000", "002", "004"], ["001"], ["003"]]
    assert con.execute("SELECT count(DISTINCT thread_id), bool_and(title IS NOT NULL) FROM stories").fetchall() == [(1, True)]
    assert con.execute("SELECT count(*) FROM relations").fetchall() == [(0,)]
