"""Stores of today's version without a row, quickly: migrated once in a test process, then copied."""

import tempfile
from functools import cache
from pathlib import Path

import duckdb

from tasks.store.migrate import Connection, migrate


def new_store(path: Path | None = None) -> Connection:
    """Return a connection, its clock in UTC, to a new store at this path; in memory without one."""
    if path is not None:
        path.write_bytes(_migrated())
        con = duckdb.connect(str(path))
    else:
        con = _in_memory()
    con.execute("SET TimeZone = 'UTC'")
    return con


def _in_memory() -> Connection:
    con = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.duckdb"
        path.write_bytes(_migrated())
        con.execute(f"ATTACH '{path}' AS migrated (READ_ONLY)")
        con.execute("COPY FROM DATABASE migrated TO memory")
        con.execute("DETACH migrated")
    return con


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.duckdb"
        with duckdb.connect(str(path)) as con:
            migrate(con)
        return path.read_bytes()
