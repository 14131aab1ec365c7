"""Ingest and retry: what feeds bring, and what was refused before, into the store; directly or as a Prefect flow run."""

from collections.abc import Sequence
from pathlib import Path

from flows.engine import prefect_for
from flows.typed import asked_feeds
from schemas.run import Engine, RunReport
from schemas.settings import Settings
from tasks.fetch.intake import FeedIntake, RetryIntake
from tasks.pipeline import Direct, Progress, run


def ingest(urls: Sequence[str], feeds_file: Path | None, settings: Settings, progress: Progress, engine: Engine = "direct") -> RunReport:
    """Return the report of a run over the feeds that are due or, when any are given, over these.

    Raises UsageError for what is no address and a file that is no feed list, and when public sites would be asked without
    a contact; StoreBusyError, StoreUnreadableError or BalanceError.
    """
    asked = asked_feeds(urls, feeds_file)
    if engine == "direct":
        return run(FeedIntake(settings, asked), settings, Direct(), progress)
    with prefect_for(settings.store, progress):
        from flows.ingest_flow import ingest as flow
        from flows.outcome import report_of

        return report_of(flow(list(urls), feeds_file, settings, return_state=True))


def retry(settings: Settings, progress: Progress) -> RunReport:
    """Return the report of a run over what was refused before; raises as `ingest` does."""
    return run(RetryIntake(settings), settings, Direct(), progress)
