"""JSON files: one object, an array of objects, or JSON Lines under another name; each object is a document of its own.

first line | an object by itself: JSON Lines | else values, one after the other, out of a window over the stream
"""

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from tasks.read.lines import BOM, read_lines
from tasks.read.piece import MAX_DOCUMENT, Item, Piece, Trouble

WINDOW = 1 << 16
"""Bytes read at a time; for a longer value what is held grows by doubling, so that parsing it again costs no more than twice."""
SPACE = re.compile(r"[\s,]*")
"""What stands between two values."""


class Ahead:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._stream = stream

    def readline(self, size: int = -1, /) -> bytes:
        """Return the next line."""
        return self._head.readline(size) or self._stream.readline(size)

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none only at the end."""
        return self._head.read(size) or self._stream.read(size)


class TooLongError(ValueError):
    """A value beyond the limit of a document."""


class Values:
    """The values of a JSON text, one after the other; ValueError or RecursionError where it is none."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._characters = codecs.getincrementaldecoder("utf-8")()
        self._parse = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """Return the first character of the next value, '' at the end."""
        while True:
            self._at = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing too
            if self._at < len(self._text) or not self._grow():
                return self._text[self._at : self._at + 1]

    def step(self) -> None:
        """Pass over one character."""
        self._at += 1

    def take(self) -> tuple[Any, str]:
        """Return the next value, and how it is written."""
        while True:
            try:
                value, end = self._parse(self._text, self._at)
                if end < len(self._text) or not self._grow():  # a number may go on behind the window
                    written = self._text[self._at : end]
                    self._at = end
                    return value, written
            except json.JSONDecodeError:
                if not self._grow():
                    raise

    def _grow(self) -> bool:
        """Read until there is twice as much that was not taken yet; return whether there was more."""
        before = len(self._text) - self._at
        if before > MAX_DOCUMENT:
            raise TooLongError(f"the value has more than {MAX_DOCUMENT:,} characters")
        parts = [self._text[self._at :]]
        grown = before
        while not self._ended and grown < max(WINDOW, 2 * before):
            part = self._stream.read(WINDOW)
            self._ended = not part
            parts.append(self._characters.decode(part, final=self._ended))
            grown += len(parts[-1])
        self._text, self._at = "".join(parts), 0
        return grown > before


def read_objects(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
    """Yield a document for each object, Trouble for each other value, and for the place where the file is no JSON any more."""
    head = stream.readline(MAX_DOCUMENT + 1).removeprefix(BOM)
    ahead: Any = Ahead(head, stream)
    position = 0
    for position, item in enumerate(read_lines(ahead) if _is_object(head) else _elements(Values(ahead)), 1):
        yield None if position <= skip else item
    if position == 0:
        yield Trouble("", "empty", "there is no object in it")


def _is_object(line: bytes) -> bool:
    try:
        return line.lstrip().startswith(b"{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _elements(values: Values) -> Iterator[Piece | Trouble]:
    number, inside = 0, False
    try:
        inside = values.peek() == "["
        if inside:
            values.step()
        while (first := values.peek()) and not (inside and first == "]"):
            number += 1
            yield _element(f"#{number}", *values.take())
        if inside and not first:
            yield Trouble("", "broken_json", "the array breaks off")
    except TooLongError as error:
        yield Trouble(f"#{number}", "too_large", str(error))
    except (ValueError, RecursionError) as error:
        yield Trouble(f"#{max(1, number)}", "broken_json", str(error))


def _element(place: str, value: Any, written: str) -> Piece | Trouble:
    if not isinstance(value, dict):
        return Trouble(place, "broken_json", "the value is JSON, but no object")
    return Piece(place, written.encode(), "application/json")
