from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import zstandard

from schemas.arrival import Arrival, Batch, Known
from schemas.document import Cursor, RawDocument
from schemas.errors import BalanceError
from schemas.labels import LabelledArticle
from schemas.rejection import Rejection
from schemas.run import RunCounts, RunReport
from tasks.store.articles.places import known_items
from tasks.store.finish import finish_run
from tasks.store.load import load
from tasks.store.migrate import Connection
from tasks.store.runs import fetch_cursors, start_run
from tests.tasks.store.build import NOW, RUN, batch, document, labelled, stamp
from tests.tasks.store.new import new_store

LONG = " ".join(f"word{n}" for n in range(60))


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = new_store(tmp_path / "news.writer.duckdb")
    start_run(con, RunReport(run_id=RUN, flow="backfill", engine="direct", started_at=NOW))
    yield con
    con.close()


def arrival(place: str, article: LabelledArticle, body: str | None = None) -> Arrival:
    return Arrival(item=document(place, body or article.article.text), result=article)


def rows(con: Connection, sql: str) -> list[Any]:
    return con.execute(sql).fetchall()


def versions_of(con: Connection) -> list[Any]:
    return rows(con, "SELECT version, title, text, change FROM article_versions ORDER BY version")


def test_an_article_is_new_once_then_a_sighting_elsewhere_then_unchanged(con: Connection) -> None:
    article = labelled("a", "A bridge was opened.")
    assert load(con, batch(arrival("a.txt", article))) == RunCounts(seen=1, new=1)
    assert load(con, batch(arrival("b.txt", article))) == RunCounts(seen=1, sightings=1)
    again = known_items(con, [document("a.txt", "A bridge was opened."), document("c.txt", "A bridge was opened.")])
    assert [known.outcome if known else None for known in again] == ["unchanged", "sighting"]
    assert load(con, batch(arrival("b.txt", article, "other bytes, same article"))) == RunCounts(seen=1, unchanged=1)
    assert rows(con, "SELECT origin FROM sightings ORDER BY origin") == [("a.txt",), ("b.txt",)]


