"""A disk without room: nothing is begun that could not be finished, it is said in megabytes, and every file stays as it was."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from schemas.errors import WirehouseError
from schemas.settings import Settings
from tasks.store.care.backup import back_up
from tasks.store.care.compaction import compact
from tasks.store.replace import SPARE
from tasks.store.writer import Writer
from tests.tasks.store.small import everything, small_store

Work = Callable[[Writer, Settings], object]


def publish(store: Writer, settings: Settings) -> None:
    store.con.execute("UPDATE articles SET section = 'harbour'")
    store.publish()


WORK: dict[str, Work] = {
    "publish": publish,
    "compact": lambda store, _: compact(store),
    "backup": lambda store, settings: back_up(store, settings.store.parent / "safe", settings.store.name, store.now()),
}


@pytest.mark.parametrize("name", WORK)
def test_what_finds_no_room_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    settings = small_store(tmp_path)
    published = everything(settings.store)
    size = settings.writer_store.stat().st_size
    with Writer(settings) as store:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=2**40, used=2**40 - size, free=size + SPARE // 2))
        with pytest.raises(WirehouseError, match=r"^The disk of .* has .* MB free, and a copy of the store takes .* MB; make room"):
            WORK[name](store, settings)
        committed = store.con.execute("SELECT count(*), count(section) FROM articles").fetchall()
        assert committed == [(30, 30 if name == "publish" else 0)], "the writer goes on with what is committed"
        monkeypatch.undo()
        WORK[name](store, settings)
    assert (everything(settings.store) == published) == (name != "publish")
    expected = {"news.duckdb", "news.writer.duckdb", "news.writer.duckdb.lock"} | ({"safe"} if name == "backup" else set())
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert sorted(path.suffix for path in (tmp_path / "safe").glob("*.duckdb*")) == ([".duckdb", ".sha256"] if name == "backup" else [])
