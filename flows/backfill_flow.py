"""The backfill as a Prefect flow: its stages are task runs over batches, its table an artifact."""

import os
from contextvars import ContextVar
from typing import Any

# before Prefect is imported: a temporary server needs longer than the default 20 s on a busy machine
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.report import report_rows
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.pipeline import Progress, Quiet, run
from tasks.read.intake import ArchiveIntake
from tasks.steps import PrefectEngine

PROGRESS: ContextVar[Progress] = ContextVar("PROGRESS", default=Quiet())  # noqa: B039  # it has no state
"""Who is told how the run goes on: a live object, so it cannot be a parameter of the flow."""


@flow(name="backfill", description="Take in archives.", persist_result=False)
def backfill(paths: list[str], settings: Settings | None = None) -> RunReport:
    """Return the report of a run over the archives at these paths, after leaving its table as an artifact."""
    report = run(ArchiveIntake(paths), settings or Settings(), PrefectEngine(), PROGRESS.get())
    table: list[dict[str, Any]] = [{"what": name, "value": value} for name, value in report_rows(report)]
    create_table_artifact(table, key="wirehouse-run", description=f"Run {report.run_id}")
    return report
