"""What a file of a store holds, to compare a copy with what it was made of."""

from pathlib import Path

import duckdb

from schemas.errors import WirehouseError
from tasks.store.connection import OFFLINE, connect

NAMES = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"


def row_counts(file: Path) -> dict[str, int]:
    """Return the number of rows of every table in a closed file, internal ones too; it is opened read-only."""
    with connect(file, read_only=True, config=OFFLINE) as con:
        tables = [f'"{schema}"."{table}"' for schema, table in con.execute(NAMES).fetchall()]
        return {table: con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}


def check_same_rows(file: Path, copy: Path) -> None:
    """Raise WirehouseError unless a copy opens and every table in it has as many rows as in the file."""
    try:
        expected, found = row_counts(file), row_counts(copy)
    except (duckdb.Error, WirehouseError) as error:
        raise WirehouseError(f"The copy {copy} cannot be read, so it is not used: {str(error).splitlines()[0]}.") from error
    wrong = sorted(table for table in expected.keys() | found.keys() if expected.get(table) != found.get(table))
    if wrong:
        raise WirehouseError(f"The copy {copy} does not hold what {file} does, so it is not used; look at: {', '.join(wrong)}.")
