"""What `wirehouse status` says beside runs and sizes, the metrics, and the log of a run as JSON."""

import json
from pathlib import Path

import pytest

from tests.bench.generate import write
from tests.flows.command import report, wirehouse
from tests.tasks.store.build import RUN
from tests.tasks.store.small import ARTICLES, small_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory.mktemp("status")).store.parent


def test_status_knows_stages_rejections_and_volumes(folder: Path) -> None:
    status = report(wirehouse("status", "--json", folder=folder))
    assert {"stages", "rejections", "volumes"} <= status.keys()
    assert status["volumes"] == [], "an archive has no usual day"
    assert {"documents", "seconds", "stage"} == status["stages"][0].keys()
    assert "ms a document" in wirehouse("status", folder=folder).stdout


def test_metrics_go_to_stdout_or_to_a_file(folder: Path) -> None:
    shown = wirehouse("status", "--metrics", folder=folder).stdout
    assert shown.endswith("# EOF\n")
    assert f"wirehouse_articles {ARTICLES}\n" in shown
    done = wirehouse("status", "--metrics", "wirehouse.prom", folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / "wirehouse.prom").read_text("utf-8") == shown


@pytest.mark.parametrize("arguments", [["wirehouse.prom"], ["--metrics", "news.writer.duckdb"]])
def test_metrics_never_replace_the_store(folder: Path, arguments: list[str]) -> None:
    before = (folder / "news.writer.duckdb").read_bytes()
    assert wirehouse("status", *arguments, folder=folder).returncode == 2
    assert (folder / "news.writer.duckdb").read_bytes() == before


def test_a_run_logs_a_json_line_a_batch_and_updates_the_metrics(tmp_path: Path) -> None:
    write(tmp_path / "news.jsonl", 260)
    options = ("--engine", "direct", "--json", "--log-json")
    done = wirehouse("backfill", "news.jsonl", *options, folder=tmp_path, WIREHOUSE_METRICS_FILE="wirehouse.prom")
    run = report(done)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["seen"] for line in lines] == [250, 10]
    assert {line["run_id"] for line in lines} == {run["run_id"]} != {str(RUN)}
    assert lines[0]["first"] == "news.jsonl#1"
    assert lines[-1]["last"] == "news.jsonl#260"
    assert 0 < lines[0]["seconds"] <= lines[1]["seconds"] <= run["seconds"]
    assert 'outcome="new"} 260\n' in (tmp_path / "wirehouse.prom").read_text("utf-8")
    again = wirehouse("--debug", "backfill", "news.jsonl", "--engine", "direct", folder=tmp_path)
    assert f"run_id={report(wirehouse('status', '--json', folder=tmp_path))['runs'][0]['run_id']}" in again.stderr


def test_doctor_looks_deeply_when_asked(folder: Path) -> None:
    plain, deep = (report(wirehouse("doctor", *more, "--json", folder=folder)) for more in ([], ["--deep"]))
    assert len(deep) > len(plain) + 20
    assert all(check["ok"] for check in deep)


def test_what_is_said_beside_the_log_is_a_line_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00\x01\xff")
    done = wirehouse("backfill", "a.txt", "--engine", "direct", "--strict", "--log-json", folder=tmp_path)
    assert done.returncode == 3
    batch, said = map(json.loads, done.stderr.splitlines())
    assert (batch["rejected"], said["level"]) == (1, "error")
    assert said["message"].startswith("1 document was rejected")
