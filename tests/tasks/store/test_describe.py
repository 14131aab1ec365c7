from pathlib import Path

import duckdb

from tasks.store.describe import describe
from tasks.store.migrate import migrate

SCHEMA = Path(__file__).parents[3] / "docs" / "schema.md"


def test_the_schema_page_is_what_the_store_says_of_itself() -> None:
    con = duckdb.connect(":memory:")
    migrate(con)
    assert SCHEMA.read_text("utf-8") == describe(con), "run: make docs"
