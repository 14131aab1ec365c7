"""Compressed streams that keep what was good before an error, and stop when they expand beyond reason."""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

from tasks.read.piece import Item, Trouble

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RATIO = 300
"""How many times its packed size a stream may grow. News text packs 3 to 10 times, deflate reaches 1,032 on zeros."""
FREE = 16_000_000
"""Bytes that any stream may give before the ratio is looked at."""
BROKEN = (EOFError, ValueError, LookupError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)
"""What zipfile and the decompressors let out on damaged bytes (found by fuzzing); bz2 and gzip add an OSError without number."""


class ExpansionError(Exception):
    """A stream that grows like a decompression bomb."""


class Steps(Protocol):
    """A stream that can hand out what one step of its decompressor gives."""

    def read1(self, n: int, /) -> bytes:
        """Return at most n bytes; none at the end."""
        ...


class Budget:
    """The bytes that may still come out of a packed stream of `packed` bytes."""

    def __init__(self, packed: int) -> None:
        self.left = max(FREE, MAX_RATIO * packed)

    def spend(self, count: int) -> None:
        """Take `count` bytes off the budget; ExpansionError when it is used up."""
        self.left -= count
        if self.left < 0:
            raise ExpansionError(f"it expands to more than {MAX_RATIO} times its size")


class Unpacked(io.RawIOBase):
    """The decompressed bytes, step by step.

    A BufferedReader right on a GzipFile fills its whole buffer at once and loses what it had when the
    stream breaks; over one step at a time it keeps everything before the break.
    """

    def __init__(self, steps: Steps, budget: Budget) -> None:
        super().__init__()
        self._steps, self._budget = steps, budget

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Return how many bytes were put into the buffer; 0 at the end."""
        room = memoryview(buffer)
        chunk = self._steps.read1(len(room))
        self._budget.spend(len(chunk))
        room[: len(chunk)] = chunk
        return len(chunk)


def buffered(steps: Steps, budget: Budget) -> io.BufferedReader:
    """Return a buffered stream over a decompressor, within the budget."""
    return io.BufferedReader(Unpacked(steps, budget), 1 << 16)


def gunzip(stream: BinaryIO, packed: int) -> io.BufferedReader:
    """Return the decompressed stream of a gzip of `packed` bytes."""
    return buffered(gzip.GzipFile(fileobj=stream, mode="rb"), Budget(packed))


def guarded(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items, and one Trouble in the place where the stream under them breaks."""
    try:
        yield from items
    except ExpansionError as error:
        yield Trouble("", "too_large", str(error))
    except OSError as error:
        yield Trouble("", "unreadable" if error.errno else "broken_archive", error.strerror or str(error))
    except BROKEN as error:
        yield Trouble("", "broken_archive", str(error) or type(error).__name__)
