"""Backups: verified copies of a store in a folder, the newest of which are kept.

news-20261120T203000Z.duckdb          a store as any other: put it in the place of news.duckdb to go back
news-20261120T203000Z.duckdb.sha256   its checksum, as `sha256sum -c` reads it
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from schemas.errors import WirehouseError
from tasks.store.care.contents import check_same_rows
from tasks.store.replace import copy_file, put_in_place
from tasks.store.writer import Writer

STAMP = "%Y%m%dT%H%M%SZ"
DRAFT, CHECKSUM = ".part", ".sha256"


def back_up(store: Writer, folder: Path, name: str, now: datetime) -> Path:
    """Return the backup of what is committed: a copy that opens, with the same rows and the same bytes.

    `name` is that of the published copy. Raises WirehouseError when the folder cannot be written, has no room, or the
    copy is not right; it is gone then.
    """
    target = folder / f"{Path(name).stem}-{now.strftime(STAMP)}{Path(name).suffix}"
    draft = target.with_name(target.name + DRAFT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with store.closed() as file:
            copy_file(file, draft)
            check_same_rows(file, draft)
            digest = _digest(draft)
            if digest != _digest(file):
                raise WirehouseError(f"The backup {draft} is not the same as {file}, byte by byte; the disk may be failing.")
        target.with_name(target.name + CHECKSUM).write_text(f"{digest}  {target.name}\n", encoding="utf-8")
        put_in_place(draft, target)
    except OSError as error:
        raise WirehouseError(f"The backup in {folder} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):  # which is said already
            draft.unlink()
    return target


def prune_backups(made: Path, name: str, keep: int) -> list[Path]:
    """Return the backups of a store that were removed beside the one just made, all but the newest ones, with what unfinished ones left.

    One that claims to be of later than that was made by a clock that was ahead: it goes first, lest it outlive all others.
    """
    folder = made.parent
    whole = sorted((path for path in _files(folder, name) if path.suffix == Path(name).suffix), key=lambda path: (path <= made, path))
    gone = whole[: max(0, len(whole) - keep)]
    kept = {path.name for path in whole[len(gone) :]}
    for path in _files(folder, name):
        if path.name.removesuffix(CHECKSUM) not in kept:
            path.unlink(missing_ok=True)
    return gone


def _files(folder: Path, name: str) -> Iterator[Path]:
    stem, suffix, draft, checksum = map(re.escape, (Path(name).stem, Path(name).suffix, DRAFT, CHECKSUM))
    ours = re.compile(rf"{stem}-\d{{8}}T\d{{6}}Z{suffix}({draft}|{checksum})?")
    yield from [path for path in folder.iterdir() if ours.fullmatch(path.name)]


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
