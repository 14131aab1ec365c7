"""The flow itself, against a real Prefect server on loopback: the only tests that need one."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bench.generate import articles
from tests.flows.command import counts, environment, public_rows, wirehouse

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).parents[2]
STARTUP = 150  # seconds; a server with a new database took 41 s on a busy machine


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    settings = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_SERVER_UI_ENABLED": "false"}
    command = [Path(sys.executable).with_name("prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment(**settings) | {"PREFECT_HOME": str(home)}, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/api"
        wait_until_healthy(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=60)


def wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + STARTUP
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)  # another process starts; it tells us by answering
    pytest.fail("the Prefect server did not start")


def ask(api: str, what: str, **filters: Any) -> Any:
    request = urllib.request.Request(f"{api}/{what}/filter", json.dumps(filters).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def done(api: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("news")
    (folder / "news.jsonl").write_text("".join(json.dumps(one.row) + "\n" for one in articles(300, seed=2)), encoding="utf-8")
    direct = wirehouse("backfill", "news.jsonl", "--engine", "direct", "--store", "direct.duckdb", "--json", folder=folder)
    # no --engine: a configured API is used by itself
    prefect = wirehouse("backfill", "news.jsonl", "--store", "prefect.duckdb", "--json", folder=folder, PREFECT_API_URL=api)
    assert counts(prefect) == counts(direct)
    return folder


def test_both_engines_fill_the_same_tables(done: Path) -> None:
    assert public_rows(done / "prefect.duckdb") == public_rows(done / "direct.duckdb")


def test_the_run_shows_its_stages_as_tasks_over_batches(api: str, done: Path) -> None:
    runs = ask(api, "flow_runs")
    assert [run["state_type"] for run in runs] == ["COMPLETED"]
    tasks = Counter(task["name"].rsplit("-", 1)[0] for task in ask(api, "task_runs"))
    # 300 documents are two batches; the third reading finds the end
    assert tasks == {"read": 3, "clean": 2, "label": 2, "load": 2, "settle": 1, "publish": 1}


def test_the_runs_table_is_left_as_an_artifact(api: str, done: Path) -> None:
    (artifact,) = ask(api, "artifacts")
    assert "| seen | 300 |" in artifact["data"]
    assert "| clean | 300 |" in artifact["data"]


def test_a_flow_run_is_named_after_what_it_takes_in(api: str, done: Path) -> None:
    assert [run["name"] for run in ask(api, "flow_runs")] == ["backfill of news.jsonl"]


def test_flows_of_ones_own_call_ours(api: str, tmp_path: Path) -> None:
    """The snippet of docs/clients.md; the last test, because those above count the runs of this server."""
    [code] = re.findall(r"```python\n(# mine.py\n.*?)```", (ROOT / "docs" / "clients.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("A short line of news about a bridge.", encoding="utf-8")
    theirs = environment(PREFECT_API_URL=api, WIREHOUSE_WORKERS="1", PYTHONPATH=str(ROOT))
    done = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, env=theirs, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 documents, 1 new\n1 articles\n"
    assert {"backfill of seeds", "care of the store"} <= {run["name"] for run in ask(api, "flow_runs")}


def test_a_server_that_does_not_answer_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A short line of news about a bridge.", encoding="utf-8")
    failed = wirehouse("backfill", "a.txt", folder=tmp_path, PREFECT_API_URL="http://127.0.0.1:9/api")
    assert failed.returncode == 1
    assert "--engine direct" in failed.stderr
    assert "Traceback" not in failed.stderr
