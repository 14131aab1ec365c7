"""Groups of copies, and the article that stands at the head of each."""

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

Member = TypeVar("Member", bound=Hashable)

Order = tuple[bool, float, UUID]


def order_of(published_at: datetime | None, article_id: UUID) -> Order:
    """Return the key that puts articles in order of publication: the undated last, ties by id."""
    return published_at is None, published_at.timestamp() if published_at else 0.0, article_id


def groups_of(links: Iterable[tuple[Member, Member]]) -> list[list[Member]]:
    """Return the connected groups of two and more members; links are `exact` and `near` relations only.

    Never close over containment: a round-up that holds two dispatches would make them copies of each other.
    """
    parents: dict[Member, Member] = {}

    def root(member: Member) -> Member:
        while (parent := parents.setdefault(member, member)) != member:
            parents[member] = member = parents[parent]
        return member

    for one, other in links:
        parents[root(one)] = root(other)
    groups: dict[Member, list[Member]] = {}
    for member in list(parents):
        groups.setdefault(root(member), []).append(member)
    return [group for group in groups.values() if len(group) > 1]


def heads_of(links: Iterable[tuple[UUID, UUID]], orders: Mapping[UUID, Order]) -> dict[UUID, UUID]:
    """Return, for every article that copies an earlier one, the earliest of its group; the heads are not in it."""
    heads: dict[UUID, UUID] = {}
    for group in groups_of(links):
        head, *copies = sorted(group, key=orders.__getitem__)
        heads.update(dict.fromkeys(copies, head))
    return heads
