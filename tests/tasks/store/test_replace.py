"""Publishing: the copy is the same, readers keep what they have open, nothing is copied twice, and a full disk costs nothing."""

from pathlib import Path

import duckdb
import pytest

from schemas.errors import WirehouseError
from schemas.settings import Settings
from tasks.store.connection import open_reader
from tasks.store.replace import check_room, copy_file, replace_file, same_content
from tasks.store.writer import Writer
from tests.tasks.store.small import ARTICLES, everything, small_store

COUNT = "SELECT count(*) FROM articles"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_store(tmp_path)


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_copy_is_the_same(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(bytes(range(250)) * (size // 250) + b"x" * (size % 250))
    (tmp_path / "b").write_bytes(b"longer than what comes" * 400_000)
    copy_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


def test_readers_keep_what_they_have_open(settings: Settings) -> None:
    old = open_reader(settings.store)
    with Writer(settings) as store:
        for left in (ARTICLES - 1, ARTICLES - 2):
            store.con.execute("DELETE FROM articles WHERE article_id = (SELECT min(article_id) FROM articles)")
            assert store.publish()
            with duckdb.connect(str(settings.store.with_name(f"copy{left}.duckdb"))) as fresh:
                fresh.execute(f"ATTACH '{settings.store}' AS now (READ_ONLY)")
                assert fresh.execute("SELECT count(*) FROM now.articles").fetchall() == [(left,)]
    assert old.execute(COUNT).fetchall() == [(ARTICLES,)]
    assert len(old.execute("SELECT text FROM articles").fetchall()) == ARTICLES
    old.close()


def test_what_has_not_changed_is_not_published_again(settings: Settings) -> None:
    inode = settings.store.stat().st_ino
    with Writer(settings) as store:
        assert not store.publish()
        store.con.execute(COUNT).fetchall()
        assert not store.publish()
        assert settings.store.stat().st_ino == inode
        assert store.publish(anyway=True)
        store.con.execute("UPDATE articles SET section = 'x'")
        assert store.publish()
        assert not store.publish()
    assert everything(settings.store) == everything(settings.writer_store)


def test_a_published_copy_that_is_cut_off_is_made_anew(settings: Settings) -> None:
    settings.store.write_bytes(settings.store.read_bytes()[:-4096])
    assert not same_content(settings.writer_store, settings.store)
    with Writer(settings) as store:
        assert store.publish()
    assert everything(settings.store) == everything(settings.writer_store)


def test_a_copy_that_finds_no_room_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(WirehouseError, match=r"MB free, and a copy of the store takes .* MB; make room"):
        check_room(tmp_path, 2**60)
    old = tmp_path / "news.duckdb"
    old.write_bytes(b"as it was")
    with pytest.raises(OSError, match="No such file"):
        replace_file(tmp_path / "missing", old)
    assert old.read_bytes() == b"as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["news.duckdb"]


def test_a_writer_without_memory_keeps_the_store_as_it_was(settings: Settings) -> None:
    before = everything(settings.writer_store)
    with Writer(settings) as store:
        store.con.execute("SET memory_limit = '4MB'")
        store.con.execute("SET max_temp_directory_size = '0MB'")
        with pytest.raises(duckdb.OutOfMemoryException):
            store.con.execute("UPDATE articles SET text = repeat(text, 20000)")
    assert everything(settings.writer_store) == before
