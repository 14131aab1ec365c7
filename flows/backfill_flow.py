"""The backfill as a Prefect flow: its stages are task runs over batches, its table an artifact."""

from typing import Any

from prefect import State, flow

from flows.engine import progress_here
from flows.outcome import completed, concluded
from schemas.choice import Choice
from schemas.settings import Settings
from tasks.pipeline import run
from tasks.read.intake import EVERYTHING, ArchiveIntake
from tasks.steps import PrefectEngine


@flow(name="backfill", description="Take in archives.", persist_result=False)
def backfill(paths: list[str], settings: Settings | None = None, choice: Choice = EVERYTHING) -> State[Any]:
    """Return the state, with its report, of a run over the archives at these paths, or over what was chosen of them."""
    chosen = settings or Settings()
    return concluded(lambda: completed(run(ArchiveIntake(paths, choice), chosen, PrefectEngine(), progress_here())))
