"""Groups of articles that tell one event: average linkage over similarities that fade with the time between them.

Average linkage and never single: a chain of look-alikes is no story. Unlike a single pass it does not depend on
any order; ties go to the earlier articles. Two groups of a handful each must be more alike than a group and a lone
telling, which may be an odd one: what two groups do not share then is no accident, but parts two events of a kind.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import block_array, coo_array, csr_array

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

FADE_DAYS = 7.0
"""The similarity of two articles falls to 1/e over so many days."""
WINDOW_DAYS = 14.0
"""Articles further apart are never put together by their likeness."""
FLOOR = 0.02
"""Weaker similarities count as none: they are common words, and there are very many of them."""
HANDFUL = 5
"""So many articles make a group that is judged as a whole event; 4 to 6 do about as well."""
SAME_DIGITS = 12  # sums of the same numbers in another order agree so far, and ties stay ties
DENSE = 0.2
"""Share of cells in use from which a full table is multiplied in less time than a sparse one."""
DAY = 86_400.0


class Vectors(NamedTuple):
    """Articles as rows of a matrix, and their times in seconds; None where they are compared by content alone."""

    matrix: csr_array
    times: Floats | None


class Cuts(NamedTuple):
    """Least mean similarity of two groups that merge: where one is small, and where both have a handful or more."""

    small: float
    large: float

    def of(self, size: int, other: int) -> float:
        """Return the least mean similarity of two groups of these sizes."""
        return self.large if size >= HANDFUL and other >= HANDFUL else self.small


class Placed(NamedTuple):
    """Where articles belong: a known story (its number) or a new group (numbers after the last known), and how well."""

    labels: Ints
    scores: Floats


def similarities(left: Vectors, right: Vectors) -> csr_array:
    """Return the similarity of every row of `left` with every row of `right`, fading with time."""
    product = _product(left.matrix, right.matrix).tocoo()
    (rows, columns), values = product.coords, np.round(product.data, SAME_DIGITS)
    if left.times is not None and right.times is not None:
        days = np.abs(left.times[rows] - right.times[columns]) / DAY
        values = np.where(days <= WINDOW_DAYS, values * np.exp(-days / FADE_DAYS), 0.0)
    kept = values >= FLOOR
    return csr_array((values[kept], (rows[kept], columns[kept])), shape=product.shape)


def _product(left: csr_array, right: csr_array) -> coo_array:
    """Return the products of all rows; near copies share nearly all their terms, and full tables multiply faster then."""
    used = np.intersect1d(left.indices, right.indices)
    if left.nnz + right.nnz < DENSE * len(used) * (left.shape[0] + right.shape[0]):
        return (left @ right.T).tocoo()
    return coo_array(left[:, used].toarray() @ right[:, used].toarray().T)


def place(among: csr_array, to_known: csr_array, known_sizes: Sequence[int], cuts: Cuts) -> Placed:
    """Return where each article belongs.

    `among` holds the similarities of the articles among themselves, `to_known` the sums of their similarities
    to the members of each known story. Known stories take articles in and are never merged with each other.
    """
    known, count = len(known_sizes), among.shape[0]
    among = (among - csr_array((among.diagonal(), (range(count), range(count))), shape=among.shape)).tocsr()
    sums = block_array([[None, to_known.T], [to_known, among]]).tocsr() if known else among
    sizes = np.concatenate([np.asarray(known_sizes, dtype=np.int64), np.ones(count, dtype=np.int64)])
    roots = _link(sums, sizes.tolist(), known, cuts)
    labels = np.array(roots[known:], dtype=np.int64)
    return Placed(labels, _scores(sums, sizes, np.array(roots, dtype=np.int64), known))


def _link(sums: csr_array, sizes: list[int], known: int, cuts: Cuts) -> list[int]:
    """Return for each node the first node of its group: the most alike groups merge as long as they reach their cut."""
    near = [
        dict(zip(sums.indices[a:b].tolist(), sums.data[a:b].tolist(), strict=True))
        for a, b in zip(sums.indptr, sums.indptr[1:], strict=False)
    ]
    roots = list(range(len(near)))

    def pair(i: int, j: int) -> tuple[float, int, int] | None:
        """Return a pair of groups as it stands in the heap; None below their cut."""
        mean = near[i].get(j, 0.0) / (sizes[i] * sizes[j])
        return (-mean, min(i, j), max(i, j)) if mean >= cuts.of(sizes[i], sizes[j]) else None

    heap = _near_pairs(sums, sizes, cuts)
    heapify(heap)
    while heap:
        merging = heappop(heap)
        _, i, j = merging
        if merging != pair(i, j):
            continue  # one of the two has grown since
        roots[j] = i
        sizes[i] += sizes[j]
        for k, value in near[j].items():
            del near[k][j]
            if k != i and not (i < known and k < known):
                near[i][k] = near[k][i] = near[i].get(k, 0.0) + value
        near[j] = {}
        for found in filter(None, (pair(i, k) for k in near[i])):
            heappush(heap, found)
    for node, root in enumerate(roots):  # a root comes before its members
        roots[node] = roots[root]
    return roots


def _near_pairs(sums: csr_array, sizes: Sequence[int], cuts: Cuts) -> list[tuple[float, int, int]]:
    """Return the pairs of nodes that reach their cut, as they stand in the heap: all at once, as there are millions."""
    entries = sums.tocoo()
    rows, columns = entries.coords
    counts = np.asarray(sizes)
    means = entries.data / (counts[rows] * counts[columns])
    both_large = (counts[rows] >= HANDFUL) & (counts[columns] >= HANDFUL)
    kept = (rows < columns) & (means >= np.where(both_large, cuts.large, cuts.small))
    return list(zip((-means[kept]).tolist(), rows[kept].tolist(), columns[kept].tolist(), strict=True))


def _scores(sums: csr_array, sizes: Ints, roots: Ints, known: int) -> Floats:
    """Return the mean similarity of each article to the others of its group; 1 for one that is alone."""
    nodes = len(sizes)
    groups = csr_array((np.ones(nodes), (np.arange(nodes), roots)), shape=(nodes, nodes))
    own = (sums @ groups).tocsr()[np.arange(known, nodes), roots[known:]] if nodes > known else np.empty(0)
    others = np.bincount(roots, weights=sizes, minlength=nodes)[roots[known:]] - 1
    return np.where(others > 0, np.asarray(own).ravel() / np.maximum(others, 1), 1.0)
