"""Articles that were removed from a real store: nothing is left of them, they stay away, and the others are as in a store without them."""

import json
import os
import pty
import random
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import duckdb
import pytest

from flows.maintain import maintain
from flows.reclean import outdated_articles, reclean
from flows.remove import remove
from schemas.settings import Settings
from tasks.fetch.intake import RetryIntake
from tasks.pipeline import Direct, Quiet, run
from tasks.read.intake import ArchiveIntake
from tasks.store.care.health import check_store
from tests.bench.generate import articles
from tests.flows.command import WIREHOUSE, environment, public_rows, report, wirehouse

COUNT = 48
GONE = "source IN (SELECT source FROM articles GROUP BY source ORDER BY count(*) DESC, source LIMIT 2)"
TOLD_BY_RUNS = ("runs", "rejections", "story_log", "removed_articles")
REMEMBERED = {"main.removed_articles", "main.story_log", "internal.places"}
"""Tables that may name a removed article: its tombstone, the log, and where it was met."""


class Room(NamedTuple):
    """A store and the runs that fill it."""

    settings: Settings

    @classmethod
    def at(cls, folder: Path, **more: Any) -> "Room":
        return cls(Settings(store=folder / "news.duckdb", workers=2, publish_every=1_000, **more))

    def backfill(self, path: Path) -> dict[str, int]:
        with chdir(path.parent):  # documents are named as their path was typed
            return counts(run(ArchiveIntake([path.name]), self.settings, Direct(), Quiet()).counts.model_dump())

    def retry(self) -> dict[str, int]:
        return counts(run(RetryIntake(self.settings), self.settings, Direct(), Quiet()).counts.model_dump())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.writer_store), read_only=True) as con:
            return con.execute(query).fetchall()

    def ids(self, where: str) -> list[UUID]:
        return [article_id for (article_id,) in self.rows(f"SELECT article_id FROM articles WHERE {where} ORDER BY ALL")]

    def copied(self, folder: Path, **more: Any) -> "Room":
        for path in (self.settings.store, self.settings.writer_store):
            shutil.copy(path, folder / path.name)
        return Room.at(folder, **more)


def counts(found: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in found.items() if count and name != "duplicates"}


def write_archive(folder: Path, leave_out: Iterable[int] = ()) -> Path:
    """Write one file an article: rows with addresses and, for every third, the text of a page without one."""
    archive = folder / "archive"
    archive.mkdir(parents=True)
    for one in articles(COUNT, seed=5):
        if one.number in set(leave_out):
            continue
        if one.number % 3:
            (archive / f"{one.number}.jsonl").write_text(json.dumps(one.row) + "\n", encoding="utf-8")
        else:
            (archive / f"{one.number}.txt").write_text(one.page(random.Random(one.number)), encoding="utf-8")
    return archive


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Room, Path]:
    folder = tmp_path_factory.mktemp("filled")
    archive = write_archive(folder)
    room = Room.at(folder)
    assert room.backfill(archive) == {"seen": COUNT, "new": COUNT}
    return room, archive


@pytest.fixture(scope="module")
def bereft(tmp_path_factory: pytest.TempPathFactory, filled: tuple[Room, Path]) -> tuple[Room, Path, list[UUID]]:
    """The store after the removal, the archive, and what was removed."""
    room = filled[0].copied(tmp_path_factory.mktemp("bereft"))
    ids = room.ids(GONE)
    assert remove(ids, room.settings).removed_articles == len(ids) > 5
    return room, filled[1], ids


def test_the_others_are_as_in_a_store_that_never_had_them(
    filled: tuple[Room, Path], bereft: tuple[Room, Path, list[UUID]], tmp_path: Path
) -> None:
    room, _, ids = bereft
    listed = ", ".join(f"'{one}'" for one in ids)
    gone = {
        int(Path(origin.partition("#")[0]).stem)
        for (origin,) in filled[0].rows(f"SELECT origin FROM sightings WHERE article_id IN ({listed})")
    }
    fresh = Room.at(tmp_path)
    assert fresh.backfill(write_archive(tmp_path / "rest", gone)) == {"seen": COUNT - len(ids), "new": COUNT - len(ids)}
    assert public_rows(room.settings.store, TOLD_BY_RUNS) == public_rows(fresh.settings.store, TOLD_BY_RUNS)
    for query in (
        "SELECT article_id, version, version_key FROM internal.version_keys",
        "SELECT article_id, document_id, context FROM internal.contexts",
        "SELECT article_id, language, stretch, terms FROM internal.article_terms",
        "SELECT story_id, language, terms FROM internal.story_profiles",
        "FROM internal.story_links",
        "FROM internal.unsettled",
    ):
        assert sorted(map(repr, room.rows(query))) == sorted(map(repr, fresh.rows(query))), query


