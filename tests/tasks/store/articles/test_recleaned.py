"""What is kept of every reading of an article, and what becomes of the article when the readings are repeated."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.arrival import Arrival
from schemas.document import RawDocument
from schemas.feed import Entry
from schemas.labels import LabelledArticle
from schemas.rejection import Rejection
from schemas.run import RunCounts, RunReport
from tasks.clean.version import rules_digest
from tasks.store.articles.contexts import MOST_BYTES, MOST_READINGS, readings_of, stored_documents
from tasks.store.load import load
from tasks.store.migrate import Connection
from tasks.store.runs import start_run
from tests.tasks.store.build import NOW, RUN, batch, document, labelled, stamp
from tests.tasks.store.new import new_store

ENTRY = Entry(key="k", digest="d", guid="g", url="https://a.example/x", title="Boats", html="<p>A boat.</p>", authors=("Ada",))
FETCHED = datetime(2025, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = new_store(tmp_path / "news.writer.duckdb")
    start_run(con, RunReport(run_id=RUN, flow="backfill", engine="direct", started_at=NOW))
    yield con
    con.close()


def rows(con: Connection, sql: str) -> list[Any]:
    return con.execute(sql).fetchall()


def met(article: LabelledArticle, item: RawDocument, day: int | None = None) -> Arrival:
    """Return an article as it was fetched on a day of January 2025, or found in an archive."""
    at = datetime(2025, 1, day, tzinfo=UTC) if day else None
    return Arrival(item=item.model_copy(update={"fetched_at": at}), result=article.model_copy(update={"fetched_at": at}))


def again(con: Connection, article_id: UUID, **readings: LabelledArticle | Rejection) -> list[Arrival]:
    """Return the stored readings of an article, as today's rules read them: by the bytes of the document."""
    arrivals = []
    for stored in stored_documents(con, readings_of(con, [article_id])[article_id]):
        result = readings[stored.document.body.decode()]
        if isinstance(result, LabelledArticle):
            result = result.model_copy(update={"fetched_at": stored.document.fetched_at, "article_id": UUID(int=5)})
        arrivals.append(Arrival(item=stored.document, result=result, of=article_id, seen_at=stored.seen_at))
    return arrivals


def test_what_other_rules_change_is_noted_once(con: Connection) -> None:
    old = labelled("a", "A boat. Read also: boats.", title="Boats | Paper", section="World")
    new = labelled("a", "A boat.", title="Boats", section="World")
    load(con, batch(met(old, document("a.txt", "a"))))
    con.execute("UPDATE articles SET cleaned_by = 'older'")
    for _ in range(2):
        assert load(con, batch(*again(con, old.article_id, a=new))) == RunCounts(seen=1, unchanged=1)
    assert rows(con, "SELECT article_id, run_id, changed_at, rules_before, rules_after, changed, change_ratio > 0.4 FROM rule_changes") == [
        (old.article_id, RUN, NOW, "older", rules_digest(), ["title", "text"], True)
    ]
    assert rows(con, "SELECT article_id, title, text, cleaned_by FROM articles") == [(old.article_id, "Boats", "A boat.", rules_digest())]
    assert rows(con, "SELECT version, title, text, change, seen_at FROM article_versions") == [(1, "Boats", "A boat.", "first", NOW)]
    assert rows(con, "SELECT (SELECT count(*) FROM sightings), (SELECT count(*) FROM internal.contexts)") == [(1, 1)]


def test_a_page_that_went_back_to_its_first_text_stays_there_whatever_the_rules_read(con: Connection) -> None:
    first, second = labelled("a", "First text."), labelled("a", "Second text.")
    for day, body, article in ((1, "a", first), (2, "b", second), (3, "a", first)):
        load(con, batch(met(article, document("page", body), day)))
    assert rows(con, "SELECT text FROM articles") == [("First text.",)]
    seen_at = rows(con, "SELECT version, seen_at FROM article_versions ORDER BY version")
    today = again(con, first.article_id, a=labelled("a", "First text"), b=labelled("a", "Second text"))
    assert load(con, batch(*today)) == RunCounts(seen=3, unchanged=3)
    assert rows(con, "SELECT text, version FROM articles") == [("First text", 2)]
    assert rows(con, "SELECT version, seen_at FROM article_versions ORDER BY version") == seen_at
    assert rows(con, "SELECT changed FROM rule_changes") == [(["text"],)]


