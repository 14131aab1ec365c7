"""Processes of the operating system: when one started, which ones stem from it, and how they end together.

What is read from /proc is there on Linux only; elsewhere less is known, and signals do what they can.
"""

import atexit
import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1  # linux/prctl.h
UNKNOWN = 0  # when a process started, where only its being there can be seen
STDERR = 2  # its file descriptor
PPID, STARTED = 1, 19  # fields of /proc/PID/stat behind the name: 4 and 22 of proc(5)
LOOK_EVERY = 0.05  # seconds
DYING = 1.0  # seconds the kernel may take for a process that was killed: its memory is given back first


def started(pid: int) -> int | None:
    """Return when a process started, in clock ticks since the machine did, or None when there is no such process.

    Number and start together tell a process from a later one with the same number.
    """
    if PROC.is_dir():
        fields = _stat(pid)
        return int(fields[STARTED]) if fields else None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass  # somebody else's, but there
    return UNKNOWN


def descendants(pid: int) -> dict[int, int]:
    """Return the processes that stem from this one, each with when it started."""
    parents: dict[int, int] = {}
    begun: dict[int, int] = {}
    for entry in PROC.glob("[0-9]*"):
        if fields := _stat(int(entry.name)):
            parents[int(entry.name)], begun[int(entry.name)] = int(fields[PPID]), int(fields[STARTED])
    found: dict[int, int] = {}
    layer = {pid}
    while layer := {child for child, parent in parents.items() if parent in layer and child not in found}:
        found |= {child: begun[child] for child in layer}
    return found


def end_all(found: Mapping[int, int], seconds: float) -> None:
    """Wait so long for these processes to end by themselves, then kill those that are left."""
    _wait_for(found, seconds)
    for pid in _left(found):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    _wait_for(found, DYING)


def _wait_for(found: Mapping[int, int], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while _left(found) and time.monotonic() < give_up:
        time.sleep(LOOK_EVERY)


def end_with(parent: int) -> None:
    """Bind this process to its parent: the kernel kills it when the parent dies, however that comes about."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be asked for
        os._exit(1)


def end_with_starter() -> None:
    """Leave the end of this process to the one that started it as a Python child, as `serve` does for each run; else do nothing.

    Ctrl-C on a terminal reaches all processes of a command at once; this one is ended by its starter, in its turn.
    """
    starter = multiprocessing.parent_process()
    if starter is not None and starter.pid is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        end_with(starter.pid)


def end_quietly() -> None:
    """Have what the libraries say while Python is taken apart go nowhere.

    Prefect's threads and results hold DuckDB's client longer than Python lives, and it then reports all of itself as leaked.
    """
    atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), STDERR))


def _left(found: Mapping[int, int]) -> list[int]:
    return [pid for pid, begun in found.items() if started(pid) == begun]


def _stat(pid: int) -> list[str] | None:
    """Return the fields behind the name; None for a process that is gone, or has ended and is only not yet counted off."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name may hold anything, spaces and brackets too
    return None if fields[0] in "ZX" else fields


def main() -> None:
    """Become the Prefect command line, bound to the process whose number is the first argument."""
    end_with(int(sys.argv[1]))
    os.execv(sys.executable, [sys.executable, "-m", "prefect", *sys.argv[2:]])  # the bond outlives this


if __name__ == "__main__":
    main()
