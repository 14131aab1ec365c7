"""How a flow run ends: with its report, or Completed under a name that says what to make of it."""

from collections.abc import Callable, Sequence
from typing import Any

from prefect import State
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from flows.report import report_markdown, report_rows
from schemas.errors import StoreBusyError, WirehouseError
from schemas.run import RunReport

SKIPPED, DEGRADED = "Skipped", "Degraded"


NAME_CHARACTERS = 60  # of one thing in the name of a flow run: a line in a list


def named(things: Sequence[str]) -> str:
    """Return what a flow run is about, short enough for a list of runs: the first thing, and how many more."""
    first = things[0] if things else "nothing"
    short = first if len(first) <= NAME_CHARACTERS else f"{first[:NAME_CHARACTERS]}..."
    return f"{short} and {len(things) - 1} more" if len(things) > 1 else short


def concluded(work: Callable[[], State[Any]]) -> State[Any]:
    """Return the state that the work returns, or Skipped when another process holds the store.

    Nothing is wrong then: the store is being written, and the next run of the schedule comes soon enough. Any other error
    that is meant for people is Failed with its sentence, without the traceback that Prefect would add.
    """
    try:
        return work()
    except StoreBusyError as busy:
        get_run_logger().info("%s: %s", SKIPPED, busy)
        return Completed(name=SKIPPED, message=str(busy))
    except WirehouseError as error:
        return Failed(message=str(error), data=error)


def completed(report: RunReport, degraded: str | None = None) -> State[Any]:
    """Return the state of a run over documents, after leaving its table as an artifact.

    Degraded when there is something to say: nothing broke here, and still somebody should look.
    """
    rows = report_rows(report)
    create_markdown_artifact(report_markdown(report), key="wirehouse-run", description=f"Run {report.run_id}")
    get_run_logger().info(", ".join(f"{name} {value}" for name, value in rows))
    if degraded is None:
        return Completed(data=report)
    get_run_logger().warning("%s: %s", DEGRADED, degraded)
    return Completed(name=DEGRADED, message=degraded, data=report)


def report_of(state: State[Any]) -> RunReport:
    """Return the report of a run that ended in this state; raises what the run raised, StoreBusyError when it was skipped."""
    if state.name == SKIPPED:
        raise StoreBusyError(state.message)
    report: RunReport = state.result()  # of a sync flow, so nothing to await
    return report
