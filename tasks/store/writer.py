"""The one writer of a store: its lock, its open file, its publications."""

import time
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Self

from schemas.labelling import Labelling
from schemas.settings import Settings
from tasks.label.names.engines import check_engine
from tasks.label.version import Digests, label_digests
from tasks.store.connection import check_ours, open_writer
from tasks.store.files import WriterLock, replace_file
from tasks.store.migrate import Connection, migrate
from tasks.store.own_topics import keep_own_topics
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
        check_ours(self._settings)  # before a lock file is laid beside something that is not ours
        with ExitStack() as held:
            held.enter_context(self._lock)
            self.con = open_writer(self._settings)
            held.callback(lambda: self.con.close())  # noqa: PLW0108  # whichever connection is open by then
            migrate(self.con)
            keep_reference(self.con)
            check_engine(self.labelling.entity_engine, self.labelling.entity_model)
            keep_own_topics(self.con, self.labelling)
            self._published = time.monotonic()
            if not self._settings.store.exists():
                self.publish()  # empty: a first run can be watched from its start
            self._held = held.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._held.close()

    @property
    def whole_archive(self) -> bool:
        """Whether copies are looked for in the whole store."""
        return self._settings.dedupe_window == "all"

    @property
    def labelling(self) -> Labelling:
        """What the settings say about labels."""
        return self._settings.labelling

    @cached_property
    def labelled_by(self) -> Digests:
        """The digests of today's labelling rules."""
        return label_digests(self.labelling)

    @property
    def due(self) -> bool:
        """Whether the published copy is older than `publish_every`."""
        return time.monotonic() - self._published >= self._settings.publish_every * SECONDS_A_MINUTE

    def publish(self) -> None:
        """Replace the published copy by what is committed.

        The file is closed before it is copied: a copy of a live file lacks what is still in its log.
        """
        self.con.execute("CHECKPOINT")
        self.con.close()
        try:
            replace_file(self._settings.writer_store, self._settings.store)
        finally:
            self.con = open_writer(self._settings)
        self._published = time.monotonic()
