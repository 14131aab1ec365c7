"""Compaction: the writer's file written anew without the space of rows that are gone.

DuckDB gives the blocks of deleted rows to new ones, never back to the disk. COPY FROM DATABASE writes all rows, keys,
views, macros and comments into a fresh file, and builds every index from its table.
"""

from pathlib import Path
from typing import NamedTuple

from tasks.store.care.contents import check_same_rows
from tasks.store.connection import OFFLINE, OPENING_MEMORY, connect
from tasks.store.migrate import Connection
from tasks.store.replace import check_room, put_in_place
from tasks.store.writer import Writer

FREE_SHARE = 1 / 3
"""Share of free blocks from which it is worth its time: some 25 s a gigabyte, against a third of it given back."""
DRAFT = ".compact"


class Compacted(NamedTuple):
    """How large the file was and is, in bytes."""

    before: int
    after: int


def free_share(con: Connection) -> float:
    """Return the share of the file's blocks that hold nothing, after its log was folded in: what is free at its end goes with that."""
    con.execute("CHECKPOINT")
    total, free = con.execute("SELECT total_blocks, free_blocks FROM pragma_database_size()").fetchall()[0]
    return free / total if total else 0.0


def compact(store: Writer) -> Compacted:
    """Return the sizes of the writer's file before and after it was written anew; the published copy is as it was.

    Raises WirehouseError when there is no room, or when the fresh file does not hold what the old one does: that stays
    then. What is killed on the way leaves a draft, which the next compaction overwrites.
    """
    with store.closed() as file:
        before = file.stat().st_size
        check_room(file.parent, before)
        draft = file.with_name(file.name + DRAFT)
        _remove(draft)
        try:
            _write_anew(file, draft)
            check_same_rows(file, draft)
            put_in_place(draft, file)
        finally:
            _remove(draft)
        return Compacted(before, file.stat().st_size)


def _write_anew(file: Path, draft: Path) -> None:
    with connect(Path(":memory:"), read_only=False, config=OFFLINE | {"memory_limit": OPENING_MEMORY}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{_quoted(file)}' AS old (READ_ONLY)")
        con.execute(f"ATTACH '{_quoted(draft)}' AS fresh")
        con.execute("COPY FROM DATABASE old TO fresh")
        con.execute("CHECKPOINT fresh")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _remove(draft: Path) -> None:
    for path in (draft, draft.with_name(draft.name + ".wal")):
        path.unlink(missing_ok=True)
