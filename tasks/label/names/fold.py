"""Keys under which spellings meet: a plain key for the table, keys across transliterations, slugs for ids."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

_NAMES = Path(__file__).parent.parent / "data" / "transliterated.txt"
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "’": "'", "ʼ": "'"})
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_ROMAN = re.compile(r"[ivxlc]+|\d+")
_LATIN_OF_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґё",
        "a b v g d e sh z i i k l m n o p r s t u f kh ts sh sh sh _ i _ e iu ia i i e g e".split(),  # noqa: SIM905 - one line shows the pairs
        strict=True,
    )
)
_AMBIGUOUS = (("ch", "sh", "kh"), ("j", "y", "sh", "kh"), ("c", "k", "s"))
"""Letters that stand for different sounds: German Bach and French chat, German ja, French je and Spanish jefe, Latin c and Serbian ć."""
_MOST_READINGS = 12
_MOST_KEYS = 24
# Transliteration habits of French, English, German, Spanish and Italian, levelled one after the other. Hissing sounds are one
# letter: z, ts, sh and zh are written crosswise in these languages.
_LEVEL = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("^[yi]e", "e"),
        ("ou(?=[aei])|w", "v"),
        ("ou", "u"),
        ("shtsh|shsh|tsh|dzh|dsh|dz|zh|sh|ts|tz|z", "s"),
        ("kh|gh(?=$)", "h"),
        ("gh|gu(?=[eiy])", "g"),
        ("ph", "f"),
        ("th", "t"),
        ("x", "ks"),
        ("ck|q", "k"),
        ("y", "i"),
        (r"(.)\1+", r"\1"),
        ("ie", "e"),
        (r"(.)\1+", r"\1"),
        ("(?<=n)e$", ""),
        ("dre?$|der$", "dr"),
        ("(?<=[oe])f$", "v"),
        ("(?<=s)ov$", "ev"),
        ("ski[i]*$", "ski"),
    )
]
_DIGRAPHS = (("tsch", "sh"), ("sch", "sh"), ("tch", "sh"), ("cz", "sh"), ("sz", "sh"), ("dj", "y"), ("dsh", "y"))
_UMLAUT = re.compile("(?<![aeiouyq])([aou])e(?=[^aeiouy])")
_FAMILY = re.compile("(?:[oe]v|[oe]va|ski|skaia|skai|enko|suk|vis|svili|[iy]dse|adse|[^aeiou]in)$")
"""Ends of family names, in their key, that come from another alphabet."""


@lru_cache(maxsize=1 << 16)
def plain(word: str) -> str:
    """Return the word in lower case without accents: the form in which the table and the vocabulary are compared."""
    lowered = word.lower().translate(_LETTERS)
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=1 << 14)
def readings(word: str) -> frozenset[str]:
    """Return the keys, one a way to read the word, of which transliterations of one name share one; a Roman numeral is its own."""
    key = plain(word).replace("'", "")
    if _ROMAN.fullmatch(key):
        return frozenset((key,))
    key = _latin(key)
    for letters, sound in _DIGRAPHS:
        key = key.replace(letters, sound)
    ways: list[list[str]] = [[]]
    rest = key
    for part in re.split("(ch|j|c)", rest):
        sounds = next((sounds for letters, *sounds in _AMBIGUOUS if letters == part), [part])
        ways = [[*way, sound] for way in ways for sound in sounds][:_MOST_READINGS]
    return frozenset(_levelled("".join(way)) for way in ways)


def _latin(key: str) -> str:
    """Return a plain word with Latin letters for Cyrillic ones."""
    return key if key.isascii() else "".join(_LATIN_OF_CYRILLIC.get(c, c) for c in key).replace("_", "")


def _levelled(key: str) -> str:
    for pattern, replacement in _LEVEL:
        key = pattern.sub(replacement, key)
    return key


def keys(words: Sequence[str]) -> list[str]:
    """Return the keys of which two names share one when they are alike, two dozen at most: what is then compared closely."""
    forms = []
    for word in map(plain, words):
        known = _known_names().get(_latin(word))
        forms.append([*([f"={abs(known)}"] if known else []), *sorted(readings(word) | readings(without_umlauts(word)))])
    return [" ".join(way) for way in itertools.islice(itertools.product(*forms), _MOST_KEYS)]


def alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two names, word by word, can be one name in two spellings: by accents, umlauts or transliteration.

    Roman numerals and numbers must be equal. Says nothing about whether that is usual for such names: see `transliterated`.
    """
    return len(one) == len(other) and all(map(_same_word, one, other))


def _same_word(one: str, other: str) -> bool:
    one, other = plain(one), plain(other)
    if one == other or without_umlauts(one) == without_umlauts(other):
        return True
    known = [_known_names().get(_latin(word)) for word in (one, other)]
    if all(known):
        return known[0] == known[1]
    return not readings(one).isdisjoint(readings(other))


def without_umlauts(word: str) -> str:
    """Return the plain word with ae, oe and ue, where they stand for ä, ö and ü, as one letter: `mueller` gives `muller`."""
    return _UMLAUT.sub(r"\1", word)


def transliterated(words: Sequence[str]) -> bool:
    """Return whether a person's name comes from another alphabet, by its given name or the end of its family name.

    Others keep their letters in every language: Veil is not Weil, nor More Moore.
    """
    if len(words) < 2:
        return False
    return _known_names().get(_latin(plain(words[0])), -1) >= 0 or any(map(_FAMILY.search, readings(words[-1])))


@cache
def _known_names() -> dict[str, int]:
    """Return the given names that are written in many ways: plain form -> number of the name, negative where Latin letters are at home."""
    lines = [line for line in _NAMES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        for name in line.removeprefix("~").split():
            found.setdefault(plain(name), -number if line.startswith("~") else number)
    return found


def slug(name: str) -> str:
    """Return the name as the readable part of an entity id: `Kim Jong-un` and `Kim Jong Un` give `kim-jong-un`.

    Letters outside the Latin alphabet are kept as they are.
    """
    key = plain(name).replace("'", "-")
    if key.isascii():
        return _NOT_SLUG.sub("-", key).strip("-")
    return re.sub(r"\W+", "-", key).strip("-")


def close(one: str, other: str) -> bool:
    """Return whether two words differ by one letter at most, or by two in words of eight letters or more.

    Words under four letters must be equal, and Roman numerals. Meant for names of people who share the rest in one document or story.
    """
    shortest = min(len(one), len(other))
    if one == other or shortest < 4 or _ROMAN.fullmatch(one) or _ROMAN.fullmatch(other):
        return one == other
    limit = 2 if shortest >= 8 else 1
    if abs(len(one) - len(other)) > limit:
        return False
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1] <= limit
