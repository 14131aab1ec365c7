"""Other people's SQL: one read-only statement, with a time limit, over the published copy."""

import threading
from collections.abc import Iterator
from typing import Any

import duckdb

from schemas.errors import UsageError, WirehouseError
from schemas.record import Record
from tasks.store.migrate import Connection

CHUNK = 2048  # rows; DuckDB's own vector size
ALLOWED = frozenset({"SELECT", "EXPLAIN", "MULTI"})  # MULTI is how DuckDB types PIVOT
HINT = "wirehouse sql answers one SELECT (or FROM, WITH, VALUES, SHOW, DESCRIBE, SUMMARIZE, EXPLAIN, PIVOT) at a time"


class Answer(Record):
    """The columns of a query's result and their DuckDB types."""

    columns: tuple[str, ...]
    types: tuple[str, ...]


def check_statement(con: Connection, sql: str) -> None:
    """Refuse with UsageError what is not exactly one query: DuckDB runs every statement of a string."""
    try:
        found = con.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"The query cannot be parsed. {error}") from error
    if len(found) != 1:
        raise UsageError(f"There are {len(found)} statements in the query; {HINT}.")
    kind = found[0].type.name
    if kind not in ALLOWED:
        raise UsageError(f"{kind} is refused, because the store is read-only; {HINT}.")


def run_query(con: Connection, sql: str, timeout: float) -> tuple[Answer, Iterator[tuple[Any, ...]]]:
    """Return the columns and a stream of the rows of one query; raise UsageError for what is no query or fails.

    `timeout` is in seconds and counts until the last row is taken.
    """
    check_statement(con, sql)
    timer = threading.Timer(timeout, con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        result = con.execute(sql)
        described = result.description or ()
    except duckdb.Error as error:
        timer.cancel()
        raise _plain(error, timeout) from error
    answer = Answer(columns=tuple(column[0] for column in described), types=tuple(str(column[1]) for column in described))
    return answer, _rows(con, timer, timeout)


def _rows(con: Connection, timer: threading.Timer, timeout: float) -> Iterator[tuple[Any, ...]]:
    try:
        while chunk := con.fetchmany(CHUNK):
            yield from chunk
    except duckdb.Error as error:
        raise _plain(error, timeout) from error
    finally:
        timer.cancel()


def _plain(error: duckdb.Error, timeout: float) -> WirehouseError:
    if isinstance(error, duckdb.InterruptException):
        return WirehouseError(f"The query was stopped after {timeout:g} seconds; make it smaller, or raise WIREHOUSE_SQL_TIMEOUT.")
    if isinstance(error, duckdb.PermissionException):
        return UsageError("Files, addresses and settings are out of reach here: a query sees the store and nothing else.")
    return UsageError(f"The query cannot be answered. {error}")
