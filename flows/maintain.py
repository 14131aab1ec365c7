"""Maintain: the care of a store that has no documents to take in.

    retention | stories | feeds | search | compaction | backup | publish | tantivy

Each step looks at what is left to do, commits by itself, and may be left out; what is killed is taken up by the next time.
"""

import logging
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

from flows.options import Step
from schemas.errors import UsageError
from schemas.record import Record
from schemas.settings import Settings
from tasks.fetch.care import care_for_feeds
from tasks.store.care.backup import back_up, prune_backups
from tasks.store.care.compaction import FREE_SHARE, compact, free_share
from tasks.store.care.retention import doubt, remove_old
from tasks.store.finish import settle_all
from tasks.store.search.engine import keep_up
from tasks.store.search.index import merge_due, merge_runs, rebuild_index
from tasks.store.stories.recluster import unsettle_recent
from tasks.store.transaction import transaction
from tasks.store.writer import Writer

LOG = logging.getLogger("wirehouse.maintain")
STEPS = tuple(Step)

Done = tuple[str, dict[str, Any]]
"""What a step did, in a few words and as numbers."""


class StepDone(Record):
    """A step of the care: whether there was something to do, what was done, and the seconds it took."""

    step: Step
    done: bool
    detail: str
    seconds: float


class Care(Record):
    """What was done for a store, and how large its two files are now."""

    store: Path
    steps: tuple[StepDone, ...] = ()
    removed_articles: int = 0
    """Articles that were older than `retention_days`."""
    settled_articles: int = 0
    """Articles whose stories were looked at: those that waited, and after a run the newest once more."""
    moved_articles: int = 0
    """Those of them that are in another story now, or in their first."""
    parked_feeds: int = 0
    """Feeds that had been dead for long, and are left alone for a month now."""
    merged_runs: int = 0
    """Parts of the index of the search that are one now."""
    bytes_given_back: int = 0
    """By compaction."""
    backup: Path | None = None
    published: bool = False
    """Whether the published copy was replaced; not when it said the same already."""
    indexed_documents: int = 0
    """That came into the index of the extra tantivy or went from it."""
    bytes_published: int = 0
    bytes_writer: int = 0
    seconds: float = 0.0


class Asked(NamedTuple):
    """What a person asks of one care: the steps, and what some of them are to do although there is no need."""

    steps: tuple[Step, ...] = STEPS
    explicit: frozenset[Step] = frozenset()
    """Steps that were named: they do their work whether there is need or not."""


EVERYTHING = Asked()


def asked_steps(only: Collection[Step], skip: Collection[Step]) -> Asked:
    """Return what was asked for, the steps in their order; UsageError when nothing is left of it."""
    steps = tuple(step for step in STEPS if (not only or step in only) and step not in skip)
    if not steps:
        raise UsageError("No step is left to be done; leave out --skip, or name other steps with --only.")
    return Asked(steps, frozenset(only))


def maintain(settings: Settings, asked: Asked = EVERYTHING) -> Care:
    """Return what was done: each step that was asked for, in their order.

    A run that was interrupted leaves stories unsettled and its batches unpublished until the next one; this is enough.
    Raises StoreBusyError, StoreUnreadableError, or WirehouseError when there is no room. Takes in no documents, so `runs`
    has no row of it.
    """
    begun = time.monotonic()
    steps: list[StepDone] = []
    found: dict[str, Any] = {}
    with Writer(settings) as store:
        for step in asked.steps:
            start = time.monotonic()
            detail, numbers = WORK[step](store, settings, step in asked.explicit)
            found |= numbers
            steps.append(StepDone(step=step, done=any(numbers.values()), detail=detail, seconds=round(time.monotonic() - start, 3)))
            LOG.info("%s: %s", step, detail, extra={"batch": steps[-1].model_dump()})
        store.tell_metrics()
    sizes = {"bytes_published": settings.store.stat().st_size, "bytes_writer": settings.writer_store.stat().st_size}
    return Care.model_validate(found | sizes | {"store": settings.store, "steps": steps, "seconds": round(time.monotonic() - begun, 3)})


