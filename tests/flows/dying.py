"""The command line, dying like a killed process before its N-th call to the writer's store: `python -m tests.flows.dying N LOG COMMAND...`.

With N = 0 it lives, and every call is written to LOG, a line each. With KEEP in its environment it also keeps there what a death before
each call would leave: the files of the store as they lie on the disk at that moment, each different state once. Nothing else is changed
but that batches are small, so that few articles are several: store, workers and command are real.
"""

import hashlib
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import tasks.stages
import tasks.store.writer
from tasks.store.migrate import Connection

CALLS = ("execute", "executemany", "begin", "commit", "rollback", "appender", "register", "unregister", "checkpoint", "close")
KEEP = "DYING_KEEP"
STATES = "states.txt"
"""In KEEP, a line for each call: the name of the folder beside it that holds what a death before this call leaves."""
BATCH = 16


class Dying:
    """A connection that counts what is asked of it, over all connections of the process."""

    calls = 0

    def __init__(self, con: Connection, last: int, log: Path) -> None:
        self._con, self._last, self._log = con, last, log

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._con, name)
        if name not in CALLS:
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._count(name, arguments)
            return found(*arguments, **named)

        return call

    def _count(self, name: str, arguments: tuple[Any, ...]) -> None:
        Dying.calls += 1
        if Dying.calls == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        if not self._last:
            with self._log.open("a", encoding="utf-8") as lines:
                lines.write(f"{name} {' '.join(str(arguments[0]).split())[:80] if arguments else ''}\n")
        if KEEP in os.environ:
            keep(Path.cwd(), Path(os.environ[KEEP]))


def keep(folder: Path, kept: Path) -> None:
    """Put a copy of the store's files beside those of other moments, unless the same stand there already, and note which these are."""
    files = sorted(path for path in folder.glob("news.*") if ".duckdb" in path.name and path.suffix != ".lock")
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.stat().st_size.to_bytes(8))
        digest.update(path.read_bytes())
    state = kept / digest.hexdigest()[:16]
    if not state.exists():
        state.mkdir()
        for path in files:
            shutil.copyfile(path, state / path.name)
    with (kept / STATES).open("a", encoding="utf-8") as lines:
        lines.write(f"{state.name}\n")


def main() -> None:
    """Run the command."""
    last, log, command = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    tasks.stages.BATCH = BATCH
    opened = tasks.store.writer.open_writer
    tasks.store.writer.open_writer = lambda settings: Dying(opened(settings), last, log)  # type: ignore[assignment, return-value]
    sys.argv = ["wirehouse", *command]
    from flows.cli import main as wirehouse

    wirehouse()


if __name__ == "__main__":
    main()
