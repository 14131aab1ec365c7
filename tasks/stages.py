"""The stages: plain functions over one batch, each of which takes it one step further."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from schemas.arrival import Arrival, Batch, Delivery, Known
from schemas.article import Article
from schemas.document import RawDocument
from schemas.labelling import Labelling
from schemas.labels import LabelledArticle
from schemas.rejection import Rejection, Stage
from schemas.run import RunCounts, RunReport
from tasks.costs import Watch
from tasks.prepare import ToClean, ToLabel, clean, label
from tasks.store.articles.places import known_items
from tasks.store.finish import finish_run
from tasks.store.load import load
from tasks.store.writer import Writer
from tasks.workers import Failure, Work, Workers

BATCH = 250  # documents: a transaction and the Prefect tasks of a batch cost about 0.1 s, the work itself some seconds
BATCH_BYTES = 32 * 2**20  # a batch is held in memory, and the next one with it: 250 large pages would be gigabytes

State = RawDocument | Article | LabelledArticle | Rejection | Known | None
Task = TypeVar("Task")
Made = TypeVar("Made", Article, LabelledArticle, Article | Rejection)


class Prepared(NamedTuple):
    """A batch on its way to the loader: what was met, how far each has come, and what that has cost."""

    deliveries: list[Delivery]
    states: list[State]
    watch: Watch


def read_stage(stream: Iterator[Delivery]) -> Prepared:
    """Return the next batch of a stream, empty at its end."""
    watch = Watch()
    with watch.stage("read", documents=0):
        deliveries = _take(stream)
    return Prepared(deliveries, [delivery.item for delivery in deliveries], watch)


def _take(stream: Iterator[Delivery]) -> list[Delivery]:
    taken: list[Delivery] = []
    size = 0
    for delivery in stream:
        taken.append(delivery)
        size += len(delivery.item.body) if isinstance(delivery.item, RawDocument) else 0
        if len(taken) == BATCH or size > BATCH_BYTES or delivery.pause:
            break
    return taken


def sift(store: Writer, batch: Prepared) -> Prepared:
    """Return the batch with everything marked that the store has met before.

    What the unfinished run before this one has counted already is left out.
    """
    with batch.watch.stage("sift", len(batch.states)):
        met = {id(delivery): delivery.item for delivery in batch.deliveries if delivery.item and not (delivery.known or delivery.anew)}
        found = dict(zip(met, known_items(store.con, list(met.values())), strict=True))
    known = [delivery.known or found.get(id(delivery)) for delivery in batch.deliveries]
    kept = [
        (delivery, before or state)
        for delivery, before, state in zip(batch.deliveries, known, batch.states, strict=True)
        if not (delivery.again and before and before.outcome == "unchanged")
    ]
    return batch._replace(deliveries=[delivery for delivery, _ in kept], states=[state for _, state in kept])


def clean_stage(workers: Workers, batch: Prepared, zone: str, now: datetime) -> Prepared:
    """Return the batch with an article, or a rejection, in place of every document that is new.

    What is read again is read by the clock of its first reading: what lies in the future, and the year of a day without one,
    depend on it.
    """
    tasks = {
        n: ToClean(state, zone, batch.deliveries[n].read_at or now)
        for n, state in enumerate(batch.states)
        if isinstance(state, RawDocument)
    }
    return without_unwanted(_through(workers, batch, "clean", clean, tasks))


def without_unwanted(batch: Prepared) -> Prepared:
    """Return the batch with the articles taken out that were published outside the period asked for; their cursors stay."""
    deliveries, states = list(batch.deliveries), list(batch.states)
    for n, (delivery, state) in enumerate(zip(batch.deliveries, batch.states, strict=True)):
        if isinstance(state, Article) and not delivery.published.holds(state.published.at if state.published else None):
            deliveries[n], states[n] = delivery.model_copy(update={"item": None, "passed_over": True}), None
    return batch._replace(deliveries=deliveries, states=states)


def label_stage(workers: Workers, batch: Prepared, labelling: Labelling) -> Prepared:
    """Return the batch with language, labels and fingerprints on every article."""
    tasks = {
        n: ToLabel(state, item.fetched_at if isinstance(item := batch.deliveries[n].item, RawDocument) else None, labelling)
        for n, state in enumerate(batch.states)
        if isinstance(state, Article)
    }
    return _through(workers, batch, "label", label, tasks)


def _through(workers: Workers, batch: Prepared, stage: Stage, work: Work[Task, Made], tasks: dict[int, Task]) -> Prepared:
    made = workers.map(work, list(tasks.values()))
    states = list(batch.states)
    for n, result in zip(tasks, made.results, strict=True):
        item = batch.deliveries[n].item
        states[n] = _refuse(item, stage, result) if item and isinstance(result, Failure) else result  # type: ignore[assignment]
    batch.watch.add([made.watch])
    return batch._replace(states=states)


def _refuse(item: RawDocument | Rejection, stage: Stage, failure: Failure) -> Rejection:
    known = {"url": item.url, "document_id": item.document_id, "origin": item.origin, "place": item.place}
    return Rejection.model_validate(known | {"stage": stage, "reason": failure.reason, "detail": failure.detail})


def load_stage(store: Writer, run_id: UUID, batch: Prepared) -> RunCounts:
    """Return the counts of a batch that now stands in the store; publishes when the published copy is old."""
    arrivals = [
        Arrival(item=delivery.item, result=state, of=delivery.of, seen_at=delivery.seen_at)
        for delivery, state in zip(batch.deliveries, batch.states, strict=True)
        if delivery.item and state and not isinstance(state, RawDocument | Article)
    ]
    cursors = {delivery.cursor.source: delivery.cursor for delivery in batch.deliveries if delivery.cursor}
    counts = load(
        store.con,
        Batch(
            run_id=run_id,
            arrivals=tuple(arrivals),
            cursors=tuple(cursors.values()),
            ledgers=tuple(delivery.ledger for delivery in batch.deliveries if delivery.ledger),
            costs=batch.watch.costs,
            whole_archive=store.whole_archive,
            rules=store.labelling.rules,
            labelled_by=store.labelled_by,
            now=store.now(),
        ),
    )
    if store.due:
        store.publish()
    return counts


def settle_stage(store: Writer, run_id: UUID, sources: Sequence[str]) -> RunReport:
    """Return the report of the closed run, its stories in their final order."""
    return finish_run(store.con, run_id, sources, store.now)


def publish_stage(store: Writer) -> None:
    """Replace the published copy."""
    store.publish()
