"""What two texts have in common, as text: their longest common runs of words.

    words of both | the places of every run of a few words | pairs of places | pairs that follow each other are one passage

Everything is sorted, never compared pair by pair, so texts of megabytes take a second and not hours.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, permutations
from typing import Any, NamedTuple

import numpy as np

from tasks.dedupe.sketch import SHINGLE_CHARACTERS, SHINGLE_WORDS, is_unspaced

MOST_PASSAGES = 5
SHOWN_CHARACTERS = 300
LONGEST_TEXT = 3_000_000
"""Characters of a text that are looked at."""
MOST_WORDS = 600_000
"""Words, or characters where no spaces part words, that are looked at: some 300 MB while two such texts are compared."""
FIRST_PLACES = 4
"""Places of a repeated run that are paired each with each; the n-th of one text is always paired with the n-th of the other,
so a song of one line gives as many pairs as it has words, and not their square."""

_WORD = re.compile(r"\w+")
_CHARACTER = re.compile(r"\w")
Ints = np.ndarray[Any, np.dtype[np.int64]]


class Passage(NamedTuple):
    """A run of words that stands in two texts, as it is written in the first, cut to 300 characters."""

    text: str
    words: int
    start: int
    """Place of its first character in the first text."""
    other_start: int
    """The same in the second."""


class _Words(NamedTuple):
    starts: list[int]
    ends: list[int]
    words: list[str]


def shared_passages(text: str, other: str) -> list[Passage]:
    """Return the longest runs of at least five words (or eight characters) that stand in both texts, longest first, at most five.

    Case, width of characters, punctuation and space do not count. Texts without spaces are taken character by character.
    """
    text, other = text[:LONGEST_TEXT], other[:LONGEST_TEXT]
    unspaced = is_unspaced(text) or is_unspaced(other)
    a, b = (_words(one, _CHARACTER if unspaced else _WORD) for one in (text, other))
    width = min(SHINGLE_CHARACTERS if unspaced else SHINGLE_WORDS, len(a.words), len(b.words))
    if not width:
        return []
    runs = _runs(*_pairs(*_shingles(a.words, b.words, width)), width)
    return [
        Passage(_cut(text[a.starts[i] : a.ends[i + length - 1]]), length, a.starts[i], b.starts[j]) for i, j, length in _longest_apart(runs)
    ]


def _words(text: str, pattern: re.Pattern[str]) -> _Words:
    found = _Words([], [], [])
    for match in islice(pattern.finditer(text), MOST_WORDS):
        found.starts.append(match.start())
        found.ends.append(match.end())
        word = match[0]
        found.words.append((word if word.isascii() else unicodedata.normalize("NFKC", word)).lower())
    return found


def _shingles(a: Sequence[str], b: Sequence[str], width: int) -> tuple[Ints, Ints]:
    """Return for each place of both texts a number that stands for the words from there on: equal words, equal numbers."""
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(word, len(numbers)) for word in (*a, *b)], dtype=np.int64)
    ranks = ids[: len(ids) - width + 1]
    for offset in range(1, width):  # both factors stay below 2**23, so nothing overflows
        _, ranks = np.unique(ranks * len(numbers) + ids[offset : offset + len(ranks)], return_inverse=True)
    return ranks[: len(a) - width + 1], ranks[len(a) :]  # what lies between runs from one text into the other


def _pairs(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Return pairs of places, one in each text, where the same words begin."""
    nth_a, nth_b = _nth(a), _nth(b)
    most = max(len(a), len(b))
    _, left, right = np.intersect1d(a * most + nth_a, b * most + nth_b, assume_unique=True, return_indices=True)
    lefts, rights = [left], [right]
    repeated = np.union1d(a[nth_a > 0], b[nth_b > 0])
    early_a, early_b = (np.flatnonzero((nth < FIRST_PLACES) & np.isin(one, repeated)) for one, nth in ((a, nth_a), (b, nth_b)))
    for n, m in permutations(range(FIRST_PLACES), 2):
        some, others = early_a[nth_a[early_a] == n], early_b[nth_b[early_b] == m]
        _, left, right = np.intersect1d(a[some], b[others], assume_unique=True, return_indices=True)
        lefts.append(some[left])
        rights.append(others[right])
    return np.concatenate(lefts), np.concatenate(rights)


def _nth(ranks: Ints) -> Ints:
    """Return for each place how often what stands there stood before."""
    order = np.argsort(ranks, kind="stable")
    ordered = ranks[order]
    firsts = np.searchsorted(ordered, ordered)  # where the equal ones begin
    nth = np.empty(len(ranks), dtype=np.int64)
    nth[order] = np.arange(len(ranks)) - firsts
    return nth


def _runs(left: Ints, right: Ints, width: int) -> Iterator[tuple[int, int, int]]:
    """Yield runs of words as place in the first text, in the second, and length: longest first, then in order of place."""
    if not len(left):
        return
    order = np.lexsort((left, right - left))
    left, right = left[order], right[order]
    begins = np.flatnonzero((np.diff(right - left, prepend=right[0] - left[0] - 1) != 0) | (np.diff(left, prepend=-1) != 1))
    lengths = np.diff(begins, append=len(left)) + width - 1
    left, right = left[begins], right[begins]
    for number in np.lexsort((right, left, -lengths)):
        yield int(left[number]), int(right[number]), int(lengths[number])


def _longest_apart(runs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the first runs that do not overlap an earlier one in either text."""
    chosen: list[tuple[int, int, int]] = []
    for i, j, length in runs:
        if all((i + length <= k or k + size <= i) and (j + length <= m or m + size <= j) for k, m, size in chosen):
            chosen.append((i, j, length))
            if len(chosen) == MOST_PASSAGES:
                break
    return chosen


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
