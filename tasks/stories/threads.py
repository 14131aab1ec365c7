"""Which stories belong to one long affair, over months and across languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from tasks.dedupe.groups import Order, groups_of, order_of
from tasks.stories.cluster import Ints
from tasks.stories.terms import TERM, Field, Terms
from tasks.stories.weights import THREAD_WEIGHTS, Floats, Keys, Rarity, keys_of, weigh

LEAST_LIKENESS = 0.24
"""Below stands what unrelated articles of one region share; the five documents of one affair reach .25 and more."""
REACH_DAYS = 400
"""A story is linked to the next of its affair when that comes within about a year."""
PROFILE = {Field.NAME: 64, Field.NUMBER: 16, Field.STEM: 48}
"""Terms of a story that are kept, those most of its articles share."""


ROWS_AT_ONCE = 1_000  # bounds the memory of one product


Matches = dict[tuple[str, int], tuple[int, float]]
"""The best match of a story per language and direction of time: its number and the likeness."""


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

    Those are the changed stories and their best matches. Two stories of one language are linked when each is the
    other's best in its direction of time, so that an affair becomes a chain; two of different languages when
    each is the other's best.
    """
    ordered = sorted(profiles, key=lambda profile: profile.order)
    vectors = weigh([profile.terms for profile in ordered], rarity, THREAD_WEIGHTS)
    wanted = [number for number, profile in enumerate(ordered) if profile.story_id in changed]
    best = _best(ordered, vectors, wanted)
    best |= _best(ordered, vectors, _matches_beyond(best))
    looked_at = set(best)
    best |= _best(ordered, vectors, _matches_beyond(best))  # only to see whether the matches are mutual
    links = [
        Link(ordered[number].story_id, ordered[other].story_id, round(score, 6))
        for number, matches in best.items()
        for other, score in matches.values()
        if number < other and {number, other} & looked_at and any(back == number for back, _ in best.get(other, {}).values())
    ]
    return {ordered[number].story_id for number in looked_at}, links


def _matches_beyond(best: Mapping[int, Matches]) -> list[int]:
    return sorted({other for matches in best.values() for other, _ in matches.values()} - set(best))


def _best(ordered: Sequence[Profile], vectors: csr_array, wanted: Sequence[int]) -> dict[int, Matches]:
    """Return for each wanted story its best match per language, for its own language per direction of time."""
    found: dict[int, Matches] = {number: {} for number in wanted}
    turned = vectors.T.tocsc()
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        block = (vectors[list(wanted[start : start + ROWS_AT_ONCE])] @ turned).tocoo()
        strong = block.data >= LEAST_LIKENESS
        for row, other, score in zip(block.row[strong].tolist(), block.col[strong].tolist(), block.data[strong].tolist(), strict=True):
            number = wanted[start + row]
            if number == other or not _in_reach(ordered[number], ordered[other]):
                continue
            same = ordered[number].language == ordered[other].language
            side = (ordered[other].language, (1 if other > number else -1) if same else 0)
            known = found[number].get(side)
            if known is None or (round(score, 9), -other) > (round(known[1], 9), -known[0]):
                found[number][side] = (other, score)
    return found


def _in_reach(one: Profile, other: Profile) -> bool:
    if one.first_published_at is None or other.first_published_at is None:
        return True
    return abs((one.first_published_at - other.first_published_at).days) <= REACH_DAYS


def thread_ids(stories: Sequence[tuple[UUID, Order]], links: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """Return the thread of each story: the id of the earliest story that links lead to."""
    orders = dict(stories)
    threads = {story_id: story_id for story_id in orders}
    for group in groups_of(links):
        members = [story_id for story_id in group if story_id in orders]
        if members:
            threads.update(dict.fromkeys(members, min(members, key=orders.__getitem__)))
    return threads
