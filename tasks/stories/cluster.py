"""Groups of articles that tell one event: average linkage over similarities that fade with the time between them.

Average linkage and never single: a chain of look-alikes is no story. Unlike a single pass it does not depend on
any order; ties go to the earlier articles. Two groups of a handful each must be more alike than a group and a lone
telling, which may be an odd one: what two groups do not share then is no accident, but parts two events of a kind.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import block_array, csr_array

from tasks.stories.linkage import Cuts, Floats, Ints, link

FADE_DAYS = 7.0
"""The similarity of two articles falls to 1/e over so many days."""
WINDOW_DAYS = 14.0
"""Articles further apart are never put together by their likeness."""
FLOOR = 0.02
"""Weaker similarities count as none: they are common words, and there are very many of them."""
SAME_DIGITS = 12  # sums of the same numbers in another order agree so far, and ties stay ties
DENSE = 0.01
"""A term common to more than this share of the pairs is multiplied in less time in full tables than in sparse ones."""
DAY = 86_400.0


class Vectors(NamedTuple):
    """Articles as rows of a matrix, and their times in seconds; None where they are compared by content alone."""

    matrix: csr_array
    times: Floats | None


class Placed(NamedTuple):
    """Where articles belong: a known story (its number) or a new group (numbers after the last known), and how well."""

    labels: Ints
    scores: Floats


def similarities(left: Vectors, right: Vectors) -> csr_array:
    """Return the similarity of every row of `left` with every row of `right`, fading with time."""
    shape = left.matrix.shape[0], right.matrix.shape[0]
    if _days_apart(left, right) > WINDOW_DAYS:
        return csr_array(shape)
    product = _product(left.matrix, right.matrix)
    rows, columns = np.nonzero(product >= FLOOR - 10.0**-SAME_DIGITS)  # few are left before anything dear is done
    values = np.round(product[rows, columns], SAME_DIGITS)
    if left.times is not None and right.times is not None:
        days = np.abs(left.times[rows] - right.times[columns]) / DAY
        values = np.where(days <= WINDOW_DAYS, values * np.exp(-days / FADE_DAYS), 0.0)
    kept = values >= FLOOR
    return csr_array((values[kept], (rows[kept], columns[kept])), shape=shape)


def _days_apart(left: Vectors, right: Vectors) -> float:
    """Return the days between the two spans of time; below 0 where they overlap or there are no times."""
    if left.times is None or right.times is None or not (len(left.times) and len(right.times)):
        return -1.0
    return float(max(left.times.min() - right.times.max(), right.times.min() - left.times.max())) / DAY


def _product(left: csr_array, right: csr_array) -> Floats:
    """Return the products of all rows: of the terms that many have in full tables, of the others sparse, which halves the time."""
    in_left, in_right = (np.bincount(one.indices, minlength=one.shape[1]) for one in (left, right))
    products = in_left * in_right
    often = products > DENSE * left.shape[0] * right.shape[0]
    common, rare = np.flatnonzero(often), np.flatnonzero((products > 0) & ~often)
    found: Floats = left[:, common].toarray() @ right[:, common].toarray().T
    found += (left[:, rare] @ right[:, rare].T).toarray()
    return found


def place(among: csr_array, to_known: csr_array, known_sizes: Sequence[int], cuts: Cuts) -> Placed:
    """Return where each article belongs.

    `among` holds the similarities of the articles among themselves, `to_known` the sums of their similarities
    to the members of each known story. Known stories take articles in and are never merged with each other.
    """
    known, count = len(known_sizes), among.shape[0]
    among = (among - csr_array((among.diagonal(), (range(count), range(count))), shape=among.shape)).tocsr()
    sums = block_array([[None, to_known.T], [to_known, among]]).tocsr() if known else among
    sizes = np.concatenate([np.asarray(known_sizes, dtype=np.int64), np.ones(count, dtype=np.int64)])
    roots = link(sums[known:].toarray(), sizes, cuts)
    return Placed(roots[known:], _scores(sums, sizes, roots, known))


def _scores(sums: csr_array, sizes: Ints, roots: Ints, known: int) -> Floats:
    """Return the mean similarity of each article to the others of its group; 1 for one that is alone."""
    nodes = len(sizes)
    groups = csr_array((np.ones(nodes), (np.arange(nodes), roots)), shape=(nodes, nodes))
    own = (sums @ groups).tocsr()[np.arange(known, nodes), roots[known:]] if nodes > known else np.empty(0)
    others = np.bincount(roots, weights=sizes, minlength=nodes)[roots[known:]] - 1
    return np.where(others > 0, np.asarray(own).ravel() / np.maximum(others, 1), 1.0)
