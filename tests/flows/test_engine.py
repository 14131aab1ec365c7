"""Which engine a run takes: what is configured, what is written beside the store, and what of that is believed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.engine import Serving, configured_api, default_engine, find_serving, serving_path
from flows.processes import descendants, end_all, started
from tests.site.server import Seen, Server, response

PROFILES = 'active = "team"\n[profiles.team]\nPREFECT_API_URL = "http://team.example/api"\n[profiles.none]\n'


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))


@pytest.fixture
def api() -> Iterator[str]:
    """What answers like a healthy Prefect server."""

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        healthy = seen.path == "/api/health"
        writer.write(response(b"true" if healthy else b"", "200 OK" if healthy else "404 Not Found"))

    with Server(answer) as server:
        yield f"{server.url}/api"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "news.duckdb"


def write(store: Path, api: str, pid: int, begun: int | None = None) -> None:
    serving = Serving(api=api, pid=pid, started=begun or started(pid) or 0)
    serving_path(store).write_text(serving.model_dump_json(), encoding="utf-8")


def test_nothing_configured_is_direct(store: Path) -> None:
    assert default_engine(store) == "direct"


@pytest.mark.parametrize(("value", "engine"), [("http://somewhere.example/api", "prefect"), ("", "direct")])
def test_the_environment_comes_first(store: Path, monkeypatch: pytest.MonkeyPatch, api: str, value: str, engine: str) -> None:
    write(store, api, os.getpid())
    monkeypatch.setenv("PREFECT_API_URL", value)
    assert default_engine(store) == engine


@pytest.mark.parametrize(("profile", "found"), [(None, "http://team.example/api"), ("none", None), ("missing", None)])
def test_the_active_profile_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str | None, found: str | None) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "profiles.toml").write_text(PROFILES, encoding="utf-8")
    if profile:
        monkeypatch.setenv("PREFECT_PROFILE", profile)
    assert configured_api() == found


def test_a_broken_profile_is_none(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "profiles.toml").write_text("active = [", encoding="utf-8")
    assert configured_api() is None


def test_a_running_serve_of_this_store_is_used(store: Path, api: str) -> None:
    write(store, api, os.getpid())
    assert default_engine(store) == "prefect"
    assert default_engine(store.with_name("other.duckdb")) == "direct"


def test_a_dead_serve_is_not_believed(store: Path, api: str) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    write(store, api, ended.pid, begun=1)
    assert find_serving(store) is None


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="when a process started is not known here")
def test_another_process_with_its_number_is_not_believed(store: Path, api: str) -> None:
    write(store, api, os.getpid(), begun=(started(os.getpid()) or 0) - 1)
    assert find_serving(store) is None


@pytest.mark.parametrize("api", ["http://127.0.0.1:9/api", "http://127.0.0.1:0/api", "nonsense", ""])
def test_a_serve_that_does_not_answer_is_not_believed(store: Path, api: str) -> None:
    write(store, api, os.getpid())
    assert find_serving(store) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"api": "x"}', '{"api": "x", "pid": "y", "started": 0}', "\x00" * 100])
def test_a_broken_note_is_none(store: Path, content: str) -> None:
    serving_path(store).write_text(content, encoding="utf-8")
    assert find_serving(store) is None


FAMILY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"], stdout=sys.stdout)
child.wait()
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="who stems from whom is not known here")
def test_what_stems_from_a_process_ends_with_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()  # the grandchild runs
    family = descendants(os.getpid()) | {parent.pid: started(parent.pid) or 0}
    mine = {pid: begun for pid, begun in family.items() if pid in {parent.pid, *descendants(parent.pid)}}
    assert len(mine) == 2
    end_all(mine, seconds=0)
    parent.wait()
    parent.stdout.read()  # to its end: the last one that holds it is gone
    parent.stdout.close()
    assert started(parent.pid) is None


BOUND = """
import subprocess, sys
code = "from flows.processes import end_with; import os, time; end_with(os.getppid()); print(flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code])
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds a process to its parent")
def test_a_bound_process_dies_with_its_parent_however_that_ends() -> None:
    parent = subprocess.Popen([sys.executable, "-c", BOUND], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    parent.kill()
    parent.wait()
    assert parent.stdout.read() == b""  # which returns when the child has gone as well
    parent.stdout.close()


def test_a_process_whose_parent_is_gone_already_ends_at_once() -> None:
    code = "from flows.processes import end_with; end_with(1); print('here')"
    orphan = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (orphan.returncode, orphan.stdout) == (1, b"")
