"""The two files of a store: what they are, and who may write them."""

import errno
import fcntl
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from schemas.errors import StoreBusyError, StoreUnreadableError, WirehouseError

MAGIC = b"DUCK"
MAGIC_OFFSET = 8  # the first 8 bytes of a DuckDB file are a checksum
FIRST_RETRY = 0.05  # seconds; doubled up to LAST_RETRY, so a short holder costs little and a long one no CPU
LAST_RETRY = 1.0


def check_file(path: Path) -> bool:
    """Return whether a DuckDB file stands at the path; raise StoreUnreadableError when something else does.

    To be called before DuckDB opens the file: closing any other handle of it would drop DuckDB's lock, and DuckDB
    itself would look for an extension on the network when it is given a SQLite file.
    """
    if path.is_dir():
        raise StoreUnreadableError(f"{path} is a folder, not a store; give the path of a file with --store.")
    try:
        with path.open("rb") as file:
            head = file.read(MAGIC_OFFSET + len(MAGIC))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    if head[MAGIC_OFFSET:] != MAGIC:
        kind = "a SQLite file" if head.startswith(b"SQLite") else "an empty file" if not head else "not a DuckDB file"
        raise StoreUnreadableError(f"{path} is {kind}, so it is no store of ours and is left as it is; choose another path with --store.")
    return True


def lock_path(writer: Path) -> Path:
    """Return where the lock of a writer's file stands."""
    return writer.with_name(writer.name + ".lock")


class WriterLock:
    """The right to write a store, held from the start of a run to its end, also while its file is closed for publishing.

    Waits up to `wait` seconds, then raises StoreBusyError naming the holder. The lock ends with the process.
    """

    def __init__(self, writer: Path, wait: float) -> None:
        self._path = lock_path(writer)
        self._wait = wait
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Take the lock; raises WirehouseError when the folder cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+b")
        except OSError as error:
            raise WirehouseError(f"{self._path.parent} cannot be written: {error.strerror}; choose another --store.") from error
        give_up, pause = time.monotonic() + self._wait, FIRST_RETRY
        while not _locked(file):
            if time.monotonic() >= give_up:
                raise StoreBusyError(
                    f"{self._path.with_suffix('')} is being written by {_holder(file)}; wait for it, or raise WIREHOUSE_LOCK_WAIT."
                )
            time.sleep(pause)
            pause = min(2 * pause, LAST_RETRY)
        file.truncate(0)
        file.write(f"process {os.getpid()} ({_command(sys.argv)}), since {time.strftime('%Y-%m-%d %H:%M:%S')}".encode())
        file.flush()
        self._file = file
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()


def _command(argv: Sequence[str]) -> str:
    """Return what this process is called and the name of its command, if it has one: never a path or an address, which may be secret."""
    name, *words = Path(argv[0]).name or "python", *argv[1:2]
    return " ".join([name, *(word for word in words if word.isalpha())])


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _holder(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace") or "another process"
