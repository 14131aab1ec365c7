"""Reclean: stored articles through today's cleaning rules once more, without the network."""

from contextlib import closing
from uuid import UUID

from flows.chosen import chosen_articles
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.clean.version import rules_digest
from tasks.pipeline import Direct, Progress, run
from tasks.read.stored import StoredIntake
from tasks.store.connection import open_reader


def outdated_articles(settings: Settings, where: str | None) -> list[UUID]:
    """Return the ids of the articles that a condition over `articles` holds for, of those that other rules made without one.

    Raises UsageError for what is no condition, or when there is no store.
    """
    return chosen_articles(settings, f"cleaned_by IS DISTINCT FROM '{rules_digest()}'" if where is None else where)


def reclean(ids: list[UUID], settings: Settings, progress: Progress) -> RunReport:
    """Return the report of a run that made these articles anew of their stored documents; raises as `ingest` does.

    A run that is interrupted leaves the articles that it has committed as today's rules read them.
    """
    return run(StoredIntake(ids), settings, Direct(), progress)


def count_changed(settings: Settings, report: RunReport) -> int:
    """Return how many articles the run found that today's rules read otherwise."""
    with closing(open_reader(settings.store)) as con:
        [(count,)] = con.execute("SELECT count(*) FROM rule_changes WHERE run_id = ?", [report.run_id]).fetchall()
    return int(count)
