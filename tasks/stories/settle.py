"""Where articles belong: the dated ones stretch by stretch of time, the undated by content among all.

Stories of the stretch before are known and take articles in; what joins none of them forms new stories. So
memory is bounded by two stretches, whatever the archive's size, and an old story is never torn up by a new one.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

import numpy as np
from scipy.sparse import coo_array, csr_array

from tasks.stories.cluster import WINDOW_DAYS, Placed, place, similarities
from tasks.stories.terms import Terms
from tasks.stories.weights import STORY_WEIGHTS, Rarity, weigh

STRETCH_DAYS = int(WINDOW_DAYS)
"""Length of a stretch: articles of one can only be near those of the same and the two beside it."""
DATED_CUT = 0.12
"""Least mean similarity, faded with time: BCubed F1 .97 to .98 on ECB+ with its 40 events strewn over a month, .99 over a year."""
UNDATED_CUT = 0.13
"""The same without dates: the middle of the flat top of BCubed F1, .90 to .91 from .11 to .15, on ECB+ topics 1 to 22."""

_STORIES = UUID("6d6a1f3e-2a5c-5c0e-9d0b-7a1f4c1e8b52")  # an arbitrary constant: the name space of story ids


class Telling(NamedTuple):
    """An article as clustering sees it."""

    article_id: UUID
    seconds: float
    """Time of publication since 1970; 0 for an article without a date."""
    story_id: UUID
    """The story it stands in, settled or provisional."""
    terms: Terms


class Membership(NamedTuple):
    """The story an article belongs to, and its mean similarity to the others there."""

    story_id: UUID
    score: float


def story_id_of(earliest: UUID) -> UUID:
    """Return the id of the story that a given article opens: the same in every store."""
    return uuid5(_STORIES, str(earliest))


def settle_stretch(before: Sequence[Telling], current: Sequence[Telling], rarity: Rarity) -> dict[UUID, Membership]:
    """Return the story of every article of a stretch, given those of the stretch before, which stay where they are."""
    current = sorted(current, key=lambda one: (one.seconds, one.article_id))
    before = sorted(before, key=lambda one: (one.seconds, one.article_id))
    matrix = weigh([one.terms for one in (*before, *current)], rarity, STORY_WEIGHTS)
    times = np.array([one.seconds for one in (*before, *current)])
    old, new = slice(0, len(before)), slice(len(before), None)
    known, membership = _stories_of(before)
    to_before = similarities(matrix[new], matrix[old], (times[new], times[old]))
    among = similarities(matrix[new], matrix[new], (times[new], times[new]))
    sizes = np.asarray(membership.sum(axis=0), dtype=np.int64).ravel().tolist()
    placed = place(among, (to_before @ membership).tocsr(), sizes, DATED_CUT)
    return _memberships(current, known, placed)


def settle_undated(free: Sequence[Telling], stretches: Iterable[Sequence[Telling]], rarity: Rarity) -> dict[UUID, Membership]:
    """Return the story of every article without a date, by content alone.

    `stretches` yields all settled articles of the language, some at a time; their stories take articles in.
    """
    free = sorted(free, key=lambda one: one.article_id)
    matrix = weigh([one.terms for one in free], rarity, STORY_WEIGHTS)
    known: dict[UUID, int] = {}
    to_known = coo_array((len(free), 0))
    sizes = np.zeros(0)
    for stretch in stretches:
        together = weigh([one.terms for one in (*free, *stretch)], rarity, STORY_WEIGHTS)
        found = similarities(together[: len(free)], together[len(free) :], None)
        columns = [known.setdefault(one.story_id, len(known)) for one in stretch]
        membership = csr_array((np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=(len(columns), len(known)))
        to_known.resize((len(free), len(known)))
        to_known = (to_known + found @ membership).tocoo()
        sizes = np.pad(sizes, (0, len(known) - len(sizes))) + np.bincount(columns, minlength=len(known))
    placed = place(similarities(matrix, matrix, None), to_known.tocsr(), sizes.astype(int).tolist(), UNDATED_CUT)
    return _memberships(free, list(known), placed)


def _stories_of(articles: Sequence[Telling]) -> tuple[list[UUID], csr_array]:
    """Return the stories of some articles in order of appearance, and which article (row) stands in which (column)."""
    numbers: dict[UUID, int] = {}
    columns = [numbers.setdefault(one.story_id, len(numbers)) for one in articles]
    shape = (len(articles), len(numbers))
    return list(numbers), csr_array((np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=shape)


def _memberships(articles: Sequence[Telling], known: Sequence[UUID], placed: Placed) -> dict[UUID, Membership]:
    """Return the memberships; articles stand in order, so a new group is named by its first."""
    labels = placed.labels.tolist()
    stories = [known[label] if label < len(known) else story_id_of(articles[label - len(known)].article_id) for label in labels]
    scores = np.round(np.clip(placed.scores, 0.0, 1.0), 6).tolist()
    return {one.article_id: Membership(*pair) for one, pair in zip(articles, zip(stories, scores, strict=True), strict=True)}
