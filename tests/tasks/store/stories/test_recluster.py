"""Articles that came in several runs in any order end in the same copies and stories as those of one run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from tasks.store.migrate import Connection
from tasks.store.stories.recluster import unsettle_recent
from tasks.store.stories.settle import settle
from tests.bench.generate import articles
from tests.tasks.store.shelf import Piece, filled, prose, put, rows

RUNS = 3
COPIES = "SELECT article_id, duplicate_of FROM articles"
RELATIONS = "SELECT * FROM relations"
STORIES = "SELECT * FROM stories"
MEMBERS = "SELECT story_id, article_id, score FROM story_articles"
DAY = datetime(2025, 3, 3, tzinfo=UTC)


def arrivals(language: str) -> list[Piece]:
    """Generated articles of three languages that share no words, so that what is rare depends on the archive alone."""
    return [
        Piece(f"{language}{one.number}", "\n\n".join(one.paragraphs), one.published, one.title, one.outlet, language)
        for one in articles(100, seed=len(language))
    ]


PIECES = [piece for language in ("und", "sw") for piece in arrivals(language)]


def run(con: Connection, pieces: Sequence[Piece], number: int) -> None:
    """Load a batch and settle it, as a run of its own in the book."""
    put(con, pieces)
    con.begin()
    settle(con)
    con.execute(
        """INSERT INTO runs VALUES (?, 'backfill', 'direct', ?, ?, 'completed', 0, 0, 0, 0, 0, 0, 0, 0, [])""", [UUID(int=number), DAY, DAY]
    )
    con.commit()


def recluster(con: Connection) -> int:
    con.begin()
    waiting = unsettle_recent(con)
    settle(con)
    con.commit()
    return waiting


@pytest.fixture(scope="module")
def expected() -> Iterator[Connection]:
    con = filled(PIECES)
    yield con
    con.close()


@pytest.mark.parametrize("seed", [1])
def test_shuffled_runs_converge(expected: Connection, seed: int):
    shuffled = Random(seed).sample(PIECES, len(PIECES))
    con = filled([])
    for number in range(RUNS):
        run(con, shuffled[number::RUNS], number)
    assert rows(con, RELATIONS) == rows(expected, RELATIONS)
    assert rows(con, COPIES) == rows(expected, COPIES)
    logged = rows(con, "SELECT * FROM story_log")
    assert recluster(con) == len(PIECES)
    assert rows(con, STORIES) == rows(expected, STORIES)
    assert rows(con, MEMBERS) == rows(expected, MEMBERS)
    assert set(logged) <= set(rows(con, "SELECT * FROM story_log"))
    con.close()


def test_without_another_run_there_is_nothing_to_do(expected: Connection):
    con = filled([])
    run(con, PIECES, 0)
    assert recluster(con) == len(PIECES)
    logged, members = rows(con, "SELECT * FROM story_log"), rows(con, MEMBERS)
    assert recluster(con) == 0
    run(con, [], 1)
    assert recluster(con) == len(PIECES)
    assert rows(con, "SELECT * FROM story_log") == logged
    assert rows(con, MEMBERS) == members
    con.close()


def test_only_the_newest_stretches_are_taken():
    con = filled([Piece(str(n), prose(Random(n), 50), DAY + timedelta(days=30 * n)) for n in range(6)] + [Piece("u", prose(Random(9), 50))])
    con.begin()
    assert unsettle_recent(con, most=4) == 4
    (oldest,) = con.execute("SELECT min(published_at) FROM articles JOIN internal.unsettled USING (article_id)").fetchall()
    assert oldest == (DAY + timedelta(days=60),)
    con.rollback()
    con.begin()
    assert unsettle_recent(con, most=7) == 7
    con.rollback()
    con.close()
