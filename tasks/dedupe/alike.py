"""Which articles may be copies of each other, by their sketches alone: a first look, exact comparison comes after.

    the fingerprints shared with new articles | hashes shared by each pair | pairs of enough of them

The pairs are counted as one product of sparse matrices: a hash that very many articles have costs a hundredth of what it
costs a database that joins and groups them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

LEAST_SHARED = 2
LEAST_ESTIMATE = 0.25
"""Least estimated containment. It decides between small sketches only: of texts of 80 words of which exactly half is shared it passes
over 5 % more than .2 does, of those with .6 shared 1 %, and over none in 4,905 labelled articles; but with .2 three times as many pairs
of a large store are compared for nothing."""
DEVIATIONS = 3.5
"""The estimate from n hashes spreads by at most .5 / sqrt(n); a pair this far below .5 is not worth an exact look."""
COUNTED_AT_ONCE = 5_000_000
"""Shared hashes counted in one product: bounds its memory to some 100 MB."""

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Days = np.ndarray[Any, np.dtype[np.datetime64]]
Pair = tuple[int, int]


class Met(NamedTuple):
    """Fingerprints that any of the new articles has, one entry for each article that has it, the new ones among them."""

    hashes: Ints
    """Which of the new articles' different hashes it is, counted from 0."""
    articles: Ints
    closing: Flags
    """Whether it lies in the last words of a longer text: two articles that share such ones only are no copies."""


class Sketched(NamedTuple):
    """Articles by number, in ascending order: the sizes of their sketches, and their days (NaT: unknown)."""

    articles: Ints
    sizes: Ints
    days: Days


def alike(met: Met, sketched: Sketched, new: Sequence[int], window_days: int) -> list[Pair]:
    """Return the pairs of a new article with any other that share enough, the lower number first, in order and each once.

    `sketched` holds every article of `met`; of two with known days more than `window_days` lie between is no pair.
    """
    numbered = np.zeros(int(sketched.articles.max(initial=-1)) + 1, dtype=np.int64)
    numbered[sketched.articles] = np.arange(len(sketched.articles))
    rows = numbered[met.articles]  # a search for each would take as long as all the rest
    shape = len(sketched.articles), int(met.hashes.max(initial=-1)) + 1
    marked = csr_array((met.closing + np.int32(1), (rows, met.hashes)), shape=shape)
    table = _with(np.ones_like(marked.data), marked)
    places = np.flatnonzero(np.isin(sketched.articles, new))
    lefts, rights = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for some in _parts(table, places):
        left, right = _enough(table, some, sketched, window_days)
        lefts.append(left)
        rights.append(right)
    left, right = np.concatenate(lefts), np.concatenate(rights)
    closings = _with(marked.data - 1, marked)
    inside = (closings[left].multiply(closings[right])).sum(axis=1) < table[left].multiply(table[right]).sum(axis=1)
    numbers = np.sort(np.stack([sketched.articles[left[inside]], sketched.articles[right[inside]]], axis=1), axis=1)
    return [(a, b) for a, b in np.unique(numbers, axis=0).tolist()]


def _with(data: Ints, table: csr_array) -> csr_array:
    """Return a table with other values at the same places."""
    return csr_array((data, table.indices, table.indptr), shape=table.shape)


def _parts(table: csr_array, rows: Ints) -> Iterator[Ints]:
    """Yield the rows in parts whose products with the whole table are of bounded size, one row at least."""
    held = np.bincount(table.indices, minlength=table.shape[1])
    costs = np.add.reduceat(np.append(held[table.indices], 0), table.indptr[:-1])[rows] if table.nnz else np.zeros(len(rows))
    part = np.cumsum(costs) // COUNTED_AT_ONCE
    yield from (rows[part == number] for number in np.unique(part))


def _enough(table: csr_array, rows: Ints, sketched: Sketched, window_days: int) -> tuple[Ints, Ints]:
    """Return the rows of all pairs that share as many hashes as copies of their sizes do."""
    shared = table[rows] @ table.T
    kept = np.flatnonzero(shared.data >= LEAST_SHARED)  # most pairs share one
    left, right = rows[np.searchsorted(shared.indptr, kept, side="right") - 1], shared.indices[kept].astype(np.int64)
    needed = _needed(sketched.sizes)
    enough = np.flatnonzero(shared.data[kept] >= np.minimum(needed[left], needed[right]))  # a smaller sketch needs no more
    left, right = left[enough], right[enough]
    apart = np.abs(sketched.days[left] - sketched.days[right])
    near = (left != right) & (np.isnat(apart) | (apart <= np.timedelta64(window_days, "D")))
    return left[near], right[near]


def _needed(sizes: Ints) -> Ints:
    """Return how many hashes a copy shares with a sketch of each size, at least."""
    found: Ints = np.ceil(sizes * np.maximum(LEAST_ESTIMATE, 0.5 - DEVIATIONS * 0.5 / np.sqrt(np.maximum(sizes, 1)))).astype(np.int64)
    return found
