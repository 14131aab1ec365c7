"""docs/schema.md, written from the comments that the store itself carries: python -m tasks.store.describe > docs/schema.md."""

import sys

import duckdb

from tasks.store.migrate import Connection, migrate

HEAD = """# The store

Generated from the comments in the store itself; change those in `tasks/store/sql/` and run `make docs`.
Times are TIMESTAMPTZ in UTC. Ids are UUIDs derived from content or URL, so the same article has the same id in every store.
Everything in schema `internal` is the loader's own and may change with any version.
"""


def describe(con: Connection) -> str:
    """Return the public tables and views of a store with their columns, and its table macros, as Markdown."""
    relations = con.execute(
        """SELECT table_name, comment, 'Table' FROM duckdb_tables() WHERE schema_name = 'main'
        UNION ALL SELECT view_name, comment, 'View' FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal ORDER BY 3, 1"""
    ).fetchall()
    macros = con.execute(
        """SELECT function_name, parameters, comment FROM duckdb_functions()
        WHERE schema_name = 'main' AND function_type = 'table_macro' AND NOT internal ORDER BY 1"""
    ).fetchall()
    return HEAD + "".join(_relation(con, *relation) for relation in relations) + "".join(_macro(*macro) for macro in macros)


def _macro(name: str, parameters: list[str], comment: str) -> str:
    return f"\n## {name}({', '.join(parameters)})\nTable macro. {comment}\n"


def _relation(con: Connection, name: str, comment: str, kind: str) -> str:
    columns = con.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = ? ORDER BY column_index",
        [name],
    ).fetchall()
    rows = "".join(f"| `{column}` | {data_type} | {about} |\n" for column, data_type, about in columns)
    return f"\n## {name}\n{kind}. {comment}\n\n| column | type | meaning |\n| --- | --- | --- |\n{rows}"


def main() -> None:
    """Write the documentation of an empty, new store to stdout."""
    con = duckdb.connect(":memory:")
    migrate(con)
    sys.stdout.write(describe(con))


if __name__ == "__main__":
    main()
