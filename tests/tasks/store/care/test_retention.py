"""Retention does not trust any clock: one that has jumped removes nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from schemas.run import RunReport
from tasks.store.care.removal import AT_ONCE
from tasks.store.care.retention import doubt, is_believable, remove_old
from tasks.store.migrate import Connection
from tasks.store.runs import start_run
from tests.tasks.store.shelf import Piece, empty, put_articles

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
DAILY = [NOW - n * DAY for n in range(100)]


def test_a_store_in_use_believes_the_clock_and_a_jump_is_doubted() -> None:
    assert is_believable(NOW, NOW, DAILY)
    assert is_believable(NOW, NOW - 10 * YEAR, DAILY)  # old archives, taken in these days
    assert is_believable(NOW + 30 * DAY, NOW, DAILY)
    assert not is_believable(NOW + 60 * DAY, NOW, DAILY)
    assert not is_believable(NOW + 70 * YEAR, NOW, DAILY)


def test_runs_by_a_wrong_clock_do_not_speak_for_it() -> None:
    wrong = NOW + 70 * YEAR
    runs = [*DAILY, *(wrong - n * timedelta(hours=1) for n in range(100))]
    assert not is_believable(wrong, NOW, runs)
    assert is_believable(NOW, NOW, runs)  # when it is right again, they are in the future and say nothing


def test_a_store_that_rested_is_believed_when_news_comes() -> None:
    later = NOW + 2 * YEAR
    assert not is_believable(later, NOW, DAILY)
    assert is_believable(later, later - DAY, [*DAILY, later - DAY])


def test_without_runs_there_was_nothing_to_jump_from() -> None:
    assert is_believable(NOW, None, [])


@pytest.fixture
def con() -> Connection:
    con = empty()
    put_articles(con, [Piece(f"a{n}", f"The ferry sails on day {n}.", at=NOW - n * DAY) for n in range(60)])
    for n in range(60):
        report = RunReport(run_id=UUID(int=n + 1), flow="ingest", engine="direct", started_at=NOW - n * DAY)
        start_run(con, report)
    return con


def test_a_few_misprinted_dates_do_not_speak_for_a_wrong_clock(con: Connection) -> None:
    wrong = NOW + 40 * YEAR
    put_articles(con, [Piece(f"p{n}", f"Misprinted {n}.", at=wrong - n * DAY) for n in range(5)])
    found = doubt(con, wrong)
    assert found is not None
    assert "2066" in found
    assert "wirehouse remove" in found
    assert doubt(con, NOW) is None


def test_a_clock_of_long_ago_removes_nothing(con: Connection) -> None:
    for back in (DAY, YEAR, 56 * YEAR):
        assert remove_old(con, 90, NOW - back) == 0
    assert remove_old(con, 29, NOW) == 30 < AT_ONCE


def test_a_run_that_began_by_a_clock_that_was_ahead_ends_no_earlier(con: Connection) -> None:
    start_run(con, RunReport(run_id=UUID(int=900), flow="ingest", engine="direct", started_at=NOW + YEAR))
    start_run(con, RunReport(run_id=UUID(int=901), flow="ingest", engine="direct", started_at=NOW))
    [(state, started, finished)] = con.execute(
        "SELECT state, started_at, finished_at FROM runs WHERE run_id = ?", [UUID(int=900)]
    ).fetchall()
    assert (state, started) == ("crashed", finished)
