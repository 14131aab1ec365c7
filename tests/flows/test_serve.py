"""`wirehouse serve` with a real Prefect server: what it runs, what it says, how it ends, and whom it speaks to."""

import asyncio
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flows.engine import serving_path
from flows.processes import descendants, started
from schemas.settings import writer_path
from tasks.store.files import WriterLock
from tests.flows.command import WIREHOUSE, environment, report, wirehouse
from tests.flows.listening import heard, is_this_machine, listen
from tests.site.server import Seen, Server, response

pytestmark = pytest.mark.prefect

PATIENCE = 300  # seconds; a new database alone took 41 on a busy machine
BUSY = 503  # its database is being written; clients are to ask again
END = 10  # seconds: what a supervisor grants before it kills
EVERY = 60  # minutes: none of the runs of the schedule falls into the test, except by an unlucky minute

ITEM = (
    "<item><guid>{0}</guid><title>Bridge number {0} opens</title><description>{1}</description>"
    "<pubDate>Fri, 20 Nov 2026 08:0{0}:00 GMT</pubDate></item>"
)
TEXT = "The bridge over the canal was opened on Friday morning, four months late and without a speech, by those who had built it."
FEED = f'<rss version="2.0"><channel><title>Canal</title>{"".join(ITEM.format(n, TEXT) for n in range(3))}</channel></rss>'.encode()


class Canal:
    """A feed that can fail, and can keep its readers waiting."""

    def __init__(self) -> None:
        self.failing = False
        self.slow = False
        self.waited_for = threading.Event()

    async def answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        if self.slow and seen.path == "/feed.xml":
            self.waited_for.set()
        while self.slow and seen.path == "/feed.xml":
            await asyncio.sleep(0.05)  # until the test has seen enough
        status = "500 Internal Server Error" if self.failing else "200 OK" if seen.path == "/feed.xml" else "404 Not Found"
        writer.write(response(FEED if status == "200 OK" else b"", status, content_type="application/rss+xml"))


class Serve(NamedTuple):
    """A running serve: its process, its API, its folder, and what its feed does."""

    process: subprocess.Popen[bytes]
    api: str
    folder: Path
    canal: Canal

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text("utf-8")


def wait_for(happened: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if found := happened():
            return found
        time.sleep(0.1)  # other processes are at work; there is nothing of ours to wait on
    pytest.fail(f"{happened} did not happen")


def ask(url: str, content: Any = None) -> Any:
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})

    def answer() -> Any:
        try:
            with urllib.request.urlopen(request, timeout=30) as got:
                return json.load(got), True
        except urllib.error.HTTPError as error:
            if error.code != BUSY:
                raise
            return None

    return wait_for(answer)[0]


def start_run(api: str, deployment: str) -> str:
    named = ask(f"{api}/deployments/name/{deployment}/{deployment}")
    return str(ask(f"{api}/deployments/{named['id']}/create_flow_run", {})["id"])


