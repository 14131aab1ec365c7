"""The order of the stages, in one place.

    sources | read | sift | clean | label | load      batch after batch, the next one prepared while one is loaded
            | settle | publish                        at the end of the run

`sift` passes over what the store has met before. `load` is one transaction a batch: articles, copies, stories, cursor
and counts. `settle` puts the stories in their final order and closes the run, in one transaction too.

Each stage is a plain function over a batch of a few hundred documents (tasks/stages.py); an `Engine` calls them,
directly or as Prefect tasks (tasks/steps.py), with the same result.
"""

import contextvars
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import duckdb

from schemas.arrival import Delivery
from schemas.run import Engine as EngineName
from schemas.run import RunCounts, RunReport
from schemas.settings import Settings
from tasks.stages import Prepared, clean_stage, label_stage, load_stage, publish_stage, read_stage, settle_stage, sift
from tasks.store.runs import abandon_run, start_run
from tasks.store.writer import Writer
from tasks.workers import Workers

LOG = logging.getLogger("wirehouse.batch")


class Intake(Protocol):
    """Where a run's documents come from."""

    @property
    def flow(self) -> str:
        """Name of the flow."""
        ...

    @property
    def sources(self) -> Sequence[str]:
        """Names under which its cursors are kept."""
        ...

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield what is met; where a run before was cut short, right behind what it committed."""
        ...


class Engine(Protocol):
    """Calls the stages."""

    name: EngineName

    def call(self, stage: Callable[..., Any], *args: Any) -> Any:
        """Return what the stage returns for these arguments."""
        ...


class Direct:
    """Calls the stages here and now."""

    name: EngineName = "direct"

    def call(self, stage: Callable[..., Any], *args: Any) -> Any:
        """Return what the stage returns for these arguments."""
        return stage(*args)


class Progress(Protocol):
    """Is told how a run goes on."""

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        """Take the counts so far and what the last loaded batch held."""
        ...


class Quiet:
    """Progress that tells nobody."""

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        """Take the counts so far and what the last loaded batch held."""


class Line(NamedTuple):
    """What every batch of a run needs: the store, the workers, the engine, the settings and the run itself."""

    store: Writer
    workers: Workers
    engine: Engine
    settings: Settings
    report: RunReport


def run(intake: Intake, settings: Settings, engine: Engine, progress: Progress) -> RunReport:
    """Return the report of a run that took in everything the intake delivers.

    Raises StoreBusyError, StoreUnreadableError or BalanceError. Whatever interrupts a run, its committed batches stand,
    and the next run over the same sources goes on behind them.
    """
    with Writer(settings) as store:
        report = RunReport(run_id=uuid.uuid4(), flow=intake.flow, engine=engine.name, started_at=store.now())
        start_run(store.con, report)
        try:
            with Workers(settings) as workers:  # gone before stories are settled: what they took, settling may take
                passed_over = take_in(Line(store, workers, engine, settings, report), intake, progress)
            closed: RunReport = engine.call(settle_stage, store, report.run_id, intake.sources)
        except BaseException:
            with suppress(duckdb.Error):  # on a full disk not even this can be written; the next run will find it open
                abandon_run(store.con, report.run_id, store.now())
                store.tell_metrics()
            raise
        engine.call(publish_stage, store)
    return closed.model_copy(update={"passed_over": passed_over})


def take_in(line: Line, intake: Intake, progress: Progress) -> int:
    """Return how many documents were not wanted, after batch upon batch was read, sifted, cleaned, labelled and loaded.

    One batch is prepared while the one before it is loaded.
    """
    stream = intake.deliver(line.store, line.workers)
    with ThreadPoolExecutor(max_workers=1) as ahead:
        try:
            return _run_batches(line, stream, progress, ahead)
        except BaseException:
            line.workers.stop()  # else the batch that is being prepared would be waited for
            raise


def _run_batches(line: Line, stream: Iterator[Delivery], progress: Progress, ahead: ThreadPoolExecutor) -> int:
    counts, passed_over = RunCounts(), 0
    waiting: Future[Prepared] | None = None
    reading = True
    while reading or waiting:
        batch: Prepared = line.engine.call(read_stage, stream)
        reading = bool(batch.deliveries)
        # with this thread's context: a Prefect task finds its flow run there
        following = ahead.submit(contextvars.copy_context().run, prepare, line, sift(line.store, batch)) if reading else None
        if waiting:
            ready = waiting.result()
            loaded: RunCounts = line.engine.call(load_stage, line.store, line.report.run_id, ready)
            counts = counts.plus(loaded)
            log_batch(line, ready.deliveries, loaded)
            passed_over += sum(delivery.passed_over for delivery in ready.deliveries)
            progress.advance(counts, ready.deliveries)
        waiting = following
    return passed_over


def log_batch(line: Line, deliveries: Sequence[Delivery], counts: RunCounts) -> None:
    """Write the line of a batch that now stands in the store, for those who listen to the log at its level of detail."""
    if not LOG.isEnabledFor(logging.DEBUG):
        return
    origins = [delivery.item.origin for delivery in deliveries if delivery.item]
    batch = {
        "run_id": str(line.report.run_id),
        "flow": line.report.flow,
        "seconds": round((line.store.now() - line.report.started_at).total_seconds(), 3),
        **counts.model_dump(),
        "first": origins[0] if origins else None,
        "last": origins[-1] if origins else None,
    }
    LOG.debug("%s", " ".join(f"{name}={value}" for name, value in batch.items()), extra={"batch": batch})


def prepare(line: Line, batch: Prepared) -> Prepared:
    """Return a sifted batch with what is new in it cleaned and labelled."""
    cleaned: Prepared = line.engine.call(clean_stage, line.workers, batch, line.settings.assumed_zone, line.report.started_at)
    labelled: Prepared = line.engine.call(label_stage, line.workers, cleaned, line.settings.labelling)
    return labelled
