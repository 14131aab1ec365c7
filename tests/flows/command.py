"""The command line as a user has it, and what a store holds apart from the times of its runs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

WIREHOUSE = Path(sys.executable).with_name("wirehouse")
VOLATILE = {"run_id", "first_seen_at", "last_seen_at", "seen_at", "assigned_at", "logged_at", "at_stage_time"}
"""Columns that say when, not what."""


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would decide about Wirehouse or Prefect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WIREHOUSE_", "PREFECT_"))}
    return kept | {"NO_COLOR": "1", "COLUMNS": "200", "PREFECT_HOME": "no-such-home"} | more


def wirehouse(*arguments: object, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Return what the command wrote and its exit code, run in a folder."""
    return subprocess.run(
        [WIREHOUSE, *map(str, arguments)], cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=300, check=False
    )


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