def _retention(store: Writer, settings: Settings, explicit: bool) -> Done:
    if not settings.retention_days:
        return "the setting retention_days is not there: all articles are kept", {}
    if why := doubt(store.con, store.now()):
        return why, {}
    removed = remove_old(store.con, settings.retention_days, store.now())
    return f"{removed:,} articles were older than {settings.retention_days:,} days", {"removed_articles": removed}


def _stories(store: Writer, settings: Settings, explicit: bool) -> Done:
    with transaction(store.con):
        unsettle_recent(store.con)
        settled = settle_all(store.con)
    detail = f"{settled.articles:,} articles settled, {settled.moved:,} of them moved to another story"
    return detail, {"settled_articles": settled.articles, "moved_articles": settled.moved}


def _feeds(store: Writer, settings: Settings, explicit: bool) -> Done:
    care = care_for_feeds(store.con, store.now())
    states = ", ".join(f"{count:,} {state}" for state, count in care.states.items()) or "none in the list"
    return f"{states}; {care.parked:,} parked now", {"parked_feeds": care.parked}


def _search(store: Writer, settings: Settings, explicit: bool) -> Done:
    if explicit:
        rebuild_index(store.con)
    elif not merge_due(store.con):
        return "the index is in few parts, and of the articles that there are", {}
    merged = merge_runs(store.con)
    return f"{merged:,} parts of the index are one now", {"merged_runs": merged}


def _compaction(store: Writer, settings: Settings, explicit: bool) -> Done:
    share = free_share(store.con)
    if share <= FREE_SHARE and not explicit:
        return f"{share:.0%} of the file is free, too little to write it anew", {}
    sizes = compact(store)
    return f"{sizes.before / 1e6:.1f} MB are {sizes.after / 1e6:.1f} MB now", {"bytes_given_back": sizes.before - sizes.after}


def _backup(store: Writer, settings: Settings, explicit: bool) -> Done:
    if settings.backup_dir is None:
        if explicit:
            raise UsageError("Say where backups go, with --backup DIR or the setting backup_dir.")
        return "no folder is set for backups", {}
    backup = back_up(store, settings.backup_dir, settings.store.name, store.now())
    gone = prune_backups(backup, settings.store.name, settings.backups_kept)
    return f"{backup.name}, verified; {len(gone):,} older ones removed", {"backup": backup}


def _publish(store: Writer, settings: Settings, explicit: bool) -> Done:
    published = store.publish(anyway=explicit)
    return "the published copy was replaced" if published else "the published copy is up to date", {"published": published}


def _tantivy(store: Writer, settings: Settings, explicit: bool) -> Done:
    if settings.search_engine != "tantivy":
        if explicit:
            raise UsageError('There is no index of tantivy; have one with the setting search_engine = "tantivy".')
        return "the store's own index answers searches", {}
    changed = keep_up(settings, anew=explicit)
    if changed is None:
        return "the index could not be written", {}
    return f"{changed:,} documents came or went; the index is of the published copy", {"indexed_documents": changed}


WORK: dict[Step, Callable[[Writer, Settings, bool], Done]] = {
    Step.RETENTION: _retention,
    Step.STORIES: _stories,
    Step.FEEDS: _feeds,
    Step.SEARCH: _search,
    Step.COMPACTION: _compaction,
    Step.BACKUP: _backup,
    Step.PUBLISH: _publish,
    Step.TANTIVY: _tantivy,
}


def care_rows(care: Care) -> list[tuple[str, str, str]]:
    """Return the lines of the table: each step, what it did, and its seconds; then the sizes and the whole."""
    return [
        *((one.step, one.detail, f"{one.seconds:.1f}") for one in care.steps),
        ("published copy", f"{care.bytes_published / 1e6:.1f} MB", ""),
        ("writer's file", f"{care.bytes_writer / 1e6:.1f} MB", ""),
        ("in all", "", f"{care.seconds:.1f}"),
    ]
