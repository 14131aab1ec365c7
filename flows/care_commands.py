"""The commands that look after a store and its settings: doctor, init."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from flows.options import AsJson, StorePath, flag, make_settings
from flows.output import print_json, print_table
from flows.starters import starters
from schemas.errors import UsageError, WirehouseError
from schemas.settings import Settings
from tasks.store.care.health import Check, check_deeply, check_store
from tasks.store.connection import open_reader
from tasks.store.reading.browse import feed_outlook

app = typer.Typer()

Deep = Annotated[
    bool,
    flag("--deep", help="Compare every index with its table, and every table with those it belongs to; takes minutes on a large store."),
]


@app.command()
def doctor(deep: Deep = False, as_json: AsJson = False, store: StorePath = None) -> None:
    """Check the installation and the store, and say what to do about each fault.

    Example: wirehouse doctor --deep
    """
    settings = make_settings(store=store)
    checks = [*check_store(settings.store, settings.writer_store), *_contact(settings)]
    if deep and settings.store.exists():
        checks += check_deeply(settings.store)
    if as_json:
        print_json([check.model_dump() for check in checks])
    else:
        print_table(("check", "state", "detail"), [(check.name, "ok" if check.ok else "FAULT", check.detail) for check in checks])
    faults = sum(not check.ok for check in checks)
    if faults:
        raise WirehouseError(f"{faults} of {len(checks)} checks found a fault; see above.")


def _contact(settings: Settings) -> list[Check]:
    """Return a note when there are feeds and nobody can be reached: no fault, because one's own network may be asked all the same."""
    if settings.reachable or not settings.store.exists():
        return []
    try:
        with closing(open_reader(settings.store)) as con:
            count, _ = feed_outlook(con)
    except (WirehouseError, duckdb.Error):
        return []  # which is said already
    detail = "user_agent names no address or mail, so public sites are not asked; set it in wirehouse.toml or WIREHOUSE_USER_AGENT"
    return [Check(name="contact", ok=True, detail=detail)] if count else []


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where; made when missing.")] = Path(),
    as_json: AsJson = False,
    # without WIREHOUSE_STORE, which needs no line in a file
    store: Annotated[
        Path | None, typer.Option("--store", help="Published store that the settings name.", show_default="news.duckdb")
    ] = None,
) -> None:
    """Write a commented wirehouse.toml and a starter feed list; files that are there already stay.

    Example: wirehouse init my-news
    """
    written = {path: _start(path, content) for path, content in starters(folder, store).items()}
    if as_json:
        print_json(
            {
                "written": [str(path) for path, new in written.items() if new],
                "kept": [str(path) for path, new in written.items() if not new],
            }
        )
        return
    for path, new in written.items():
        typer.echo(f"{path} written." if new else f"{path} is there already and stays as it is.")


def _start(path: Path, content: str) -> bool:
    """Return whether a file was written, which it is where there is none; UsageError when it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        if path.is_file():
            return False
        raise UsageError(f"{path} cannot be written: a folder, or something like one, is in its place.") from None
    except OSError as error:
        raise UsageError(f"{path.parent} cannot be used: {error.strerror}.") from error
    return True
