"""Remove: articles that a person wants out of the store."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from schemas.record import Record
from schemas.settings import Settings
from tasks.store.care.removal import remove_all
from tasks.store.finish import settle_all
from tasks.store.transaction import transaction
from tasks.store.writer import Writer


class Removed(Record):
    """What was removed from a store, and what that did to the other articles."""

    store: Path
    removed_articles: int
    moved_articles: int
    """Other articles that are in another story now."""


def remove(ids: Sequence[UUID], settings: Settings) -> Removed:
    """Return what was done: articles removed, stories settled, the published copy replaced.

    What interrupts it leaves whole batches removed, and the same command removes the rest. Raises StoreBusyError or StoreUnreadableError.
    """
    with Writer(settings) as store:
        removed = remove_all(store.con, ids, "asked", store.now())
        with transaction(store.con):
            settled = settle_all(store.con)
        store.publish()
    return Removed(store=settings.store, removed_articles=removed, moved_articles=settled.moved)
