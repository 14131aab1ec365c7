"""A small store on disk, both files of it, filled as a run fills it; and everything that a file holds."""

import tempfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from schemas.arrival import Arrival
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.store.finish import finish_run
from tasks.store.load import load
from tasks.store.runs import start_run
from tasks.store.writer import Writer
from tests.tasks.store.build import NOW, RUN, batch, document, labelled, stamp
from tests.tasks.store.shelf import prose

ARTICLES = 30


def small_store(folder: Path, **more: Any) -> Settings:
    """Return the settings of a store with 30 articles, two of which are the same text."""
    settings = Settings(store=folder / "news.duckdb", **more)
    settings.store.write_bytes(_filled())
    settings.writer_store.write_bytes(_filled())
    return settings


@cache
def _filled() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=Path(folder) / "news.duckdb")
        _fill(settings)
        return settings.store.read_bytes()


def _fill(settings: Settings) -> None:
    chance = Random(4)
    texts = [prose(chance, 60) for _ in range(ARTICLES - 1)]
    texts.append(texts[0])
    arrivals = [
        Arrival(item=document(f"{n}.txt", text), result=labelled(f"a{n}", text, title=f"Headline {n}", published=stamp(1 + n % 28)))
        for n, text in enumerate(texts)
    ]
    with Writer(settings) as store:
        start_run(store.con, RunReport(run_id=RUN, flow="backfill", engine="direct", started_at=NOW))
        load(store.con, batch(*arrivals))
        finish_run(store.con, RUN, [], lambda: NOW)
        store.publish()


def everything(file: Path) -> dict[str, list[str]]:
    """Return all rows of all tables of a file, and what describes them."""
    with duckdb.connect(str(file), read_only=True) as con:
        tables = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        rows = {table: sorted(map(repr, con.execute(f"FROM {table}").fetchall())) for (table,) in tables}
        described = "SELECT table_name, column_name, data_type, comment, is_nullable FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        views = "SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        keys = "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL"
        return rows | {query: list(map(repr, con.execute(query).fetchall())) for query in (described, views, keys)}
