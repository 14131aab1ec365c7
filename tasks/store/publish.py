"""The published copy: a whole file, replaced in one step, so that reading never meets a half-written store."""

import os
import shutil
from pathlib import Path

from schemas.settings import Settings
from tasks.store.connection import open_writer
from tasks.store.migrate import Connection


def publish(con: Connection, settings: Settings) -> Connection:
    """Return a new connection to the writer's file after its content was published; the given one is closed.

    The file is closed before it is copied: a copy of a live file lacks what is still in its log.
    """
    con.execute("CHECKPOINT")
    con.close()
    replace_file(settings.writer_store, settings.store)
    return open_writer(settings)


def replace_file(source: Path, target: Path) -> None:
    """Put a copy of one file in place of another, durably and in one step: readers have the old one or the new one."""
    copy = target.with_name(target.name + ".tmp")
    shutil.copyfile(source, copy)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
    copy.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
