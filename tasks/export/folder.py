"""A folder that is there in one step or not at all: written as a draft beside its place, then renamed.

.out.part   the draft, until its manifest, the last file of it, is on the disk
.out.old    what stood there, while the draft takes its place; always whole, so a later run can put it back
.out.gone   what stood there, while it is deleted
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from schemas.errors import UsageError, WirehouseError
from tasks.export.manifest import is_ours


def check_target(target: Path, store: Path, *, overwrite: bool) -> Path:
    """Return the folder that is to be written, in full; UsageError when something stands there that is no earlier export."""
    folder = target.resolve()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{target} is a file; name a folder.")
    if store.resolve().is_relative_to(folder) or Path.cwd().is_relative_to(folder):
        raise UsageError(f"{target} holds the store or the folder you are in, so it is not replaced; name another folder.")
    try:
        taken = folder.exists() and any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{target} cannot be read: {error.strerror}.") from error
    if taken and not (overwrite or is_ours(folder)):
        raise UsageError(
            f"{target} is not empty and no earlier export; name another folder, or replace all that is in it with --overwrite."
        )
    return folder


@contextmanager
def in_place(folder: Path) -> Iterator[Path]:
    """Give the draft of a folder, and put it in place of what stood there once it is written.

    What goes wrong leaves the old folder as it was and no draft. UsageError when nothing can be written there, WirehouseError
    when writing breaks off.
    """
    draft = _beside(folder, "part")
    with _held(draft):
        try:
            _settle(folder)
            yield draft
            _sync(draft)
            _swap(draft, folder)
        except (OSError, duckdb.IOException) as error:
            why = getattr(error, "strerror", None) or str(error).splitlines()[0]
            raise WirehouseError(f"{folder} could not be written: {why}. Nothing of it was kept.") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _held(draft: Path) -> Iterator[None]:
    """Make the draft anew and hold it: the lock ends with the process, so a draft without one was left behind."""
    try:
        draft.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"{draft.parent} cannot be written: {error.strerror}; name another folder.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for entry in draft.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        yield
    except BlockingIOError as error:
        raise UsageError(f"Another export is writing {draft.parent / draft.name[1:-5]} just now; wait for it.") from error
    finally:
        os.close(handle)


def _swap(draft: Path, folder: Path) -> None:
    try:
        if folder.exists():
            folder.rename(_beside(folder, "old"))
        draft.rename(folder)
    finally:
        _settle(folder)


def _settle(folder: Path) -> None:
    """Bring a swap to its end, that of an earlier run which was killed in it too: forward when the new folder is there, else back."""
    old, gone = _beside(folder, "old"), _beside(folder, "gone")
    shutil.rmtree(gone, ignore_errors=True)
    if old.exists():
        old.rename(gone if folder.exists() else folder)  # renamed first: what is half deleted must not pass for what is whole
    _sync_one(folder.parent)
    shutil.rmtree(gone, ignore_errors=True)


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{suffix}")


def _sync(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        _sync_one(path)


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
