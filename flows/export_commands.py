"""The command that writes a store out for other programs, and for another store."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.fill_commands import Since, Until, period_of
from flows.options import AsJson, StorePath, flag, make_settings
from flows.output import print_json, print_table
from schemas.errors import UsageError
from tasks.export.manifest import Kind

app = typer.Typer()

STDOUT = "-"
LATEST_ITEMS = 100
"""Articles in a feed, unless told otherwise: readers take all of it at every poll."""
LINE_EVERY = 5.0  # seconds between two lines of progress


class Lines:
    """Says on stderr, now and then, how many rows were written."""

    def __init__(self) -> None:
        self._rows = 0
        self._said = time.monotonic()

    def told(self, table: str, rows: int) -> None:
        """Take what was written: a table, and its rows."""
        self._rows += rows
        if time.monotonic() - self._said >= LINE_EVERY:
            self._said = time.monotonic()
            sys.stderr.write(f"{self._rows:,} rows written, now {table}\n")


@app.command()
def export(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; - for stdout, in any format but Parquet.")],
    form: Annotated[Kind, typer.Option("--format", help="parquet is the whole store, the others are articles alone.")] = "parquet",
    where: Annotated[str | None, typer.Option(help="Condition over the table articles, such as \"language = 'fr'\".")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many articles, the newest.", show_default="100 in feeds")] = None,
    overwrite: Annotated[bool, flag("--overwrite", help="Replace a folder that is no earlier export.")] = False,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Write the store, or some articles of it, into a folder: Parquet by month with a manifest, JSON Lines, ninjs, JSON Feed or RSS.

    `wirehouse backfill` of a Parquet export makes the same store anew.

    Example: wirehouse export archive-2026 --where "language = 'fr'" --since 2026-01-01
    """
    from tasks.export.chosen import Wanted
    from tasks.export.folder import check_target
    from tasks.export.run import export_folder, export_stream

    settings = make_settings(store=store)
    wanted = Wanted(kind=form, where=where, published=period_of(since, until, "--since"), limit=limit or _usual(form))
    if str(folder) == STDOUT:
        if form == "parquet" or as_json:
            raise UsageError("Neither Parquet nor a report in JSON goes to stdout beside it; name a folder.")
        export_stream(settings, sys.stdout, wanted, Lines().told)
        return
    target = check_target(folder, settings.store, overwrite=overwrite)
    done = export_folder(settings, target, wanted, Lines().told, datetime.now(UTC))
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_table(("table", "rows"), [(table, f"{rows:,}") for table, rows in done.rows.items() if "." not in table], title=str(folder))
        typer.echo(f"{done.files:,} files, {done.bytes / 1e6:,.1f} MB in {folder}")


def _usual(form: Kind) -> int | None:
    return LATEST_ITEMS if form in {"jsonfeed", "rss"} else None
