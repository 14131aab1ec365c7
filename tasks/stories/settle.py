"""Where articles belong: the dated ones stretch by stretch of time, the undated by content among all.

Stories of the stretch before are known and take articles in; what joins none of them forms new stories. So
memory is bounded by two stretches, whatever the archive's size, and an old story is never torn up by a new one.
A stretch with very many articles is settled block by block in order of publication, and a block is to the next
what a stretch is to the next: pairs of articles are only ever held for one block.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

import numpy as np
from scipy.sparse import csr_array

from tasks.stories.cluster import WINDOW_DAYS, Placed, Vectors, place, similarities
from tasks.stories.linkage import Cuts
from tasks.stories.standing import Standing, Telling, added
from tasks.stories.weights import STORY_WEIGHTS, Keys, Rarity, vocabulary_of, weigh

STRETCH_DAYS = int(WINDOW_DAYS)
"""Length of a stretch: articles of one can only be near those of the same and the two beside it."""
DATED_CUTS = Cuts(0.10, 0.15)
"""Least mean similarities, faded with time. BCubed F1 on ECB+ topics 1 to 22 with simulated dates: .97 with the 40 events
strewn over two weeks and .98 over a month, where one cut of .12 gives .95 and .97; small changes of both change little."""
UNDATED_CUTS = Cuts(0.12, 0.22)
"""The same without dates: .94 instead of .91, .93 to .94 from .10 to .13 and from .20 to .26. With the cuts chosen on four
fifths of the topics and F1 measured on the last fifth: .93 instead of .90."""

BLOCK = 500
"""Articles linked at once: a million pairs at most, some 100 MB and a second where all of them are alike."""

_STORIES = UUID("6d6a1f3e-2a5c-5c0e-9d0b-7a1f4c1e8b52")  # an arbitrary constant: the name space of story ids


class Membership(NamedTuple):
    """The story an article belongs to, and its mean similarity to the others there."""

    story_id: UUID
    score: float


def story_id_of(earliest: UUID) -> UUID:
    """Return the id of the story that a given article opens: the same in every store."""
    return uuid5(_STORIES, str(earliest))


def settle_stretch(before: Sequence[Telling], current: Sequence[Telling], rarity: Rarity) -> dict[UUID, Membership]:
    """Return the story of every article of a stretch, given those of the stretch before, which stay where they are."""
    before, current = (sorted(some, key=lambda one: (one.seconds, one.article_id)) for some in (before, current))
    vocabulary = vocabulary_of([one.terms for one in current])
    standing = Standing()
    for block in _blocks(before):
        standing.add(_vectors(block, rarity, vocabulary), block)
    found: dict[UUID, Membership] = {}
    for block in _blocks(current):
        vectors = _vectors(block, rarity, vocabulary)
        found |= _join(block, vectors, standing.sums(vectors), standing, DATED_CUTS)
        standing.add(vectors, [one._replace(story_id=found[one.article_id].story_id) for one in block])
    return found


def settle_undated(free: Sequence[Telling], stretches: Iterable[Sequence[Telling]], rarity: Rarity) -> dict[UUID, Membership]:
    """Return the story of every article without a date, by content alone.

    `stretches` yields all settled articles of the language, some at a time; their stories take articles in.
    """
    blocks = list(_blocks(sorted(free, key=lambda one: one.article_id)))
    vocabulary = vocabulary_of([one.terms for one in free])
    vectors = [Vectors(_vectors(block, rarity, vocabulary).matrix, None) for block in blocks]
    standing = Standing()
    sums = [csr_array((len(block), 0)) for block in blocks]
    for some in (block for stretch in stretches for block in _blocks(stretch)):
        standing.add(Vectors(_vectors(some, rarity, vocabulary).matrix, None), some)
        sums = [standing.nearest(added(sum_, standing.sums(own))) for sum_, own in zip(sums, vectors, strict=True)]
        standing.forget()
    found: dict[UUID, Membership] = {}
    for block, own, to_dated in zip(blocks, vectors, sums, strict=True):
        found |= _join(block, own, added(to_dated, standing.sums(own)), standing, UNDATED_CUTS)
        standing.add(own, [one._replace(story_id=found[one.article_id].story_id) for one in block])
    return found


def _blocks(articles: Sequence[Telling]) -> Iterator[Sequence[Telling]]:
    return (articles[start : start + BLOCK] for start in range(0, len(articles), BLOCK))


def _vectors(articles: Sequence[Telling], rarity: Rarity, vocabulary: Keys) -> Vectors:
    matrix = weigh([one.terms for one in articles], rarity, STORY_WEIGHTS, vocabulary)
    return Vectors(matrix, np.array([one.seconds for one in articles]))


def _join(articles: Sequence[Telling], vectors: Vectors, to_known: csr_array, standing: Standing, cuts: Cuts) -> dict[UUID, Membership]:
    """Return the memberships of a block of articles: in standing stories, or in new ones named by their first article."""
    near = standing.nearest(to_known)
    used = np.unique(near.indices)
    placed = place(similarities(vectors, vectors), near[:, used], standing.sizes[used].tolist(), cuts)
    stories = standing.stories
    known = [stories[number] for number in used.tolist()]
    return _memberships(articles, known, placed)


def _memberships(articles: Sequence[Telling], known: Sequence[UUID], placed: Placed) -> dict[UUID, Membership]:
    """Return the memberships; articles stand in order, so a new group is named by its first."""
    labels = placed.labels.tolist()
    stories = [known[label] if label < len(known) else story_id_of(articles[label - len(known)].article_id) for label in labels]
    scores = np.round(np.clip(placed.scores, 0.0, 1.0), 6).tolist()
    return {one.article_id: Membership(*pair) for one, pair in zip(articles, zip(stories, scores, strict=True), strict=True)}
