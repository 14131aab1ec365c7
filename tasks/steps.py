"""The stages as Prefect tasks: names, retries and time limits, on one screen.

A task takes a whole batch, never one article: a task costs 10 to 15 ms, and the API keeps a row of it. Arguments are
live objects of this process (the store, the workers), so nothing is cached and no result is stored. No stage is tried
again here: a stage that fails has left the store as it was, and the next run goes on behind the last batch.
"""

from collections.abc import Callable
from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from schemas.run import Engine as EngineName
from tasks import stages

Stage = Callable[..., Any]


def _task(stage: Stage, name: str, description: str) -> Task[..., Any]:
    return Task(stage, name=name, description=description, cache_policy=NO_CACHE, persist_result=False)


STEPS: dict[Stage, Task[..., Any]] = {
    stages.read_stage: _task(stages.read_stage, "read", "Take the next batch of documents from the sources."),
    stages.clean_stage: _task(stages.clean_stage, "clean", "Clean the new documents of a batch, in the worker processes."),
    stages.label_stage: _task(stages.label_stage, "label", "Find language, entities, topics and fingerprints of a batch."),
    stages.load_stage: _task(stages.load_stage, "load", "Load a batch with its copies and stories, in one transaction."),
    stages.settle_stage: _task(stages.settle_stage, "settle", "Put the stories in their final order and close the run."),
    stages.publish_stage: _task(stages.publish_stage, "publish", "Replace the published copy of the store."),
}


class PrefectEngine:
    """Calls each stage as its Prefect task."""

    name: EngineName = "prefect"

    def call(self, stage: Stage, *args: Any) -> Any:
        """Return what the stage returns for these arguments; raises what it raises."""
        return STEPS[stage](*map(quote, args))  # quoted: Prefect would look for futures in every record of the batch
