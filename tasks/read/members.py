"""Zip archives: every member of a known format, in the order of the archive."""

import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from tasks.read.piece import Item, Reader, Trouble, within
from tasks.read.stream import Budget, Steps, buffered, guarded, gunzip

MAX_DIRECTORY = 32_000_000
"""Bytes of an archive's table of contents: some 250,000 members. Python holds all of it in memory, 10 times as large."""
END, END_OFFSET = b"PK\x05\x06", 12
END64, END64_OFFSET = b"PK\x06\x06", 40
TAIL = 66_000
"""The end record stands in the last 65,557 bytes: 22 of its own and a comment; the zip64 records come just before."""
ENCRYPTED = 0x1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
"""LZMA is left out: a member decides how much memory its decompressor takes, up to 4 GB."""
Choose = Callable[[str], Reader | None]


def zip_reader(choose: Choose) -> Reader:
    """Return a reader of zip archives; `choose` gives the reader of a member's name, None for what is passed over."""

    def read_zip(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
        if not stream.seekable():  # inside gzip
            yield from read_nested(stream)
            return
        if directory_size(stream) > MAX_DIRECTORY:
            yield Trouble("", "too_large", "too many members for one archive; unpack it into a folder first")
            return
        budget = Budget(stream.seek(0, 2))
        position = 0
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                reader = None if _hidden(member) else choose(member.filename)
                if reader is None:
                    continue
                for item in guarded(_read_member(archive, member, reader, (max(0, skip - position), budget))):
                    position += 1
                    yield within(f"!{member.filename}", item)
        if position == 0:
            yield Trouble("", "empty", "there is no document in it")

    return read_zip


def read_nested(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
    """Yield the one Trouble of an archive inside an archive."""
    yield Trouble("", "nested_archive", "an archive inside an archive is not opened; unpack the outer one first")


def directory_size(stream: BinaryIO) -> int:
    """Return the bytes that the archive says its table of contents has, at most; 0 when it does not say.

    Field positions: .ZIP File Format Specification (APPNOTE), sections 4.3.14 and 4.3.16.
    """
    end = stream.seek(0, 2)
    stream.seek(max(0, end - TAIL))
    tail = stream.read()
    at, at64 = tail.rfind(END), tail.rfind(END64)
    plain = struct.unpack_from("<L", tail, at + END_OFFSET)[0] if 0 <= at <= len(tail) - 22 else 0
    large = struct.unpack_from("<Q", tail, at64 + END64_OFFSET)[0] if 0 <= at64 <= len(tail) - 56 else 0
    return max(large, 0 if plain == 0xFFFFFFFF else plain)  # all ones: the zip64 record has the number


def _hidden(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    return member.is_dir() or any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, reader: Reader, at: tuple[int, Budget]) -> Iterator[Item]:
    skip, budget = at
    if member.flag_bits & ENCRYPTED:
        yield Trouble("", "unreadable", "it is encrypted")
        return
    if member.compress_type not in METHODS:
        yield Trouble("", "unreadable", "its compression is not supported; pack it again with deflate")
        return
    with archive.open(member) as packed:
        stream = buffered(cast(Steps, packed), budget)
        if member.filename.lower().endswith(".gz"):
            stream = gunzip(stream, member.file_size)
        yield from reader(stream, skip)
