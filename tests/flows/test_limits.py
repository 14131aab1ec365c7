"""A disk that fills up and memory that does not suffice: one sentence, an exit code, and a store that opens and goes on."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.generate import write
from tests.flows.command import environment, report, wirehouse
from tests.flows.deaths import faults

ROOT = Path(__file__).parent.parent.parent
FULL = """
import os, resource, sys
from pathlib import Path
from flows.cli import end, explain
from schemas.settings import Settings
from tasks.pipeline import Direct, run
from tasks.read.intake import ArchiveIntake
from tasks import stages

stages.BATCH = 20


class Full:
    def advance(self, counts, deliveries):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))


if __name__ == "__main__":
    try:
        run(ArchiveIntake([sys.argv[2]]), Settings(store=sys.argv[1], workers=1), Direct(), Full())
    except BaseException as error:
        end(explain(error))
"""


def test_a_full_disk_costs_nothing_that_was_committed(tmp_path: Path) -> None:
    write(tmp_path / "news.jsonl", 60)
    (tmp_path / "full.py").write_text(FULL, encoding="utf-8")
    command = [sys.executable, tmp_path / "full.py", tmp_path / "news.duckdb", tmp_path / "news.jsonl"]
    done = subprocess.run(command, cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: The disk is full; what was committed stands, and the same command goes on from there.\n"
    rest = report(wirehouse("backfill", "news.jsonl", "--engine", "direct", "--json", folder=tmp_path))
    assert rest["counts"]["seen"] == rest["counts"]["new"] == 40
    runs = report(wirehouse("sql", "SELECT state, seen, new FROM runs ORDER BY started_at", "--json", folder=tmp_path))
    assert runs[0]["state"] in {"crashed", "failed"}
    assert [run["new"] for run in runs] == [20, 40]
    assert faults(tmp_path / "news.duckdb") == []


def test_too_little_memory_is_said_and_more_is_enough(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "A short line of news about a bridge."}) + "\n", encoding="utf-8")
    done = wirehouse("backfill", "a.jsonl", "--engine", "direct", folder=tmp_path, WIREHOUSE_STORE_MEMORY="8")
    assert done.returncode == 1
    assert "WIREHOUSE_STORE_MEMORY" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    rest = report(wirehouse("backfill", "a.jsonl", "--engine", "direct", "--json", folder=tmp_path))
    assert rest["counts"]["new"] == 1
    assert faults(tmp_path / "news.duckdb") == []
