"""What the log of stories says: every change once, in words and with the score, and nothing when nothing changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tasks.store.migrate import Connection, migrations
from tasks.store.stories.settle import settle
from tests.tasks.store.shelf import Piece, empty, event, filled, put, rows

DAY = datetime(2025, 3, 3, 8, tzinfo=UTC)
LOG = "SELECT story_id, article_id, event, from_story_id, score, reason FROM story_log"
RUN = UUID(int=5)


PIECES = [piece for n in range(8) for piece in event(n, 1 + n % 4, DAY + timedelta(days=5 * n))] + event(40, 2, None)


def added(con: Connection, pieces: list[Piece]) -> list[tuple[object, ...]]:
    """Return what the log gained by a batch and by settling after it: event, name of the article, whether it names its story now."""
    before = con.execute("SELECT count(*) FROM story_log").fetchall()[0][0]
    if pieces:
        put(con, pieces)
    con.begin()
    settle(con, RUN)
    con.commit()
    return con.execute(
        """SELECT event, l.article_id, l.from_story_id, l.story_id, l.story_id IS NOT DISTINCT FROM a.story_id, run_id
        FROM (SELECT *, rowid AS n FROM story_log) l LEFT JOIN articles a USING (article_id) WHERE n >= ? ORDER BY n""",
        [before],
    ).fetchall()


def agrees(con: Connection) -> bool:
    """Return whether the last logged story of every article is the one it stands in."""
    wrong = con.execute(
        """SELECT count(*) FROM articles a FULL JOIN (SELECT article_id, max_by(story_id, rowid) AS story_id FROM story_log
        WHERE event <> 'closed' GROUP BY article_id) l USING (article_id) WHERE a.story_id IS DISTINCT FROM l.story_id"""
    )
    return wrong.fetchall() == [(0,)]


@pytest.fixture(scope="module")
def expected():
    con = filled(PIECES)
    yield con
    con.close()


def test_after_one_backfill_every_article_was_assigned_once_with_its_score_and_a_reason(expected):
    assert agrees(expected)
    assert rows(expected, "SELECT article_id, score FROM story_log") == rows(expected, "SELECT article_id, score FROM story_articles")
    reasons = dict(expected.execute("SELECT reason, count(*) FROM story_log GROUP BY 1").fetchall())
    assert reasons == {
        "No other article is like it.": 2,
        "It is like the articles of the story, and near them in time.": 18,
        "It is like the articles of the story; it has no date.": 2,
    }


@pytest.mark.parametrize(("size", "seed"), [(5, 1), (11, 2)])
def test_order_and_batches_leave_no_trace(expected, size, seed):
    con = filled(PIECES, size, seed)
    assert con.execute(LOG).fetchall() == expected.execute(LOG).fetchall()


def test_settling_again_and_the_same_articles_again_log_nothing(expected):
    con = filled(PIECES)
    assert added(con, []) == []
    assert added(con, PIECES) == []
    assert con.execute(LOG).fetchall() == expected.execute(LOG).fetchall()


def test_what_is_loaded_is_not_logged_before_it_is_settled():
    con = empty()
    put(con, PIECES)
    assert con.execute("SELECT count(*) FROM story_log").fetchall() == [(0,)]


def test_an_article_that_changed_moves_and_the_story_it_left_alone_is_closed():
    con = filled(PIECES)
    lone, other = event(0, 1, DAY)[0], event(3, 4, DAY + timedelta(days=15))
    was, now = (con.execute("SELECT story_id FROM articles WHERE article_id = ?", [one.id]).fetchall()[0][0] for one in (lone, other[0]))
    found = added(con, [replace(lone, text=other[1].text, at=other[1].at)])
    assert sorted(found, key=repr) == sorted([("moved", lone.id, was, now, True, RUN), ("closed", None, None, was, False, RUN)], key=repr)
    assert con.execute("SELECT reason FROM story_log WHERE event = 'moved'").fetchall() == [("The article changed.",)]
    assert agrees(con)


def test_an_older_telling_that_arrives_late_opens_the_story_and_the_known_one_goes_up_in_it():
    oldest, *rest = event(9, 3, DAY)
    con = filled(rest)
    [was] = {story_id for (story_id,) in con.execute("SELECT story_id FROM articles").fetchall()}
    found = added(con, [oldest])
    [now] = {story_id for (story_id,) in con.execute("SELECT story_id FROM articles").fetchall()}
    told = {("assigned", oldest.id, None, now, True, RUN), ("closed", None, None, was, False, RUN)}
    assert set(found) == told | {("merged", piece.id, was, now, True, RUN) for piece in rest}
    assert agrees(con)


def test_a_story_whose_first_article_went_to_another_year_is_told_apart():
    first, *rest = event(50, 3, DAY)
    rest = [replace(piece, at=DAY + timedelta(days=8)) for piece in rest]
    con = filled([replace(first, at=DAY), *rest])
    events = {(event_, article_id) for event_, article_id, *_ in added(con, [replace(first, at=DAY - timedelta(days=700))])}
    assert events == {("split", piece.id) for piece in rest}
    assert agrees(con)


def test_a_store_from_before_the_log_begins_with_what_stood(expected):
    number, sql = next((n, sql) for n, sql in enumerate(migrations()) if "CREATE TABLE story_log" in sql)
    assert number == 6
    con = filled(PIECES)
    con.execute("DROP TABLE story_log")
    con.execute(sql)
    assert agrees(con)
    assert added(con, []) == []
    assert added(con, PIECES[:5]) == []
