import sqlite3
from pathlib import Path

import duckdb
import pytest

from schemas.errors import StoreUnreadableError, UsageError
from schemas.settings import Settings
from tasks.store.connection import open_reader, open_writer
from tasks.store.migrate import migrate, migrations, stored_version
from tasks.store.runs import fetch_cursors
from tasks.store.writer import Writer


def test_an_empty_file_is_brought_to_the_newest_version_once() -> None:
    con = duckdb.connect(":memory:")
    assert migrate(con) == len(migrations())
    assert migrate(con) == 0
    assert stored_version(con) == len(migrations())


def test_every_public_table_view_and_column_is_documented() -> None:
    con = duckdb.connect(":memory:")
    migrate(con)
    bare = con.execute(
        """SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND comment IS NULL
        UNION ALL SELECT table_name, '' FROM duckdb_tables() WHERE schema_name = 'main' AND comment IS NULL
        UNION ALL SELECT view_name, '' FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal AND comment IS NULL"""
    ).fetchall()
    assert bare == []


def test_every_view_answers() -> None:
    con = duckdb.connect(":memory:")
    migrate(con)
    views = [row[0] for row in con.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal").fetchall()]
    assert {view: con.execute(f"SELECT * FROM {view}").fetchall() for view in views} == {view: [] for view in views}
    assert set(views) >= {
        "latest",
        "timeline",
        "story_timeline",
        "topic_daily",
        "entity_daily",
        "source_daily",
        "feed_health",
        "headline_changes",
    }


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with duckdb.connect(str(path)) as con:
        migrate(con)
        con.execute("INSERT INTO internal.schema_version VALUES (999, now())")
    with pytest.raises(StoreUnreadableError, match="version 999"):
        open_reader(path)


def test_somebody_elses_duckdb_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(StoreUnreadableError, match="no Wirehouse store"):
        open_reader(path)


def test_a_sqlite_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE t (a)")
    con.close()
    before = path.read_bytes()
    for opening in (lambda: open_reader(path), lambda: open_writer(Settings(store=path))):
        with pytest.raises(StoreUnreadableError, match="SQLite"):
            opening()
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to have a head"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "news.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreUnreadableError):
        open_reader(path)


def test_an_empty_duckdb_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    duckdb.connect(str(path)).close()
    with pytest.raises(StoreUnreadableError, match="empty DuckDB file"):
        open_reader(path)


def test_a_foreign_file_gets_nothing_laid_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(StoreUnreadableError), Writer(Settings(store=path)):
        pytest.fail("the writer took somebody else's file")
    assert [file.name for file in tmp_path.iterdir()] == ["news.duckdb"]


def test_a_lost_writer_file_is_made_from_the_published_copy(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "news.duckdb")
    with Writer(settings) as store:
        store.con.execute("INSERT INTO internal.cursors VALUES ('/a', '', 1, 2, 3)")
        store.publish()
    settings.writer_store.unlink()
    with Writer(settings) as store:
        assert list(fetch_cursors(store.con)) == ["/a"]


def test_publishing_that_fails_leaves_the_writer_open(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "news.duckdb")
    with Writer(settings) as store:
        (tmp_path / "news.duckdb.tmp").mkdir()  # where the copy would be written
        with pytest.raises(IsADirectoryError):
            store.publish(anyway=True)
        assert stored_version(store.con) == len(migrations())


def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with duckdb.connect(str(path)) as con:
        migrate(con)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreUnreadableError, match="cannot be opened"):
        open_reader(path)


def test_no_store_yet_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no store"):
        open_reader(tmp_path / "news.duckdb")
