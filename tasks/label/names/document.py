"""All names of one document: its texts are searched one by one, then brought together by the registry."""

from collections.abc import Callable
from functools import cached_property

from tasks.label.names.context import Context
from tasks.label.names.lookup import table_spans
from tasks.label.names.organisations import organisation_spans
from tasks.label.names.persons import person_spans
from tasks.label.names.places import place_spans
from tasks.label.names.registry import Registry
from tasks.label.names.spans import Span, without_overlap
from tasks.label.names.table import Knowledge
from tasks.label.names.tokens import Tokens, tokenize

_REGISTRY_SCORE = 0.8
_LEAST_SURNAME = 3  # letters of a name that may stand alone for a person


class Document:
    """The texts of an article (title, body, removed lines), their names and one registry over all of them."""

    def __init__(self, table: Knowledge, texts: list[str], language: str) -> None:
        self.registry = Registry(table)
        self.texts = [tokenize(text) for text in texts]
        self._table, self._language = table, language
        self._lower = frozenset(k for t in self.texts for k, c in zip(t.keys, t.capital, strict=True) if not c)
        self.spans = [self._search(tokens) for tokens in self.texts]
        for tokens, spans in zip(self.texts, self.spans, strict=True):
            self.registry.learn(tokens, spans)
        for number, tokens in enumerate(self.texts):
            self.spans[number] = self._complete(tokens, self.spans[number])

    @cached_property
    def _running(self) -> str:
        return f" {' '.join(key for tokens in self.texts for key in tokens.keys)} "

    def says(self, cue: str) -> bool:
        """Return whether a word or phrase (lower case, no accents) stands anywhere in the document."""
        return f" {cue.replace(chr(39), chr(39) + ' ')} " in self._running

    def _search(self, tokens: Tokens) -> list[Span]:
        says: Callable[[str], bool] = self.says
        found = table_spans(self._table, tokens, says)
        context = Context.of(tokens, found, self._language, self._lower)
        everything = without_overlap([*found, *person_spans(context), *organisation_spans(context), *place_spans(context)])
        return [span for span in everything if not (span.kind == "PER" and context.named_after(span.first))]

    def _complete(self, tokens: Tokens, spans: list[Span]) -> list[Span]:
        """Return the spans with their identities, and the surnames that only the registry recognises."""
        covered = {i for span in spans for i in range(span.first, span.last)}
        alone = [self._surname(tokens, i) for i, capital in enumerate(tokens.capital) if capital and i not in covered]
        everything = sorted([*spans, *(span for span in alone if span)], key=lambda s: s.first)
        before: Span | None = None
        for span in everything:
            if span.entity_id is None and span.method == "rule:acronym" and before is not None and self._in_brackets(tokens, before, span):
                self.registry.alias(before.entity_id or "", span, tokens)
            span.entity_id = self.registry.resolve(tokens, span)
            before = span
        return everything

    def _surname(self, tokens: Tokens, index: int) -> Span | None:
        """Return a span where a name of somebody named in full elsewhere stands alone; not inside a hyphenated compound."""
        key = tokens.keys[index]
        person = self.registry.short(key)
        if person is None or len(key) < _LEAST_SURNAME or tokens.hyphened[index]:
            return None
        if (tokens.opens[index] or tokens.loud[index]) and key in self._lower:
            return None
        return Span(index, index + 1, "PER", person, _REGISTRY_SCORE, "registry")

    @staticmethod
    def _in_brackets(tokens: Tokens, before: Span, span: Span) -> bool:
        return before.kind == "ORG" and before.last == span.first and tokens.gap(span.first) in (" (", "\u00a0(")
