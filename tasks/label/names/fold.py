"""Keys under which spellings meet: a plain key for the table, a rough key across transliterations, slugs for ids."""

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "’": "'", "ʼ": "'"})
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_ROMAN = re.compile(r"[ivxlc]+")
_LATIN_OF_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґё",
        "a b v g d e j z i i k l m n o p r s t u f h ts c c c _ i _ e iu ia i i e g e".split(),  # noqa: SIM905 - one line shows the pairs
        strict=True,
    )
)
# Transliteration habits of French, English and German, levelled one after the other (our own list, measured on 50 pairs).
_LEVEL = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("ou", "u"),
        ("tch|tsch|sch|ch|sh", "c"),
        ("w", "v"),
        ("kh", "h"),
        ("ph", "f"),
        ("[yj]", "i"),
        ("ine$", "in"),
        ("dre$", "der"),
        ("(?<=[oe])(?:ff|f|v)$", "v"),
        ("ski[i]?$|skii$", "ski"),
        (r"(.)\1+", r"\1"),
    )
]


@lru_cache(maxsize=1 << 16)
def plain(word: str) -> str:
    """Return the word in lower case without accents: the form in which the table and the vocabulary are compared."""
    lowered = word.lower().translate(_LETTERS)
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=1 << 14)
def rough(word: str) -> str:
    """Return a key on which transliterations of one name usually meet (Lavrov, Lawrow); Roman numerals are left alone.

    Different names meet too (Veil, Weil), so nothing is merged on this key alone.
    """
    key = "".join(_LATIN_OF_CYRILLIC.get(c, c) for c in plain(word)).replace("_", "")
    if _ROMAN.fullmatch(key):
        return key
    for pattern, replacement in _LEVEL:
        key = pattern.sub(replacement, key)
    return key


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

    Words under four letters must be equal. Meant for given names of people who share a surname in one document.
    """
    shortest = min(len(one), len(other))
    if one == other or shortest < 4:
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
