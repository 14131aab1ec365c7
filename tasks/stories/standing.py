"""Articles whose stories stand, held as vectors: how like a new article is to each of those stories."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from tasks.stories.cluster import FLOOR, Vectors, similarities
from tasks.stories.linkage import Ints
from tasks.stories.terms import Terms

NEAREST_STORIES = 32
"""Stories an article may join: its most alike. Dozens reach the cut only where everything is like everything."""


class Telling(NamedTuple):
    """An article as clustering sees it."""

    article_id: UUID
    seconds: float
    """Time of publication since 1970; 0 for an article without a date."""
    story_id: UUID
    """The story it stands in, settled or provisional."""
    terms: Terms


class Standing:
    """The articles that stand, block by block, and the number of each of their stories in order of appearance."""

    def __init__(self) -> None:
        self._numbers: dict[UUID, int] = {}
        self._blocks: list[tuple[Vectors, Ints]] = []
        self.sizes: Ints = np.zeros(0, dtype=np.int64)

    @property
    def stories(self) -> list[UUID]:
        """The stories in the order of their numbers."""
        return list(self._numbers)

    def add(self, vectors: Vectors, articles: Sequence[Telling]) -> None:
        """Take in a block of articles, whose vectors these are."""
        numbers = np.array([self._numbers.setdefault(one.story_id, len(self._numbers)) for one in articles], dtype=np.int64)
        grown = np.bincount(numbers, minlength=len(self._numbers))
        grown[: len(self.sizes)] += self.sizes
        self.sizes = grown
        self._blocks.append((vectors, numbers))

    def forget(self) -> None:
        """Let the vectors go; the stories and their sizes stay."""
        self._blocks.clear()

    def sums(self, vectors: Vectors) -> csr_array:
        """Return for each article (row) the sum of its similarities to the members of each story (column)."""
        total = csr_array((vectors.matrix.shape[0], len(self._numbers)))
        for standing, numbers in self._blocks:
            shape = (len(numbers), len(self._numbers))
            membership = csr_array((np.ones(len(numbers)), (np.arange(len(numbers)), numbers)), shape=shape)
            total = total + similarities(vectors, standing) @ membership
        return total

    def nearest(self, sums: csr_array) -> csr_array:
        """Return the sums without all but the most alike stories of each article, by mean similarity; ties go by number."""
        entries = sums.tocoo()
        rows, columns = entries.coords
        means = np.round(entries.data / self.sizes[columns], 9)
        kept = np.flatnonzero(means >= FLOOR)
        order = kept[np.lexsort((columns[kept], -means[kept], rows[kept]))]
        starts = np.searchsorted(rows[order], np.arange(sums.shape[0]))
        order = order[np.arange(len(order)) - starts[rows[order]] < NEAREST_STORIES]
        return csr_array((entries.data[order], (rows[order], columns[order])), shape=sums.shape)


def added(fewer: csr_array, more: csr_array) -> csr_array:
    """Return the sum of two tables of which the first may lack the last columns."""
    widened = csr_array((fewer.data, fewer.indices, fewer.indptr), shape=more.shape)
    return widened + more
