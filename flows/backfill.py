"""Backfill: archives in, a published store out; directly, or as a Prefect flow run with the same result."""

from collections.abc import Sequence

from flows.engine import prefect_for
from schemas.choice import Choice
from schemas.run import Engine, RunReport
from schemas.settings import Settings
from tasks.pipeline import Direct, Progress, run
from tasks.read.intake import EVERYTHING, ArchiveIntake


def backfill(
    arguments: Sequence[str], settings: Settings, progress: Progress, engine: Engine = "direct", choice: Choice = EVERYTHING
) -> RunReport:
    """Return the report of a run that took in the archives at these paths, or what was chosen of them.

    Raises UsageError for a path that names nothing, StoreBusyError, StoreUnreadableError or BalanceError.
    """
    intake = ArchiveIntake(arguments, choice)
    if engine == "direct":
        return run(intake, settings, Direct(), progress)
    with prefect_for(settings.store, progress):
        from flows.backfill_flow import backfill as flow
        from flows.outcome import report_of

        return report_of(flow(list(arguments), settings, choice, return_state=True))
