"""One file put in place of another: whole, durable, in one step, and as cheaply as the file system can.

room is there? | clone, or copy within the kernel, or copy | fsync | os.replace | fsync of the folder
"""

import errno
import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path

from schemas.errors import WirehouseError

FICLONE = 0x40049409
"""The ioctl by which btrfs, XFS and bcachefs give a file the blocks of another (linux/fs.h: _IOW(0x94, 9, int))."""
COPIED_AT_ONCE = 2**30  # bytes; the kernel cuts what is more than 2 GB
SPARE = 16 * 2**20
"""Bytes that must stay free beside a copy: the writer's log of a batch, and room to say what went wrong."""
HEADERS = 3 * 4096
"""Bytes at the start of a DuckDB file: the main header and two of the database, of which each checkpoint writes one anew with a
higher number. Files of one origin with the same headers and length are the same."""
NOT_HERE = {errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EBADF, errno.ETXTBSY}
"""How a file system says that it cannot clone, or not between these two."""


def same_content(one: Path, other: Path) -> bool:
    """Return whether two closed files of one store, of which one was copied from the other, still say the same."""
    try:
        with one.open("rb") as first, other.open("rb") as second:
            sizes = os.fstat(first.fileno()).st_size, os.fstat(second.fileno()).st_size
            return sizes[0] == sizes[1] and first.read(HEADERS) == second.read(HEADERS)
    except OSError:
        return False


def replace_file(source: Path, target: Path) -> None:
    """Put a copy of one file in place of another: whoever opens it has the old one or the new one, and keeps what he has open.

    Raises WirehouseError when there is no room for the copy, OSError when writing fails; the old file stays then.
    """
    copy = target.with_name(target.name + ".tmp")
    try:
        copy_file(source, copy)
        put_in_place(copy, target)
    except BaseException:
        with suppress(OSError):
            copy.unlink()
        raise


def copy_file(source: Path, target: Path) -> None:
    """Write a durable copy of a file: by sharing its blocks where that can be, else within the kernel, else through this process."""
    with source.open("rb") as origin, target.open("wb") as copy:
        size = os.fstat(origin.fileno()).st_size
        if not _cloned(origin.fileno(), copy.fileno()):
            check_room(target.parent, size)
            if not _copied_in_kernel(origin.fileno(), copy.fileno(), size):
                origin.seek(0)
                copy.truncate(0)
                shutil.copyfileobj(origin, copy)
        copy.flush()
        os.fsync(copy.fileno())


def put_in_place(draft: Path, target: Path) -> None:
    """Give a file that is written and synced its final name, durably and in one step."""
    draft.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_room(folder: Path, size: int) -> None:
    """Raise WirehouseError when a folder's file system has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise WirehouseError(
            f"The disk of {folder} has {free / 1e6:,.0f} MB free, and a copy of the store takes {size / 1e6:,.0f} MB; make room. "
            "The published copy stays as it was, and what was committed stands."
        )


def _cloned(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError as error:
        if error.errno in NOT_HERE:
            return False
        raise
    return True


def _copied_in_kernel(source: int, target: int, size: int) -> bool:
    if not hasattr(os, "copy_file_range"):
        return False
    done = 0
    with suppress(OSError):  # whatever the kernel says: if it is the disk, copying says so again
        while done < size and (more := os.copy_file_range(source, target, min(COPIED_AT_ONCE, size - done), done, done)):
            done += more
    return done == size
