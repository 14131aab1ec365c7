"""Compaction: smaller, and otherwise the same."""

from pathlib import Path

import duckdb
import pytest

from schemas.errors import WirehouseError
from schemas.settings import Settings
from tasks.store.care.compaction import compact, free_share
from tasks.store.care.contents import check_same_rows
from tasks.store.writer import Writer
from tests.tasks.store.small import everything, small_store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = small_store(tmp_path)
    with Writer(settings) as store:
        store.con.execute("CREATE TABLE internal.ballast AS SELECT random() AS value FROM range(1_000_000)")
        store.con.execute("CHECKPOINT")
        store.con.execute("CREATE TABLE internal.behind AS SELECT random() AS value FROM range(100_000)")
        store.con.execute("CHECKPOINT")  # what is free at the end of the file is given back anyway
        store.con.execute("DROP TABLE internal.ballast")
        store.con.execute("CHECKPOINT")
    return settings


def test_the_space_of_what_is_gone_comes_back_and_nothing_else_changes(settings: Settings) -> None:
    before = everything(settings.writer_store)
    with Writer(settings) as store:
        assert free_share(store.con) > 1 / 3
        sizes = compact(store)
        assert sizes.after == settings.writer_store.stat().st_size < sizes.before * 2 / 3
        assert free_share(store.con) < 0.1
        with pytest.raises(duckdb.ConstraintException):
            store.con.execute("INSERT INTO articles FROM articles LIMIT 1")
        assert store.publish()
    assert everything(settings.writer_store) == everything(settings.store) == before


def test_what_a_killed_compaction_left_behind_is_no_hindrance(settings: Settings) -> None:
    draft = settings.writer_store.with_name(settings.writer_store.name + ".compact")
    draft.write_bytes(b"half a file")
    draft.with_name(draft.name + ".wal").write_bytes(b"half a log")
    with Writer(settings) as store:
        compact(store)
    assert not list(settings.store.parent.glob("*.compact*"))


def test_a_copy_that_lacks_rows_is_not_used(settings: Settings, tmp_path: Path) -> None:
    with duckdb.connect(str(settings.store)) as con:
        con.execute("DELETE FROM sightings")
    with pytest.raises(WirehouseError, match=r'"main"\."sightings"'):
        check_same_rows(settings.writer_store, settings.store)
    (tmp_path / "broken.duckdb").write_bytes(settings.store.read_bytes()[:100_000])
    with pytest.raises(WirehouseError, match="cannot be read"):
        check_same_rows(settings.writer_store, tmp_path / "broken.duckdb")
