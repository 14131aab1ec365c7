"""Which stories belong to one long affair, over months and across languages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from tasks.dedupe.groups import Order, groups_of, order_of
from tasks.stories.cluster import DAY, Ints
from tasks.stories.terms import TERM, Field, Terms
from tasks.stories.weights import ACROSS_WEIGHTS, THREAD_WEIGHTS, Floats, Keys, Rarity, keys_of, vocabulary_of, weigh

LEAST_LIKENESS = 0.24
"""Below stands what unrelated articles of one region share; the five documents of one affair reach .25 and more."""
LEAST_ACROSS = 0.12
"""The same between languages: tellings of one event reach .17 and more, others of the same days stay below .09."""
LEAST_UNDATED_ACROSS = 0.25
"""Between languages without a date to agree on: numbers alone are no proof then."""
ACROSS_DAYS = 10
"""Stories of one event begin within so many days in all languages."""
REACH_DAYS = 400
"""A story is linked to the next of its affair when that comes within about a year."""
PROFILE = {Field.NAME: 64, Field.NUMBER: 16, Field.STEM: 48}
"""Terms of a story that are kept, those most of its articles share."""


ROWS_AT_ONCE = 1_000  # bounds the memory of one product


SUCCESSORS = 3
"""An affair may branch: so many stories may follow directly upon one. It bounds how fast a thread can grow."""


class Match(NamedTuple):
    """A story that another is like: its number, how like, on which side in time (0: another language), the how many-th best there."""

    number: int
    score: float
    side: int
    rank: int


class Profile(NamedTuple):
    """A story as threads see it."""

    story_id: UUID
    first_published_at: datetime | None
    language: str
    terms: Terms

    @property
    def order(self) -> Order:
        """The place of the story in time; undated ones last."""
        return order_of(self.first_published_at, self.story_id)


class Link(NamedTuple):
    """Two stories of one affair, the earlier first."""

    story_id: UUID
    later_id: UUID
    score: float


def profile_terms(articles: Sequence[Terms]) -> Terms:
    """Return the terms of a story: of each kind those that stand most often in most of its articles."""
    terms = np.concatenate([np.empty(0, dtype=TERM), *articles])
    keys, places = np.unique(keys_of(terms), return_inverse=True)
    counts = np.bincount(places, weights=1.0 + np.log(np.maximum(terms["count"], 1)), minlength=len(keys)).astype(np.float64)
    chosen = np.concatenate([np.empty(0, dtype=np.int64), *(_top(keys, counts, field, most) for field, most in PROFILE.items())])
    packed = np.empty(len(chosen), dtype=TERM)
    packed["term"] = keys[chosen] & np.uint64(0xFFFFFFFF)
    packed["field"] = keys[chosen] >> np.uint64(32)
    packed["count"] = np.clip(np.rint(np.exp(counts[chosen] / len(articles) - 1.0)), 1, 255)
    return packed


def _top(keys: Keys, counts: Floats, field: Field, most: int) -> Ints:
    """Return the places of the most counted keys of a field; ties go by key."""
    places = np.flatnonzero(keys >> np.uint64(32) == int(field))
    order = np.lexsort((keys[places], -np.round(counts[places], 9)))
    return places[order[:most]]


def link(profiles: Sequence[Profile], rarity: Rarity, changed: set[UUID]) -> tuple[set[UUID], list[Link]]:
    """Return the stories whose links were looked at again, and the links they have now.

    Those are the changed stories and their best matches. A story is linked to the earlier one of its language that
    it is most like, when it is among the best later ones of that; stories of two languages are linked when each is
    the other's best.
    """
    ordered = sorted(profiles, key=lambda profile: profile.order)
    terms = [profile.terms for profile in ordered]
    vocabulary = vocabulary_of(terms)
    vectors = weigh(terms, rarity, THREAD_WEIGHTS, vocabulary), weigh(terms, rarity, ACROSS_WEIGHTS, vocabulary)
    best = _matches(ordered, vectors, [number for number, profile in enumerate(ordered) if profile.story_id in changed])
    best |= _matches(ordered, vectors, _beyond(best))
    looked_at = set(best)
    best |= _matches(ordered, vectors, _beyond(best))  # only to see whether the matches are mutual
    links = [
        Link(ordered[number].story_id, ordered[match.number].story_id, match.score)
        for number, matches in best.items()
        for match in matches
        if number < match.number and {number, match.number} & looked_at and _mutual(best, number, match)
    ]
    return {ordered[number].story_id for number in looked_at}, links


def _mutual(best: Mapping[int, Sequence[Match]], number: int, match: Match) -> bool:
    """Return whether the later story of a match has the earlier one as its very best."""
    return any(back.number == number and back.rank == 0 and back.side <= 0 for back in best.get(match.number, ()))


def _beyond(best: Mapping[int, Sequence[Match]]) -> list[int]:
    return sorted({match.number for matches in best.values() for match in matches} - set(best))


def _matches(ordered: Sequence[Profile], vectors: tuple[csr_array, csr_array], wanted: Sequence[int]) -> dict[int, list[Match]]:
    """Return the best matches of each wanted story: three later ones, one earlier, one in each other language."""
    found: dict[int, list[Match]] = {}
    turned = [side.T.tocsc() for side in vectors]
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        some = list(wanted[start : start + ROWS_AT_ONCE])
        inside, across = ((side[some] @ other).tocsr() for side, other in zip(vectors, turned, strict=True))
        for row, number in enumerate(some):
            found[number] = _ranked(ordered, number, _strong(inside, row, LEAST_LIKENESS), _strong(across, row, LEAST_ACROSS))
    return found


def _strong(block: csr_array, row: int, least: float) -> dict[int, float]:
    """Return the columns of a row that reach a likeness, and the likeness rounded, so that ties are ties everywhere."""
    part = slice(block.indptr[row], block.indptr[row + 1])
    strong = block.data[part] >= least
    return dict(zip(block.indices[part][strong].tolist(), np.round(block.data[part][strong], 6).tolist(), strict=True))


def _ranked(ordered: Sequence[Profile], number: int, inside: Mapping[int, float], across: Mapping[int, float]) -> list[Match]:
    """Return the best of the stories that one story is like, per language and direction of time."""
    own = ordered[number]
    same = {other: like for other, like in inside.items() if ordered[other].language == own.language and _follows(own, ordered[other])}
    foreign = {
        other: like for other, like in across.items() if ordered[other].language != own.language and _coincides(own, ordered[other], like)
    }
    likeness = same | foreign
    likeness.pop(number, None)
    ranks: Counter[tuple[str, int]] = Counter()
    found: list[Match] = []
    for other in sorted(likeness, key=lambda other: (-likeness[other], abs(other - number), other)):
        side = 0 if other in foreign else 1 if other > number else -1
        direction = (ordered[other].language, side)
        if ranks[direction] < (SUCCESSORS if side > 0 else 1):
            found.append(Match(other, likeness[other], side, ranks[direction]))
        ranks[direction] += 1
    return found


def _days_between(one: Profile, other: Profile) -> float | None:
    if one.first_published_at is None or other.first_published_at is None:
        return None
    return abs((one.first_published_at - other.first_published_at).total_seconds()) / DAY


def _follows(one: Profile, other: Profile) -> bool:
    days = _days_between(one, other)
    return days is None or days <= REACH_DAYS


def _coincides(one: Profile, other: Profile, likeness: float) -> bool:
    days = _days_between(one, other)
    return likeness >= LEAST_UNDATED_ACROSS if days is None else days <= ACROSS_DAYS


def thread_ids(stories: Sequence[tuple[UUID, Order]], links: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """Return the thread of each story: the id of the earliest story that links lead to."""
    orders = dict(stories)
    threads = {story_id: story_id for story_id in orders}
    for group in groups_of(links):
        members = [story_id for story_id in group if story_id in orders]
        if members:
            threads.update(dict.fromkeys(members, min(members, key=orders.__getitem__)))
    return threads
