"""Words that are names of towns somewhere in the world: a hint for the trained model, too ambiguous to decide anything."""

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tasks.label.names.tokens import Tokens

_FILE = Path(__file__).parent.parent / "data" / "gazetteer.tsv.gz"


class Gazetteer(NamedTuple):
    """Keys of towns, their words one space apart, and how many words the longest has that begins with a word."""

    keys: frozenset[str]
    longest: dict[str, int]


@cache
def gazetteer() -> Gazetteer:
    """Return the list shipped with the package, read once in a process."""
    lines = gzip.decompress(_FILE.read_bytes()).decode().splitlines()
    longest: dict[str, int] = {}
    for line in lines:
        if " " in line:
            first, count = line.split(" ", 1)[0], line.count(" ") + 1
            longest[first] = max(longest.get(first, 0), count)
    return Gazetteer(frozenset(lines), longest)


def towns(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield where towns of the list may stand, as (first, last) words, longest first at each capitalised word."""
    places = gazetteer()
    keys, index = tokens.keys, 0
    while index < len(tokens):
        end = _end(tokens, index, places) if tokens.capital[index] else 0
        if not end and tokens.capital[index] and keys[index] in places.keys:
            end = index + 1
        if end:
            yield index, end
        index = end or index + 1


def _end(tokens: Tokens, index: int, places: Gazetteer) -> int:
    """Return the end of the longest town of several words that begins here, 0 for none."""
    last, reach = index + 1, places.longest.get(tokens.keys[index], 0)
    while last < len(tokens) and last - index < reach and tokens.glued[last]:
        last += 1
    for end in range(last, index + 1, -1):
        if tokens.capital[end - 1] and " ".join(tokens.keys[index:end]) in places.keys:
            return end
    return 0
