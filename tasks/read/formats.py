"""The table of formats: which reader an extension calls for, and what a file without a known one looks like."""

import io
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import BinaryIO

from schemas.errors import UsageError
from tasks.read.lines import BOM, read_lines
from tasks.read.members import read_nested, zip_reader
from tasks.read.objects import read_objects
from tasks.read.parquet import read_parquet
from tasks.read.piece import Reader
from tasks.read.stream import gunzip
from tasks.read.warc import read_warc
from tasks.read.whole import reader_of

GZIP = b"\x1f\x8b"
MAGIC = {
    b"PK\x03\x04": ".zip",
    b"WARC/": ".warc",
    b"PAR1": ".parquet",
    b"\xff\xfe": ".txt",  # UTF-16 text has zero bytes
    b"\xfe\xff": ".txt",
}
SNIFF = 8192
JSON = {re.compile(rb'\{[ 	]*["}]'): ".jsonl", re.compile(rb'(\[\s{0,99})?\{\s{0,99}["}]'): ".json"}
HTML_TAG = re.compile(rb"<(!doctype html|html|head|body|article)\b", re.IGNORECASE)
TEXT_BYTES = bytes(set(range(32, 256)) | {*b"\b\t\n\f\r\x1b"})


MEMBER_READERS: Mapping[str, Reader] = {
    ".txt": reader_of("text/plain"),
    ".html": reader_of("text/html"),
    ".htm": reader_of("text/html"),
    ".xhtml": reader_of("text/html"),
    ".jsonl": read_lines,
    ".ndjson": read_lines,
    ".warc": read_warc,
    ".wet": read_warc,
    ".parquet": read_parquet,
    ".zip": read_nested,
}
FOLDER_READERS: Mapping[str, Reader] = {**MEMBER_READERS, ".zip": zip_reader(lambda name: MEMBER_READERS.get(extension(name)))}
READERS: Mapping[str, Reader] = {**FOLDER_READERS, ".json": read_objects}
"""A `.json` is read when it is asked for, by name or pattern: those in folders and zips are settings and manifests too often."""


def extension(name: str) -> str:
    """Return the extension that names the format, lower case, without a final `.gz`: `.jsonl` for `A.JSONL.gz`."""
    return PurePosixPath(bare_name(name)).suffix.lower()


def bare_name(name: str) -> str:
    """Return the name without a final `.gz`."""
    return name[:-3] if name.lower().endswith(".gz") else name


def is_known(name: str) -> bool:
    """Return whether a file of this name is read when it is asked for."""
    return extension(name) in READERS


def is_collected(name: str) -> bool:
    """Return whether a file of this name is read when it is met in a folder."""
    return extension(name) in FOLDER_READERS


def open_reader(name: str, stream: io.BufferedReader, size: int) -> tuple[Reader, BinaryIO]:
    """Return the reader for a file of `size` bytes and the stream to give it, decompressed.

    The name decides; when its extension is not known, the first bytes do. UsageError when they do not either.
    What starts as gzip is unpacked whatever its name says: many a `.warc` is one.
    """
    packed = name.lower().endswith(".gz") or stream.peek(2).startswith(GZIP)
    content = gunzip(stream, size) if packed else stream
    reader = READERS.get(extension(name)) or READERS.get(sniff(content.peek(SNIFF)[:SNIFF]))
    if reader is None:
        raise UsageError(
            f"'{name}' is neither text, HTML, JSON, WARC, Parquet nor zip; wirehouse reads {', '.join(sorted(READERS))} and .gz of each."
        )
    return reader, content


def sniff(head: bytes) -> str:
    """Return the extension that fits the first bytes of a file, '' for binary."""
    start = head.removeprefix(BOM).lstrip()
    for magic, suffix in MAGIC.items():
        if head.startswith(magic):
            return suffix
    for pattern, suffix in JSON.items():
        if pattern.match(start):
            return suffix
    if head.translate(None, TEXT_BYTES):
        return ""
    return ".html" if HTML_TAG.search(start, 0, 2000) else ".txt"
