"""`wirehouse maintain`: what it reports, and that it changes nothing in a store that is in order."""

from pathlib import Path

from schemas.settings import writer_path
from tasks.store.files import WriterLock
from tests.bench.generate import write
from tests.flows.command import public_rows, report, wirehouse


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
