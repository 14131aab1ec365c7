"""Rows on their way out: a table for people, or one of the formats that other tools read."""

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from schemas.errors import UsageError

Format = Literal["table", "csv", "json", "jsonl", "markdown", "parquet"]
Row = Sequence[Any]

PIPE_WIDTH = 10_000


def print_json(value: Any) -> None:
    """Write one JSON document to stdout, and nothing else."""
    sys.stdout.write(json.dumps(_jsonable(value), ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Row], title: str | None = None) -> None:
    """Write a table for people to stdout, a block a row where a terminal is too narrow for it."""
    from rich.console import Console

    from flows.layout import lay_out

    # folded to fit a terminal; in a pipe or a file nobody is helped by that
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(lay_out(columns, [[_cell(value) for value in row] for row in rows], title, console.width))


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
        try:
            with target.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror}.") from error


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
        yield _dumps(dict(zip(columns, row, strict=True))) + "\n"


def markdown_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield a table as Markdown, line by line."""
    yield _markdown_row(columns) + f"|{' --- |' * len(columns)}\n"
    for row in rows:
        yield _markdown_row(row)


def _markdown_row(row: Row) -> str:
    cells = (_cell(value).replace("|", "\\|").replace("\n", " ") for value in row)
    return f"| {' | '.join(cells)} |\n"


def _text_table(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    kept = [list(columns), *([_cell(value).replace("\n", " ") for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in kept)


_WRITERS: dict[str, Callable[[Sequence[str], Iterable[Row]], Iterator[str]]] = {
    "table": _text_table,
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "markdown": markdown_lines,
}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"  # the digits that a double surely has
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, list | dict):
        return _dumps(value)
    return value.hex() if isinstance(value, bytes) else value


def _dumps(value: Any) -> str:
    return json.dumps(_jsonable(value), ensure_ascii=False)


def _jsonable(value: Any) -> Any:
    """Return the nearest that JSON can say: no number for NaN and infinity, text for dates, ids and bytes."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return _jsonable(int(value) if value == value.to_integral_value() else float(value))
        case dict():
            return {str(_jsonable(key)): _jsonable(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [_jsonable(item) for item in value]
        case _:
            return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date
