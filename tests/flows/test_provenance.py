"""Reclean and explain on a store with every kind of document that articles are made of."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
import zstandard

from flows.explain import offered
from flows.reclean import outdated_articles
from schemas.document import MediaType, RawDocument
from schemas.errors import UsageError
from tasks.clean.evidence import LONGEST
from tasks.clean.version import rules_digest
from tasks.read.stored import StoredIntake
from tasks.store.articles.contexts import MOST_READINGS
from tasks.store.care.health import check_store
from tasks.store.migrate import migrations
from tasks.store.reading.explain import explain_fields, fetch_explained
from tasks.store.writer import Writer
from tests.flows.command import environment, public_rows, report, wirehouse
from tests.flows.provenance import (
    STORIES,
    backfill,
    copied,
    everything,
    feed_archive,
    feed_store,
    load_as_read_by_other_rules,
    page_of,
    reclean,
    write_archive,
)
from tests.tasks.fetch.newsroom import Newsroom, Paper

ROOT = Path(__file__).parents[2]
STUCK = ("url LIKE '%live.html'", "title = 'Le café'", "text LIKE 'Two hens%'")
PARIS = {"assumed_zone": "Europe/Paris"}
KEPT = (
    "SELECT article_id, first_seen_at, last_seen_at, story_id IS NULL FROM articles",
    "FROM sightings",
    "FROM internal.places",
    "SELECT document_id, origin FROM documents",
    "SELECT article_id, version, seen_at FROM article_versions",
)


class Filled(NamedTuple):
    """A store, and the archive that it was filled from."""

    room: Newsroom
    archive: Path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder = tmp_path_factory.mktemp("filled")
    archive = folder / "archive"
    archive.mkdir()
    write_archive(archive, STORIES)
    room = Newsroom(folder)
    with Paper() as paper:
        (archive / "saved.html").write_bytes(page_of(STORIES[0], paper.url))  # which a feed leads to, too
        feed_archive(room, archive)
        feed_store(room, paper)
        yield Filled(room, archive)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory, filled: Filled) -> Newsroom:
    room = Newsroom(tmp_path_factory.mktemp("older"))
    load_as_read_by_other_rules(room, filled.archive)
    return room


@pytest.fixture(scope="module")
def recleaned(tmp_path_factory: pytest.TempPathFactory, older: Newsroom) -> Newsroom:
    room = copied(older, tmp_path_factory.mktemp("recleaned"))
    found = reclean(room, None, **PARIS)
    assert found["seen"] == found["unchanged"]
    return room


def test_the_store_holds_what_makes_it_hard(filled: Filled) -> None:
    hard = {
        "several versions": "SELECT count(DISTINCT article_id) FROM article_versions WHERE version > 1",
        "read, not sighted": "SELECT count(*) FROM internal.contexts ANTI JOIN sightings USING (article_id, document_id)",
        "sighted, not read": "SELECT count(*) FROM sightings ANTI JOIN internal.contexts USING (article_id, document_id)",
        "went back": """SELECT count(*) FROM internal.version_keys k JOIN article_versions v USING (article_id, version)
            JOIN article_versions o ON o.article_id = v.article_id AND o.version < v.version WHERE o.seen_at > v.seen_at""",
        "told by the feed alone": "SELECT count(*) FROM articles WHERE starts_with(access_note, 'text from the feed')",
        "by feed and archive": """SELECT count(*) FROM sightings f JOIN sightings s USING (article_id)
            WHERE f.feed_id IS NOT NULL AND s.feed_id IS NULL""",
        "bytes at two addresses": "SELECT count(*) FROM sightings a JOIN sightings b USING (document_id) WHERE a.url < b.url",
        "copies": "SELECT count(*) FROM relations",
        "charset": "SELECT count(*) FROM internal.contexts WHERE context LIKE '%1252%'",
    }
    assert [name for name, query in hard.items() if not filled.room.rows(query)[0][0]] == []


def told(room: Newsroom, queries: tuple[str, ...] = KEPT) -> dict[str, list[str]]:
    return {query: sorted(map(repr, room.rows(query))) for query in queries}


def test_the_same_rules_change_nothing(filled: Filled, tmp_path: Path) -> None:
    room = copied(filled.room, tmp_path)
    before = everything(room.settings.writer_store)
    found = reclean(room)
    assert found["seen"] == found["unchanged"] == room.rows("SELECT count(*) FROM internal.contexts")[0][0]
    after = everything(room.settings.writer_store)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert after == everything(room.settings.store)


def test_other_rules_change_what_they_read_and_nothing_else(older: Newsroom, recleaned: Newsroom, filled: Filled, tmp_path: Path) -> None:
    room, before = recleaned, told(older)
    assert older.rows("SELECT DISTINCT right(title, 5) = '(old)', keywords FROM articles") == [(True, ["old"])]
    assert told(room) == before
    fresh = Newsroom(tmp_path / "fresh")
    fresh.settings.store.parent.mkdir()
    backfill(fresh, filled.archive, **PARIS)
    leave_out = ("runs", "rule_changes", "story_log", "documents", "entities")  # read in another order; what older texts named
    assert public_rows(room.settings.store, leave_out) == public_rows(fresh.settings.store, leave_out)
    internal = (
        "SELECT article_id, hash, day, closing FROM internal.fingerprints JOIN internal.article_numbers USING (article_no)",
        "SELECT article_id, s.* EXCLUDE article_no FROM internal.sketches s JOIN internal.article_numbers USING (article_no)",
        "FROM internal.version_keys",
        "SELECT language, key, sum(articles) FROM internal.term_counts GROUP BY ALL HAVING sum(articles) <> 0",
        "SELECT * EXCLUDE article_no FROM internal.article_terms",
    )
    assert told(room, internal) == told(fresh, internal)
    changed = room.rows("SELECT article_id, rules_before, rules_after, changed, change_ratio > 0 FROM rule_changes ORDER BY article_id")
    assert [row[0] for row in changed] == [article_id for (article_id,) in room.rows("SELECT article_id FROM articles ORDER BY article_id")]
    assert {row[1:3] for row in changed} == {("older", rules_digest())}
    assert all({"title", "keywords"} <= {*row[3]} and row[4] for row in changed)
    assert room.rows("SELECT count(*) FROM rule_changes WHERE 'published_at' IN changed") == [(2,)]  # two name no zone
    assert room.rows("SELECT count(*) FROM rule_changes WHERE 'text' IN changed") == room.rows("SELECT count(canonical_url) FROM articles")
    assert outdated_articles(room.settings, None) == []


def test_a_store_that_was_recleaned_stays_as_it_is(older: Newsroom, recleaned: Newsroom, filled: Filled, tmp_path: Path) -> None:
    room = copied(recleaned, tmp_path)
    before = everything(room.settings.writer_store)
    found = reclean(room, **PARIS)
    assert found["seen"] == found["unchanged"] > 0
    assert everything(room.settings.writer_store) == before
    again = backfill(room, filled.archive, **PARIS)
    assert again["seen"] == again["unchanged"]
    assert told(room) == told(older)
    assert [check for check in check_store(room.settings.store, room.settings.writer_store) if not check.ok] == []


PRIVATE = """
import os, signal, sys
import tasks.read.stored
from flows.reclean import outdated_articles, reclean
from schemas.settings import Settings

