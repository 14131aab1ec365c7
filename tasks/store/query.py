"""Other people's SQL: one read-only statement, with a time limit, over the published copy."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from schemas.errors import UsageError, WirehouseError
from schemas.record import Record
from tasks.store.migrate import Connection

CHUNK = 2048  # rows; DuckDB's own vector size
ALLOWED = frozenset({"SELECT", "EXPLAIN", "MULTI"})  # MULTI is how DuckDB types PIVOT
HINT = "wirehouse sql answers one SELECT (or FROM, WITH, VALUES, SHOW, DESCRIBE, SUMMARIZE, EXPLAIN, PIVOT) at a time"


class Answer(Record):
    """The columns of a query's result, each name once, and their DuckDB types."""

    columns: tuple[str, ...]
    types: tuple[str, ...]


def check_statement(con: Connection, sql: str) -> None:
    """Refuse with UsageError what is not exactly one query: DuckDB runs every statement of a string."""
    try:
        found = con.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"The query cannot be parsed. {error}") from error
    if len(found) != 1:
        many = f"There are {len(found)} statements" if found else "There is no statement"
        raise UsageError(f"{many} in the query; {HINT}.")
    try:
        kind = found[0].type.name
    except ValueError:  # a statement that DuckDB's Python client has no name for, such as UPDATE EXTENSIONS
        kind = "This statement"
    if kind not in ALLOWED:
        word = sql.split(maxsplit=1)[0].upper()
        raise UsageError(f"{word if word.isalpha() else kind} is refused, because the store is read-only; {HINT}.")


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
    answer = Answer(columns=_distinct([column[0] for column in described]), types=tuple(str(column[1]) for column in described))
    return answer, _rows(con, timer, timeout)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with a number behind those that stand there already: `a`, `a_2`. Case does not tell names apart."""
    chosen: dict[str, str] = {}
    for name in names:
        numbered = (f"{name}_{n}" for n in itertools.count(2))
        free = next(one for one in itertools.chain([name], numbered) if one.lower() not in chosen)
        chosen[free.lower()] = free
    return tuple(chosen.values())


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
    if isinstance(error, duckdb.OutOfMemoryException):
        return UsageError("The query needs more memory than a query may have here (512 MB); take fewer rows or columns at a time.")
    if isinstance(error, duckdb.PermissionException):
        return UsageError("Files, addresses and settings are out of reach here: a query sees the store and nothing else.")
    return UsageError(f"The query cannot be answered. {error}")
