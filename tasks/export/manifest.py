"""The manifest of an exported folder: what was exported of which store, and each file with its rows and its checksum."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from schemas.record import Record

NAME = "manifest.json"
FORMAT: Literal["wirehouse-export"] = "wirehouse-export"
FORMAT_VERSION = 1
MOST_BYTES = 32_000_000
"""A manifest of 100,000 files has 25 MB."""
Kind = Literal["parquet", "jsonl", "ninjs", "jsonfeed", "rss"]


class BrokenManifestError(ValueError):
    """A manifest that cannot be read; its argument says why."""


class ExportedFile(Record):
    """One file: its path below the folder, the table it holds, its rows, its bytes and their SHA-256 in hexadecimal."""

    path: str
    table: str
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str

    @field_validator("path")
    @classmethod
    def _below(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\0" in path:
            raise ValueError("a path leads out of the folder")
        return path


class Manifest(Record):
    """What an exported folder holds. `whole`: all tables of the store with all rows, so that it can be made anew of them."""

    format: Literal["wirehouse-export"] = FORMAT
    format_version: int = FORMAT_VERSION
    kind: Kind
    wirehouse: str
    store_version: int
    whole: bool
    condition: str | None = None
    """Which articles were chosen, as SQL; None: all."""
    created_at: datetime
    rows: dict[str, int]
    files: tuple[ExportedFile, ...]

    def files_of(self, table: str) -> list[ExportedFile]:
        """Return the files that hold a table."""
        return [file for file in self.files if file.table == table]


def describe_files(folder: Path, written: Iterable[tuple[str, str, int]]) -> tuple[ExportedFile, ...]:
    """Return files of a folder, given as (path, table, rows), with their sizes and checksums."""
    return tuple(
        ExportedFile(path=path, table=table, rows=rows, bytes=(folder / path).stat().st_size, sha256=digest_of(folder / path))
        for path, table, rows in written
    )


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; OSError when it cannot be read."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into its folder."""
    (folder / NAME).write_text(json.dumps(manifest.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder; BrokenManifestError, with the reason for people, when there is none that can be used."""
    try:
        with (folder / NAME).open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        return Manifest.model_validate(json.loads(text))
    except OSError as error:
        raise BrokenManifestError(f"{NAME}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BrokenManifestError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200]) from error
    except (ValueError, RecursionError) as error:
        raise BrokenManifestError(f"it is no JSON: {error}"[:200]) from error


def is_ours(folder: Path) -> bool:
    """Return whether an export was written into a folder, be its manifest whole or not."""
    try:
        with (folder / NAME).open("rb") as file:
            return f'"{FORMAT}"'.encode() in file.read(1000)
    except OSError:
        return False
