"""The one writer of a store: its lock, its open file, its publications."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from schemas.errors import WirehouseError
from schemas.labelling import Labelling
from schemas.settings import Settings
from tasks.clock import SteadyClock, behind, check_clock
from tasks.label.names.engines import check_engine
from tasks.label.version import Digests, label_digests
from tasks.store.connection import check_ours, open_writer
from tasks.store.files import WriterLock
from tasks.store.labels.own_topics import keep_own_topics
from tasks.store.metrics import metrics_text, write_metrics
from tasks.store.migrate import Connection, migrate
from tasks.store.reference import keep_reference
from tasks.store.replace import replace_file, same_content
from tasks.store.search.engine import check_search_engine, keep_up
from tasks.store.search.index import build_index

SECONDS_A_MINUTE = 60
LOG = logging.getLogger("wirehouse")


class Writer:
    """A store open for writing, migrated, with today's topics and entities; a context manager.

    `con` is another connection after every publication. Raises StoreBusyError when another process keeps the store
    longer than `lock_wait`, StoreUnreadableError when the files are not ours, WirehouseError when the clock cannot be right.
    """

    con: Connection
    now: SteadyClock
    """The time, by a clock that does not jump while the store is open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = WriterLock(settings.writer_store, settings.lock_wait)

    def __enter__(self) -> Self:
        check_clock(datetime.now(UTC))
        check_ours(self._settings)  # before a lock file is laid beside something that is not ours
        with ExitStack() as held:
            held.enter_context(self._lock)
            self.con = open_writer(self._settings)
            held.callback(lambda: self.con.close())  # noqa: PLW0108  # whichever connection is open by then
            migrate(self.con)
            self.now = SteadyClock(datetime.now(UTC))  # not before the lock was waited for
            self._tell_of_clock()
            build_index(self.con)
            keep_reference(self.con)
            check_engine(self.labelling.entity_engine, self.labelling.entity_model)
            check_search_engine(self._settings)
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

    def publish(self, *, anyway: bool = False) -> bool:
        """Return whether the published copy was replaced by what is committed; not when it says the same already.

        `anyway`: also then, because somebody asked for it. Raises WirehouseError when there is no room: the old copy stays.
        """
        with self.closed() as file:
            fresh = anyway or not same_content(file, self._settings.store)
            if fresh:
                replace_file(file, self._settings.store)
        keep_up(self._settings)
        self._published = time.monotonic()
        self.tell_metrics()
        return fresh

    def tell_metrics(self) -> None:
        """Write the setting's `metrics_file`, if there is one; what cannot be written is said and spoils no run."""
        path = self._settings.metrics_file
        if path is None:
            return
        try:
            write_metrics(path, metrics_text(self.con, self._settings, self.now()))
        except WirehouseError as error:
            LOG.warning("%s", error)

    def _tell_of_clock(self) -> None:
        [(last,)] = self.con.execute("SELECT max(started_at) FROM runs").fetchall()
        if said := behind(self.now(), last):
            LOG.warning("%s", said)

    @contextmanager
    def closed(self) -> Iterator[Path]:
        """Give the writer's file, whole and closed while inside: a copy of a live file lacks what is still in its log.

        The lock is held on, and `con` is another connection afterwards.
        """
        self.con.execute("CHECKPOINT")
        self.con.close()
        try:
            yield self._settings.writer_store
        finally:
            self.con = open_writer(self._settings)
