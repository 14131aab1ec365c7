"""A query's result as a Parquet file, with the column types of the query."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from schemas.errors import UsageError
from tasks.store.connection import OFFLINE
from tasks.store.migrate import Connection
from tasks.store.query import Answer

NO_TYPE = '"NULL"'  # what DuckDB calls the type of a bare NULL; no table can have it


def write_parquet(answer: Answer, rows: Iterable[Sequence[Any]], target: Path) -> None:
    """Write a query's rows to a file, compressed with zstd; raises UsageError when it cannot be written.

    The reading connection may not touch files, so the rows go through a second one that holds nothing else.
    """
    con = duckdb.connect(":memory:", config=dict(OFFLINE))
    try:
        con.execute(f"CREATE TABLE answer ({', '.join(_declared(answer))})")
        with con.appender("answer") as appender:
            appender.append_rows(rows)
        _copy(con, target)
    finally:
        con.close()


def _copy(con: Connection, target: Path) -> None:
    try:
        con.execute(f"COPY answer TO {_literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.IOException as error:
        raise UsageError(f"{target} cannot be written: {str(error).splitlines()[0]}") from error


def _declared(answer: Answer) -> Iterator[str]:
    for name, kind in zip(answer.columns, answer.types, strict=True):
        yield f"{_quoted(name)} {'VARCHAR' if kind == NO_TYPE else kind}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
