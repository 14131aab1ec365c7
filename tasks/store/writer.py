"""The one writer of a store: its lock, its open file, its publications."""

import time
from types import TracebackType
from typing import Self

from schemas.settings import Settings
from tasks.store.connection import open_writer
from tasks.store.files import WriterLock, check_file
from tasks.store.migrate import Connection, migrate
from tasks.store.publish import publish
from tasks.store.reference import keep_reference

SECONDS_A_MINUTE = 60


class Writer:
    """A store open for writing, migrated, with today's topics and entities; a context manager.

    `con` is another connection after every publication. Raises StoreBusyError when another process keeps the store
    longer than `lock_wait`, StoreUnreadableError when the files are not ours.
    """

    con: Connection

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = WriterLock(settings.writer_store, settings.lock_wait)

    def __enter__(self) -> Self:
        for path in (self._settings.store, self._settings.writer_store):
            check_file(path)  # before a lock file is laid beside something that is not ours
        self._lock.__enter__()
        try:
            self.con = open_writer(self._settings)
            migrate(self.con)
            keep_reference(self.con)
        except BaseException:
            self._lock.__exit__(None, None, None)
            raise
        self._published = time.monotonic()
        if not self._settings.store.exists():
            self.publish()  # empty: a first run can be watched from its start
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.con.close()
        self._lock.__exit__(kind, error, trace)

    @property
    def due(self) -> bool:
        """Whether the published copy is older than `publish_every`."""
        return time.monotonic() - self._published >= self._settings.publish_every * SECONDS_A_MINUTE

    def publish(self) -> None:
        """Replace the published copy by what is committed."""
        self.con = publish(self.con, self._settings)
        self._published = time.monotonic()
