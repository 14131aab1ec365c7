"""The store's version: numbered SQL files, applied in order, one transaction each, never taken back."""

from importlib.resources import files

import duckdb

from schemas.errors import StoreUnreadableError
from tasks.store.transaction import transaction

Connection = duckdb.DuckDBPyConnection


def migrations() -> list[str]:
    """Return the SQL of every migration in order; number n of the list is version n + 1 of the store."""
    folder = files("tasks.store") / "sql"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [entry.read_text(encoding="utf-8") for entry in found]


def stored_version(con: Connection) -> int:
    """Return the version of an open file, 0 for an empty one.

    Raises StoreUnreadableError for a file that is not ours or was made by a newer Wirehouse.
    """
    tables = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
    if not tables:
        return 0
    if ("internal.schema_version",) not in tables:
        raise StoreUnreadableError(
            "This DuckDB file holds tables but no Wirehouse store, so it is left as it is; choose another path with --store."
        )
    row = con.execute("SELECT coalesce(max(version), 0) FROM internal.schema_version").fetchall()
    version, newest = int(row[0][0]), len(migrations())
    if version > newest:
        raise StoreUnreadableError(
            f"This store has version {version}, and this Wirehouse knows versions up to {newest}; install a newer Wirehouse."
        )
    return version


def migrate(con: Connection) -> int:
    """Return how many migrations were applied to bring an open file to the newest version."""
    version = stored_version(con)
    missing = migrations()[version:]
    for number, sql in enumerate(missing, version + 1):
        with transaction(con):
            con.execute(sql)
            con.execute("INSERT INTO internal.schema_version VALUES (?, now())", [number])
    return len(missing)
