"""Ingest runs against servers on loopback, and what they leave in the store."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from tests.flows.command import WIREHOUSE, environment, public_rows, wirehouse
from tests.site.formats import opml

POLITENESS_OFF = {"WIREHOUSE_ALLOW_NETWORKS": "127.0.0.0/8", "WIREHOUSE_HOST_DELAY": "0", "WIREHOUSE_MIN_POLL_MINUTES": "0"}
"""Loopback may be asked, at once, and every run polls every feed."""
TOLD_BY_RUNS = ("runs", "fetches", "feeds", "documents", "rejections", "tdm_signals", "story_log")
"""Tables that tell of runs and of their clock, not of the news."""


def ingest(folder: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Return what an ingest run wrote and its exit code."""
    return wirehouse("ingest", "--engine", "direct", "--json", *arguments, folder=folder, **POLITENESS_OFF | more)


def start_ingest(folder: Path, *arguments: object, **more: str) -> subprocess.Popen[bytes]:
    """Return an ingest run that has just been started."""
    command = [str(WIREHOUSE), "ingest", "--engine", "direct", *map(str, arguments)]
    environ = environment(**POLITENESS_OFF | more)
    return subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def feed_list(folder: Path, urls: Iterable[str]) -> Path:
    """Return a feed list that names these feeds, written into the folder."""
    path = folder / "feeds.opml"
    path.write_bytes(opml("Feeds", {"All": [(f"feed {number}", url) for number, url in enumerate(urls)]}))
    return path


def rows(folder: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the answer of the published store of a folder."""
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as con:
        return con.execute(query, values).fetchall()


def run_ids(folder: Path) -> list[Any]:
    """Return the runs of a store, the oldest first."""
    return [row[0] for row in rows(folder, "SELECT run_id FROM runs ORDER BY started_at")]


def reasons(folder: Path, run: Any) -> dict[str, str]:
    """Return how the last attempt of a run for each address ended."""
    return dict(rows(folder, "SELECT url, arg_max(reason, fetched_at) FROM fetches WHERE run_id = ? GROUP BY url", run))


def news_rows(folder: Path) -> dict[str, list[str]]:
    """Return every row of the store that tells of the news, the kept documents by their names."""
    documents = sorted(row[0] for row in rows(folder, "SELECT document_id FROM documents"))
    return public_rows(folder / "news.duckdb", TOLD_BY_RUNS) | {"documents": documents}
