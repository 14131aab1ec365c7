"""Backups: the same store, a checksum that fits, the newest kept, and a way back."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.errors import WirehouseError
from tasks.store.care.backup import back_up, prune_backups
from tasks.store.writer import Writer
from tests.tasks.store.small import everything, small_store

THEN = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)


def test_a_backup_is_the_store_with_its_checksum_and_the_newest_stay(tmp_path: Path) -> None:
    settings, folder = small_store(tmp_path), tmp_path / "safe" / "news"
    with Writer(settings) as store:
        made = [back_up(store, folder, settings.store.name, THEN + timedelta(hours=n)) for n in range(4)]
    assert made[0].name == "news-20261120T203000Z.duckdb"
    assert everything(made[0]) == everything(settings.writer_store)
    for path in made:
        digest, name = Path(f"{path}.sha256").read_text("utf-8").split()
        assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
    for other in (
        "notes.txt",
        "news-20261120T190000Z.duckdb.part",
        "newsroom-20261120T190000Z.duckdb",
        "news-20261120T180000Z.duckdb.sha256",
    ):
        (folder / other).write_text("x", encoding="utf-8")
    assert prune_backups(made[-1], "news.duckdb", 2) == made[:2]
    kept = {name for path in made[2:] for name in (path.name, f"{path.name}.sha256")}
    assert {path.name for path in folder.iterdir()} == kept | {"notes.txt", "newsroom-20261120T190000Z.duckdb"}


@pytest.mark.parametrize("made_in", [1970, 2026])
def test_the_one_just_made_stays_whatever_the_clock_said_before(tmp_path: Path, made_in: int) -> None:
    others = [tmp_path / f"news-{year}1120T203000Z.duckdb" for year in (2025, 2097, 2098, 2099)]
    made = tmp_path / f"news-{made_in}1120T203000Z.duckdb"
    for path in (made, *others):
        path.write_bytes(b"a backup")
    gone = prune_backups(made, "news.duckdb", 2)
    assert sorted(tmp_path.iterdir()) == sorted([made, others[0] if made_in == 2026 else others[-1]])
    assert set(gone) == {*others} - set(tmp_path.iterdir())


def test_a_backup_in_the_place_of_the_store_is_the_store(tmp_path: Path) -> None:
    settings = small_store(tmp_path)
    with Writer(settings) as store:
        made = back_up(store, tmp_path / "safe", settings.store.name, THEN)
        before = everything(made)
        store.con.execute("DELETE FROM articles")
        store.publish()
    settings.writer_store.unlink()
    settings.store.write_bytes(made.read_bytes())
    with Writer(settings) as store:
        store.publish()
    assert everything(settings.writer_store) == everything(settings.store) == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    settings = small_store(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with Writer(settings) as store, pytest.raises(WirehouseError, match="cannot be written"):
        back_up(store, tmp_path / "file" / "below", settings.store.name, THEN)
