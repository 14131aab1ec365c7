"""Ingest as a Prefect flow: polls the feeds that are due, takes in what is new."""

from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run

from flows.engine import progress_here
from flows.outcome import completed, concluded, named
from flows.processes import end_quietly, end_with_starter
from flows.typed import asked_feeds
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.fetch.intake import FeedIntake
from tasks.pipeline import run
from tasks.steps import PrefectEngine

GOOD = {"feed ok", "feed not_modified"}


def run_name() -> str:
    """Return the name of this context's flow run, as people read it: what it polls."""
    asked = [*(flow_run.parameters.get("urls") or []), *filter(None, [flow_run.parameters.get("feeds_file")])]
    return f"ingest of {named([str(one) for one in asked])}" if asked else "ingest of the feeds that are due"


@flow(name="ingest", flow_run_name=run_name, description="Poll the feeds that are due and take in what is new.", persist_result=False)
def ingest(urls: list[str] | None = None, feeds_file: Path | None = None, settings: Settings | None = None) -> State[Any]:
    """Return the state, with its report, of a run over these feeds and those of a feed list, or over all that are due.

    Settings come from the environment and wirehouse.toml when none are given.
    """
    end_with_starter()
    end_quietly()
    chosen = settings or Settings()

    def poll() -> State[Any]:
        intake = FeedIntake(chosen, asked_feeds(urls or [], feeds_file))
        report = run(intake, chosen, PrefectEngine(), progress_here())
        return completed(report, degraded(report))

    return concluded(poll)


def degraded(report: RunReport) -> str | None:
    """Return what is wrong with a run in which feeds were polled and none answered well, else None."""
    polls = {what: count for what, count in report.fetches if what.startswith("feed ")}
    if not polls or polls.keys() & GOOD:
        return None
    return f"none of the {sum(polls.values())} feeds that were due answered well; see: wirehouse sql 'from feed_health'"
