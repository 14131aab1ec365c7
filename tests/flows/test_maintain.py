"""`wirehouse maintain`: what it reports, and that it changes nothing in a store that is in order."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.options import Step
from schemas.settings import writer_path
from tasks.store.files import WriterLock
from tests.bench.generate import write
from tests.flows.command import environment, public_rows, report, wirehouse
from tests.tasks.store.small import small_store

ROOT = Path(__file__).parent.parent.parent


def test_a_store_in_order_stays_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "articles.jsonl", 20)
    report(wirehouse("backfill", "articles.jsonl", "--engine", "direct", "--json", folder=tmp_path))
    store = tmp_path / "news.duckdb"
    before = public_rows(store, leave_out=())
    care = report(wirehouse("maintain", "--json", folder=tmp_path))
    assert (care["settled_articles"], care["moved_articles"]) == (20, 0)
    assert care["bytes_published"] == store.stat().st_size
    assert public_rows(store, leave_out=()) == before
    assert report(wirehouse("maintain", "--json", folder=tmp_path))["settled_articles"] == 0


def test_a_published_copy_that_is_missing_comes_back(tmp_path: Path) -> None:
    write(tmp_path / "articles.jsonl", 3)
    report(wirehouse("backfill", "articles.jsonl", "--engine", "direct", "--json", folder=tmp_path))
    before = public_rows(tmp_path / "news.duckdb")
    (tmp_path / "news.duckdb").unlink()
    done = wirehouse("maintain", folder=tmp_path)
    assert "published copy" in done.stdout
    assert public_rows(tmp_path / "news.duckdb") == before


def test_a_store_in_use_is_said(tmp_path: Path) -> None:
    with WriterLock(writer_path(tmp_path / "news.duckdb"), wait=0):
        done = wirehouse("maintain", folder=tmp_path, WIREHOUSE_LOCK_WAIT="0")
    assert done.returncode == 4
    assert "is being written by process" in done.stderr


STEPS = [step.value for step in Step]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return small_store(tmp_path).store


def steps(care: Any) -> dict[str, bool]:
    return {one["step"]: one["done"] for one in care["steps"]}


def test_every_step_is_reported_and_may_be_left_out(store: Path) -> None:
    care = report(wirehouse("maintain", "--json", folder=store.parent))
    assert list(steps(care)) == STEPS
    assert not steps(care)["backup"]
    skipped = report(wirehouse("maintain", "--skip", "stories", "--skip", "publish", "--json", folder=store.parent))
    assert list(steps(skipped)) == [step for step in STEPS if step not in {"stories", "publish"}]
    assert not any(steps(skipped).values()), "nothing has come since"
    done = wirehouse("maintain", "--only", "feeds", "--skip", "feeds", folder=store.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No step is left" in done.stderr


def test_what_is_asked_for_is_done_without_need(store: Path) -> None:
    inode = store.stat().st_ino
    asked = ("--only", "publish", "--only", "compaction", "--json", "--log-json")
    done = wirehouse("maintain", *asked, folder=store.parent)
    assert list(steps(report(done))) == ["compaction", "publish"]
    assert steps(report(done))["publish"]
    assert store.stat().st_ino != inode
    assert [json.loads(line)["step"] for line in done.stderr.splitlines()] == ["compaction", "publish"]
    assert "Say where backups go" in wirehouse("maintain", "--only", "backup", folder=store.parent).stderr


def test_backups_are_stores_and_the_newest_stay(store: Path) -> None:
    folder = store.parent / "safe"
    care = report(wirehouse("maintain", "--backup", folder, "--keep", "1", "--only", "backup", "--json", folder=store.parent))
    assert public_rows(Path(care["backup"]), ()) == public_rows(store, ())
    (folder / "news-20200101T000000Z.duckdb").write_bytes(b"an old one")
    again = wirehouse(
        "maintain", "--only", "backup", "--json", folder=store.parent, WIREHOUSE_BACKUP_DIR="safe", WIREHOUSE_BACKUPS_KEPT="1"
    )
    newest = Path(report(again)["backup"]).name
    assert {path.name for path in folder.iterdir()} == {newest, f"{newest}.sha256"}


def test_killed_at_any_line_it_leaves_a_whole_store_and_the_next_care_finishes(
    store: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sweep") / "o"
    shutil.copytree(store.parent, folder)
    command = [sys.executable, "-m", "tests.flows.sweep", folder, "25"]
    environ = environment(DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false")
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 3
    assert [one for one in found if one["wrong"]] == []
