"""The command line as a user has it, and what a store holds apart from the times of its runs."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, Any

import duckdb

ROOT = Path(__file__).parents[2]
WIREHOUSE = Path(sys.executable).with_name("wirehouse")
PATIENCE = 300  # seconds
VOLATILE = {"run_id", "first_seen_at", "last_seen_at", "seen_at", "assigned_at", "logged_at", "at_stage_time"}
"""Columns that say when, not what."""


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would decide about Wirehouse or Prefect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WIREHOUSE_", "PREFECT_"))}
    return kept | {"NO_COLOR": "1", "COLUMNS": "200", "PREFECT_HOME": "no-such-home"} | more


def installed(*arguments: object, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Return what the installed command wrote and its exit code, run in a folder."""
    return subprocess.run(
        [WIREHOUSE, *map(str, arguments)],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def wirehouse(*arguments: object, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Return the same of a process that did not have to load it all anew (tests/flows/forked.py)."""
    request = {"arguments": [str(argument) for argument in arguments], "folder": str(folder), "environ": environment(**more)}
    with _file() as asked, _file() as out, _file() as errors:
        json.dump(request, asked)
        asked.seek(0)
        code = _ask([asked, out, errors])
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(request["arguments"], code, out.read(), errors.read())


def _file() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8")


def _ask(files: list[IO[str]]) -> int:
    line = _line()
    try:
        socket.send_fds(line, [b"\n"], [file.fileno() for file in files])
        answer = line.makefile().readline()
    except TimeoutError:
        _line.cache_clear()  # whatever it still answers was not asked by others
        raise
    assert answer, "the process that commands are forked from has ended"
    return int(answer)


@cache
def _line() -> socket.socket:
    """Return the line to the process that commands are forked from; it ends when the line does."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    with theirs:
        command = [sys.executable, "-m", "tests.flows.forked", str(theirs.fileno())]
        _started.append(subprocess.Popen(command, cwd=ROOT, env=environment(), pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL))
    return ours


_started: list[subprocess.Popen[bytes]] = []
"""Kept: one that is forgotten while it runs is a warning."""


def report(done: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON document on stdout, after checking that nothing went wrong."""
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def counts(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return the counts of a run's report that are not nought."""
    return {name: count for name, count in report(done)["counts"].items() if count}


def public_rows(store: Path, leave_out: tuple[str, ...] = ("runs",)) -> dict[str, list[str]]:
    """Return every public table's rows as sorted text, without the columns that say when."""
    with duckdb.connect(str(store), read_only=True) as con:
        tables = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall()]
        return {table: _rows(con, table) for table in tables if table not in leave_out}


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    described = con.execute(f"DESCRIBE {table}").fetchall()
    columns = ", ".join(f'"{row[0]}"' for row in described if row[0] not in VOLATILE)
    return sorted(map(repr, con.execute(f"SELECT {columns} FROM {table}").fetchall()))
