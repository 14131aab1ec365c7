"""Rows on their way out: a table for people, or one of the formats that other tools read."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

Format = Literal["table", "csv", "json", "jsonl", "markdown", "parquet"]
FORMATS = get_args(Format)
Row = Sequence[Any]

PIPE_WIDTH = 10_000


def print_json(value: Any) -> None:
    """Write one JSON document to stdout, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_jsonable) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Row], title: str | None = None) -> None:
    """Write a table for people to stdout; wide cells are folded."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, title=title, title_justify="left", box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    # folded to fit a terminal; in a pipe or a file nobody is helped by that
    Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def write_rows(columns: Sequence[str], rows: Iterable[Row], form: Format, target: Path | None) -> None:
    """Write a query's result in a text format to a file, or to stdout when there is none.

    Parquet is not text: see tasks/store/parquet.py.
    """
    if form == "table" and target is None:
        print_table(columns, rows)
        return
    pieces = _WRITERS[form](columns, rows)
    if target is None:
        sys.stdout.writelines(pieces)
    else:
        with target.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    for row in (columns, *([_plain(value) for value in row] for row in rows)):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _json(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    lead = "["
    for line in _jsonl(columns, rows):
        yield f"{lead}\n  {line.rstrip()}"
        lead = ","
    yield "\n]\n" if lead == "," else "[]\n"


def _jsonl(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=_jsonable) + "\n"


def _markdown(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"
    for row in rows:
        cells = (_cell(value).replace("|", "\\|").replace("\n", " ") for value in row)
        yield f"| {' | '.join(cells)} |\n"


def _text_table(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    kept = [list(columns), *([_cell(value).replace("\n", " ") for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in kept)


_WRITERS: dict[str, Callable[[Sequence[str], Iterable[Row]], Iterator[str]]] = {
    "table": _text_table,
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "markdown": _markdown,
}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return json.dumps(value, ensure_ascii=False, default=_jsonable) if isinstance(value, list | dict) else value


def _jsonable(value: Any) -> Any:
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
