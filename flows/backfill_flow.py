"""The backfill as a Prefect flow: its stages are task runs over batches, its table an artifact."""

from typing import Any

from prefect import flow
from prefect.states import State

from flows.engine import PROGRESS
from flows.outcome import conclude
from schemas.settings import Settings
from tasks.pipeline import run
from tasks.read.intake import ArchiveIntake
from tasks.steps import PrefectEngine


@flow(name="backfill", description="Take in archives.", persist_result=False)
def backfill(paths: list[str], settings: Settings | None = None) -> State[Any]:
    """Return the state, with its report, of a run over the archives at these paths."""
    return conclude(lambda: run(ArchiveIntake(paths), settings or Settings(), PrefectEngine(), PROGRESS.get()))
