import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.bench.generate import articles
from tests.flows.command import WIREHOUSE, counts, environment, public_rows, report, wirehouse

TEXTS = {
    "harbour.txt": "The harbour of Lindmark was closed for two days after a barge lost its load of timber near the northern pier.\n\n"
    "Divers began to clear the channel at dawn, and the first ferries are expected to sail again on Friday.",
    "orchard.txt": "Apple growers in the valley have lost a third of their harvest to hail, the farmers' union said.\n\n"
    "It asked the region for help with the cost of nets, which only one orchard in five can pay for.",
    "library.txt": "The city library will stay open until midnight during the exams, after students collected four thousand signatures.",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def backfill(folder: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return wirehouse("backfill", "--engine", "direct", "--json", *arguments, folder=folder, **more)


def test_a_second_run_changes_nothing_and_a_copy_of_the_folder_is_seen_again(archive: Path, tmp_path: Path) -> None:
    assert counts(backfill(tmp_path, archive)) == {"seen": 3, "new": 3}
    before = public_rows(tmp_path / "news.duckdb")
    assert counts(backfill(tmp_path, "archive")) == {"seen": 3, "unchanged": 3}
    assert public_rows(tmp_path / "news.duckdb") == before
    shutil.copytree(archive, tmp_path / "copy")
    assert counts(backfill(tmp_path, "copy")) == {"seen": 3, "sightings": 3}
    after = public_rows(tmp_path / "news.duckdb")
    assert len(after.pop("sightings")) == 2 * len(before.pop("sightings"))
    assert after == before


def test_sightings_name_the_place_as_it_was_typed(archive: Path, tmp_path: Path) -> None:
    (archive / "rows.jsonl").write_text(json.dumps({"text": "One line of news about a bridge."}) + "\n", encoding="utf-8")
    backfill(tmp_path, "archive")
    with duckdb.connect(str(tmp_path / "news.duckdb"), read_only=True) as con:
        origins = {row[0] for row in con.execute("SELECT origin FROM sightings").fetchall()}
    assert origins == {"archive/harbour.txt", "archive/orchard.txt", "archive/library.txt", "archive/rows.jsonl#1"}


def test_bad_documents_are_counted_and_the_others_go_on(archive: Path, tmp_path: Path) -> None:
    (archive / "empty.txt").write_bytes(b"")
    (archive / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (archive / "rows.jsonl").write_text(
        '{"text": "A short line of news."}\n{"text": broken\n{"text": "Another one, later."}\n', encoding="utf-8"
    )
    assert counts(backfill(tmp_path, archive)) == {"seen": 8, "new": 5, "rejected": 3}
    rows = wirehouse("sql", "select reason, origin from rejections order by origin", "--json", folder=tmp_path)
    assert [(row["reason"], Path(row["origin"]).name) for row in report(rows)] == [
        ("binary", "binary.txt"),
        ("empty", "empty.txt"),
        ("broken_json", "rows.jsonl#2"),
    ]
    assert counts(backfill(tmp_path, archive)) == {"seen": 8, "unchanged": 8}


def test_a_folder_with_nothing_to_read_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Nothing for us", encoding="utf-8")
    done = backfill(tmp_path, ".")
    assert done.returncode == 0
    assert "Nothing to read was found" in done.stderr


def test_strict_fails_when_something_was_rejected(archive: Path, tmp_path: Path) -> None:
    (archive / "empty.txt").write_bytes(b"")
    done = backfill(tmp_path, archive, "--strict")
    assert done.returncode == 3
    assert "1 document" in done.stderr
    assert json.loads(done.stdout)["counts"]["new"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["nowhere"], 2, "There is no file or folder 'nowhere'"),
        ([], 2, "Missing argument"),
        (["archive", "--engine", "nothing"], 2, "nothing"),
        (["archive", "--store", "archive"], 5, "is a folder"),
        (["archive", "--store", "archive/harbour.txt"], 5, "not a DuckDB file"),
    ],
)
def test_what_cannot_be_meant_ends_with_a_sentence(archive: Path, tmp_path: Path, arguments: list[str], code: int, sentence: str) -> None:
    done = wirehouse("backfill", *arguments, folder=tmp_path)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in archive.iterdir()) == sorted(TEXTS)


