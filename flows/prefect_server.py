"""A local Prefect server, as a child process that cannot outlive this one and speaks to this machine only."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from flows.engine import is_healthy
from flows.processes import descendants, end_all
from schemas.errors import UsageError, WirehouseError

USUAL_PORT = 4200  # where Prefect users look for the UI
STARTUP = 150.0  # seconds; with a new database and a busy machine 41 were seen
ASK_EVERY = 0.2  # seconds between two questions whether the server is up
LOOSE_ENDS = 0.5  # seconds that what the server started may take longer than the server
GRACE = 2.0  # seconds the server has to close its database
KEPT_DAYS = 30  # of flow runs: 96 a day would fill the server's database in the end
NOWHERE = "http://127.0.0.1:9"  # the discard port: where nobody listens, connections are refused at once


class PrefectServer:
    """A Prefect server with its database and its log in a folder; a context manager that ends it."""

    def __init__(self, home: Path, host: str, port: int | None) -> None:
        self.home, self._host, self._port = home.absolute(), host, free_port(host, port)
        # a server for all addresses is still asked on this machine's own
        self.url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{self._port}"
        self.api = f"{self.url}/api"

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        # flows.processes binds the server to this process before Prefect is imported there
        command = [sys.executable, "-m", "flows.processes", str(os.getpid()), "server", "start", "--host", self._host]
        with self._log.open("wb") as log:
            # its own session: Ctrl-C is for this process, which then ends the server in its turn
            self._process = subprocess.Popen(
                [*command, "--port", str(self._port)],
                env={**os.environ, **server_environment(self.home, self.api)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        family = descendants(self._process.pid)  # the server proper is its child
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        end_all(family, LOOSE_ENDS)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def check(self) -> None:
        """Raise WirehouseError when the server has ended."""
        if self._process.poll() is not None:
            lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
            last = " ".join(line.strip() for line in lines if line.strip().strip("─│╭╮╰╯ "))[-300:]
            raise WirehouseError(f"The Prefect server ended ({last or 'without a word'}); its log is {self._log}.")

    def wait_until_healthy(self, told_to_stop: threading.Event) -> None:
        """Return when the server answers, or we are told to stop; raises WirehouseError when it ends or takes too long."""
        for _ in range(int(STARTUP / ASK_EVERY)):
            if told_to_stop.wait(ASK_EVERY) or is_healthy(self.api):
                return
            self.check()
        raise WirehouseError(f"The Prefect server did not answer within {STARTUP:.0f} seconds; its log is {self._log}.")

    @property
    def _log(self) -> Path:
        return self.home / "server.log"


def server_environment(home: Path, api: str) -> dict[str, str]:
    """Return what the environment of the server says beside ours.

    Analytics are off, also in the UI's pages. One page of the UI makes the server download a list of integrations, and
    falls back on the one it brings: a proxy that is not there keeps every connection of its HTTP clients on this machine.
    """
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), NOWHERE) | {"no_proxy": "127.0.0.1,localhost,::1"}
    kept = str(KEPT_DAYS * 24 * 3600)
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api,
        "PREFECT_LOGGING_LEVEL": "WARNING",  # its log must not grow for ever
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": kept,
        **proxies,
        **{name.upper(): value for name, value in proxies.items()},
    }


def free_port(host: str, wanted: int | None) -> int:
    """Return the port that is wanted; when none is, Prefect's usual one if it is free, else any that is.

    Raises UsageError for a port that is taken or a host that is not this machine.
    """
    for port in (USUAL_PORT, 0) if wanted is None else (wanted,):
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will: what has just been closed is free
                probe.bind((host, port))
                return int(probe.getsockname()[1])
        except OSError as error:
            refused = error
    place, option = (host, "--host") if wanted is None else (f"{host}, port {wanted}", "--port")
    raise UsageError(f"The server cannot listen on {place}: {refused.strerror}; choose another {option}.") from refused
