"""Topics of one's own: which rules of wirehouse.toml hold for an article, as far as words, entities and languages go.

What a rule asks for in SQL is looked at in the store (tasks/store/labels/own_topics.py), where the article's row is.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from schemas.labelling import TopicRule
from schemas.labels import Entity, Mention
from tasks.label.topic_lexicon import fold

METHOD = "user"

_WORD = re.compile(r"[^\W_]+")

Phrase = tuple[str, ...]


class Named(NamedTuple):
    """Someone or something that an article names as a subject: its id and the names it goes by."""

    entity_id: str
    names: tuple[str, ...]


class Evidence(NamedTuple):
    """What spoke for a rule in one article: entries of its words, and of its entities."""

    rule: int
    words: tuple[str, ...]
    entities: tuple[str, ...]


def subjects(mentions: Iterable[Mention], entities: Iterable[Entity]) -> tuple[Named, ...]:
    """Return the entities that are named as subjects, each with its names."""
    ids = {mention.entity_id for mention in mentions if mention.role == "subject"}
    return tuple(Named(one.entity_id, (one.name, one.name_fr or one.name)) for one in entities if one.entity_id in ids)


def rules_met(rules: Sequence[TopicRule], text: str, language: str, named: Iterable[Named]) -> tuple[int, ...]:
    """Return the numbers of the rules that hold for a text, title included, but for what they ask in SQL."""
    return tuple(one.rule for one in evidence(tuple(rules), text, language, tuple(named))) if rules else ()


def evidence(rules: tuple[TopicRule, ...], text: str, language: str, named: Collection[Named]) -> list[Evidence]:
    """Return what speaks for each rule that holds, but for what it asks in SQL. Linear in the text."""
    finder = _finder(rules)
    words, entities = finder.words_in(text), finder.entities_among(named)
    found = []
    for number, rule in enumerate(rules):
        wanted = not rule.languages or language in rule.languages
        if wanted and (number in words or not rule.words) and (number in entities or not rule.entities):
            found.append(Evidence(number, _ordered(rule.words, words[number]), _ordered(rule.entities, entities[number])))
    return found


def _ordered(entries: Iterable[str], found: Collection[str]) -> tuple[str, ...]:
    return tuple(entry for entry in entries if entry in found)


Found = defaultdict[int, set[str]]
Asked = dict[str, list[tuple[int, str]]]
"""What is looked for, with the rule that asks for it and the entry as it is written there."""


class _Finder:
    """The words and entities of all rules, ready to be looked for in many articles."""

    def __init__(self, rules: Sequence[TopicRule]) -> None:
        self._words: Asked = defaultdict(list)
        self._stems: Asked = defaultdict(list)
        self._phrases: defaultdict[str, list[tuple[Phrase, int, str]]] = defaultdict(list)
        self._runs: Asked = defaultdict(list)
        self._entities: Asked = defaultdict(list)
        for number, rule in enumerate(rules):
            for entry in rule.words:
                self._add(number, entry)
        self._lengths = sorted({len(stem) for stem in self._stems})
        self._take_entities(rules)

    def _add(self, number: int, entry: str) -> None:
        from tasks.dedupe.sketch import is_unspaced

        folded = fold(entry)
        if is_unspaced(folded):
            self._runs[folded.removesuffix("*")].append((number, entry))
            return
        first, *others = (f"{word}*" if end and folded.endswith("*") else word for word, end in _ends(_WORD.findall(folded)))
        if others:
            self._phrases[first].append((tuple(others), number, entry))
            self._phrases[f"{first}s"].append((tuple(others), number, entry))
        elif first.endswith("*"):
            self._stems[first[:-1]].append((number, entry))
        else:
            self._words[first].append((number, entry))
            self._words[f"{first}s"].append((number, entry))

    def _take_entities(self, rules: Sequence[TopicRule]) -> None:
        asked: Asked = defaultdict(list)
        for number, rule in enumerate(rules):
            for entry in rule.entities:
                asked[_key(entry)].append((number, entry))
        for key, entries in asked.items():
            self._entities[key] += entries
        for key, entity_id in _spellings(asked):
            self._entities[_key(entity_id)] += asked[key]

    def words_in(self, text: str) -> Found:
        """Return the entries of each rule that stand in a text."""
        found: Found = defaultdict(set)
        folded = fold(text)
        words = _WORD.findall(folded)
        for word in set(words):
            for number, entry in (*self._words.get(word, ()), *self._stems_of(word)):
                found[number].add(entry)
        if self._phrases:
            for place, word in enumerate(words):
                for others, number, entry in self._phrases.get(word, ()):
                    if _continues(words, place + 1, others):
                        found[number].add(entry)
        for run, entries in self._runs.items():
            if run in folded:
                for number, entry in entries:
                    found[number].add(entry)
        return found

    def _stems_of(self, word: str) -> Iterator[tuple[int, str]]:
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._stems.get(word[:length], ())

    def entities_among(self, named: Iterable[Named]) -> Found:
        """Return the entries of each rule that name one of these entities."""
        found: Found = defaultdict(set)
        if self._entities:
            for one in named:
                for key in {_key(one.entity_id), *map(_key, one.names)}:
                    for number, entry in self._entities.get(key, ()):
                        found[number].add(entry)
        return found


@lru_cache(maxsize=4)
def _finder(rules: tuple[TopicRule, ...]) -> _Finder:
    return _Finder(rules)


def _ends(words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Give each word with whether it is the last."""
    return ((word, number == len(words)) for number, word in enumerate(words, 1))


def _continues(words: Sequence[str], place: int, others: Phrase) -> bool:
    if place + len(others) > len(words):
        return False
    return all(_is(words[place + n], entry) for n, entry in enumerate(others))


def _is(word: str, entry: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word in (entry, f"{entry}s")


def _key(name: str) -> str:
    """Return a name or an id as its words, folded: Kim Jong-un and Kim Jong Un are one."""
    return " ".join(_WORD.findall(fold(name)))


def _spellings(asked: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give those of some folded names that the table of names knows, each with the entity; all of them where several share one."""
    if not asked:
        return
    from tasks.label.entities import knowledge

    seen = set()
    for alias in knowledge().aliases:
        key = _key(alias.alias)
        if key in asked and (key, alias.entity_id) not in seen:
            seen.add((key, alias.entity_id))
            yield key, alias.entity_id
