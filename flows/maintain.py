"""Maintain: the care of a store that has no documents to take in."""

import time
from datetime import UTC, datetime
from pathlib import Path

from schemas.record import Record
from schemas.settings import Settings
from tasks.store.recluster import unsettle_recent
from tasks.store.retention import remove_old
from tasks.store.stories import settle
from tasks.store.transaction import transaction
from tasks.store.writer import Writer


class Care(Record):
    """What was done for a store, and how large its two files are now."""

    store: Path
    removed_articles: int
    """Articles that were older than `retention_days`."""
    settled_articles: int
    """Articles whose stories were looked at: those that waited, and after a run the newest once more."""
    moved_articles: int
    """Those of them that are in another story now, or in their first."""
    bytes_published: int
    bytes_writer: int
    seconds: float


def maintain(settings: Settings) -> Care:
    """Return what was done: old articles removed, stories settled, the recent ones anew, the writer's log folded in, the copy published.

    A run that was interrupted leaves stories unsettled and its batches unpublished until the next one; this is enough.
    Raises StoreBusyError or StoreUnreadableError. Takes in no documents, so `runs` has no row of it.
    """
    begun = time.monotonic()
    with Writer(settings) as store:
        removed = remove_old(store.con, settings.retention_days, datetime.now(UTC)) if settings.retention_days else 0
        with transaction(store.con):
            unsettle_recent(store.con)
            settled = settle(store.con)
        store.publish()
    return Care(
        store=settings.store,
        removed_articles=removed,
        settled_articles=settled.articles,
        moved_articles=settled.moved,
        bytes_published=settings.store.stat().st_size,
        bytes_writer=settings.writer_store.stat().st_size,
        seconds=round(time.monotonic() - begun, 3),
    )


def care_rows(care: Care) -> list[tuple[str, str]]:
    """Return the lines of the table: what, and its value."""
    return [
        ("articles removed", f"{care.removed_articles:,}"),
        ("articles settled", f"{care.settled_articles:,}"),
        ("moved to another story", f"{care.moved_articles:,}"),
        ("published copy", f"{care.bytes_published / 1e6:.1f} MB"),
        ("writer's file", f"{care.bytes_writer / 1e6:.1f} MB"),
        ("seconds", f"{care.seconds:.1f}"),
    ]
