"""The names of one document: which full name a surname, an initial or another spelling belongs to."""

import itertools
from collections.abc import Sequence

from schemas.labels import Entity, EntityKind
from tasks.label.names.fold import close, rough, slug
from tasks.label.names.spans import Span
from tasks.label.names.table import Knowledge
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import vocabulary

_MOST_NAMESAKES = 10  # people of one surname that a new name is compared with
_SYLLABLE = 6  # letters of a syllable in Korean, Chinese and Vietnamese names, at most


class Registry:
    """Who is who in one document. Feed it the people first (`learn`), then ask (`resolve`, `short`)."""

    def __init__(self, table: Knowledge) -> None:
        self.table = table
        self.entities: dict[str, Entity] = {}
        self._full: dict[tuple[str, ...], str] = {}
        self._short: dict[str, list[str]] = {}
        self._seen_full: set[str] = set()
        self._namesakes: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._things: dict[str, tuple[EntityKind, str]] = {}

    def learn(self, tokens: Tokens, spans: Sequence[Span]) -> None:
        """Take in the people with two names or more, those with initials last, and give each an identity."""
        for before, span in itertools.pairwise(spans):
            if (
                span.method == "rule:acronym"
                and before.kind == "ORG"
                and before.last == span.first
                and tokens.gap(span.first).endswith("(")
            ):
                span.entity_id = self._full[tuple(tokens.keys[span.first : span.last])] = self.resolve(tokens, before)
        for span in spans:
            if span.entity_id is None and span.kind != "PER" and span.last - span.first == 1 and span.method != "rule:acronym":
                self._things[tokens.keys[span.first]] = span.kind, self.resolve(tokens, span)
        people = [s for s in spans if s.kind == "PER" and s.last - s.first > 1]
        for span in sorted(people, key=lambda s: any(_is_initial(tokens.keys[i]) for i in range(s.first, s.last))):
            names = tuple(k.rstrip(".") for k in tokens.keys[span.first : span.last])
            if span.entity_id is None:
                span.entity_id = self._identify(names) or self._new("PER", _display(tokens.surface(span.first, span.last)))
            self._full.setdefault(names, span.entity_id)
            self._seen_full.add(span.entity_id)
            self._namesakes.setdefault(rough(names[-1]), []).append((names, span.entity_id))
            self._add_short(names, span.entity_id)

    def resolve(self, tokens: Tokens, span: Span) -> str:
        """Return the identity of a span: its own, its full name's, or a new one of its surface."""
        keys = tokens.keys[span.first : span.last]
        if span.kind == "PER" and len(keys) == 1:
            others = [e for e in self._short.get(keys[0], ()) if e != span.entity_id]
            if span.entity_id is None:
                return others[0] if others else self._new("PER", _display(tokens.words[span.first]))
            if span.entity_id not in self._seen_full and len(others) == 1:
                return others[0]
        return span.entity_id or self._full.get(tuple(keys)) or self._new(span.kind, tokens.surface(span.first, span.last))

    def short(self, key: str) -> str | None:
        """Return the person whom this single name means in the document, or None."""
        people = self._short.get(key)
        return people[0] if people else None

    def named(self, key: str) -> tuple[EntityKind, str] | None:
        """Return kind and id of the person, body or place that the document names elsewhere and this word alone means."""
        person = self.short(key)
        return ("PER", person) if person is not None else self._things.get(key)

    def learned(self, entity_id: str) -> bool:
        """Return whether the entity is known from this document only."""
        return entity_id in self.entities

    def entity(self, entity_id: str) -> Entity:
        """Return the record of an entity of the table or of this document."""
        return self.entities.get(entity_id) or self.table.entity(entity_id)

    def _new(self, kind: EntityKind, name: str) -> str:
        name = " ".join(name.split())
        entity_id = f"{kind.lower()}:{slug(name)}"
        if entity_id in self.table.rows and self.table.kind(entity_id) == kind:
            return entity_id
        self.entities.setdefault(entity_id, Entity(entity_id=entity_id, kind=kind, name=name))
        return entity_id

    def _identify(self, names: tuple[str, ...]) -> str | None:
        """Return who bears this full name: said before, known by the table in another spelling, or nearly said before."""
        exact = self._full.get(names) or self.table.people.get(" ".join(map(rough, names)))
        if exact is not None:
            return exact
        for other, entity_id in self._namesakes.get(rough(names[-1]), ())[:_MOST_NAMESAKES]:
            given, known = names[0], other[0]
            if len(given) == 1 or len(known) == 1:
                if given[0] == known[0]:
                    return entity_id
            elif close(given, known) or rough(given) == rough(known):
                return entity_id
        return None

    def _add_short(self, names: tuple[str, ...], entity_id: str) -> None:
        words = vocabulary()
        asian = names[0] in words.family_first and all(len(n) <= _SYLLABLE for n in names[1:])
        shorts = [names[0]] if asian else [names[-1]]
        if len(names) > 2 and names[-2] in words.particles:
            kept = names[-1:] if names[-2] in words.loose_particles else ()
            shorts = [" ".join(names[-2:]), *kept]
        if asian and names[0] in words.given:
            shorts.append(names[-1])
        if not asian and names[0] in words.given:
            shorts.append(names[0])
        for name in shorts:
            people = self._short.setdefault(name, [])
            if entity_id not in people and name not in words.particles and name not in words.things:
                people.append(entity_id)


def _is_initial(key: str) -> bool:
    return len(key) == 2 and key[1] == "."


def _display(name: str) -> str:
    """Return a name printed in capitals as it is usually written."""
    return name.title() if name.isupper() else name