def test_nothing_is_left_of_them_but_their_tombstones(bereft: tuple[Room, Path, list[UUID]]) -> None:
    room, _, ids = bereft
    assert room.rows("SELECT DISTINCT reason FROM removed_articles") == [("asked",)]
    assert sorted(article_id for (article_id,) in room.rows("SELECT article_id FROM removed_articles")) == sorted(ids)
    columns = room.rows(
        """SELECT c.schema_name || '.' || c.table_name, column_name FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_oid)
        WHERE c.database_name = current_database() AND data_type = 'UUID' OR column_name = 'article_no'"""
    )
    assert ("internal.fingerprints", "article_no") in columns
    for table, column in columns:
        if column == "article_no":
            assert room.rows(f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT article_no FROM internal.article_numbers)") == [
                (0,)
            ], table
        elif table not in REMEMBERED:
            assert room.rows(f"SELECT count(*) FROM {table} WHERE {column} IN (SELECT article_id FROM removed_articles)") == [(0,)], (
                table,
                column,
            )
    used = "SELECT document_id FROM sightings UNION SELECT document_id FROM internal.contexts"
    assert room.rows(f"SELECT count(*) FROM documents WHERE document_id NOT IN ({used})") == [(0,)]
    assert [
        check
        for check in check_store(room.settings.store, room.settings.writer_store)
        if not check.ok and check.name != "nothing phones home"
    ] == []


def test_they_are_not_loaded_again_whatever_the_way(bereft: tuple[Room, Path, list[UUID]], tmp_path: Path) -> None:
    room, archive, ids = bereft[0].copied(tmp_path), bereft[1], bereft[2]
    before = public_rows(room.settings.store, TOLD_BY_RUNS)
    kept, removed = COUNT - len(ids), len(ids)
    assert room.backfill(archive) == {"seen": COUNT, "unchanged": COUNT}
    assert public_rows(room.settings.store, TOLD_BY_RUNS) == before
    moved = shutil.copytree(archive, tmp_path / "moved")
    assert room.backfill(moved) == {"seen": COUNT, "sightings": kept, "rejected": removed}
    assert room.backfill(moved) == {"seen": COUNT, "unchanged": COUNT}
    assert room.rows("SELECT DISTINCT stage, reason, document_id FROM rejections") == [("load", "removed", None)]
    url, day = room.rows("SELECT url, removed_at FROM removed_articles WHERE url IS NOT NULL ORDER BY url")[0]
    (tmp_path / "other.jsonl").write_text(json.dumps({"url": f"{url}?utm_source=x", "text": "In other words."}) + "\n", encoding="utf-8")
    assert room.backfill(tmp_path / "other.jsonl") == {"seen": 1, "rejected": 1}
    assert room.backfill(tmp_path / "other.jsonl") == {"seen": 1, "unchanged": 1}
    assert room.rows("SELECT detail FROM rejections WHERE origin LIKE 'other%'") == [
        (f"its article was removed on {day.astimezone(UTC):%Y-%m-%d}",)
    ]
    assert room.retry() == {}
    reclean(outdated_articles(room.settings, "true"), room.settings, Quiet())
    assert {one: rows for one, rows in public_rows(room.settings.store, TOLD_BY_RUNS).items() if one != "sightings"} == {
        one: rows for one, rows in before.items() if one != "sightings"
    }


def test_what_was_refused_before_is_turned_away_by_retry_and_its_bytes_go(filled: tuple[Room, Path], tmp_path: Path) -> None:
    room, archive = filled[0].copied(tmp_path), filled[1]
    (document_id,) = room.rows("SELECT document_id FROM sightings WHERE origin = 'archive/3.txt'")[0]
    text = (archive / "3.txt").read_bytes()
    (tmp_path / "3.txt").write_bytes(text + b"\n")  # the same article in other bytes
    assert room.backfill(tmp_path / "3.txt") == {"seen": 1, "sightings": 1}
    with duckdb.connect(str(room.settings.writer_store)) as con:  # as if it had been refused then
        [(other, article_id)] = con.execute("DELETE FROM sightings WHERE origin = '3.txt' RETURNING document_id, article_id").fetchall()
        con.execute("DELETE FROM internal.contexts WHERE document_id = ?", [other])
        kept = {"media_type": "text/plain", "origin": "3.txt", "place": "/3.txt", "source": "archive"}
        con.execute("INSERT INTO internal.refused VALUES (uuid(), ?, 1, ?)", [other, json.dumps(kept)])
    remove([article_id], room.settings)
    assert room.rows(f"SELECT document_id FROM documents WHERE document_id IN ('{document_id}', '{other}')") == [(other,)]
    assert room.retry() == {"seen": 1, "rejected": 1}
    assert room.rows(f"SELECT count(*) FROM documents WHERE document_id = '{other}'") == [(0,)]
    assert room.rows("FROM internal.refused") == []
    assert room.retry() == {}


