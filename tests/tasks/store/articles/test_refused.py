"""Rejected documents are kept until they are accepted, and count how often they were tried."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.arrival import Arrival
from schemas.document import RawDocument
from schemas.feed import Entry, Feed, feed_id
from schemas.rejection import Rejection
from schemas.run import RunReport
from tasks.clean.entry import page_document
from tasks.store.articles.places import place_key
from tasks.store.articles.refused import FETCHED_AT_ONCE, refused_documents
from tasks.store.load import load
from tasks.store.migrate import Connection
from tasks.store.runs import start_run
from tests.tasks.store.build import NOW, RUN, batch, document, labelled
from tests.tasks.store.new import new_store

PORT = Feed(feed_id=feed_id("https://port.example/feed"), url="https://port.example/feed")
FERRY = Entry(key="1", digest="said", url="https://port.example/ferry", title="Ferry", html="<p>It sails.</p>", authors=("Ada Wren",))


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = new_store(tmp_path / "news.writer.duckdb")
    start_run(con, RunReport(run_id=RUN, flow="ingest", engine="direct", started_at=NOW))
    yield con
    con.close()


def refused(item: RawDocument) -> Arrival:
    no = Rejection(stage="clean", reason="empty", origin=item.origin, place=item.place, document_id=item.document_id)
    return Arrival(item=item, result=no)


def accepted(item: RawDocument) -> Arrival:
    return Arrival(item=item, result=labelled(item.place, f"What stands at {item.place} is an article."))


def attempts(con: Connection) -> list[Any]:
    return sorted(count for (count,) in con.execute("SELECT attempts FROM internal.refused").fetchall())


def test_a_rejected_document_comes_back_as_it_was(con: Connection) -> None:
    page = page_document(FERRY, PORT, "https://port.example/ferry", "<p>Fähre".encode(), NOW)
    load(con, batch(refused(page), refused(document("a.txt", "")), accepted(document("b.txt", "good"))))
    found = {one.place: one for one in refused_documents(con)}
    assert found == {page.place: page, "/archive/a.txt": document("a.txt", "")}
    assert found[page.place].document_id == page.document_id


def test_each_rejection_counts_and_the_last_bytes_are_kept(con: Connection) -> None:
    first, second = document("a.txt", "first"), document("a.txt", "second")
    for item in (first, first, second):
        load(con, batch(refused(item), refused(document("b.txt", item.body.decode()))))
    assert attempts(con) == [3, 3]
    assert {one.body for one in refused_documents(con)} == {b"second"}


def test_what_is_accepted_is_forgotten_and_begins_anew(con: Connection) -> None:
    one, other = document("a.txt", "first"), document("b.txt", "first")
    load(con, batch(refused(one), refused(other)))
    load(con, batch(accepted(document("a.txt", "in other bytes"))))
    assert [kept.place for kept in refused_documents(con)] == [other.place]
    load(con, batch(refused(one)))
    assert attempts(con) == [1, 1]


def test_a_rejection_without_bytes_is_not_kept(con: Connection) -> None:
    no = Rejection(stage="fetch", reason="not_found", origin=PORT.url, place="feed:1")
    load(con, batch(Arrival(item=no, result=no)))
    assert attempts(con) == []
    assert list(refused_documents(con)) == []


def test_all_come_once_in_the_order_of_their_places(con: Connection) -> None:
    items = [document(f"{number}.txt", f"nothing {number % 7}") for number in range(2 * FETCHED_AT_ONCE + 1)]
    load(con, batch(*map(refused, items)))
    places = [one.place for one in refused_documents(con)]
    assert places == sorted((item.place for item in items), key=place_key)


def test_what_is_accepted_meanwhile_is_not_missed(con: Connection) -> None:
    items = [document(f"{number}.txt", f"nothing {number}") for number in range(FETCHED_AT_ONCE + 3)]
    load(con, batch(*map(refused, items)))
    came: list[RawDocument] = []
    for one in refused_documents(con):
        came.append(one)
        if len(came) in {FETCHED_AT_ONCE - 1, len(items)}:
            load(con, batch(*map(accepted, came)))
    assert len(came) == len(items)
    assert attempts(con) == []
