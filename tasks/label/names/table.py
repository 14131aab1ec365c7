"""The knowledge table: entities, their spellings, and the longest spelling that starts at a word."""

import gzip
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, NamedTuple, cast

from schemas.labels import Entity, EntityAlias, EntityKind
from tasks.label.names.fold import alike, keys, transliterated
from tasks.label.names.tokens import Tokens

_FILE = Path(__file__).parent.parent / "data" / "knowledge.tsv.gz"
_ACCENTED = 4  # letters up to which accents must be right: Irã is Iran in Portuguese, Ira a man
_ACRONYM = 5  # letters up to which an alias in capitals must not match a word in lower case


@dataclass(slots=True, frozen=True)
class Spelling:
    """One alias: whose it is, how it is written, in which language, by which case rule, from which source."""

    entity_id: str
    alias: str
    language: str
    case_rule: str
    source: str


class Office(NamedTuple):
    """An office of a person, with the first and last day as far as they are known: `2000-05-07`, `2000-05`, `2000` or nothing."""

    office: str
    country: str
    """ISO 3166-1 alpha-2; UN and EU for theirs."""
    valid_from: str
    valid_until: str
    """Empty for who is in office, or was when the table was made."""


@dataclass
class Knowledge:
    """The table in memory; the records for the store are built on demand."""

    rows: dict[str, tuple[str, ...]]
    """Entity id -> kind, name, French name, Wikidata id, country, stands_for."""
    spellings: dict[str, list[Spelling]]
    """Words' keys, one space apart -> the aliases written so."""
    longest: dict[str, int]
    """Key of a first word -> words in the longest alias that begins with it."""
    ideograms: dict[str, list[Spelling]]
    """First character -> aliases without word boundaries (Chinese, Japanese, Korean), longest first."""
    offices: dict[str, tuple[Office, ...]] = field(default_factory=dict)
    """Entity id -> offices since 2000, for heads of state and government and foreign ministers."""

    def kind(self, entity_id: str) -> EntityKind:
        """Return the kind of an entity of the table."""
        return cast(EntityKind, self.rows[entity_id][0])

    def entity(self, entity_id: str) -> Entity:
        """Return the record of an entity of the table; KeyError for another id."""
        kind, name, name_fr, wikidata, country, stands_for = self.rows[entity_id]
        return Entity(
            entity_id=entity_id,
            kind=cast(EntityKind, kind),
            name=name,
            name_fr=name_fr or None,
            wikidata_id=wikidata or None,
            country=country or None,
            stands_for=stands_for or None,
        )

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """All entities as records, for the store's table."""
        return tuple(self.entity(entity_id) for entity_id in self.rows)

    @cached_property
    def aliases(self) -> tuple[EntityAlias, ...]:
        """All spellings as records, for the store's table."""
        ideograms = {id(s): s for group in self.ideograms.values() for s in group}
        everything = [s for group in self.spellings.values() for s in group] + list(ideograms.values())
        return tuple(
            EntityAlias(
                entity_id=s.entity_id,
                alias=s.alias,
                language=s.language or None,
                case_rule=cast(Literal["exact", "capital", "upper"], s.case_rule),
                source=cast(Literal["cldr", "geonames", "curated", "learned"], s.source),
            )
            for s in everything
        )

    def person(self, names: tuple[str, ...]) -> str | None:
        """Return the one person of the table whose full name this is in another spelling, or None."""
        found = {
            entity_id
            for key in keys(names)
            for known, entity_id in self._people.get(key, ())
            if known == names or (alike(known, names) and (transliterated(known) or transliterated(names)))
        }
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _people(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """Key of a full name -> the people of the table with such a spelling."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for key, group in self.spellings.items():
            if " " in key and group[0].entity_id.startswith("per:"):
                words = tuple(key.split())
                for spelled in keys(words):
                    found.setdefault(spelled, []).append((words, group[0].entity_id))
        return found


@cache
def knowledge() -> Knowledge:
    """Return the table shipped with the package, read once in a process."""
    rows: dict[str, tuple[str, ...]] = {}
    spellings: dict[str, list[Spelling]] = {}
    longest: dict[str, int] = {}
    ideograms: dict[str, list[Spelling]] = {}
    offices: dict[str, tuple[Office, ...]] = {}
    entity_id = ""
    for line in gzip.decompress(_FILE.read_bytes()).decode().splitlines():
        mark, *cells = line.split("\t")
        if mark == "E":
            entity_id = cells[0]
            rows[entity_id] = tuple(cells[1:])
            continue
        if mark == "O":
            offices[entity_id] = (*offices.get(entity_id, ()), Office(*cells))
            continue
        alias, key, language, case_rule, source = cells
        spelling = Spelling(entity_id, alias, language, case_rule, source)
        if "\u3040" <= alias[0] <= "\ud7ff":
            ideograms.setdefault(alias[0], []).append(spelling)
            continue
        spellings.setdefault(key, []).append(spelling)
        first, length = key.split(" ", 1)[0], key.count(" ") + 1
        if longest.get(first, 0) < length:
            longest[first] = length
    for group in ideograms.values():
        group.sort(key=lambda s: -len(s.alias))
    return Knowledge(rows, spellings, longest, ideograms, offices)


def longest_match(table: Knowledge, tokens: Tokens, index: int) -> tuple[int, Spelling] | None:
    """Return the end and the spelling of the longest alias that starts at word `index`, or None."""
    reach = table.longest.get(tokens.keys[index], 0)
    last = index + 1
    while last < len(tokens) and last - index < reach and tokens.glued[last]:
        last += 1
    for end in range(last, index, -1):
        group = table.spellings.get(" ".join(tokens.keys[index:end]) if end - index > 1 else tokens.keys[index])
        for spelling in group or ():
            if _case_allows(spelling, tokens, index, end):
                return end, spelling
    return None


def _case_allows(spelling: Spelling, tokens: Tokens, first: int, last: int) -> bool:
    """Return whether capitals stand in the text where the alias has them.

    An alias of up to three letters in capitals wants capitals (French "un" is not the UN); up to five a
    capital first letter will do (Otan); a capital in a longer alias wants one in the text (La Réunion).
    """
    alias = spelling.alias
    if last - first == 1:
        return _word_allows(spelling, tokens.words[first])
    if spelling.case_rule == "upper":
        return all(w[0].isupper() for w in tokens.words[first:last])
    position = 0
    for index in range(first, last):
        word = tokens.words[index]
        while position < len(alias) and not alias[position].isalnum():
            position += 1
        if position < len(alias) and alias[position].isupper() and not word[0].isupper() and word[-1] not in "'’":
            return False
        position += len(word)
    return True


def _word_allows(spelling: Spelling, word: str) -> bool:
    """Return the same for an alias of one word."""
    alias = spelling.alias
    if spelling.case_rule == "upper":
        return word.isupper()
    if len(alias) <= _ACCENTED and not alias.isascii() and alias.casefold() != word.casefold():
        return False
    if len(alias) <= _ACRONYM and alias.isupper():
        return word.isupper() or word.istitle()
    return word[0].isupper() or not alias[0].isupper()
