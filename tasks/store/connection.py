"""Opening the store: the writer's file for one process, the published copy for everybody."""

import time
from collections.abc import Mapping
from pathlib import Path

import duckdb

from schemas.errors import StoreBusyError, StoreUnreadableError, UsageError
from schemas.settings import Settings, writer_path
from tasks.store.files import check_file, lock_path
from tasks.store.migrate import Connection, migrations, stored_version
from tasks.store.replace import replace_file

OFFLINE = {
    "autoinstall_known_extensions": "false",  # a query that names s3:// or stem() would try the network
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",  # a table name must never resolve to a Python variable
}
READ_ONLY = OFFLINE | {
    "threads": "1",
    "memory_limit": "512MB",
    "enable_external_access": "false",
    "temp_directory": "",
    "max_temp_directory_size": "0GB",
}


OPENING_MEMORY = "2GB"  # a ceiling for the log of a run that was killed, which is read before the number of rows is known
WRITER_MEMORY = 192_000_000
"""Bytes that DuckDB may fill beside its indexes. It keeps every block it has met until this is full, so it decides how far a long
run grows; 192 MB cost no time against 512 in a store of 400,000 articles, 56 were too little for a batch."""
INDEX_BYTES = 64
"""Bytes more for each row of a table with a key: the part of an index that a batch changes stays in memory until the next
checkpoint, and keys that are hashes change all of it. 44 were measured."""
MEGABYTE = 1_000_000
FIRST_PUBLICATION = 5.0  # seconds; a new store is made and published in less than one


def open_writer(settings: Settings) -> Connection:
    """Return a connection to the writer's file, made from the published copy or anew when it is missing.

    The caller holds the WriterLock. Raises StoreUnreadableError when either file is not ours, StoreBusyError when a
    process that does not know our lock holds the file.
    """
    if not check_file(settings.writer_store) and check_file(settings.store):
        replace_file(settings.store, settings.writer_store)
    con = connect(settings.writer_store, read_only=False, config=OFFLINE | {"memory_limit": OPENING_MEMORY})
    con.execute("SET TimeZone = 'UTC'")
    given = settings.store_memory
    con.execute(f"SET memory_limit = '{given * MEGABYTE if given else WRITER_MEMORY + INDEX_BYTES * _indexed_rows(con)}B'")
    return con


def _indexed_rows(con: Connection) -> int:
    rows = con.execute("SELECT coalesce(sum(estimated_size), 0)::BIGINT FROM duckdb_tables() WHERE has_primary_key").fetchall()
    return int(rows[0][0])


def open_reader(store: Path) -> Connection:
    """Return a read-only connection that sees nothing but the published copy: no files, no network, no settings.

    Raises UsageError when there is no store yet, StoreUnreadableError when the file is not ours.
    """
    if not _appears(store):
        raise UsageError(absent(store))
    con = connect(store, read_only=True, config=READ_ONLY)
    try:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET lock_configuration = true")  # last: from here on no query can open what is closed above
        if not stored_version(con):
            raise StoreUnreadableError(f"{store} is an empty DuckDB file and no store of ours; choose another path with --store.")
    except StoreUnreadableError:
        con.close()
        raise
    except duckdb.Error as error:
        con.close()
        raise StoreUnreadableError(damaged(store, error)) from error
    return con


def open_current(store: Path) -> Connection:
    """Return a reader of a store of today's version; UsageError says how an older one is brought up to date."""
    con = open_reader(store)
    if stored_version(con) < len(migrations()):
        con.close()
        raise UsageError(f"{store} was made by an older Wirehouse; bring it up to date with: wirehouse maintain")
    return con


def check_ours(settings: Settings) -> None:
    """Raise StoreUnreadableError when one of the two files is there and not ours."""
    if not check_file(settings.writer_store) and check_file(settings.store):
        open_reader(settings.store).close()


def check_there(settings: Settings) -> None:
    """Raise UsageError when no file of the store is there, nor a first run that makes one: what cares for a store makes none."""
    writer = settings.writer_store
    if not any(path.exists() for path in (settings.store, writer, lock_path(writer))):
        raise UsageError(absent(settings.store))


def absent(store: Path) -> str:
    """Return what to tell a person who asks for a store that is not there."""
    return f"There is no store at {store} yet; fill one with: wirehouse backfill PATH, or: wirehouse feeds add URL"


def is_store_file(path: Path, store: Path) -> bool:
    """Return whether a path is one of the files of a store: the published copy, the writer's file or its lock."""
    writer = writer_path(store)
    return path.resolve() in {one.resolve() for one in (store, writer, lock_path(writer))}


def _appears(store: Path) -> bool:
    """Return whether there is a store, after waiting a moment for the one that a first run is about to publish."""
    lock = lock_path(writer_path(store))
    give_up = time.monotonic() + (FIRST_PUBLICATION if lock.exists() else 0.0)
    while not check_file(store):
        if time.monotonic() >= give_up:
            return False
        time.sleep(0.05)
    return True


def damaged(path: Path, error: duckdb.Error) -> str:
    """Return what to tell a person about a file that DuckDB cannot read."""
    return f"{path} cannot be opened, it may be damaged: {str(error).splitlines()[0]}. The other file of the store may be whole; keep both."


def connect(path: Path, *, read_only: bool, config: Mapping[str, str]) -> Connection:
    """Return a DuckDB connection; DuckDB's failures come as StoreBusyError or StoreUnreadableError."""
    try:
        return duckdb.connect(str(path), read_only=read_only, config=dict(config))
    except duckdb.Error as error:
        if "Conflicting lock" in str(error):
            raise StoreBusyError(f"{path} is held by another process: {str(error).splitlines()[0]}") from error
        raise StoreUnreadableError(damaged(path, error)) from error
