"""The backfill as a Prefect flow: its stages are task runs over batches, its table an artifact."""

from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run

from flows.engine import progress_here
from flows.outcome import completed, concluded, named
from schemas.choice import Choice
from schemas.settings import Settings
from tasks.pipeline import run
from tasks.read.intake import EVERYTHING, ArchiveIntake
from tasks.steps import PrefectEngine


def run_name() -> str:
    """Return the name of this context's flow run, as people read it: what it takes in."""
    paths = [str(path) for path in flow_run.parameters.get("paths", [])]
    return f"backfill of {named(paths)}"


@flow(name="backfill", flow_run_name=run_name, description="Take in archives.", persist_result=False)
def backfill(paths: list[str], settings: Settings | None = None, choice: Choice = EVERYTHING) -> State[Any]:
    """Return the state, with its report, of a run over the archives at these paths, or over what was chosen of them."""
    chosen = settings or Settings()
    return concluded(lambda: completed(run(ArchiveIntake(paths, choice), chosen, PrefectEngine(), progress_here())))
