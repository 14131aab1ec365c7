"""Content codings undone within a limit: gzip, deflate, br, zstd; one at most, and never more bytes than allowed.

pieces as they come | one coding | no more than the limit, whatever a piece unfolds to | whole, or the reason why not
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

NO_CODING = frozenset({"", "identity", "none", "binary", "8bit", "utf-8", "utf8"})
"""What servers write when they mean that nothing was done; all but the first two are wrong and common."""

STEP = 2**18  # bytes that one call may unfold; more calls, flat memory
ZSTD_PIECE = 64  # bytes: the densest block takes 4 for 128 KiB, so a slice unfolds to 2 MiB at most
ZSTD_WINDOW = 2**23  # bytes; what HTTP allows (RFC 9659)
MOST_MEMBERS = 1_000  # of a gzip body; blocked gzip has one for 64 KiB, so 15 MiB have 240
GZIP_MAGIC = b"\x1f\x8b"


class BrokenBodyError(Exception):
    """A body that is not what its headers say; the message is for people."""


class TooLargeError(Exception):
    """A body beyond the limit."""


class Undoing(Protocol):
    """One coding being undone, a piece at a time."""

    def undo(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece unfolds to, in parts of bounded length."""

    def whole(self) -> bool:
        """Return whether the coded stream has come to its end."""


class Body:
    """A body that is being received: undoes its coding, counts, stops at `most` bytes before and after."""

    def __init__(self, coding: str, most: int) -> None:
        """Raise BrokenBodyError when more than one coding was used or an unknown one."""
        self._undoing = undoing(coding)
        self._most = most
        self._taken = 0
        self._parts = bytearray()

    def take(self, data: bytes) -> Iterator[int]:
        """Take a piece from the wire, in steps of bounded memory; yield the size so far after each.

        Raises TooLargeError past the limit, BrokenBodyError when it cannot be undone.
        """
        self._taken += len(data)
        if self._taken > self._most:
            raise TooLargeError(f"more than {self._most} bytes")
        try:
            for part in self._undoing.undo(data) if self._undoing else (data,):
                self._parts += part
                if len(self._parts) > self._most:
                    raise TooLargeError(f"unfolds to more than {self._most} bytes")
                yield len(self._parts)
        except (zlib.error, ValueError) as error:
            raise BrokenBodyError(f"the content coding is damaged: {error}") from error

    def head(self) -> bytes:
        """Return what there is so far."""
        return bytes(self._parts)

    def close(self) -> bytes:
        """Return the whole body; raises BrokenBodyError when its coded stream breaks off."""
        if self._undoing is not None and self._taken and not self._undoing.whole():
            raise BrokenBodyError("truncated: the compressed stream breaks off")
        return bytes(self._parts)


def undoing(coding: str) -> Undoing | None:
    """Return what undoes the coding that a Content-Encoding header names, None when there is nothing to undo.

    Raises BrokenBodyError for several codings (the way bombs are packed) and for unknown ones.
    """
    names = [name for part in coding.split(",", MOST_MEMBERS) if (name := part.strip().lower()) not in NO_CODING]
    if not names:
        return None
    if len(names) > 1:
        raise BrokenBodyError(f"{len(names)} content codings, one on top of the other")
    match names[0]:
        case "gzip" | "x-gzip":
            return Gzip()
        case "deflate":
            return Deflate()
        case "br":
            return Brotli()
        case "zstd":
            return Zstd()
    raise BrokenBodyError(f"unknown content coding '{names[0][:40]}'")


class Gzip:
    """gzip, its members one after the other; whatever follows the last one is ignored, as browsers do."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._members = 1
        self._rest = b""
        self._over = False

    def undo(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece unfolds to."""
        while data and not self._over:
            if self._stream.eof:
                data = self._next_member(data)
                continue
            yield self._stream.decompress(data, STEP)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _next_member(self, data: bytes) -> bytes:
        data = self._rest + data
        if not data.startswith(GZIP_MAGIC[: len(data)]):
            self._over = True
            return b""
        if len(data) < len(GZIP_MAGIC):
            self._rest = data
            return b""
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise ValueError("too many gzip members")
        self._rest = b""
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return data

    def whole(self) -> bool:
        """Return whether the last member is complete."""
        return self._stream.eof


class Deflate:
    """deflate in its zlib wrapping, or raw as some servers send it."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: zlib._Decompress | None = None

    def undo(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece unfolds to."""
        if self._stream is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return
            wrapped = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0  # RFC 1950, 2.2
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        while data and not self._stream.eof:
            yield self._stream.decompress(data, STEP)
            data = self._stream.unconsumed_tail

    def whole(self) -> bool:
        """Return whether the stream is complete."""
        return self._stream is not None and self._stream.eof


class Brotli:
    """br, in steps of a bounded output."""

    def __init__(self) -> None:
        import brotli

        self._stream = brotli.Decompressor()
        self._error = brotli.error

    def undo(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece unfolds to."""
        try:
            while not self._stream.is_finished():
                part = self._stream.process(data, output_buffer_limit=STEP)
                data = b""
                yield part
                if not part and self._stream.can_accept_more_data():
                    return
                if len(part) < STEP and self._stream.can_accept_more_data():
                    return
        except self._error as error:
            raise ValueError("not brotli") from error

    def whole(self) -> bool:
        """Return whether the stream is complete."""
        return bool(self._stream.is_finished())


class Zstd:
    """zstd, in small slices: its library unfolds a slice as a whole."""

    def __init__(self) -> None:
        import zstandard

        self._codec = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._stream = self._codec.decompressobj()
        self._error = zstandard.ZstdError
        self._frames = 1

    def undo(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece unfolds to."""
        view = memoryview(data)
        try:
            for start in range(0, len(data), ZSTD_PIECE):
                yield from self._slice(bytes(view[start : start + ZSTD_PIECE]))
        except self._error as error:
            raise ValueError(str(error)) from error

    def _slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                self._frames += 1
                if self._frames > MOST_MEMBERS:
                    raise ValueError("too many zstd frames")
                self._stream = self._codec.decompressobj()
            yield self._stream.decompress(data)
            data = self._stream.unused_data if self._stream.eof else b""

    def whole(self) -> bool:
        """Return whether the last frame is complete."""
        return bool(self._stream.eof)
