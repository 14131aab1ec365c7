"""Which stories belong to one long affair, over months and across languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from tasks.dedupe.groups import Order, groups_of, order_of
from tasks.stories.cluster import DAY
from tasks.stories.linkage import Ints
from tasks.stories.terms import TERM, Field, Terms
from tasks.stories.weights import ACROSS_WEIGHTS, THREAD_WEIGHTS, Floats, Keys, Rarity, keys_of, vocabulary_of, weigh

LEAST_LIKENESS = 0.23
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

CELLS_AT_ONCE = 1_000_000  # bounds the memory of the products to some 60 MB where all stories are alike
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


class Places(NamedTuple):
    """The language of each story, as a number, and the days of its first article since 1970; not a number without a date."""

    languages: Ints
    days: Floats


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
    places = _places(ordered)
    turned = [side.T.tocsr() for side in vectors]
    step = max(1, CELLS_AT_ONCE // max(1, len(ordered)))
    for start in range(0, len(wanted), step):
        some = list(wanted[start : start + step])
        inside, across = ((side[some] @ other).tocsr() for side, other in zip(vectors, turned, strict=True))
        for row, number in enumerate(some):
            beside = _following(places, number, *_strong(inside, row, LEAST_LIKENESS))
            found[number] = beside + _abroad(places, number, *_strong(across, row, LEAST_ACROSS))
    return found


def _places(ordered: Sequence[Profile]) -> Places:
    codes: dict[str, int] = {}
    languages = np.array([codes.setdefault(profile.language, len(codes)) for profile in ordered], dtype=np.int64)
    firsts = [profile.first_published_at for profile in ordered]
    return Places(languages, np.array([first.timestamp() / DAY if first else np.nan for first in firsts]))


def _strong(block: csr_array, row: int, least: float) -> tuple[Ints, Floats]:
    """Return the columns of a row that reach a likeness, and the likeness rounded, so that ties are ties everywhere."""
    part = slice(block.indptr[row], block.indptr[row + 1])
    strong = block.data[part] >= least
    return block.indices[part][strong].astype(np.int64), np.round(block.data[part][strong], 6)


def _following(places: Places, number: int, others: Ints, likeness: Floats) -> list[Match]:
    """Return the best stories of one's own language within reach, later and earlier."""
    days = np.abs(places.days[others] - places.days[number])
    near = (others != number) & (places.languages[others] == places.languages[number]) & ~(days > REACH_DAYS)
    others, likeness = _best_first(number, others[near], likeness[near])
    found: list[Match] = []
    for side, most in ((1, SUCCESSORS), (-1, 1)):
        chosen = np.flatnonzero((others - number) * side > 0)[:most]
        pairs = zip(others[chosen].tolist(), likeness[chosen].tolist(), strict=True)
        found += [Match(other, like, side, rank) for rank, (other, like) in enumerate(pairs)]
    return found


def _abroad(places: Places, number: int, others: Ints, likeness: Floats) -> list[Match]:
    """Return the best story of the same days in each other language."""
    days = np.abs(places.days[others] - places.days[number])
    agree = np.where(np.isnan(days), likeness >= LEAST_UNDATED_ACROSS, days <= ACROSS_DAYS)
    near = agree & (places.languages[others] != places.languages[number])
    others, likeness = _best_first(number, others[near], likeness[near])
    firsts = np.unique(places.languages[others], return_index=True)[1]
    return [Match(other, like, 0, 0) for other, like in zip(others[firsts].tolist(), likeness[firsts].tolist(), strict=True)]


def _best_first(number: int, others: Ints, likeness: Floats) -> tuple[Ints, Floats]:
    order = np.lexsort((others, np.abs(others - number), -likeness))
    return others[order], likeness[order]


def thread_ids(stories: Sequence[tuple[UUID, Order]], links: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """Return the thread of each story: the id of the earliest story that links lead to."""
    orders = dict(stories)
    threads = {story_id: story_id for story_id in orders}
    for group in groups_of(links):
        members = [story_id for story_id in group if story_id in orders]
        if members:
            threads.update(dict.fromkeys(members, min(members, key=orders.__getitem__)))
    return threads
