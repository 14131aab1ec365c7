"""Reclean: stored articles through today's cleaning rules once more, without the network."""

from contextlib import closing
from uuid import UUID

from schemas.errors import UsageError
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.clean.version import rules_digest
from tasks.pipeline import Direct, Progress, run
from tasks.read.stored import StoredIntake
from tasks.store.connection import open_current, open_reader
from tasks.store.query import run_query


def outdated_articles(settings: Settings, where: str | None) -> list[UUID]:
    """Return the ids of the articles that a condition over `articles` holds for, of those that other rules made without one.

    Raises UsageError for what is no condition, or when there is no store.
    """
    condition = f"cleaned_by IS DISTINCT FROM '{rules_digest()}'" if where is None else where
    # the line breaks end a comment in the condition; whatever it selects, what is asked for are ids of articles
    chosen = f"(SELECT article_id FROM articles WHERE (\n{condition}\n))"
    query = f"SELECT article_id FROM articles SEMI JOIN {chosen} USING (article_id) ORDER BY ALL"
    with closing(open_current(settings.store)) as con:
        try:
            _, rows = run_query(con, query, settings.sql_timeout)
            return [article_id for (article_id,) in rows]
        except UsageError as error:
            raise UsageError(f"'{condition}' is no condition over the table articles. {error}") from error


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
