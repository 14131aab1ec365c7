"""Relabel: stored articles through today's labelling rules again, without the network.

numbers of the articles | a batch of them | labelled in the workers, the next batch ahead | written in one transaction | settle | publish
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import duckdb

from schemas.arrival import Delivery
from schemas.document import Cursor
from schemas.run import RunCounts, RunReport
from schemas.settings import Settings
from tasks.costs import Watch
from tasks.label.version import Kind
from tasks.pipeline import Progress
from tasks.prepare import ToRelabel, relabel
from tasks.store.labels.relabelled import (
    AT_ONCE,
    Done,
    Failed,
    Progressed,
    Rules,
    StoredArticle,
    batch_sizes,
    fetch_articles,
    finish_relabel,
    numbers_of,
    outdated_numbers,
    write_labels,
)
from tasks.store.runs import abandon_run, fetch_cursors, start_run
from tasks.store.writer import Writer
from tasks.workers import Failure, Workers

PARTS = 1_000_000
"""How far a run is, is told in so many parts of it all."""


class Wanted(NamedTuple):
    """What is to be labelled anew: the kinds of labels, and of which articles; None: of those that other rules labelled.

    `name` tells this choice of articles apart from others, so that an interrupted run goes on where it was.
    """

    kinds: frozenset[Kind]
    ids: Sequence[UUID] | None = None
    name: str = ""


class Line(NamedTuple):
    """What every batch of a run needs."""

    store: Writer
    workers: Workers
    rules: Rules
    run_id: UUID
    source: str | None


class Labelled(NamedTuple):
    """A batch out of the workers, and what it has cost there."""

    results: list[Done | Failed]
    watch: Watch


def relabel_articles(wanted: Wanted, settings: Settings, progress: Progress) -> RunReport:
    """Return the report of a run that labelled articles anew: all of them `unchanged`, but for those that could not be labelled.

    Raises StoreBusyError, StoreUnreadableError or BalanceError. What interrupts it leaves whole batches done.
    """
    with Writer(settings) as store:
        report = RunReport(run_id=uuid.uuid4(), flow="relabel", engine="direct", started_at=store.now())
        start_run(store.con, report)
        rules = Rules(wanted.kinds, settings.labelling, store.labelled_by)
        source = None if wanted.ids is None else _source(wanted, rules)
        try:
            with Workers(settings) as workers:
                _label_all(Line(store, workers, rules, report.run_id, source), _numbers(store, wanted, rules, source), progress)
            closed = finish_relabel(store.con, report.run_id, rules, [source] if source else [], store.now)
        except BaseException:
            with suppress(duckdb.Error):
                abandon_run(store.con, report.run_id, store.now())
            raise
        store.publish()
    return closed


def _source(wanted: Wanted, rules: Rules) -> str:
    """Return the name of the cursor of this choice of articles under these rules."""
    key = "\0".join((*sorted(wanted.kinds), *rules.digests, wanted.name))
    return f"relabel:{hashlib.sha256(key.encode()).hexdigest()}"


def _numbers(store: Writer, wanted: Wanted, rules: Rules, source: str | None) -> list[int]:
    if wanted.ids is None or source is None:
        return outdated_numbers(store.con, rules)
    cursor = fetch_cursors(store.con).get(source)
    return numbers_of(store.con, wanted.ids, cursor.position if cursor else 0)


def _label_all(line: Line, numbers: Sequence[int], progress: Progress) -> None:
    """Label batch after batch; one is labelled while the one before it is written."""
    with ThreadPoolExecutor(max_workers=1) as ahead:
        try:
            counts = RunCounts()
            waiting: Future[Labelled] | None = None
            for batch in chain(_batches(line, numbers), [None]):
                following = ahead.submit(_label, line, batch) if batch else None
                if waiting:
                    counts = counts.plus(_write(line, waiting.result()))
                    progress.advance(counts, [Delivery(done=PARTS * counts.seen // len(numbers))])
                waiting = following
        except BaseException:
            line.workers.stop()  # else the batch that is being labelled would be waited for
            raise


def _batches(line: Line, numbers: Sequence[int]) -> Iterator[list[StoredArticle]]:
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        for size in list(batch_sizes(line.store.con, some)):
            batch = fetch_articles(line.store.con, some[:size], line.rules)
            some = some[size:]
            if batch:
                yield batch


def _label(line: Line, batch: Sequence[StoredArticle]) -> Labelled:
    tasks = [ToRelabel(one.article, one.language, line.rules.kinds, one.named, line.rules.labelling) for one in batch]
    made = line.workers.map(relabel, tasks)
    results = [
        Failed(one, result.reason, result.detail) if isinstance(result, Failure) else Done(one, result.labels, result.terms)
        for one, result in zip(batch, made.results, strict=True)
    ]
    return Labelled(results, made.watch)


def _write(line: Line, batch: Labelled) -> RunCounts:
    """Return the counts of a batch that came out of the workers, after it stands in the store."""
    last = batch.results[-1].stored.article_no
    cursor = Cursor(source=line.source, path="", position=last, size=0, mtime_ns=0) if line.source else None
    progressed = Progressed(line.run_id, batch.watch.costs, cursor, line.store.now())
    counts = write_labels(line.store.con, batch.results, line.rules, progressed)
    if line.store.due:
        line.store.publish()
    return counts
