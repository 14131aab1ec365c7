"""A folder that `wirehouse export` wrote in Parquet, read back.

    manifest | every file has the checksum that it names | into a fresh store: all rows | into any other: the documents, through the line

A file that is not as it was written is a rejection that names it, and nothing of the folder is taken in then: what was put
together of half an export would pass for the whole.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from schemas.arrival import Delivery
from schemas.rejection import Rejection
from tasks.export.manifest import NAME, BrokenManifestError, Manifest, digest_of, is_ours, read_manifest
from tasks.read.walk import printable
from tasks.store.articles.documents import met_elsewhere
from tasks.store.care.restore import UnfitError, can_restore, restore
from tasks.store.migrate import Connection, migrations

ONLY_OURS = ("articles", "internal", "sightings.parquet")
"""What no folder but an export in Parquet has beside each other, should its manifest be gone."""


def is_export(path: Path) -> bool:
    """Return whether a path is an export in Parquet; the other formats are read as any other archive."""
    if not path.is_dir():
        return False
    if all((path / name).exists() for name in ONLY_OURS):
        return True
    try:
        return is_ours(path) and read_manifest(path).kind == "parquet"
    except BrokenManifestError:
        return True


def read_export(con: Connection, path: Path, *, whole: bool) -> Iterator[Delivery]:
    """Yield what an export holds that the store does not have; a store that nothing has come to yet has all of it afterwards.

    `whole`: nothing was asked for that would leave a part out. Of the Delivery's `done` counts the folder's bytes.
    """
    try:
        manifest = read_manifest(path)
    except BrokenManifestError as error:
        yield _refused(path, NAME, "broken_export", str(error))
        return
    faults = list(_faults(path, manifest))
    if faults:
        yield from faults
        return
    size = sum(file.bytes for file in manifest.files)
    try:
        if whole and can_restore(con, manifest):
            restore(con, path, manifest, datetime.now(UTC))
            yield Delivery(done=size)
            return
        for met in met_elsewhere(con, path, manifest):
            yield Delivery(item=met.document, read_at=met.read_at, done=round(met.share * size))
    except (UnfitError, duckdb.Error, ValueError) as error:
        if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
            raise  # the disk or the memory, not the folder
        yield _refused(path, NAME, "broken_export", str(error).splitlines()[0][:300])


def _faults(path: Path, manifest: Manifest) -> Iterator[Delivery]:
    newest = len(migrations())
    if manifest.store_version > newest or manifest.format_version > type(manifest).model_fields["format_version"].default:
        detail = f"it is of a newer Wirehouse ({manifest.wirehouse}, store version {manifest.store_version}); install that one"
        yield _refused(path, NAME, "newer_export", detail)
        return
    for file in manifest.files:
        try:
            changed = digest_of(path / file.path) != file.sha256
        except FileNotFoundError:
            yield _refused(path, file.path, "missing_file", "the manifest names it, and it is not there")
        except OSError as error:
            yield _refused(path, file.path, "unreadable", error.strerror or str(error))
        else:
            if changed:
                yield _refused(
                    path, file.path, "changed_file", "it has not the checksum that the manifest names; nothing of the export is taken in"
                )


def _refused(path: Path, name: str, reason: str, detail: str) -> Delivery:
    origin, place = (f"{printable(root.as_posix())}/{printable(name)}" for root in (path, path.resolve()))
    return Delivery(item=Rejection(stage="read", reason=reason, detail=detail, origin=origin, place=place))