tasks.read.stored.MOST_DOCUMENTS = 3


class Killed:
    def advance(self, counts, deliveries):
        assert 0 < counts.seen < 10
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    settings = Settings(store=sys.argv[1], workers=1, assumed_zone="Europe/Paris")
    reclean(outdated_articles(settings, None), settings, Killed())
"""


def test_killed_and_started_again_equals_an_uninterrupted_run(older: Newsroom, recleaned: Newsroom, tmp_path: Path) -> None:
    whole, cut = recleaned, copied(older, tmp_path)
    script = tmp_path / "killed.py"
    script.write_text(PRIVATE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, cut.settings.store], cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert 0 < cut.rows("SELECT count(*) FROM rule_changes")[0][0] < whole.rows("SELECT count(*) FROM articles")[0][0]
    reclean(cut, None, **PARIS)
    assert public_rows(cut.settings.store, ("runs", "rule_changes")) == public_rows(whole.settings.store, ("runs", "rule_changes"))
    logged = ("SELECT article_id, changed, change_ratio FROM rule_changes",)
    assert told(cut, logged) == told(whole, logged)
    assert cut.rows("SELECT state FROM runs ORDER BY started_at")[1:] == [("crashed",), ("completed",)]
    assert [check for check in check_store(cut.settings.store, cut.settings.writer_store) if not check.ok] == []


def test_what_cannot_be_read_again_stays_as_it_is(filled: Filled, tmp_path: Path) -> None:
    room = copied(filled.room, tmp_path)
    gone, bad, many = (room.rows(f"SELECT article_id FROM articles WHERE {which}")[0][0] for which in STUCK)
    with duckdb.connect(str(room.settings.writer_store)) as con:
        con.execute("DELETE FROM documents WHERE document_id = (SELECT min(document_id) FROM sightings WHERE article_id = ?)", [gone])
        con.execute(
            "UPDATE documents SET body = ? WHERE document_id = (SELECT min(document_id) FROM sightings WHERE article_id = ?)",
            [zstandard.compress(b"\0\1\2" * 99), bad],
        )
        con.execute(
            f"INSERT INTO internal.contexts SELECT c.* FROM internal.contexts c, range({MOST_READINGS}) WHERE article_id = ?", [many]
        )
        con.execute("UPDATE articles SET title = 'Left alone', cleaned_by = 'older' WHERE article_id IN (?, ?, ?)", [gone, bad, many])
    with Writer(room.settings) as store:
        store.publish()
    before = everything(room.settings.writer_store)
    assert reclean(room, None) == {"seen": 1, "rejected": 1}
    after = everything(room.settings.writer_store)
    assert {name for name, rows in after.items() if rows != before[name]} == {"main.rejections"}
    assert room.rows("SELECT stage, reason FROM rejections") == [("clean", "binary")]


def test_an_article_is_never_parted(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = outdated_articles(filled.room.settings, "true")
    most = filled.room.rows("SELECT max(n) FROM (SELECT count(*) AS n FROM internal.contexts GROUP BY article_id)")[0][0]
    assert most > 1
    for limit in ("MOST_DOCUMENTS", "MOST_BYTES"):
        with monkeypatch.context() as patch, Writer(filled.room.settings) as store:
            patch.setattr(f"tasks.read.stored.{limit}", 1)
            deliveries = list(StoredIntake(everybody).deliver(store, None))  # type: ignore[arg-type]
        ends = [one.of != following.of for one, following in pairwise(deliveries)]
        assert [one.pause for one in deliveries] == [*ends, True]
        assert [one.done for one in deliveries] == sorted(one.done for one in deliveries)
        assert deliveries[-1].done == len(everybody)


@pytest.mark.parametrize(
    "where",
    ["", "  ", "nonsense", "true; DROP TABLE articles", "true) UNION ALL (SELECT 'x'", "count(*) > 1", "title = ?", "(", "-- all", "title"],
)
def test_a_condition_that_is_none_is_refused(filled: Filled, where: str) -> None:
    with pytest.raises(UsageError):
        outdated_articles(filled.room.settings, where)


@pytest.mark.parametrize(
    ("where", "same"),
    [
        ("version > 1 -- those that changed", "version > 1"),
        ("article_id IN (SELECT article_id FROM article_versions WHERE version = 2)", "version > 1"),
        ("false", "false"),
        ("true) UNION ALL (SELECT story_id FROM stories", "true"),
        ("source = 'nobody.example'", "false"),
        ("title ILIKE '%ferry%' /* boats */", "title ILIKE '%ferry%'"),
    ],
)
def test_a_condition_chooses_articles(filled: Filled, where: str, same: str) -> None:
    chosen = filled.room.rows(f"SELECT article_id FROM articles WHERE {same} ORDER BY article_id")
    assert [(one,) for one in outdated_articles(filled.room.settings, where)] == chosen


def test_people_are_told_what_became_of_it(filled: Filled, tmp_path: Path) -> None:
    room = copied(filled.room, tmp_path)
    before = room.settings.writer_store.read_bytes(), room.settings.store.read_bytes()
    for arguments in (("--where", "true; DROP TABLE articles"), ("--store", "none.duckdb")):
        done = wirehouse("reclean", *arguments, folder=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr
    assert (room.settings.writer_store.read_bytes(), room.settings.store.read_bytes()) == before
    done = wirehouse("reclean", "--where", "false", "--json", folder=tmp_path)
    assert report(done)["counts"]["seen"] == 0
    assert "0 of 0 articles" in done.stderr


def as_of_version_5(room: Newsroom, folder: Path) -> Newsroom:
    """Return what a store would be that was filled before provenance was kept."""
    old = Newsroom(folder)
    with duckdb.connect(str(old.settings.store)) as con:
        con.execute(f"ATTACH '{room.settings.store}' AS now (READ_ONLY)")
        for number, sql in enumerate(migrations()[:5], 1):
            con.execute(sql)
            con.execute("INSERT INTO internal.schema_version VALUES (?, now())", [number])
        names = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name <> 'now'").fetchall()
        for (name,) in names:
            if name != "internal.schema_version":
                columns = ", ".join(f'"{row[0]}"' for row in con.execute(f"DESCRIBE {name}").fetchall())
                con.execute(f"INSERT INTO {name} SELECT {columns} FROM now.{name}")
        con.execute("UPDATE internal.version_keys SET variant = uuid()")  # of other fields than today
    return old


def test_a_store_from_before_is_brought_up_to_date(filled: Filled, tmp_path: Path) -> None:
    room = as_of_version_5(filled.room, tmp_path)
    with pytest.raises(UsageError, match="wirehouse maintain"):
        outdated_articles(room.settings, None)
    with Writer(room.settings) as store:
        store.publish()
    assert explained(room.settings.store) == filled.room.rows("SELECT count(*) FROM articles")[0][0]
    archived = "SELECT {} FROM articles WHERE article_id NOT IN (SELECT article_id FROM sightings WHERE feed_id IS NOT NULL) ORDER BY ALL"
    assert room.rows(archived.format("DISTINCT cleaned_by")) == [(None,)]
    before = told(room)
    found = reclean(room, None)
    assert found["seen"] == found["unchanged"] > 0
    assert told(room) == before
    assert room.rows(archived.format("DISTINCT cleaned_by")) == [(rules_digest(),)]
    columns = "article_id, title, text, byline, keywords, published_at, updated_at, found_by, version"
    assert room.rows(archived.format(columns)) == filled.room.rows(archived.format(columns))
    assert explained(room.settings.store) == filled.room.rows("SELECT count(*) FROM articles")[0][0]


def explained(store: Path) -> int:
    """Return how many articles can be explained: every value by a rule that is no other than that of what it beat."""
    with duckdb.connect(str(store), read_only=True) as con:
        ids = [str(article_id) for (article_id,) in con.execute("SELECT article_id FROM articles").fetchall()]
        for article_id in ids:
            article, documents = fetch_explained(con, article_id)
            for field in explain_fields(article, offered(documents, "UTC")):
                assert article["found_by"] is None or field.rule or not field.value, (article["title"], field)
                assert field.value or field.rule is None, (article["title"], field)
                assert field.rule not in {one.rule for one in field.beat}
    return len(ids)


def test_every_field_has_a_rule(filled: Filled) -> None:
    assert explained(filled.room.settings.store)


def row(**fields: object) -> RawDocument:
    return document(json.dumps(fields).encode(), "application/json")


def document(body: bytes, media_type: MediaType = "text/html") -> RawDocument:
    return RawDocument(body=body, media_type=media_type, origin="a", place="a", source="a")


STATED = b'<script type="application/ld+json">{"@type": "NewsArticle", "author": %s}</script><h1>x</h1>'


@pytest.mark.parametrize(
    "hostile",
    [
        document(b"<html><p>" + b"word " * 10_000_000),
        document(b"<h1>Boats</h1>" * 24_000),
        document(b"<html>" + b"<i>" * 600_000),
        document(b'<meta name="author" content="Ada Wren, Bo Lind">' * 24_000),
        document(STATED % (b"[" * 200_000)),
        document(STATED % json.dumps([{"name": f"Ada Wren {n}"} for n in range(20_000)]).encode()),
        document(b'{"title": "x', "application/json"),
        document(b"[" * 100_000, "application/json"),
        document(bytes(range(256)) * 1000, "text/plain"),
        document(b"By Ada Wren\n" * 200_000, "text/plain"),
        row(html="<html" * 9, title=5, authors=[{"name": None}], date={"a": [1]}, url=["b"], keywords={"k": 1}),
        row(text="a\n" * 1_000_000, keywords=["k"] * 10_000, title="t" * 1_000_000),
    ],
    ids=range(12),
)
def test_hostile_documents_are_explained_within_bounds(hostile: RawDocument) -> None:
    found = offered([hostile], "UTC")
    assert len(found) < 60
    assert all(len(one.value) <= LONGEST and one.rule for one in found)


def test_a_row_shows_what_its_page_says() -> None:
    page = page_of(STORIES[0], "https://paper.example").decode()
    found = offered([row(url="https://paper.example/a", title="Another title", html=page)], "UTC")
    assert {"row:title", "json-ld:headline"} <= {one.rule for one in found if one.field == "title"}
    assert "json-ld:datePublished" in {one.rule for one in found if one.field == "published_at"}


def test_people_see_why(filled: Filled, tmp_path: Path) -> None:
    room = copied(filled.room, tmp_path)
    [(article_id,)] = room.rows("SELECT article_id::VARCHAR FROM articles WHERE url LIKE '%/four.html'")
    with duckdb.connect(str(room.settings.store)) as con:
        con.execute("UPDATE articles SET cleaned_by = 'older'")
    told_json = wirehouse("explain", article_id, "--json", folder=tmp_path)
    fields = {one["field"]: one for one in report(told_json)["fields"]}
    assert fields["title"]["rule"] == "h1:agrees_with_head"
    assert {"rule", "value", "field"} == fields["title"]["beat"][0].keys()
    assert report(told_json)["rules_are_current"] is False
    shown = wirehouse("explain", article_id[:8], folder=tmp_path)
    assert "json-ld:datePublished" in shown.stdout
    assert "image_url" not in shown.stdout  # of which nothing is known
    assert "wirehouse reclean" in shown.stderr
    assert wirehouse("explain", "nobody", folder=tmp_path).returncode == 2
