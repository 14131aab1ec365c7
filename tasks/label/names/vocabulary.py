"""The vocabulary of the name rules, read once from the data files."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.label.names.fold import plain

_DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sets of words in plain form; what each is for stands in `words.toml`."""

    given: frozenset[str]
    wary: frozenset[str]
    starters: frozenset[str]
    capital_heads: frozenset[str]
    hyphened_places: frozenset[str]
    abbreviated: frozenset[str]
    stopped: frozenset[str]
    agencies: frozenset[str]
    wars: frozenset[str]
    loose_particles: frozenset[str]
    strong_particles: frozenset[str]
    titles: frozenset[str]
    roles: frozenset[str]
    particles: frozenset[str]
    family_first: frozenset[str]
    said: frozenset[str]
    determiners: frozenset[str]
    place_before: dict[str, frozenset[str]]
    place_heads: frozenset[str]
    place_tails: frozenset[str]
    weak_tails: frozenset[str]
    heads_of: frozenset[str]
    heads_en: frozenset[str]
    lower_heads: frozenset[str]
    openings: frozenset[str]
    institution_nouns: frozenset[str]
    org_before: frozenset[str]
    ordinals: frozenset[str]
    things: frozenset[str]
    named_after: frozenset[str]
    tails: frozenset[str]
    company_tails: frozenset[str]
    club_heads: frozenset[str]
    linkers: frozenset[str]
    institution_adjectives: frozenset[str]
    ordinary: frozenset[str]
    not_acronyms: frozenset[str]
    small_words: frozenset[str]
    demonyms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Senses:
    """What a shared name means: with no cue in the document, and the cues of each meaning ('' is no name)."""

    default: str
    by_language: dict[str, str]
    """Defaults of languages in which the name usually means something else: French Mexico is the city."""
    cues: tuple[tuple[str, frozenset[str]], ...]


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary shipped with the package."""
    table = tomllib.loads((_DATA / "words.toml").read_text(encoding="utf-8"))
    places = {language: frozenset(words.split()) for language, words in table.pop("place_before").items()}
    sets = {name: frozenset(plain(word) for word in words.split()) for name, words in table.items()}
    lines = (_DATA / "given_names.txt").read_text(encoding="utf-8").splitlines()
    given = frozenset(plain(word) for line in lines if not line.startswith("#") for word in line.split())
    return Vocabulary(given=given, place_before=places, **sets)


@cache
def senses() -> dict[str, Senses]:
    """Return the shared names by their key."""
    table = tomllib.loads((_DATA / "senses.toml").read_text(encoding="utf-8"))
    return {
        row["key"]: Senses(
            row["default"], row.get("by_language", {}), tuple((entity, frozenset(cues)) for entity, cues in row.get("cues", {}).items())
        )
        for row in table["name"]
    }
