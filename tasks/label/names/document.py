"""All names of one document: what table, rules and model see is weighed, then brought together by the registry."""

from collections.abc import Sequence

from schemas.labels import EntityKind
from tasks.label.names.reading import Reading
from tasks.label.names.registry import Registry
from tasks.label.names.spans import Span
from tasks.label.names.table import Knowledge
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import vocabulary
from tasks.label.names.weighing import found

_REGISTRY_SCORE = 0.8
_ARTICLES = frozenset(("la", "l'", "le", "les"))
_LEAST_SURNAME = 3  # letters of a name that may stand alone for a person


class Document:
    """The texts of an article (title, body, removed lines), their names and one registry over all of them."""

    def __init__(self, table: Knowledge, texts: Sequence[str], language: str) -> None:
        self.registry = Registry(table)
        reading = Reading(table, texts, language)
        self.texts = reading.texts
        self._language, self._lower = language, reading.lower
        self.spans = found(reading)
        self._agree()
        for tokens, spans in zip(self.texts, self.spans, strict=True):
            self.registry.learn(tokens, spans)
        for number, tokens in enumerate(self.texts):
            self.spans[number] = self._complete(tokens, self.spans[number])

    def _agree(self) -> None:
        """Give the same words the same kind everywhere in the document: the one with the most evidence."""
        votes: dict[tuple[str, ...], dict[EntityKind, float]] = {}
        open_spans = [
            (tuple(tokens.keys[s.first : s.last]), s)
            for tokens, spans in zip(self.texts, self.spans, strict=True)
            for s in spans
            if s.entity_id is None
        ]
        for words, span in open_spans:
            given = votes.setdefault(words, {})
            given[span.kind] = given.get(span.kind, 0.0) + span.score
        for words, span in open_spans:
            span.kind = max(votes[words], key=lambda kind: votes[words][kind])

    def _complete(self, tokens: Tokens, spans: list[Span]) -> list[Span]:
        """Return the spans with their identities, and the surnames that only the registry recognises."""
        covered = {i for span in spans for i in range(span.first, span.last)}
        alone = _together(tokens, [self._surname(tokens, i, covered) for i in range(len(tokens)) if i not in covered])
        for span in spans:
            unsure = span.method == "table" or span.entity_id is None
            if span.kind == "LOC" and unsure and span.last - span.first == 1 and not self._placed(tokens, span.first):
                person = self.registry.short(tokens.keys[span.first])
                if person is not None and self.registry.learned(person):
                    span.kind, span.entity_id, span.method = "PER", person, "registry"
        everything = sorted([*spans, *alone], key=lambda s: s.first)
        for span in everything:
            span.entity_id = self.registry.resolve(tokens, span)
        return everything

    def _surname(self, tokens: Tokens, index: int, covered: set[int]) -> Span | None:
        """Return a span where a name of somebody named in full elsewhere stands alone; not inside a hyphenated compound."""
        key = tokens.keys[index]
        if index + 1 < len(tokens) and tokens.glued[index + 1] and tokens.capital[index + 1] and index + 1 not in covered:
            person = self.registry.short(f"{key} {tokens.keys[index + 1]}")
            if person is not None:
                covered.add(index + 1)
                return Span(index, index + 2, "PER", person, _REGISTRY_SCORE, "registry")
        if not tokens.capital[index]:
            return None
        named = self.registry.named(key)
        addressed = index > 0 and tokens.glued[index] and tokens.keys[index - 1].rstrip(".") in vocabulary().titles  # Mr Xi, Mr. Li
        if named is None or (len(key) < _LEAST_SURNAME and not addressed) or tokens.hyphened[index]:
            return None
        if (tokens.opens[index] or tokens.loud[index]) and key in self._lower:
            return None
        return Span(index, index + 1, *named, _REGISTRY_SCORE, "registry")

    def _placed(self, tokens: Tokens, index: int) -> bool:
        """Return whether a preposition of place stands before the word, or in French an article: nobody is called "la France"."""
        if index == 0 or not tokens.glued[index]:
            return False
        before = tokens.words[index - 1].lower().replace("’", "'")
        return before in vocabulary().place_before.get(self._language, ()) or (self._language == "fr" and before in _ARTICLES)


def _together(tokens: Tokens, alone: Sequence[Span | None]) -> list[Span]:
    """Return the spans of single words, given name and family name of one person side by side taken as one."""
    found: list[Span] = []
    for span in alone:
        before = found[-1] if found else None
        if (
            span is not None
            and before is not None
            and before.last == span.first
            and before.entity_id == span.entity_id
            and tokens.gap(span.first) == " "
        ):
            before.last = span.last
        elif span is not None:
            found.append(span)
    return found
