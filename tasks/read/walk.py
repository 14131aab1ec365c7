"""The files of a folder in one fixed order, so that a cursor can say how far reading has come."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tasks.read.formats import is_collected


class Found(NamedTuple):
    """A file to read: its path within the source ('' when it is the source), and where it is on disk."""

    path: str
    file: Path


def printable(path: str) -> str:
    """Return a path as valid text; bytes of a name that are not UTF-8 are written in hexadecimal, so two names stay two."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def walk(root: Path) -> Iterator[Found]:
    """Yield the readable files below a folder, sorted by path.

    Hidden names and unknown extensions are passed over, links to folders are not followed (they may go in
    circles). A folder that cannot be listed is yielded itself: opening it will tell why. In memory are the
    names of the folders on the way down, never those of the whole tree.
    """
    waiting = [("", root, True)]
    while waiting:
        path, file, is_folder = waiting.pop()
        if not is_folder:
            yield Found(path, file)
            continue
        try:
            waiting += _listed(file, path)
        except OSError:
            yield Found(path, file)


def _listed(folder: Path, prefix: str) -> list[tuple[str, Path, bool]]:
    with os.scandir(folder) as entries:
        named = [_named(entry, folder, prefix) for entry in entries if not entry.name.startswith(".")]
    return sorted((entry for entry in named if entry[2] or (is_collected(entry[1].name) and _may_be_file(entry[1]))), reverse=True)


def _named(entry: os.DirEntry[str], folder: Path, prefix: str) -> tuple[str, Path, bool]:
    # a folder's path ends in '/': sorted so, names come out in the order of the whole paths below
    is_folder = entry.is_dir(follow_symlinks=False)
    return prefix + printable(entry.name) + "/" * is_folder, folder / entry.name, is_folder


def _may_be_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True  # a link to nothing, or closed to us: opening it will tell why
