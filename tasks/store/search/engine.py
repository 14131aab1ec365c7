"""What answers `wirehouse search`: the index in the store, or by the setting `search_engine` the extra's index beside it.

The extra's index is a copy of what the store knows: whenever it is missing, behind or broken, the store answers by itself.
"""

import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

import duckdb

from schemas.errors import WirehouseError
from schemas.settings import Settings
from tasks.extras import check_extra
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found
from tasks.store.search.find import Conditions, Ranker, rank_in_store

LOG = logging.getLogger("wirehouse")


def check_search_engine(settings: Settings) -> None:
    """Return when what the setting asks for is installed; UsageError otherwise."""
    if settings.search_engine != "sql":
        check_extra("search_engine", settings.search_engine)


def ranker(settings: Settings) -> Ranker:
    """Return what finds and ranks articles by the settings; UsageError when it is not installed."""
    check_search_engine(settings)
    return rank_in_store if settings.search_engine == "sql" else partial(_rank_or_fall_back, settings.store)


def _rank_or_fall_back(store: Path, con: Connection, asked: Sequence[Found], limit: int, conditions: Conditions) -> dict[UUID, float]:
    from tasks.store.search.tantivy_index import index_path
    from tasks.store.search.tantivy_search import BehindError, rank_in_folder

    folder = index_path(store)
    try:
        return rank_in_folder(folder, con, asked, limit, conditions)
    except (BehindError, ValueError) as error:
        if not (folder / "meta.json").exists():
            said = f"There is no search index at {folder}; make it with: wirehouse maintain"
        elif isinstance(error, BehindError):
            said = f"The search index {folder} is behind the store; bring it up to date with: wirehouse maintain"
        elif not os.access(folder, os.W_OK):  # tantivy locks a file of it to read
            said = f"The search index {folder} can only be used by who may write in its folder"
        else:
            said = f"The search index {folder} cannot be read; make it anew with: wirehouse maintain --only tantivy"
        LOG.warning("%s. The store has answered by itself.", said)
        return rank_in_store(con, asked, limit, conditions)


def keep_up(settings: Settings, *, anew: bool = False) -> int | None:
    """Return how many documents came into the extra's index and went, so that it is of the published copy; 0 where none is asked for.

    `anew`: it is made from nothing. None when it could not be written: that is said, and spoils no run.
    """
    if settings.search_engine == "sql":
        return 0
    from tasks.store.search.tantivy_feed import bring_up_to_date
    from tasks.store.search.tantivy_index import index_path

    try:
        return bring_up_to_date(settings.store, anew=anew)
    except (OSError, ValueError, duckdb.Error, WirehouseError) as error:
        said = str(error).partition("\n")[0]
        LOG.warning("The search index %s could not be written, so searches are answered by the store: %s", index_path(settings.store), said)
        return None
