"""Articles that a person chooses by a condition."""

from contextlib import closing
from uuid import UUID

from schemas.errors import UsageError
from schemas.settings import Settings
from tasks.store.connection import open_current
from tasks.store.query import run_query


def chosen_articles(settings: Settings, condition: str) -> list[UUID]:
    """Return the ids of the published articles that a condition over the table `articles` holds for.

    Raises UsageError for what is no condition, or when there is no store.
    """
    # the line breaks end a comment in the condition; whatever it selects, what is asked for are ids of articles
    chosen = f"(SELECT article_id FROM articles WHERE (\n{condition}\n))"
    query = f"SELECT article_id FROM articles SEMI JOIN {chosen} USING (article_id) ORDER BY ALL"
    with closing(open_current(settings.store)) as con:
        try:
            _, rows = run_query(con, query, settings.sql_timeout)
            return [article_id for (article_id,) in rows]
        except UsageError as error:
            raise UsageError(f"'{condition}' is no condition over the table articles. {error}") from error
