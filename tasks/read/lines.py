"""JSON Lines: one object a line, each a document of its own."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from tasks.read.piece import MAX_DOCUMENT, Item, Piece, Trouble

BOM = b"\xef\xbb\xbf"
CHUNK = 1 << 20


def numbered_lines(stream: BinaryIO, limit: int = MAX_DOCUMENT) -> Iterator[tuple[int, bytes | None]]:
    """Yield (1-based number, line without its end) of every line that is not blank; None for a line beyond the limit.

    The rest of a line that is too long is read past, never kept.
    """
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        if len(line) > limit and not line.endswith(b"\n"):
            _pass_line(stream)
            yield number, None
        elif stripped := line.strip():
            yield number, stripped.removeprefix(BOM) if number == 1 else line.rstrip(b"\r\n")


def _pass_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(CHUNK)) and not rest.endswith(b"\n"):
        pass


def read_lines(stream: BinaryIO, skip: int = 0) -> Iterator[Item]:
    """Yield a document for each line that is a JSON object, and Trouble for each other line that is not blank."""
    position = 0
    for position, (number, line) in enumerate(numbered_lines(stream), 1):
        yield None if position <= skip else _checked(f"#{number}", line)
    if position == 0:
        yield Trouble("", "empty", "there is no line in it")


def _checked(place: str, line: bytes | None) -> Piece | Trouble:
    if line is None:
        return Trouble(place, "too_large", f"the line has more than {MAX_DOCUMENT:,} bytes")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Trouble(place, "broken_json", str(error))
    if not isinstance(found, dict):
        return Trouble(place, "broken_json", "the line is JSON, but no object")
    return Piece(place, line, "application/json")
