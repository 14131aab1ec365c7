"""Articles of a run over the whole archive are compared with all others, whichever comes first."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tasks.dedupe.sketch import sketch
from tasks.store.copies.crowds import WINDOW_DAYS
from tasks.store.copies.relate import FingerprintRow, relate
from tasks.store.copies.window import reaching
from tasks.store.migrate import Connection
from tests.tasks.store.shelf import Piece, empty, prose, put_articles, rows

DAY = datetime(2020, 1, 1, tzinfo=UTC)
TEXT = prose(Random(1), 120)
FIRST = Piece("first", TEXT, DAY)
YEARS_LATER = Piece("years later", TEXT, DAY + timedelta(days=2_000))
BETWEEN = Piece("between", TEXT, DAY + timedelta(days=1_000))


@pytest.fixture
def con() -> Iterator[Connection]:
    con = empty()
    yield con
    con.close()


def load(con: Connection, pieces: Sequence[Piece], *, whole_archive: bool) -> None:
    numbers = put_articles(con, pieces)
    found = [FingerprintRow(numbers[p.id], p.id, p.at.date() if p.at else None, p.source, sketch(p.text)) for p in pieces]
    relate(con, reaching(con, found, whole_archive=whole_archive))


def related(con: Connection) -> list[tuple[object, ...]]:
    return rows(con, "SELECT article_id, other_id FROM relations")


@pytest.mark.parametrize(
    ("runs", "pairs"),
    [
        ([(FIRST, False), (YEARS_LATER, False)], []),
        ([(FIRST, True), (YEARS_LATER, False)], [(YEARS_LATER, FIRST)]),
        ([(YEARS_LATER, False), (FIRST, True)], [(YEARS_LATER, FIRST)]),
        ([(FIRST, False), (YEARS_LATER, True)], [(YEARS_LATER, FIRST)]),
        ([(FIRST, False), (YEARS_LATER, False), (BETWEEN, True)], [(BETWEEN, FIRST), (YEARS_LATER, BETWEEN)]),
    ],
)
def test_one_of_two_articles_is_enough(con: Connection, runs: list[tuple[Piece, bool]], pairs: list[tuple[Piece, Piece]]) -> None:
    for piece, whole_archive in runs:
        load(con, [piece], whole_archive=whole_archive)
    assert related(con) == sorted(((one.id, other.id) for one, other in pairs), key=repr)


def test_it_stays_so_when_the_text_changes(con: Connection) -> None:
    changed = Piece("years later", f"Corrected: {TEXT}", YEARS_LATER.at)
    load(con, [YEARS_LATER], whole_archive=True)
    load(con, [FIRST], whole_archive=False)
    load(con, [changed], whole_archive=False)
    assert rows(con, "SELECT article_id, other_id, kind FROM relations") == [(YEARS_LATER.id, FIRST.id, "near")]
    assert timedelta(days=WINDOW_DAYS) < YEARS_LATER.at - FIRST.at
