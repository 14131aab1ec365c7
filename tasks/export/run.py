"""An export from its start to its end, into a folder or to a stream."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from schemas.record import Record
from schemas.settings import Settings
from tasks.export.articles import chosen_articles
from tasks.export.chosen import Wanted, open_chosen
from tasks.export.folder import in_place
from tasks.export.jsonl import jsonl_line
from tasks.export.manifest import Kind, Manifest, describe_files, write_manifest
from tasks.export.ninjs import ninjs_line
from tasks.export.syndication import json_feed, rss
from tasks.export.tables import Told, write_tables
from tasks.store.migrate import Connection, stored_version
from tasks.store.reading.browse import Found

FILES: dict[Kind, str] = {"jsonl": "articles.jsonl", "ninjs": "articles.ninjs.jsonl", "jsonfeed": "feed.json", "rss": "feed.xml"}
"""The one file of each format but Parquet."""


class Exported(Record):
    """What an export wrote: the folder, its format, files, bytes, and the rows of each table."""

    folder: Path
    kind: Kind
    files: int
    bytes: int
    rows: dict[str, int]


def export_folder(settings: Settings, folder: Path, wanted: Wanted, told: Told, now: datetime) -> Exported:
    """Return what was written; the folder is whole or as it was.

    Raises UsageError for what cannot be meant or where nothing can be written, WirehouseError when writing breaks off.
    """
    with open_chosen(settings, wanted) as con, in_place(folder) as draft:
        tables = wanted.kind == "parquet"
        whole = tables and wanted.is_everything
        written = write_tables(con, draft, told, whole=whole) if tables else [_write_file(con, draft, wanted, told)]
        rows = Counter[str]()
        for _, table, count in written:
            rows[table] += count
        manifest = Manifest(
            kind=wanted.kind,
            wirehouse=version("wirehouse"),
            store_version=stored_version(con),
            whole=whole,
            condition=wanted.condition,
            created_at=now,
            rows=dict(rows),
            files=describe_files(draft, written),
        )
        write_manifest(draft, manifest)
    return Exported(
        folder=folder, kind=wanted.kind, files=len(manifest.files), bytes=sum(file.bytes for file in manifest.files), rows=dict(rows)
    )


def export_stream(settings: Settings, stream: TextIO, wanted: Wanted, told: Told) -> None:
    """Write the wanted articles to a stream, in any format but Parquet; raises as `export_folder` does."""
    with open_chosen(settings, wanted) as con:
        stream.writelines(_pieces(con, wanted, told))


def _write_file(con: Connection, draft: Path, wanted: Wanted, told: Told) -> tuple[str, str, int]:
    count = 0

    def counted(table: str, rows: int) -> None:
        nonlocal count
        count += rows
        told(table, rows)

    with (draft / FILES[wanted.kind]).open("w", encoding="utf-8") as file:
        file.writelines(_pieces(con, wanted, counted))
    return FILES[wanted.kind], "articles", count


def _pieces(con: Connection, wanted: Wanted, told: Told) -> Iterator[str]:
    rows = _told_of(chosen_articles(con), told)
    about = "Articles, newest first." if wanted.where is None else f"Articles for which {wanted.where}"
    match wanted.kind:
        case "jsonfeed":
            yield from json_feed(rows, about)
        case "rss":
            yield from rss(rows, about)
        case "ninjs":
            yield from map(ninjs_line, rows)
        case _:
            yield from map(jsonl_line, rows)


def _told_of(rows: Iterable[Found], told: Told) -> Iterator[Found]:
    for row in rows:
        yield row
        told("articles", 1)
