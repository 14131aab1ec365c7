"""A whole export into a fresh store, row by row: what stood in the other store then stands in this one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from schemas.arrival import Batch
from schemas.run import RunCounts
from tasks.costs import Watch
from tasks.export.manifest import ExportedFile, Manifest
from tasks.export.tables import NOT_EXPORTED
from tasks.store.connection import INDEX_BYTES, WRITER_MEMORY
from tasks.store.migrate import Connection, stored_version
from tasks.store.runs import add_to_run
from tasks.store.transaction import transaction

FRESH = ("articles", "documents", "sightings", "removed_articles", "feeds")
"""Tables without a row in a store that nothing has come to yet; what was rejected may stand in others."""
BROKEN = (
    duckdb.ConstraintException,
    duckdb.BinderException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.CatalogException,
)
"""How DuckDB says that the rows of a file are not those of the table."""


class UnfitError(ValueError):
    """Files of an export that are no tables of a store; its argument says why."""


def can_restore(con: Connection, manifest: Manifest) -> bool:
    """Return whether rows can be taken over as they are: a whole export of this version, into a store that nothing has come to yet."""
    if not manifest.whole or manifest.store_version != stored_version(con):
        return False
    return not any(con.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall() for table in FRESH)


def restore(con: Connection, folder: Path, manifest: Manifest, now: datetime) -> None:
    """Put all rows of a whole export into a fresh store, in one transaction, and note in the open run how many articles came so.

    Topics and entities that come with the software stay as this version has them. Raises UnfitError when the files do not fit
    the tables; nothing is kept then.
    """
    watch = Watch()
    given = con.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    room = WRITER_MEMORY + INDEX_BYTES * sum(manifest.rows.values())
    try:
        con.execute(f"SET memory_limit = '{room}B'")
        with transaction(con):
            with watch.stage("restore", manifest.rows.get("articles", 0)):
                for file in manifest.files:
                    _take_over(con, folder, file)
            [(run_id,)] = con.execute("SELECT run_id FROM runs WHERE state = 'running' ORDER BY started_at DESC LIMIT 1").fetchall()
            add_to_run(con, Batch(run_id=run_id, arrivals=(), now=now), RunCounts(), watch.costs)
    except BROKEN as error:
        raise UnfitError(str(error).splitlines()[0][:300]) from error
    finally:
        con.execute(f"SET memory_limit = '{given}'")


def _take_over(con: Connection, folder: Path, file: ExportedFile) -> None:
    tables = con.execute(
        """SELECT if(schema_name = 'main', '', schema_name || '.') || table_name, has_primary_key FROM duckdb_tables()
        WHERE database_name = current_database()"""
    ).fetchall()
    keyed = dict(tables)
    if file.table not in keyed or file.table in NOT_EXPORTED:
        raise UnfitError(f"{file.path}: this store has no table {file.table}")
    empty = not con.execute(f"SELECT 1 FROM {file.table} LIMIT 1").fetchall()
    with opened(folder / file.path) as name:
        rows = f"SELECT * FROM read_parquet('{name}', hive_partitioning = false)"
        if empty or keyed[file.table]:
            verb = "INSERT" if empty else "INSERT OR IGNORE"
            [(count,)] = con.execute(f"{verb} INTO {file.table} BY NAME {rows}").fetchall()
        else:
            con.execute(f"INSERT INTO {file.table} {rows} EXCEPT ALL FROM {file.table}")
            count = file.rows
    if empty and count != file.rows:
        raise UnfitError(f"{file.path}: {count:,} rows in place of {file.rows:,}")


@contextmanager
def opened(file: Path) -> Iterator[str]:
    """Give a name under which DuckDB reads a file: in its own one it would take brackets and stars for a pattern."""
    with file.open("rb") as stream:
        yield f"/dev/fd/{stream.fileno()}"
