"""A found name inside one text, and the choice between overlapping ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.labels import EntityKind


@dataclass(slots=True)
class Span:
    """Words `first` up to, not including, `last`; who it is (None: the registry decides), and how it was found."""

    first: int
    last: int
    kind: EntityKind
    entity_id: str | None
    score: float
    method: str


def without_overlap(spans: Iterable[Span]) -> list[Span]:
    """Return the spans that stay, in order: the longer of two that overlap, then the one found with the higher score."""
    taken: set[int] = set()
    kept = []
    for span in sorted(spans, key=lambda s: (s.first - s.last, -s.score, s.first)):
        words = range(span.first, span.last)
        if taken.isdisjoint(words):
            taken.update(words)
            kept.append(span)
    return sorted(kept, key=lambda s: s.first)
