"""The seed archive out of a store and into another one, in every format."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest

from flows.backfill import backfill
from schemas.choice import Period
from schemas.settings import Settings
from tasks.export.chosen import Wanted
from tasks.export.manifest import Kind, digest_of, read_manifest
from tasks.export.run import export_folder, export_stream
from tasks.pipeline import Quiet

NOW = datetime(2026, 11, 20, tzinfo=UTC)
Rows = Callable[[str], list[dict[str, Any]]]
TOLD_BY_ROWS = "title, text, url, published_at, updated_at, byline, agency, section, language, source, dek, image_url, article_id"
NINJS = {
    *("uri", "type", "representationType", "version", "firstCreated", "versionCreated", "pubStatus", "language", "headlines"),
    *("descriptions", "bodies", "by", "subjects", "people", "organisations", "places", "infoSources", "altIds", "renditions", "standard"),
}
"""The properties of ninjs 3.0 that are used."""


def written(store: Path, folder: Path, **wanted: Any) -> Path:
    export_folder(Settings(store=store), folder, Wanted(**wanted), lambda table, rows: None, NOW)
    return folder


def told(store: Path, kind: Kind, **wanted: Any) -> str:
    stream = StringIO()
    export_stream(Settings(store=store), stream, Wanted(kind=kind, **wanted), lambda table, rows: None)
    return stream.getvalue()


def contents(store: Path) -> dict[str, Counter[str]]:
    """Return every row of every table, internal ones too."""
    with duckdb.connect(str(store), read_only=True) as con:
        tables = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        return {table: Counter(map(repr, con.execute(f"FROM {table}").fetchall())) for (table,) in tables}


@pytest.fixture(scope="module")
def store(seed_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the store: DuckDB opens one file of a process in one way only, and `rows` holds the other open."""
    return Path(shutil.copy(seed_store, tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="module")
def exported(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a Parquet export of the seeds, in a folder whose name means something to SQL and to patterns."""
    return written(store, tmp_path_factory.mktemp("export") / "all of it's [1]*")


def test_an_export_into_a_fresh_store_gives_the_same_store(store: Path, exported: Path, tmp_path: Path) -> None:
    report = backfill([str(exported)], Settings(store=tmp_path / "news.duckdb", workers=1), Quiet())
    assert report.state == "completed"
    assert [(cost.stage, cost.documents) for cost in report.per_stage if cost.stage == "restore"] == [("restore", 69)]
    before, after = contents(store), contents(tmp_path / "news.duckdb")
    del before["internal.schema_version"], after["internal.schema_version"]  # says when
    assert [row for row in (after.pop("main.runs") - before.pop("main.runs")) if str(report.run_id) not in row] == []
    assert [table for table in before if before[table] != after[table]] == []
    again = backfill([str(exported)], Settings(store=tmp_path / "news.duckdb", workers=1), Quiet())
    assert again.counts.seen == 0
    assert {table: rows for table, rows in contents(tmp_path / "news.duckdb").items() if table in before} == after


def test_a_manifest_names_every_file(exported: Path) -> None:
    manifest = read_manifest(exported)
    there = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert {file.path for file in manifest.files} == there - {"manifest.json"}
    assert all(digest_of(exported / file.path) == file.sha256 for file in manifest.files)
    assert (manifest.whole, manifest.rows["articles"], manifest.rows["sightings"]) == (True, 69, 75)


def test_parquet_opens_with_one_line(exported: Path, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "plain").symlink_to(exported)
    with chdir(tmp_path), duckdb.connect() as con:
        found = dict(con.execute("SELECT published_month, count(*) FROM 'plain/articles/*/*.parquet' GROUP BY ALL").fetchall())
        kinds = con.execute("SELECT DISTINCT compression FROM parquet_metadata('plain/articles/*/*.parquet')").fetchall()
    months = rows("SELECT coalesce(strftime(published_at, '%Y-%m'), 'unknown') AS m, count(*) AS n FROM articles GROUP BY ALL")
    assert found == {row["m"]: row["n"] for row in months}
    assert kinds == [("ZSTD",)]


def test_part_of_a_store_comes_through_the_line(store: Path, rows: Rows, tmp_path: Path) -> None:
    period = Period(since=datetime(2024, 3, 1, tzinfo=UTC).date())
    part = written(store, tmp_path / "part", where="language = 'it' -- or\n", published=period)
    report = backfill([str(part)], Settings(store=tmp_path / "news.duckdb", workers=1), Quiet())
    chosen = rows(f"SELECT {TOLD_BY_ROWS}, version FROM articles WHERE language = 'it' AND published_at >= '2024-03-01'")
    with duckdb.connect(str(tmp_path / "news.duckdb"), read_only=True) as con:
        found = con.execute(f"SELECT {TOLD_BY_ROWS}, version FROM articles").fetchall()
    assert Counter(map(repr, found)) == Counter(repr(tuple(row.values())) for row in chosen)
    assert report.counts.new == len(chosen) > 0
    assert backfill([str(part)], Settings(store=tmp_path / "news.duckdb", workers=1), Quiet()).counts.seen == 0


def test_lines_of_json_come_back_as_they_were(store: Path, rows: Rows, tmp_path: Path) -> None:
    where = "language IN ('pt', 'es') OR published_at IS NULL"
    lines = written(store, tmp_path / "lines", kind="jsonl", where=where)
    backfill([str(lines)], Settings(store=tmp_path / "news.duckdb", workers=1), Quiet())
    with duckdb.connect(str(tmp_path / "news.duckdb"), read_only=True) as con:
        found = con.execute(f"SELECT {TOLD_BY_ROWS} FROM articles").fetchall()
    assert Counter(map(repr, found)) == Counter(
        repr(tuple(row.values())) for row in rows(f"SELECT {TOLD_BY_ROWS} FROM articles WHERE {where}")
    )


def test_ninjs_says_what_the_standard_asks(store: Path, rows: Rows) -> None:
    objects = [json.loads(line) for line in told(store, "ninjs").splitlines()]
    assert {one["uri"] for one in objects} == {f"urn:uuid:{row['article_id']}" for row in rows("SELECT article_id FROM articles")}
    assert set().union(*objects) <= NINJS
    subjects = [subject for one in objects for subject in one.get("subjects", ())]
    assert all(re.fullmatch(r"http://cv\.iptc\.org/newscodes/mediatopic/\d{8}", subject["uri"]) for subject in subjects)
    assert all(0 <= subject["confidence"] <= 100 for subject in subjects)
    people = {one["name"]: one["uri"] for item in objects for one in item.get("people", ()) if "uri" in one}
    assert people["Emmanuel Macron"] == "http://www.wikidata.org/entity/Q3052772"
    assert {one["representationType"] for one in objects} == {"full", "partial"}
    assert all(one["bodies"][0]["charCount"] == len(one["bodies"][0]["value"]) for one in objects)


def test_a_json_feed_holds_the_newest(store: Path, rows: Rows) -> None:
    feed = json.loads(told(store, "jsonfeed", where="language = 'fr'", limit=5))
    newest = rows(
        "SELECT article_id, title, text FROM articles WHERE language = 'fr' ORDER BY published_at DESC NULLS LAST, article_id LIMIT 5"
    )
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [(item["id"], item.get("title"), item["content_text"]) for item in feed["items"]] == [
        (f"urn:uuid:{row['article_id']}", row["title"], row["text"]) for row in newest
    ]
    assert all(isinstance(item["_wirehouse"]["version"], int) for item in feed["items"])


def test_rss_is_xml_that_readers_take(store: Path, rows: Rows) -> None:
    channel = ElementTree.fromstring(told(store, "rss", limit=9)).find("channel")
    assert channel is not None
    newest = rows("SELECT article_id, title, published_at FROM articles ORDER BY published_at DESC NULLS LAST, article_id LIMIT 9")
    items = [(item.findtext("guid"), item.findtext("title")) for item in channel.iter("item")]
    assert items == [(f"urn:uuid:{row['article_id']}", row["title"]) for row in newest]
    assert "<p>" in (channel.findtext("item/{http://purl.org/rss/1.0/modules/content/}encoded") or "")


def test_a_feed_of_nothing_is_a_feed(store: Path) -> None:
    assert json.loads(told(store, "jsonfeed", where="false"))["items"] == []
    assert ElementTree.fromstring(told(store, "rss", where="false")).findall("channel/item") == []
