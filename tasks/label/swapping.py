"""Texts with other names in the same places: the model learns what stands around a name, not the names of one corpus by heart."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from schemas.labels import EntityKind
from tasks.label.corpora import KINDS, Annotated, Place

SHARE: Mapping[EntityKind, float] = {"PER": 0.6, "ORG": 0.3, "LOC": 0.6}
"""Share of the names that are swapped; bodies half as often, since the words around them say what they are."""
TOWNS_FOR_EACH = 0.5
"""Towns of the world that are added to each place of the corpus."""
_TRIES = 8
_VOWELS = frozenset("aeiouhàâäéèêëîïôöùûüy")
_LONGEST_ACRONYM = 5

Pool = Mapping[EntityKind, Sequence[str]]


def pool_of(texts: Iterable[Annotated], towns: Sequence[str], chance: Random) -> Pool:
    """Return all names of a corpus by kind, with some of the towns among the places."""
    found: dict[EntityKind, set[str]] = {kind: set() for kind in KINDS}
    for one in texts:
        for text, names in ((one.title, one.title_names), (one.text, one.names)):
            for start, end, kind in names:
                if not _shouted(text[start:end]):
                    found[kind].add(text[start:end])
    pool = {kind: sorted(names) for kind, names in found.items()}
    pool["LOC"] += chance.sample(towns, min(len(towns), int(len(pool["LOC"]) * TOWNS_FOR_EACH)))
    return pool


def swapped(one: Annotated, pool: Pool, chance: Random) -> Annotated:
    """Return a text with some of its names replaced by others of their kind; the same name by the same one throughout."""
    chosen: dict[tuple[str, EntityKind], str] = {}
    title, title_names = _swap(one.title, one.title_names, pool, chance, chosen)
    text, names = _swap(one.text, one.names, pool, chance, chosen)
    return Annotated(title, text, title_names, names)


def _swap(
    text: str, names: Sequence[Place], pool: Pool, chance: Random, chosen: dict[tuple[str, EntityKind], str]
) -> tuple[str, tuple[Place, ...]]:
    found, places, done = "", list[Place](), 0
    for start, end, kind in names:
        name = text[start:end]
        if (name, kind) not in chosen:
            chosen[name, kind] = _other(name, pool[kind], chance) if chance.random() < SHARE[kind] else name
        other = chosen[name, kind].upper() if _shouted(name) else chosen[name, kind]
        found += text[done:start]
        places.append((len(found), len(found) + len(other), kind))
        found += other
        done = end
    return found + text[done:], tuple(places)


def _other(name: str, pool: Sequence[str], chance: Random) -> str:
    """Return a name that fits the words around: as many words, a vowel first where there was one (d', an, l'), the same capitals."""
    for _ in range(_TRIES):
        other = chance.choice(pool)
        if _form(other) == _form(name):
            return other
    return name


def _form(name: str) -> tuple[bool, bool, bool]:
    return name[0].isupper(), name[0].lower() in _VOWELS, " " in name


def _shouted(name: str) -> bool:
    return name.isupper() and len(name) > _LONGEST_ACRONYM
