"""How a flow run ends: with its report, or Completed under a name that tells why there is none or what to look at."""

from collections.abc import Callable
from typing import Any

from prefect.artifacts import create_table_artifact
from prefect.logging import get_run_logger
from prefect.states import Completed, State

from flows.report import report_rows
from schemas.errors import StoreBusyError
from schemas.run import RunReport

SKIPPED, DEGRADED = "Skipped", "Degraded"
Told = Callable[[RunReport], str | None]


def conclude(work: Callable[[], RunReport], degraded: Told = lambda report: None) -> State[Any]:
    """Return the state in which a run over documents ends, its table left as an artifact.

    Skipped when another process holds the store: the next run of the schedule comes soon enough. Degraded when
    `degraded` has something to say of the report: nothing broke here, and still somebody should look.
    """
    log = get_run_logger()
    try:
        report = work()
    except StoreBusyError as busy:
        log.info("%s: %s", SKIPPED, busy)
        return Completed(name=SKIPPED, message=str(busy))
    rows = report_rows(report)
    create_table_artifact([{"what": name, "value": value} for name, value in rows], key="wirehouse-run", description=f"Run {report.run_id}")
    log.info(", ".join(f"{name} {value}" for name, value in rows))
    if note := degraded(report):
        log.warning("%s: %s", DEGRADED, note)
        return Completed(name=DEGRADED, message=note, data=report)
    return Completed(data=report)


def report_of(state: State[Any]) -> RunReport:
    """Return the report of a run that ended in this state; raises what the run raised, StoreBusyError when it was skipped."""
    if state.name == SKIPPED:
        raise StoreBusyError(state.message)
    report: RunReport = state.result()  # type: ignore[assignment]  # of a sync flow, so nothing to await
    return report
