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


class Cover:
    """Spans by the words they cover: what lies over another one is found without looking at all of them."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.spans: list[Span] = []
        self._at: dict[int, list[Span]] = {}
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Take in one more."""
        self.spans.append(span)
        for word in range(span.first, span.last):
            self._at.setdefault(word, []).append(span)

    def over(self, span: Span) -> list[Span]:
        """Return the spans that share a word with this one, each once."""
        found = {id(one): one for word in range(span.first, span.last) for one in self._at.get(word, ())}
        return list(found.values())


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