def test_an_article_of_whose_documents_one_is_rejected_today_stays_as_it_is(con: Connection) -> None:
    load(con, batch(met(labelled("a", "First text."), document("a.txt", "a")), met(labelled("a", "Second text."), document("b.txt", "b"))))
    article_id = labelled("a", "").article_id
    before = rows(con, "SELECT * FROM articles"), rows(con, "SELECT * FROM article_versions ORDER BY version")
    no_text = Rejection(stage="clean", reason="no_text", origin="b.txt", place="b.txt")
    found = load(con, batch(*again(con, article_id, a=labelled("a", "Other."), b=no_text)))
    assert found == RunCounts(seen=2, unchanged=1, rejected=1)
    assert (rows(con, "SELECT * FROM articles"), rows(con, "SELECT * FROM article_versions ORDER BY version")) == before
    assert rows(con, "SELECT (SELECT count(*) FROM internal.refused), (SELECT reason FROM rejections)") == [(0, "no_text")]


def test_what_every_document_says_counts_again(con: Connection) -> None:
    full = labelled("a", "A boat.", byline=("Ada Wren",), published=stamp(9))
    bare = labelled("a", "A boat.", published=stamp(4, "json-ld"), updated=stamp(12))
    load(con, batch(met(full, document("a.txt", "a"))))
    load(con, batch(met(bare, document("b.txt", "b"))))
    load(con, batch(met(bare, document("b.txt", "c"))))  # other bytes at the same place: no sighting
    before = rows(con, "SELECT * FROM articles")
    assert rows(con, "SELECT byline, published_at, updated_at, found_by FROM articles") == [
        (["Ada Wren"], stamp(4).at, stamp(12).at, {"published_at": "json-ld", "updated_at": "other reading"})
    ]
    assert load(con, batch(*again(con, full.article_id, a=full, b=bare, c=bare))) == RunCounts(seen=3, unchanged=3)
    assert rows(con, "SELECT * FROM articles") == before
    assert rows(con, "SELECT * FROM rule_changes") == []


def test_an_earlier_capture_that_is_read_late_was_met_then(con: Connection) -> None:
    article = labelled("a", "A boat.")
    for place, day in (("late", 9), ("early", 2)):
        load(con, batch(met(article, document(place, place), day)))
    early = datetime(2025, 1, 2, tzinfo=UTC)
    assert rows(con, "SELECT v.seen_at, first_seen_at FROM article_versions v JOIN articles USING (article_id)") == [(early, early)]
    load(con, batch(*again(con, article.article_id, early=labelled("a", "Boat."), late=labelled("a", "Boat."))))
    assert rows(con, "SELECT v.seen_at, first_seen_at FROM article_versions v JOIN articles USING (article_id)") == [(early, early)]


KEPT = [
    {},
    {"fetched_at": FETCHED, "url": "https://a.example/x"},
    {"charset": "windows-1252", "media_type": "text/html"},
    {"channel": "feed", "feed_id": UUID(int=3), "entry": ENTRY, "media_type": "text/html", "source": "a.example", "fetched_at": FETCHED},
    {"channel": "feed", "feed_id": UUID(int=3), "entry": ENTRY, "media_type": "application/json", "body": b'{"html":"<p>A boat.</p>"}'},
]


@pytest.mark.parametrize("said", KEPT)
@pytest.mark.parametrize("beside", [None, *KEPT[:3]])
def test_a_document_comes_back_as_it_was_met(con: Connection, said: dict[str, Any], beside: dict[str, Any] | None) -> None:
    """Also when the same bytes were met before, elsewhere and with something else known of them."""
    raw = document("a.txt", "A boat.").model_copy(update={"source": "test.example"} | said)
    if beside is not None:
        other = document("b.txt", "A boat.").model_copy(update=beside | {"body": raw.body})
        load(con, batch(Arrival(item=other, result=labelled("b", "A boat."))))
    article = labelled("a", "A boat.").model_copy(update={"fetched_at": raw.fetched_at})
    load(con, batch(Arrival(item=raw, result=article)))
    [found] = stored_documents(con, readings_of(con, [article.article_id])[article.article_id])
    assert found.document.model_copy(update={"place": raw.place, "origin": raw.origin}) == raw
    assert (found.seen_at, found.read_at) == (raw.fetched_at or NOW, NOW)


@pytest.mark.parametrize("fault", ["gone", "unknown", "many", "large"])
def test_of_a_part_of_its_documents_an_article_is_not_made_anew(con: Connection, fault: str) -> None:
    article = labelled("a", "A boat.")
    load(con, batch(met(article, document("a.txt", "a"))))
    load(con, batch(met(article, document("b.txt", "b" * (MOST_BYTES if fault == "large" else 1)))))
    if fault == "gone":
        con.execute("DELETE FROM documents WHERE origin = 'a.txt'")
    elif fault == "unknown":
        con.execute("UPDATE internal.contexts SET context = '' WHERE rowid = 0")
    elif fault == "many":
        con.execute(f"INSERT INTO internal.contexts SELECT c.* FROM internal.contexts c, range({MOST_READINGS}) WHERE c.rowid = 0")
    assert stored_documents(con, readings_of(con, [article.article_id])[article.article_id]) == []
