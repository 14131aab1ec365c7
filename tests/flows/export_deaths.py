"""An export over an earlier one, killed at every so many lines of the code that writes it, and what stands there then.

    python -m tests.flows.export_deaths FOLDER EVERY SWAP

FOLDER holds a store. Of the lines where the new folder takes the place of the old one every SWAP-th is taken besides. Prints a JSON line
for each kill: the line of code, and what was wrong afterwards. A child is forked for every kill, because imports take longer than the work.
"""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from schemas.errors import WirehouseError
from schemas.settings import Settings
from tasks.export.chosen import Wanted
from tasks.export.manifest import BrokenManifestError, digest_of, read_manifest
from tasks.export.run import export_folder
from tests.flows.sweep import Killer

FILES = ("/export/folder.py", "/export/run.py", "/export/tables.py", "/export/manifest.py")
EARLIER, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def export(folder: Path, now: datetime) -> None:
    export_folder(Settings(store=folder / "news.duckdb"), folder / "out", Wanted(kind="parquet"), lambda *_: None, now)


def broken_off(folder: Path) -> None:
    """Begin an export for which the disk is full after its first table."""

    def full(table: str, rows: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with suppress(WirehouseError):
        export_folder(Settings(store=folder / "news.duckdb"), folder / "out", Wanted(kind="parquet"), full, LATER)


def in_child(work: Callable[[], None]) -> bool:
    """Return whether a child that did the work lived to its end."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def standing(folder: Path) -> str:
    """Return what stands where the export is to be: nothing, the whole of the earlier or the later one, or what is wrong with it."""
    out = folder / "out"
    if not out.exists():
        return "nothing"
    try:
        manifest = read_manifest(out)
    except BrokenManifestError as error:
        return f"no manifest: {error}"
    wrong = [file.path for file in manifest.files if not (out / file.path).exists() or digest_of(out / file.path) != file.sha256]
    if wrong:
        return f"broken: {wrong}"
    return "later" if manifest.created_at == LATER else "earlier"


def wrong_after(folder: Path) -> list[str]:
    """Return what is wrong after a kill: at once, after an export that breaks off, and after one that does not."""
    found = standing(folder)
    wrong = [] if found in {"earlier", "later"} or (found == "nothing" and (folder / ".out.old").exists()) else [found]
    if not in_child(lambda: broken_off(folder)) or standing(folder) not in {"earlier", "later"}:
        wrong.append(f"broken off: {standing(folder)}")
    if not in_child(lambda: export(folder, LATER)) or standing(folder) != "later":
        wrong.append(f"exported again: {standing(folder)}")
    left = {path.name for path in folder.iterdir()} - {"news.duckdb", "news.writer.duckdb", "news.writer.duckdb.lock", "out", "place"}
    return [*wrong, *(f"left behind: {name}" for name in left)]


class Swapping(Killer):
    """Counts only the lines where one folder takes the place of another."""

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        return super().__call__(frame, event, arg) if frame.f_code.co_name in {"_swap", "_settle"} else None


def killed(folder: Path, at: int, killer: type[Killer]) -> bool:
    """Return whether a second export was killed at that line; not when it ended before."""

    def second() -> None:
        sys.settrace(killer(at, folder / "place", FILES))
        export(folder, LATER)

    return not in_child(second)


def sweep(original: Path, at: int, killer: type[Killer]) -> bool:
    """Return whether there was such a line, after printing what came of a death there."""
    folder = original.with_name(f"{original.name}-{at}")
    shutil.copytree(original, folder)
    there = killed(folder, at, killer)
    if there:
        print(json.dumps({"at": (folder / "place").read_text("utf-8"), "wrong": wrong_after(folder)}), flush=True)
    shutil.rmtree(folder)
    return there


def main() -> None:
    original = Path(sys.argv[1])
    assert in_child(lambda: export(original, EARLIER))
    for killer, every in ((Killer, int(sys.argv[2])), (Swapping, int(sys.argv[3]))):
        at = 1
        while sweep(original, at, killer):
            at += every


if __name__ == "__main__":
    main()