def test_retention_removes_what_is_old_and_keeps_it_away(filled: tuple[Room, Path], tmp_path: Path) -> None:
    (middle,) = filled[0].rows("SELECT quantile_disc(published_at, 0.5) FROM articles")[0]
    days = (datetime.now(UTC) - middle.astimezone(UTC)).days
    room = filled[0].copied(tmp_path, retention_days=days)
    old = room.ids(f"coalesce(published_at, first_seen_at) < TIMESTAMPTZ '{datetime.now(UTC) - timedelta(days=days)}'")
    care = maintain(room.settings)
    assert care.removed_articles == len(old) > 0
    assert not set(old) & set(room.ids("true"))
    assert room.rows("SELECT DISTINCT reason FROM removed_articles") == [("retention",)]
    assert room.ids("published_at IS NULL") == filled[0].ids("published_at IS NULL")
    assert maintain(room.settings).removed_articles == 0
    assert room.backfill(filled[1]) == {"seen": COUNT, "unchanged": COUNT}


def test_retention_that_breaks_off_goes_on_where_it_was(filled: tuple[Room, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.store.care.removal.AT_ONCE", 5)
    monkeypatch.setattr("tasks.store.care.retention.AT_ONCE", 5)
    room = filled[0].copied(tmp_path, retention_days=1)
    kept = room.ids("published_at IS NULL")
    order = "SELECT article_id FROM articles ORDER BY coalesce(published_at, first_seen_at), article_id"
    (third,) = room.rows(f"{order} LIMIT 1 OFFSET 12")[0]
    with duckdb.connect(str(room.settings.writer_store)) as con:
        con.execute("INSERT INTO removed_articles VALUES (?, 'x', NULL, NULL, now(), 'asked')", [third])  # its batch cannot be written
    with pytest.raises(duckdb.Error):
        maintain(room.settings)
    assert len(room.ids("true")) == COUNT - 2 * 5
    with duckdb.connect(str(room.settings.writer_store)) as con:
        con.execute("DELETE FROM removed_articles WHERE article_id = ?", [third])
    assert maintain(room.settings).removed_articles == COUNT - 2 * 5 - len(kept)
    assert room.ids("true") == kept
    assert room.rows("SELECT count(*) FROM removed_articles") == [(COUNT - len(kept),)]


def test_the_command_asks_before_it_removes(filled: tuple[Room, Path], tmp_path: Path) -> None:
    room = filled[0].copied(tmp_path)
    some = room.ids("language = 'fr'")
    done = wirehouse("remove", "--where", "language = 'fr'", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{len(some)} articles will be removed" in done.stderr
    assert "--yes" in done.stderr
    assert answered("n\n", tmp_path) == 1
    assert len(room.ids("true")) == COUNT
    assert answered("y\n", tmp_path) == 0
    assert room.ids("true") == filled[0].ids("language <> 'fr'")
    assert wirehouse("sql", "SELECT count(*) FROM removed_articles", "--format", "csv", folder=tmp_path).stdout.split() == [
        "count_star()",
        str(len(some)),
    ]


def answered(answer: str, folder: Path) -> int:
    """Return the exit code of a removal at a terminal at which somebody types an answer."""
    terminal, end = pty.openpty()
    os.write(terminal, answer.encode())
    command = [WIREHOUSE, "remove", "--where", "language = 'fr'"]
    done = subprocess.run(command, cwd=folder, env=environment(), stdin=end, capture_output=True, text=True, timeout=300, check=False)
    os.close(end)
    os.close(terminal)
    assert "Go on?" in done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode


def test_the_command_reports_and_refuses_what_is_no_condition(filled: tuple[Room, Path], tmp_path: Path) -> None:
    room = filled[0].copied(tmp_path)
    done = wirehouse("remove", "--where", "true; DROP TABLE articles", "--yes", folder=tmp_path)
    assert done.returncode == 2
    assert "no condition" in done.stderr
    assert report(wirehouse("remove", "--where", "false", "--json", folder=tmp_path))["removed_articles"] == 0
    found = report(wirehouse("remove", "--where", "language = 'en'", "--yes", "--json", folder=tmp_path))
    assert found["removed_articles"] == len(filled[0].ids("language = 'en'"))
    assert room.ids("language = 'en'") == []
