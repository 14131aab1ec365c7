"""Backfill: archives in, a published store out; directly, or as a Prefect flow run with the same result."""

from collections.abc import Sequence

from flows.engine import prefect_for
from schemas.run import Engine, RunReport
from schemas.settings import Settings
from tasks.pipeline import Direct, Progress, run
from tasks.read.intake import ArchiveIntake


def backfill(arguments: Sequence[str], settings: Settings, progress: Progress, engine: Engine = "direct") -> RunReport:
    """Return the report of a run that took in the archives at these paths.

    Raises UsageError for a path that names nothing, StoreBusyError, StoreUnreadableError or BalanceError.
    """
    intake = ArchiveIntake(arguments)
    if engine == "direct":
        return run(intake, settings, Direct(), progress)
    with prefect_for(settings.store, progress):
        from flows.backfill_flow import backfill as flow
        from flows.outcome import report_of

        return report_of(flow(list(arguments), settings, return_state=True))
