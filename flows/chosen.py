"""Articles that a person chooses by a condition."""

from contextlib import closing
from uuid import UUID

from schemas.settings import Settings
from tasks.store.conditions import articles_where
from tasks.store.connection import open_current


def chosen_articles(settings: Settings, condition: str) -> list[UUID]:
    """Return the ids of the published articles that a condition over the table `articles` holds for.

    Raises UsageError for what is no condition, or when there is no store.
    """
    with closing(open_current(settings.store)) as con:
        return articles_where(con, condition, settings.sql_timeout)
