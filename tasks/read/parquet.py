"""Parquet files: each row is a document, handed on as one JSON object, so that its columns are named as the keys of JSON Lines are.

DuckDB reads them, row group by row group: the store needs it anyway. It is given this one file and nothing else.
"""

import json
from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from tasks.read.piece import MAX_DOCUMENT, Item, Piece, Trouble
from tasks.read.stream import Budget

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_COLUMNS = 1_000
"""Columns of a table of articles; the widest dumps have some 60. Each costs memory in every row group."""
CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "1",
    "memory_limit": "700MB",  # a page of each column is held at a time: 1 MB as most programs write them, up to 100 MB as DuckDB does
    "temp_directory": "",
    "max_temp_directory_size": "0GB",
}
"""No network, no files, one core, bounded memory."""
AT_ONCE = 20
"""Rows fetched at a time; each may hold a whole page."""
PLAIN = frozenset(
    {"VARCHAR", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}
)
"""Types whose values are the same in JSON."""
NESTED = ("STRUCT", "MAP", "UNION")


class Column(NamedTuple):
    """A column: its name and its type as DuckDB names it."""

    name: str
    kind: str

    @property
    def is_nested(self) -> bool:
        """Whether its values are lists or objects."""
        return self.kind.startswith(NESTED) or self.kind.endswith("]")

    @property
    def expression(self) -> str:
        """What is selected of it: dates come in ISO 8601, lists and objects as JSON."""
        quoted = '"' + self.name.replace('"', '""') + '"'
        if self.kind in PLAIN or self.kind == "BLOB":
            return quoted
        return f"to_json({quoted})" if self.is_nested else f"CAST({quoted} AS VARCHAR)"

    def value(self, found: Any) -> Any:
        """Return a value as JSON has it; the bytes of a column without a declared encoding are decoded as a page's are."""
        if isinstance(found, bytes):
            from tasks.clean.decode import decode

            return decode(found)
        return json.loads(found) if self.is_nested and found is not None else found


def read_parquet(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
    """Yield a document for each row, as one JSON object; its place is the number of the row.

    The stream is moved along, so that its position shows how far reading has come. ValueError where the file is damaged.
    """
    import duckdb

    try:
        name = f"/dev/fd/{stream.fileno()}"  # in the file's own name, DuckDB would take brackets and stars for a pattern
    except OSError:
        yield Trouble("", "nested_archive", "a Parquet file inside an archive is not opened; unpack it first")
        return
    try:
        with _closed_room(name) as con:
            yield from _rows(con, name, skip, stream)
    except duckdb.Error as error:
        raise ValueError(f"{str(error).splitlines()[0].replace(name, 'it'):.300}") from error


def _closed_room(name: str) -> "DuckDBPyConnection":
    """Return a database in memory that can read this file and nothing else."""
    import duckdb

    con = duckdb.connect(":memory:", config=dict(CONFIG))
    for setting in (f"allowed_paths = ['{name}']", "enable_external_access = false", "TimeZone = 'UTC'", "lock_configuration = true"):
        con.execute(f"SET {setting}")
    return con


def _rows(con: "DuckDBPyConnection", name: str, skip: int, stream: BinaryIO) -> Iterator[Item]:
    size = stream.seek(0, 2)
    columns = [Column(row[0], row[1]) for row in con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [name]).fetchall()]
    total = con.execute("SELECT num_rows FROM parquet_file_metadata(?)", [name]).fetchall()[0][0]
    if len(columns) > MOST_COLUMNS:
        yield Trouble("", "too_large", f"{len(columns):,} columns; {MOST_COLUMNS:,} are read")
        return
    if not total:
        yield Trouble("", "empty", "there is no row in it")
        return
    yield from repeat(None, min(skip, total))
    wanted = ", ".join(column.expression for column in columns)
    con.execute(f"SELECT {wanted} FROM read_parquet(?, file_row_number = true) WHERE file_row_number >= ?", [name, skip])
    budget = Budget(size)
    for number, row in enumerate(_fetched(con), skip + 1):
        stream.seek(size * number // total)
        item = _document(number, columns, row)
        budget.spend(len(item.body) if isinstance(item, Piece) else 0)
        yield item


def _fetched(con: "DuckDBPyConnection") -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(AT_ONCE):
        yield from rows


def _document(number: int, columns: list[Column], row: tuple[Any, ...]) -> Piece | Trouble:
    held = {column.name: column.value(value) for column, value in zip(columns, row, strict=True) if value is not None}
    body = json.dumps(held, ensure_ascii=False).encode("utf-8", "replace")
    if len(body) > MAX_DOCUMENT:
        return Trouble(f"#{number}", "too_large", f"the row has more than {MAX_DOCUMENT:,} bytes")
    return Piece(f"#{number}", body, "application/json")
