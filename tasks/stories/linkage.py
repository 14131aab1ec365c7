"""Average linkage: which groups of articles merge, the most alike first, until none reaches its cut.

Every row of the table is an article to be placed, every column a group it may merge with: the known stories, then the
articles themselves. Each row remembers its best partner among the columns before its own, so a merge costs a few passes
over one row and one column.
"""

from typing import Any, NamedTuple

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

HANDFUL = 5
"""So many articles make a group that is judged as a whole event; 4 to 6 do about as well."""


class Cuts(NamedTuple):
    """Least mean similarity of two groups that merge: where one is small, and where both have a handful or more."""

    small: float
    large: float


def link(sums: Floats, sizes: Ints, cuts: Cuts) -> Ints:
    """Return for each node the first node of its group; `sums` is used up.

    `sums` has a row for each article and a column for each node: first the known groups, which never merge with each other,
    then the articles. A cell is the sum of the similarities of all members. `sizes` are the nodes' numbers of members.
    """
    linkage = _Linkage(sums, sizes, cuts)
    roots = np.arange(len(sizes))
    while (merging := linkage.best()) is not None:
        into, merged = merging
        roots[merged] = into
        linkage.merge(into, merged)
    for node, root in enumerate(roots.tolist()):  # a root comes before its members
        roots[node] = roots[root]
    return roots


class _Linkage:
    """The groups as they stand, and for each article's group its most alike group among those before it."""

    def __init__(self, sums: Floats, sizes: Ints, cuts: Cuts) -> None:
        self._sums, self._sizes, self._cuts = sums, sizes.astype(np.float64), cuts
        count, nodes = sums.shape
        self._known = nodes - count
        self._means = np.zeros(count)  # 0: no partner
        self._partners = np.zeros(count, dtype=np.int64)
        self._find(range(count))

    def best(self) -> tuple[int, int] | None:
        """Return the two groups to be merged next, the earlier first; ties go to the earlier ones. None when no pair reaches its cut."""
        top = self._means.max(initial=0.0)
        if top <= 0.0:
            return None
        rows = np.flatnonzero(self._means == top)
        row = rows[np.argmin(self._partners[rows])]
        return int(self._partners[row]), int(row) + self._known

    def merge(self, into: int, merged: int) -> None:
        """Let one group take in another, which is an article's."""
        sums, row = self._sums, merged - self._known
        sums[:, into] += sums[:, merged]
        if into >= self._known:
            sums[into - self._known] += sums[row]
            sums[into - self._known, into] = 0.0
        sums[:, merged] = 0.0
        sums[row] = 0.0
        self._sizes[into] += self._sizes[merged]
        self._remember(into, merged)

    def _remember(self, into: int, merged: int) -> None:
        """Bring the best partners up to date after a merge."""
        self._means[merged - self._known] = 0.0
        after = slice(max(0, into + 1 - self._known), None)
        means, partners = self._means[after], self._partners[after]
        lost = (means > 0.0) & ((partners == into) | (partners == merged))
        new = self._reaching(self._sums[after, into], self._sizes[self._known :][after], self._sizes[into])
        better = (new > means) | ((new == means) & (new > 0.0) & (into < partners))
        means[better], partners[better] = new[better], into
        rows = (np.flatnonzero(lost & ~better) + after.start).tolist()
        self._find([into - self._known, *rows] if into >= self._known else rows)

    def _find(self, rows: range | list[int]) -> None:
        """Look for the best partner of some rows among all columns before their own."""
        for row in rows:
            node = row + self._known
            means = self._reaching(self._sums[row, :node], self._sizes[:node], self._sizes[node])
            partner = int(means.argmax()) if node else 0
            self._partners[row], self._means[row] = partner, means[partner] if node else 0.0

    def _reaching(self, sums: Floats, sizes: Floats, size: float) -> Floats:
        """Return the mean similarities of one group with others; 0 where they are below their cut."""
        means: Floats = sums / (sizes * size)
        if size >= HANDFUL:
            means[means < np.where(sizes >= HANDFUL, self._cuts.large, self._cuts.small)] = 0.0
        else:
            means[means < self._cuts.small] = 0.0
        return means
