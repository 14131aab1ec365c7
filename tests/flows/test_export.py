"""An export of a store that feeds, edits and removals have been at; and everything that can go wrong with one."""

import json
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.rejection import Rejection
from tasks.read.exported import is_export, read_export
from tests.flows.command import WIREHOUSE, counts, environment, report, wirehouse
from tests.flows.feeding import feed_list, ingest, news_rows
from tests.site.news import NewsSite
from tests.tasks.store.shelf import empty

ROOT = Path(__file__).parents[2]
GONE = "contains(url, 'story-d')"


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose store has met changing feeds, with texts and with pages, in both rounds, and lost an article."""
    folder = tmp_path_factory.mktemp("fed")
    with NewsSite() as site:
        listed = feed_list(folder, [site.url + path for path, content in site.holds(1).items() if content.feed and "/evolution/" in path])
        for round_number in (1, 2):
            site.round = round_number
            assert ingest(folder, "--feeds", listed).returncode == 0
    assert report(wirehouse("remove", "--where", GONE, "--yes", "--json", folder=folder))["removed_articles"] > 0
    return folder


@pytest.fixture(scope="module")
def exported(fed: Path) -> Path:
    """Give its export."""
    rows = report(wirehouse("export", "out", "--json", folder=fed))["rows"]
    assert rows["article_versions"] > rows["articles"] > 0 < rows["removed_articles"]
    return fed / "out"


@pytest.fixture
def damaged(exported: Path, tmp_path: Path) -> Path:
    """Give a copy of the export to spoil."""
    return Path(shutil.copytree(exported, tmp_path / "out"))


def everything(store: Path) -> dict[str, list[str]]:
    """Return all rows of all public tables, times included, but for the run that took them over."""
    with duckdb.connect(str(store), read_only=True) as con:
        tables = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall()]
        return {table: sorted(map(repr, con.execute(f"FROM {table}").fetchall())) for table in tables if table != "runs"}


def taken(folder: Path, *paths: Path) -> dict[str, int]:
    return counts(wirehouse("backfill", *paths, "--engine", "direct", "--json", folder=folder))


def rejected(folder: Path) -> set[tuple[str, str]]:
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as con:
        return {(Path(origin).name, reason) for origin, reason in con.execute("SELECT origin, reason FROM rejections").fetchall()}


def test_feeds_versions_and_tombstones_come_back(fed: Path, exported: Path, tmp_path: Path) -> None:
    assert taken(tmp_path, exported) == {}
    assert everything(tmp_path / "news.duckdb") == everything(fed / "news.duckdb")
    again = wirehouse("backfill", exported, "--engine", "direct", folder=tmp_path)
    assert "in the store already" in again.stderr
    assert everything(tmp_path / "news.duckdb") == everything(fed / "news.duckdb")


def test_into_a_store_with_other_news_come_the_same_articles(fed: Path, exported: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text(
        "Ferry stops\n\nThe last ferry to the island left the harbour of Lower Wick on Monday evening.\n", "utf-8"
    )
    assert taken(tmp_path, tmp_path / "other.txt") == {"seen": 1, "new": 1}
    first = taken(tmp_path, exported)
    with duckdb.connect(str(tmp_path / "news.duckdb")) as con:
        ids = con.execute("SELECT article_id::VARCHAR FROM articles WHERE origin = 'archive'").fetchall()
        assert len(ids) == 1
    here, there = news_rows(tmp_path), news_rows(fed)
    for table in ("articles", "article_versions", "sightings", "relations", "mentions", "removed_blocks", "article_topics"):
        assert [row for row in here[table] if ids[0][0] not in row and "other.txt" not in row] == there[table], table
    assert first["seen"] == len(there["sightings"]) == sum(first.values()) - first["seen"]


@pytest.mark.parametrize(
    ("spoil", "name", "reason"),
    [
        (lambda path: path.unlink(), "mentions.parquet", "missing_file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"), "documents.parquet", "changed_file"),
        (lambda path: path.write_bytes(b""), "sightings.parquet", "changed_file"),
        (lambda path: (path.unlink(), path.mkdir()), "stories.parquet", "unreadable"),
        (lambda path: path.unlink(), "manifest.json", "broken_export"),
        (lambda path: path.write_text("{" * 100_000), "manifest.json", "broken_export"),
        (
            lambda path: path.write_text(path.read_text().replace('"mentions.parquet"', '"../mentions.parquet"')),
            "manifest.json",
            "broken_export",
        ),
        (
            lambda path: path.write_text(path.read_text().replace('"store_version": ', '"store_version": 9')),
            "manifest.json",
            "newer_export",
        ),
        (
            lambda path: path.write_text(path.read_text().replace('"table": "mentions"', '"table": "runs"')),
            "manifest.json",
            "broken_export",
        ),
    ],
)
def test_half_an_export_is_not_taken_in(damaged: Path, spoil: Any, name: str, reason: str) -> None:
    spoil(damaged / name)
    con = empty()
    con.execute("INSERT INTO runs SELECT uuid(), 'backfill', 'direct', now(), NULL, 'running', 0, 0, 0, 0, 0, 0, 0, 0, []")
    assert is_export(damaged)
    [found] = [delivery.item for delivery in read_export(con, damaged, whole=True)]
    assert isinstance(found, Rejection)
    assert (found.stage, found.reason, Path(found.origin).name) == ("read", reason, name)
    assert con.execute("SELECT count(*) FROM articles").fetchall() == con.execute("SELECT count(*) FROM mentions").fetchall() == [(0,)]


def test_once_mended_it_is_taken_in_as_if_nothing_had_been(fed: Path, exported: Path, damaged: Path, tmp_path: Path) -> None:
    (damaged / "documents.parquet").write_bytes(b"PAR1")
    assert taken(tmp_path, damaged) == {"seen": 1, "rejected": 1}
    assert rejected(tmp_path) == {("documents.parquet", "changed_file")}
    shutil.copy(exported / "documents.parquet", damaged / "documents.parquet")
    assert taken(tmp_path, damaged) == {}
    here, there = everything(tmp_path / "news.duckdb"), everything(fed / "news.duckdb")
    assert {table for table in there if here[table] != there[table]} == {"rejections"}


def test_killed_before_all_of_it_is_there_it_comes_whole(fed: Path, exported: Path, tmp_path: Path) -> None:
    def start(folder: Path, last: int) -> int:
        folder.mkdir(exist_ok=True)
        line = [sys.executable, "-m", "tests.flows.dying", str(last), "calls.txt", "backfill", str(exported), "--engine", "direct"]
        environ = environment(PYTHONPATH=str(ROOT), WIREHOUSE_WORKERS="1")
        return subprocess.run(line, cwd=folder, env=environ, capture_output=True, check=False).returncode

    assert start(tmp_path / "whole", 0) == 0
    calls = (tmp_path / "whole" / "calls.txt").read_text("utf-8").splitlines()
    last_row = max(number for number, line in enumerate(calls, 1) if "read_parquet" in line)
    commit = next(number for number, line in enumerate(calls[last_row:], last_row + 1) if line.startswith("commit"))
    assert start(tmp_path / "killed", commit) == -signal.SIGKILL
    assert start(tmp_path / "killed", 0) == 0
    assert everything(tmp_path / "killed" / "news.duckdb") == everything(fed / "news.duckdb")


def test_a_folder_that_is_no_export_stays(fed: Path, exported: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("Dear all", "utf-8")
    store = ("--store", fed / "news.duckdb")
    refused = wirehouse("export", mine, *store, folder=tmp_path)
    assert (refused.returncode, "--overwrite" in refused.stderr) == (2, True)
    assert wirehouse("export", mine / "letter.txt", *store, folder=tmp_path).returncode == 2
    assert wirehouse("export", mine / "letter.txt" / "below", *store, folder=tmp_path).returncode == 2
    assert wirehouse("export", fed, *store, "--overwrite", folder=tmp_path).returncode == 2
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
    assert wirehouse("export", mine, *store, "--overwrite", "--format", "jsonl", folder=tmp_path).returncode == 0
    assert sorted(path.name for path in mine.iterdir()) == ["articles.jsonl", "manifest.json"]
    assert wirehouse("export", mine, *store, folder=tmp_path).returncode == 0
    assert (mine / "manifest.json").read_text("utf-8").count('"table": "mentions"') == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_cannot_be_meant_is_said(fed: Path, tmp_path: Path) -> None:
    def said(*arguments: object) -> str:
        done = wirehouse("export", *arguments, folder=fed)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    assert "no condition" in said(tmp_path / "new", "--where", "nothing = 3")
    assert "no condition" in said(tmp_path / "new", "--where", "true)); COPY articles TO 'x'; SELECT ((1")
    assert "out of reach" in said(tmp_path / "new", "--where", "title IN (SELECT content FROM read_text('/etc/hostname'))")
    assert "name a folder" in said("-")
    assert "is after" in said(tmp_path / "new", "--since", "2026-02-01", "--until", "2026-01-01")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_export(fed: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    store = ("--store", fed / "news.duckdb")
    assert wirehouse("export", target, *store, "--format", "jsonl", "--limit", "1", folder=tmp_path).returncode == 0
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    for form in ("parquet", "jsonl"):
        command = [WIREHOUSE, "export", target, *store, "--format", form]
        done = subprocess.run(
            [*map(str, command)], cwd=tmp_path, env=environment(), preexec_fn=small, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "could not be written" in done.stderr
        assert "Traceback" not in done.stderr
        assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_stdout_takes_lines(fed: Path) -> None:
    done = wirehouse("export", "-", "--format", "jsonl", "--limit", "3", folder=fed)
    assert [sorted({"id", "text", "source"} & json.loads(line).keys()) for line in done.stdout.splitlines()] == [
        ["id", "source", "text"]
    ] * 3
