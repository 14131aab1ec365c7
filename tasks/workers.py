"""Worker processes that can be killed: one bad document costs its own rejection and nothing else.

items | chunks | worker: each item, its errors caught | after a time-out or crash: each item of the chunk alone | results in order
"""

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas.settings import Settings
from tasks.costs import Watch

CHUNK = 16  # documents a message: the round trip is below 1 % of their work, and a killed chunk repeats little
PRELOAD = ("tasks.warm",)  # imported once by the fork server, shared by all workers
PR_SET_PDEATHSIG = 1  # linux/prctl.h
MEGABYTE = 2**20
STDERR = 2  # its file descriptor

T = TypeVar("T")
R = TypeVar("R")
Work = Callable[[T, Watch], R]


class Failure(NamedTuple):
    """Why one item has no result: `timeout`, `memory`, `crash` or `error`, and the same for people."""

    reason: str
    detail: str


class Mapped(NamedTuple, Generic[R]):
    """The results in the order of their items, and what the stages cost."""

    results: list[R | Failure]
    watch: Watch


class Workers:
    """A pool of processes, started when the first work comes; a context manager that ends them.

    `preload` are the modules that they share. Only the first pool of a process decides that.
    """

    def __init__(self, settings: Settings, preload: Sequence[str] = PRELOAD) -> None:
        self._settings = settings
        self._preload = preload
        self._pool: ProcessPool | None = None
        self._pending: set[Future[Any]] = set()
        self._stopped = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if self._pool is not None:
            self._pool.join()

    def stop(self) -> None:
        """End the processes at once; who waits for their work gets CancelledError."""
        with self._lock:
            self._stopped = True
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only in part
            for future in tuple(self._pending):  # which a stopped pool would leave pending for ever
                future.cancel()

    def map(self, work: Work[T, R], items: Sequence[T], timeout: float | None = None) -> Mapped[R]:
        """Return what `work` made of each item, in order; an item that hangs, crashes or raises becomes a Failure.

        `timeout` is in seconds, for an item or a chunk of them; the settings' `document_timeout` when None.
        """
        chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
        return self._map_chunks(work, chunks, timeout or self._settings.document_timeout)

    def _map_chunks(self, work: Work[T, R], chunks: Sequence[Sequence[T]], limit: float) -> Mapped[R]:
        futures = [self._schedule(work, chunk, limit) for chunk in chunks]
        mapped: Mapped[R] = Mapped([], Watch())
        for chunk, future in zip(chunks, futures, strict=True):
            part = self._result(work, chunk, future, limit)
            mapped.results.extend(part.results)
            mapped.watch.add([part.watch])
        return mapped

    def _schedule(self, work: Work[T, R], chunk: Sequence[T], limit: float) -> "Future[Mapped[R]]":
        with self._lock:
            if self._stopped:
                raise CancelledError
            if self._pool is None:
                self._pool = _start_pool(self._settings, self._preload)
            future: Future[Mapped[R]] = self._pool.schedule(run_chunk, args=[work, chunk], timeout=limit)
            self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def _result(self, work: Work[T, R], chunk: Sequence[T], future: "Future[Mapped[R]]", limit: float) -> Mapped[R]:
        try:
            return future.result()
        except TimeoutError:
            failure = Failure("timeout", f"took longer than {limit:g} seconds")
        except ProcessExpired as error:
            failure = Failure("crash", f"ended its worker process with exit code {error.exitcode}")
        if len(chunk) == 1:
            return Mapped([failure], Watch())
        return self._map_chunks(work, [[item] for item in chunk], limit)


def run_chunk(work: Work[T, R], chunk: Sequence[T]) -> Mapped[R]:
    """Return the results of a chunk, computed here: what an item raises becomes its Failure."""
    watch = Watch()
    return Mapped([_run(work, item, watch) for item in chunk], watch)


def _run(work: Work[T, R], item: T, watch: Watch) -> R | Failure:
    try:
        return work(item, watch)
    except MemoryError:
        return Failure("memory", "needed more memory than a document may have")
    except ImportError:
        raise  # a broken installation is nobody's document
    except Exception as error:  # whatever a document does to a parser is its own rejection, not the end of the run
        return Failure("error", f"{type(error).__name__}: {error}"[:500])


def _start_pool(settings: Settings, preload: Sequence[str]) -> ProcessPool:
    # a fork server and not fork: the parent has threads (DuckDB, Prefect), whose locks a fork would copy
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    with _unheard():
        resource_tracker.ensure_running()  # first, because starting it clears the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited: Ctrl-C is for this process alone
    try:
        with _unheard():
            forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return ProcessPool(max_workers=settings.workers, context=context, initializer=_start_worker, initargs=[settings.document_memory])


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Give what is started inside nowhere to write: a worker that is stopped while it starts would show its traceback.

    What becomes of a document is told by its result, never by what a worker prints.
    """
    try:
        kept = os.dup(STDERR)
    except OSError:  # closed already
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)


def _start_worker(megabytes: int) -> None:
    """Bind a new worker to its parent's life and to its memory."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + megabytes * MEGABYTE  # what the libraries have mapped already is not the document's
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
