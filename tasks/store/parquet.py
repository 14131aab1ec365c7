"""A query's result as a Parquet file, with the column types of the query."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tasks.store.connection import OFFLINE
from tasks.store.query import Answer

NO_TYPE = '"NULL"'  # what DuckDB calls the type of a bare NULL; no table can have it


def write_parquet(answer: Answer, rows: Iterable[Sequence[Any]], target: Path) -> None:
    """Write a query's rows to a file, compressed with zstd; a column name that comes twice gets a number.

    The reading connection may not touch files, so the rows go through a second one that holds nothing else.
    """
    con = duckdb.connect(":memory:", config=dict(OFFLINE))
    try:
        con.execute(f"CREATE TABLE answer ({', '.join(_declared(answer))})")
        with con.appender("answer") as appender:
            appender.append_rows(rows)
        con.execute(f"COPY answer TO {_literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    finally:
        con.close()


def _declared(answer: Answer) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for name, kind in zip(answer.columns, answer.types, strict=True):
        seen[name.lower()] += 1
        label = name if seen[name.lower()] == 1 else f"{name}_{seen[name.lower()]}"
        yield f"{_quoted(label)} {'VARCHAR' if kind == NO_TYPE else kind}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
