"""Options that commands share, and the settings they make."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from schemas.errors import UsageError
from schemas.settings import Settings

StorePath = Annotated[
    Path | None, typer.Option("--store", envvar="WIREHOUSE_STORE", help="The published store.", show_default="news.duckdb")
]
flag = partial(typer.Option, metavar="")
"""An option without a value: without the metavar its help would show a type, as if it took one."""
AsJson = Annotated[bool, flag("--json", help="Report as one JSON document on stdout.")]
DAY = "YYYY-MM-DD"
DAY_FORMATS = ["%Y-%m-%d"]


class Step(StrEnum):
    """The steps of `wirehouse maintain`, in their order."""

    RETENTION = "retention"
    STORIES = "stories"
    FEEDS = "feeds"
    SEARCH = "search"
    COMPACTION = "compaction"
    BACKUP = "backup"
    PUBLISH = "publish"
    TANTIVY = "tantivy"


def make_settings(**given: Any) -> Settings:
    """Return the settings with the options that were given; UsageError names the one that cannot be."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors())
        raise UsageError(
            f"The settings cannot be used: {wrong}. They come from options, WIREHOUSE_... variables and wirehouse.toml."
        ) from error
    except ValueError as error:  # wirehouse.toml that is no TOML
        raise UsageError(f"wirehouse.toml cannot be read: {error}.") from error
