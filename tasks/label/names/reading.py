"""What table and rules see in the texts of one document, before anything is decided."""

from collections.abc import Callable, Sequence
from functools import cached_property

from tasks.label.names.context import Context
from tasks.label.names.features import Evidence
from tasks.label.names.lookup import table_spans
from tasks.label.names.organisations import organisation_spans
from tasks.label.names.persons import person_spans
from tasks.label.names.places import place_spans
from tasks.label.names.table import Knowledge
from tasks.label.names.tokens import Tokens, tokenize


class Reading:
    """The texts of an article (title, body, removed lines) with the names that the table knows and the rules suppose in each."""

    def __init__(self, table: Knowledge, texts: Sequence[str], language: str) -> None:
        self._said: dict[str, bool] = {}
        self.language = language
        self.texts = [tokenize(text) for text in texts]
        self.lower = frozenset(k for t in self.texts for k, c in zip(t.keys, t.capital, strict=True) if not c)
        self.proper = frozenset(
            k for t in self.texts for k, c, o, loud in zip(t.keys, t.capital, t.opens, t.loud, strict=True) if c and not o and not loud
        )
        self.evidence = [self._search(table, tokens) for tokens in self.texts]

    @cached_property
    def _running(self) -> str:
        return f" {' '.join(key for tokens in self.texts for key in tokens.keys)} "

    def says(self, cue: str) -> bool:
        """Return whether a word or phrase (lower case, no accents) stands anywhere in the document."""
        if cue not in self._said:
            self._said[cue] = f" {cue.replace(chr(39), chr(39) + ' ')} " in self._running
        return self._said[cue]

    def _search(self, table: Knowledge, tokens: Tokens) -> Evidence:
        says: Callable[[str], bool] = self.says
        found = table_spans(table, tokens, says, self.language)
        context = Context.of(tokens, found, self.language, (self.lower, self.proper))
        return Evidence(context, found, [*person_spans(context), *organisation_spans(context), *place_spans(context)])
