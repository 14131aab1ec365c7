"""Which articles are exported, and the connection that writes them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from uuid import UUID

from schemas.choice import Period
from schemas.record import Record
from schemas.settings import Settings
from tasks.export.manifest import Kind
from tasks.store.conditions import articles_where
from tasks.store.connection import OFFLINE, connect, open_current
from tasks.store.migrate import Connection

WRITING = OFFLINE | {"threads": "1", "memory_limit": "768MB", "temp_directory": "", "max_temp_directory_size": "0GB"}
"""One thread keeps the rows in their order. Memory: a row group of each column, and the ids of the chosen articles."""
LATEST = "ORDER BY published_at DESC NULLS LAST, article_id"
DAY = timedelta(days=1)


class Wanted(Record):
    """What somebody wants: a format, and the articles that a condition in SQL holds for, of a period, the newest so many of them."""

    kind: Kind = "parquet"
    where: str | None = None
    published: Period = Period()
    limit: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.where is None and self.published.is_open and self.limit is None

    @property
    def condition(self) -> str | None:
        """The condition and the period as one condition over `articles`; None for all."""
        parts = [f"(\n{self.where}\n)"] if self.where is not None else []
        if self.published.since:
            parts.append(f"published_at >= TIMESTAMPTZ '{self.published.since} 00:00:00+00'")
        if self.published.until:
            parts.append(f"published_at < TIMESTAMPTZ '{self.published.until + DAY} 00:00:00+00'")
        return " AND ".join(parts) or None


@contextmanager
def open_chosen(settings: Settings, wanted: Wanted) -> Iterator[Connection]:
    """Give a connection to the published copy that can write files, with the ids of the wanted articles, newest first, in `chosen`.

    The condition is asked where it can reach nothing but the store. Raises UsageError for what is no condition, or when there is no store.
    """
    ids: list[UUID] | None = None
    with closing(open_current(settings.store)) as reader:
        if wanted.condition:
            ids = articles_where(reader, wanted.condition, settings.sql_timeout)
    with closing(connect(settings.store, read_only=True, config=WRITING)) as con:
        con.execute("SET TimeZone = 'UTC'")
        limit = f"LIMIT {wanted.limit:d}" if wanted.limit else ""
        if ids is None:
            con.execute(f"CREATE TEMP TABLE chosen AS SELECT article_id FROM articles {LATEST} {limit}")
        else:
            con.execute("CREATE TEMP TABLE wanted (article_id UUID)")
            with con.appender("wanted") as appender:
                appender.append_rows((one,) for one in ids)
            con.execute(f"CREATE TEMP TABLE chosen AS SELECT article_id FROM articles SEMI JOIN wanted USING (article_id) {LATEST} {limit}")
        yield con