def test_a_second_writer_waits_then_names_the_first(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text("".join(json.dumps(one.row) + "\n" for one in articles(600, seed=5)), encoding="utf-8")
    with start(tmp_path, "many.jsonl") as first:
        wait_for(tmp_path / "news.writer.duckdb")
        second = backfill(tmp_path, archive, WIREHOUSE_LOCK_WAIT="0.2")
        assert second.returncode == 4
        assert f"process {first.pid} (wirehouse backfill), since" in second.stderr
        assert first.wait(timeout=300) == 0


def test_killed_and_started_again_equals_an_uninterrupted_run(tmp_path: Path) -> None:
    lines = [json.dumps(one.row) + "\n" for one in articles(600, seed=3)]
    (tmp_path / "news.jsonl").write_text("".join(lines), encoding="utf-8")
    whole, cut = tmp_path / "whole" / "news.duckdb", tmp_path / "cut" / "news.duckdb"
    total = counts(backfill(tmp_path, "news.jsonl", "--store", whole))
    # published after every batch, so that the readers below have something to read
    with start(tmp_path, "news.jsonl", "--store", cut, WIREHOUSE_PUBLISH_EVERY="0.0001") as run:
        wait_for_articles(cut, run)
        run.kill()
    rest = counts(backfill(tmp_path, "news.jsonl", "--store", cut))
    assert 0 < rest["seen"] < total["seen"], "nothing was left to do, or nothing had been done"
    assert public_rows(cut) == public_rows(whole)
    runs = report(wirehouse("sql", "select state, seen from runs order by started_at", "--json", "--store", cut, folder=tmp_path))
    assert runs[0]["state"] == "crashed"
    assert runs[0]["seen"] + runs[1]["seen"] == total["seen"]


def test_what_came_before_the_cursor_of_an_unfinished_run_is_taken_in_too(archive: Path, tmp_path: Path) -> None:
    backfill(tmp_path, archive)
    status = (archive / "library.txt").stat()
    with duckdb.connect(str(tmp_path / "news.writer.duckdb")) as con:  # as a run leaves it that was cut short behind library.txt
        cursor = [str(archive.resolve()), "library.txt", 1, status.st_size, status.st_mtime_ns]
        con.execute("INSERT INTO internal.cursors VALUES (?, ?, ?, ?, ?)", cursor)
    (archive / "a-late.txt").write_text("A file that came after the run was cut short, about a tunnel.", encoding="utf-8")
    (archive / "harbour.txt").write_text("The harbour is open again, and the ferries sail.", encoding="utf-8")
    assert counts(backfill(tmp_path, archive)) == {"seen": 3, "new": 2, "unchanged": 1}
    assert counts(backfill(tmp_path, archive)) == {"seen": 4, "unchanged": 4}


def test_a_folder_and_a_file_in_it_are_read_once(archive: Path, tmp_path: Path) -> None:
    assert counts(backfill(tmp_path, archive, archive / "harbour.txt")) == {"seen": 3, "new": 3}


@pytest.mark.parametrize(("number", "code", "word"), [(signal.SIGTERM, 143, "Terminated"), (signal.SIGINT, 130, "Interrupted")])
def test_a_run_that_is_told_to_stop_says_so_and_goes_on_later(tmp_path: Path, number: signal.Signals, code: int, word: str) -> None:
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(one.row) + "\n" for one in articles(600, seed=7)), encoding="utf-8")
    command = [WIREHOUSE, "backfill", "--engine", "direct", "news.jsonl"]
    environ = environment(WIREHOUSE_PUBLISH_EVERY="0.0001")
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        wait_for_articles(tmp_path / "news.duckdb", run)
        run.send_signal(number)
        _, errors = run.communicate(timeout=60)
    assert run.returncode == code
    assert f"Error: {word}" in errors
    assert "Traceback" not in errors
    rest = backfill(tmp_path, "news.jsonl")
    runs = report(wirehouse("sql", "select state, seen from runs order by started_at", "--json", folder=tmp_path))
    assert [run["state"] for run in runs] == ["failed", "completed"]
    assert runs[0]["seen"] + report(rest)["counts"]["seen"] == 600


def test_ctrl_c_while_the_workers_start_says_one_sentence(archive: Path, tmp_path: Path) -> None:
    command = [WIREHOUSE, "backfill", "--engine", "direct", str(archive)]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        wait_for(tmp_path / "news.writer.duckdb.lock")
        os.killpg(run.pid, signal.SIGINT)  # a terminal tells the whole group
        _, errors = run.communicate(timeout=60)
    assert run.returncode == 130
    assert errors.startswith("Error: Interrupted")


def test_the_order_of_arrival_does_not_show(tmp_path: Path) -> None:
    lines = [json.dumps(one.row) + "\n" for one in articles(120, seed=11)]
    for name, order in {"one": lines, "other": lines[::-1]}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "news.jsonl").write_text("".join(order), encoding="utf-8")
        backfill(tmp_path / name, "news.jsonl")
    leave_out = ("runs", "sightings", "documents")  # which name the line
    assert public_rows(tmp_path / "one" / "news.duckdb", leave_out) == public_rows(tmp_path / "other" / "news.duckdb", leave_out)


def start(folder: Path, *arguments: object, **more: str) -> subprocess.Popen[bytes]:
    command = [WIREHOUSE, "backfill", "--engine", "direct", *map(str, arguments)]
    return subprocess.Popen(command, cwd=folder, env=environment(**more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_articles(store: Path, run: subprocess.Popen[Any]) -> None:
    wait_for(store)
    query = ["sql", "select count(*) as n from articles", "--json", "--store", store]
    while not report(wirehouse(*query, folder=store.parent))[0]["n"]:
        assert run.poll() is None, "the run ended before anything could be read"


def wait_for(path: Path) -> None:
    for _ in itertools.takewhile(lambda _: not path.exists(), range(1200)):
        time.sleep(0.05)  # until another process has made a file there is nothing to wait on
    assert path.exists()


def test_copies_years_apart_are_found_when_the_whole_archive_is_asked_for(tmp_path: Path) -> None:
    text = "The harbour office of the island has counted its boats once more, one by one, from the mole to the old lighthouse. " * 3
    rows = [{"url": f"https://{year}.example/boats", "published_at": f"{year}-03-01T08:00:00Z", "text": text} for year in (2019, 2024)]
    (tmp_path / "years.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    for name, options, copies in (("near", (), 0), ("all", ("--dedupe-window", "all"), 1)):
        store = ("--store", f"{name}.duckdb")
        report(wirehouse("backfill", "years.jsonl", "--engine", "direct", "--json", *options, *store, folder=tmp_path))
        assert len(public_rows(tmp_path / f"{name}.duckdb")["relations"]) == copies