def ended(api: str, run: str) -> dict[str, Any]:
    def state() -> Any:
        found = ask(f"{api}/flow_runs/{run}")["state"]
        return found if found["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

    return dict(wait_for(state))


def start(folder: Path, canal: Canal) -> Serve:
    politeness = {"WIREHOUSE_ALLOW_NETWORKS": "127.0.0.0/8", "WIREHOUSE_HOST_DELAY": "0", "WIREHOUSE_MIN_POLL_MINUTES": "0"}
    environ = environment(**politeness, **listen(folder / "watch"), WIREHOUSE_LOCK_WAIT="0.5", WIREHOUSE_WORKERS="1")
    del environ["PREFECT_HOME"]  # so that it is beside the store
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([WIREHOUSE, "serve", "--every", str(EVERY), "--port", "0"], cwd=folder, env=environ, stderr=said)
    wait_for(lambda: process.poll() is not None or "Ctrl-C" in (folder / "said").read_text("utf-8"))
    assert process.poll() is None, (folder / "said").read_text("utf-8")
    return Serve(process, json.loads(serving_path(folder / "news.duckdb").read_text("utf-8"))["api"], folder, canal)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    folder, canal = tmp_path_factory.mktemp("serve"), Canal()
    (folder / "watch").mkdir()
    (folder / "a.txt").write_text("A short line of news about a bridge.", encoding="utf-8")
    with Server(canal.answer) as site:
        politeness = {"WIREHOUSE_ALLOW_NETWORKS": "127.0.0.0/8", "WIREHOUSE_HOST_DELAY": "0"}
        report(wirehouse("ingest", f"{site.url}/feed.xml", "--engine", "direct", "--json", folder=folder, **politeness))
        running = start(folder, canal)
        try:
            yield running
        finally:
            canal.slow = False
            running.process.kill()
            running.process.wait()


def test_the_banner_says_what_runs_and_where(serve: Serve) -> None:
    assert f"ingest every {EVERY} minutes, next at" in serve.said
    assert serve.api.removesuffix("/api") in serve.said
    assert len(serve.said.splitlines()) < 8, serve.said


def test_the_ui_is_there_and_sends_nothing_home(serve: Serve) -> None:
    page = urllib.request.Request(serve.api.removesuffix("/api") + "/", headers={"Accept": "text/html"})
    with urllib.request.urlopen(page, timeout=30) as answer:
        assert b"<html" in answer.read().lower()
    assert ask(f"{serve.api}/admin/settings")["server"]["analytics_enabled"] is False


def test_schedules_are_in_utc_on_the_hour(serve: Serve) -> None:
    planned = ask(f"{serve.api}/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
    minutes = {run["expected_start_time"][11:16] for run in planned}
    assert {"03:30"} < minutes
    assert all(minute.endswith(":00") for minute in minutes - {"03:30"})


def test_a_run_polls_the_feeds_that_are_due(serve: Serve) -> None:
    state = ended(serve.api, start_run(serve.api, "ingest"))
    assert state["name"] == "Completed", state
    shown = report(wirehouse("status", "--json", folder=serve.folder))
    assert (shown["runs"][0]["flow"], shown["runs"][0]["engine"]) == ("ingest", "prefect")


def test_maintain_runs(serve: Serve) -> None:
    assert ended(serve.api, start_run(serve.api, "maintain"))["name"] == "Completed"


def test_commands_on_the_store_run_there_too(serve: Serve) -> None:
    done = wirehouse("backfill", "a.txt", "--json", folder=serve.folder)
    assert report(done)["engine"] == "prefect"
    runs = ask(f"{serve.api}/flow_runs/filter", {"flows": {"name": {"any_": ["backfill"]}}})
    assert [run["state_name"] for run in runs] == ["Completed"]


def test_a_store_is_served_once(serve: Serve) -> None:
    again = wirehouse("serve", folder=serve.folder)
    assert again.returncode == 2
    assert str(serve.process.pid) in again.stderr


def test_what_is_no_store_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "news.duckdb").write_text("not a store", encoding="utf-8")
    assert wirehouse("serve", folder=tmp_path).returncode == 5
    assert [path.name for path in tmp_path.iterdir()] == ["news.duckdb"]


def test_a_run_that_finds_the_store_busy_is_skipped_and_says_by_whom(serve: Serve) -> None:
    with WriterLock(writer_path(serve.folder / "news.duckdb"), wait=10):
        state = ended(serve.api, start_run(serve.api, "ingest"))
        typed = wirehouse("backfill", "a.txt", folder=serve.folder, WIREHOUSE_LOCK_WAIT="0")
    assert (state["type"], state["name"]) == ("COMPLETED", "Skipped")
    assert f"process {os.getpid()}" in state["message"]
    assert typed.returncode == 4, "who typed it is told as ever"
    assert f"process {os.getpid()}" in typed.stderr


def test_a_run_in_which_no_feed_answers_is_degraded(serve: Serve) -> None:
    serve.canal.failing = True
    state = ended(serve.api, start_run(serve.api, "ingest"))
    serve.canal.failing = False
    assert (state["type"], state["name"]) == ("COMPLETED", "Degraded")


def test_nobody_is_asked_but_this_machine(serve: Serve) -> None:
    # the page of the UI that makes the server download a list, unless it is kept from it
    assert ask(f"{serve.api}/collections/views/aggregate-worker-metadata")
    asked = {host for host, _ in heard(serve.folder / "watch")}
    assert "127.0.0.1" in asked
    assert [host for host in asked if not is_this_machine(host)] == []


def running_with_a_run(serve: Serve) -> dict[int, int]:
    """Start a run that hangs on its feed; return the processes that serve has by then."""
    serve.canal.slow = True
    serve.canal.waited_for.clear()
    start_run(serve.api, "ingest")
    wait_for(serve.canal.waited_for.is_set)
    family = descendants(serve.process.pid)
    assert len(family) >= 3, "the server, the run and what it started"
    return family


def left(family: dict[int, int]) -> list[int]:
    return [pid for pid, begun in family.items() if started(pid) == begun]


def test_sigterm_ends_everything_in_time(serve: Serve) -> None:
    family = running_with_a_run(serve)
    serve.process.send_signal(signal.SIGTERM)
    assert serve.process.wait(END) == 0, serve.said
    wait_for(lambda: not left(family), END)  # Python's own tracker of shared memory ends when its process has
    assert not serving_path(serve.folder / "news.duckdb").exists()
    assert serve.said.endswith("Stopped.\n")
    assert "Traceback" not in serve.said


def test_sigkill_leaves_nothing_behind_and_serve_starts_again(serve: Serve) -> None:
    assert serve.process.poll() is not None, "the test before this one has ended it"
    again = start(serve.folder, serve.canal)
    family = running_with_a_run(again)
    again.process.kill()
    again.process.wait()
    wait_for(lambda: not left(family))
    # what it left beside the store deceives nobody
    assert serving_path(again.folder / "news.duckdb").exists()
    assert report(wirehouse("backfill", "a.txt", "--json", folder=again.folder, PREFECT_HOME="no-such-home"))["engine"] == "direct"