def test_one_batch_may_hold_an_article_many_times(con: Connection) -> None:
    article = labelled("a", "A bridge was opened.")
    changed = labelled("a", "A bridge was opened, at last.", updated=stamp(5))
    assert load(con, batch(*(arrival(f"{n}.txt", article) for n in range(3)), arrival("3.txt", changed))) == RunCounts(
        seen=4, new=1, sightings=2, new_versions=1
    )
    assert rows(con, "SELECT text, version FROM articles") == [("A bridge was opened, at last.", 2)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_versions_are_numbered_by_revision_in_any_order_of_arrival(con: Connection, order: tuple[int, ...]) -> None:
    versions = [
        labelled("a", "First words of it.", title="Bridge", published=stamp(1)),
        labelled("a", "First words of it.", title="Bridge open", published=stamp(1), updated=stamp(2)),
        labelled("a", "Last words of it.", title="Bridge open", published=stamp(1), updated=stamp(3)),
    ]
    for n in order:
        load(con, batch(arrival(f"{n}.txt", versions[n])))
    assert versions_of(con) == [
        (1, "Bridge", "First words of it.", "first"),
        (2, "Bridge open", "First words of it.", "title"),
        (3, "Bridge open", "Last words of it.", "text"),
    ]
    assert rows(con, "SELECT title, text, version, published_at, updated_at FROM articles") == [
        ("Bridge open", "Last words of it.", 3, stamp(1).at, stamp(3).at)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_best_date_of_all_sightings_stands_in_any_order(con: Connection, order: tuple[int, ...]) -> None:
    sightings = [labelled("a", LONG, published=stamp(9)), labelled("a", LONG, published=stamp(4)), labelled("a", LONG)]
    for n in order:
        load(con, batch(arrival(f"{n}.txt", sightings[n])))
    assert rows(con, "SELECT published_at, published_raw FROM articles") == [(stamp(4).at, "2025-01-04")]
    assert rows(con, "SELECT DISTINCT day FROM internal.sketches") == [(stamp(4).at.date(),)]


FULL = labelled("a", "A bridge was opened.", byline=("Ann Lee",), section="World", published=stamp(1))
BARE = labelled("a", "A bridge was opened.", published=stamp(2), updated=stamp(5))


@pytest.mark.parametrize("order", [(FULL, BARE), (BARE, FULL)])
@pytest.mark.parametrize("batches", [1, 2])
def test_of_two_variants_the_fuller_stands_and_the_dates_of_both_count(
    con: Connection, order: tuple[LabelledArticle, ...], batches: int
) -> None:
    arrivals = [arrival(f"{n}.txt", article) for n, article in enumerate(order)]
    for part in [arrivals] if batches == 1 else [[one] for one in arrivals]:
        load(con, batch(*part))
    assert rows(con, "SELECT byline, section, published_at, updated_at, version FROM articles") == [
        (["Ann Lee"], "World", stamp(1).at, stamp(5).at, 1)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_text_that_comes_back_is_current_again_in_any_order(con: Connection, order: tuple[int, ...]) -> None:
    tellings = [
        labelled("a", "First text.", updated=stamp(1)),
        labelled("a", "Second text.", updated=stamp(2)),
        labelled("a", "First text.", updated=stamp(3)),
    ]
    for n in order:
        load(con, batch(arrival(f"{n}.txt", tellings[n])))
    assert rows(con, "SELECT text, version, updated_at FROM articles") == [("First text.", 2, stamp(3).at)]
    assert rows(con, "SELECT version, text FROM article_versions ORDER BY version") == [(1, "Second text."), (2, "First text.")]
    assert rows(con, "SELECT version, updated_at FROM internal.version_keys ORDER BY version") == [(1, stamp(2).at), (2, stamp(3).at)]


def test_the_same_place_twice_in_a_batch_is_one_sighting(con: Connection) -> None:
    article = labelled("a", "A bridge was opened.")
    assert load(con, batch(arrival("a.txt", article), arrival("a.txt", article))) == RunCounts(seen=2, new=1, unchanged=1)


def test_copies_are_counted_as_they_come(con: Connection) -> None:
    load(con, batch(arrival("a.txt", labelled("a", LONG)), arrival("b.txt", labelled("b", LONG))))
    assert rows(con, "SELECT duplicates FROM runs") == [(1,)]


def test_what_hangs_on_an_article_follows_its_current_version(con: Connection) -> None:
    old = labelled("a", LONG, published=stamp(1))
    new = labelled("a", LONG + " and more", published=stamp(1), updated=stamp(2))
    load(con, batch(arrival("old.txt", old), arrival("copy.txt", labelled("b", LONG, published=stamp(3)))))
    assert rows(con, "SELECT kind FROM relations") == [("exact",)]
    load(con, batch(arrival("new.txt", new)))
    assert rows(con, "SELECT kind FROM relations") == [("near",)]
    assert rows(con, "SELECT count(*) FROM internal.sketches") == [(2,)]


def test_a_rejection_is_a_row_and_its_document_is_kept(con: Connection) -> None:
    bad = document("bad.txt", "\0")
    rejection = Rejection(stage="clean", reason="binary", origin=bad.origin, place=bad.place, document_id=bad.document_id)
    unread = Rejection(stage="read", reason="broken_json", origin="d.jsonl#2", place="/archive/d.jsonl#2")
    assert load(con, batch(Arrival(item=bad, result=rejection), Arrival(item=unread, result=unread))) == RunCounts(seen=2, rejected=2)
    assert rows(con, "SELECT stage, reason, origin, document_id FROM rejections ORDER BY stage") == [
        ("clean", "binary", "bad.txt", bad.document_id),
        ("read", "broken_json", "d.jsonl#2", None),
    ]
    assert rows(con, "SELECT document_id FROM documents") == [(bad.document_id,)]
    assert known_items(con, [bad, unread]) == [Known(outcome="unchanged", article_id=None)] * 2
    assert known_items(con, [document("elsewhere.txt", "\0")]) == [None]


def test_a_batch_that_fails_leaves_nothing(con: Connection) -> None:
    good, bad = labelled("a", "A bridge was opened."), labelled("b", "A road was closed.")
    con.execute("INSERT INTO documents VALUES ('taken', 'text/plain', 'x', NULL, NULL, ''::BLOB)")
    broken = Batch.model_construct(run_id=RUN, arrivals=(arrival("a.txt", good), arrival("b.txt", bad)), cursors=(None,), costs=(), now=NOW)
    with pytest.raises(AttributeError):
        load(con, broken)
    tables = ("articles", "sightings", "article_versions", "internal.places", "internal.fingerprints")
    assert {table: rows(con, f"SELECT count(*) FROM {table}") for table in tables} == {table: [(0,)] for table in tables}
    assert rows(con, "SELECT seen FROM runs") == [(0,)]


def test_the_cursor_comes_with_the_batch_and_goes_with_the_run(con: Connection) -> None:
    cursor = Cursor(source="/archive", path="a.txt", position=1, size=9, mtime_ns=7)
    load(con, batch(arrival("a.txt", labelled("a", "A bridge was opened."))).model_copy(update={"cursors": (cursor,)}))
    assert fetch_cursors(con) == {"/archive": cursor}
    finish_run(con, RUN, ["/archive"], lambda: NOW)
    assert fetch_cursors(con) == {}


def test_a_run_that_does_not_balance_is_not_closed(con: Connection) -> None:
    load(con, batch(arrival("a.txt", labelled("a", "A bridge was opened."))))
    con.execute("DELETE FROM sightings")
    with pytest.raises(BalanceError, match="does not balance"):
        finish_run(con, RUN, [], lambda: NOW)
    assert rows(con, "SELECT state FROM runs") == [("running",)]


def test_a_run_left_open_is_closed_as_crashed_by_the_next(con: Connection) -> None:
    load(con, batch(arrival("a.txt", labelled("a", "A bridge was opened."))))
    later = datetime(2026, 2, 1, tzinfo=UTC)
    start_run(con, RunReport(run_id=UUID(int=2), flow="backfill", engine="direct", started_at=later))
    assert rows(con, "SELECT state, seen, finished_at FROM runs ORDER BY started_at") == [("crashed", 1, later), ("running", 0, None)]


def test_documents_come_back_byte_for_byte(con: Connection) -> None:
    raw = RawDocument(body=b"caf\xe9 \x00 bytes", media_type="text/plain", origin="a.txt", place="/a.txt", source="archive")
    load(con, batch(Arrival(item=raw, result=labelled("a", "A bridge was opened."))))
    ((body,),) = rows(con, "SELECT body FROM documents")
    assert zstandard.decompress(body) == raw.body


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_date_that_is_not_trusted_is_kept_as_printed_until_another_is_known(con: Connection, order: tuple[int, ...]) -> None:
    read = "SELECT published_at, published_raw, published_zone, published_from FROM articles"
    printed = ["in 2041", "2039-01-01", None]
    for n in order:
        load(con, batch(arrival(f"{n}.txt", labelled("a", "A bridge was opened.", published_untrusted=printed[n]))))
    assert rows(con, read) == [(None, "2039-01-01", None, None)]
    load(con, batch(arrival("3.txt", labelled("a", "A bridge was opened.", published=stamp(4)))))
    load(con, batch(arrival("4.txt", labelled("a", "A bridge was opened.", published_untrusted="2038-01-01"))))
    assert rows(con, read) == [(stamp(4).at, "2025-01-04", "stated", "row")]


def test_what_identifies_an_article_without_address_makes_no_variant(con: Connection) -> None:
    load(con, batch(arrival("a.txt", labelled("a", "A bridge was opened.", identity="guid:f:1"))))
    load(con, batch(arrival("b.txt", labelled("a", "A bridge was opened.", published_untrusted="soon"))))
    assert rows(con, "SELECT version FROM articles") == [(1,)]
    assert rows(con, "SELECT count(DISTINCT variant) FROM internal.version_keys") == [(1,)]
