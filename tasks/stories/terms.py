"""What story clustering needs to know of an article, packed small: its words, names, numbers and stems, counted.

The counts are raw: how much a term is worth depends on all other articles and is decided when stories are
settled (tasks/stories/weights.py). Every term is a 32-bit hash, so nothing here depends on the language.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from math import log
from typing import Any

import numpy as np

from tasks.dedupe.sketch import is_unspaced
from tasks.stories.background import NAME_TABLE, UNKNOWN_WORTH, WORD_TABLE, term_hash, worth

TEXT_CHARACTERS = 12_000
"""News tells what happened at the top; the tail of very long texts is background and costs time."""
LEAD_CHARACTERS = 600
LONGEST_RUN = 6
"""More capitalised words in a row are a headline in capitals, not a name."""
STEM_LETTERS = 5
"""Enough to tell words apart, short enough to bring spellings of one word in related languages together."""


COMMON_WORTH = 2.3
"""A word in more than a tenth of all documents gives no stem."""
LONGEST_MONTH = 31
MONTH_REACH = 16
"""Characters before a number in which the name of its month may stand."""
HIGHEST_COUNT = 255  # what a byte holds


class Field(IntEnum):
    """What kind of evidence a term is."""

    WORD = 0
    NAME = 1
    LEAD = 2
    NUMBER = 3
    STEM = 4


MOST = {Field.WORD: 120, Field.LEAD: 40, Field.NAME: 48, Field.NUMBER: 16, Field.STEM: 30}
"""Terms kept of each field, the rarest and most repeated: together at most 1.3 kB an article."""

TERM = np.dtype([("term", "<u4"), ("field", "u1"), ("count", "u1")])
Terms = np.ndarray[Any, np.dtype[np.void]]

_UPPER = "".join(c for c in map(chr, (*range(0x250), *range(0x370, 0x530))) if c.isupper())  # Latin, Greek, Cyrillic
_WORD = re.compile(r"[^\W\d_]{2,}|\d{2,}")
# a pattern that begins with a character class is found several times as fast as one that begins by looking back
_RUN = re.compile(rf"[{_UPPER}](?<!\w.)\w*(?:[ ’'-][{_UPPER}]\w*){{0,{LONGEST_RUN}}}")
_PART = re.compile(r"[ ’'-]")
_NUMBER = re.compile(r"\d(?<!\w.)(?:\d{0,2}(?:[.,\u00a0\u202f ]\d{3})+|\d+)(?!\w)")
_NOT_DIGIT = re.compile(r"\D")
_DAY = re.compile(r"(\d(?<![\w.,].)\d?)(?!\d)")
_WORD_AFTER = re.compile(r"(?:er|\.|st|nd|rd|th|º)? (?:de |of )?([^\W\d_]{3,12})")
_WORD_BEFORE = re.compile(r"([^\W\d_]{3,12})\.? $")
_MARKS = re.compile(r"[\u0300-\u036f]")


def story_terms(title: str | None, text: str, names: Sequence[str]) -> bytes:
    """Return the packed term counts of an article, at most 1.6 kB; `unpack` reads them.

    `names` are the people, organisations and places that labelling found, a repeated one once per mention:
    entity ids serve best, since they are the same in every spelling and language.
    """
    whole = unicodedata.normalize("NFKC", f"{title}\n{text}" if title else text)[:TEXT_CHARACTERS]
    words = Counter(word_list(whole))
    counted: Mapping[Field, Counter[str]] = {
        Field.WORD: words,
        Field.NAME: name_counts(whole) + Counter(f"={name}" for name in names),
        Field.LEAD: Counter(word_list(whole[:LEAD_CHARACTERS])),
        Field.NUMBER: Counter(_numbers(whole)),
        Field.STEM: _stems(words),
    }
    return np.concatenate([_packed(field, counts) for field, counts in counted.items()]).tobytes()


def unpack(packed: bytes) -> Terms:
    """Return the terms of an article as an array of (term, field, count)."""
    return np.frombuffer(packed, dtype=TERM)


def word_list(text: str) -> list[str]:
    """Return the words of two and more letters or digits, lower case; pairs of characters where no spaces part words."""
    lower = text.lower()
    if is_unspaced(lower):
        letters = [c for c in lower if c.isalnum()]
        return [first + second for first, second in pairwise(letters)]
    return _WORD.findall(lower)


def name_counts(text: str) -> Counter[str]:
    """Return capitalised runs and their parts, lower case, without a first word that also occurs in lower case."""
    found: Counter[str] = Counter()
    in_lower_case = set(_WORD.findall(text))
    for run in _RUN.findall(text):
        parts = _PART.split(run.lower())
        while parts and (parts[0] in in_lower_case or len(parts[0]) < 2):
            parts = parts[1:]
        if not parts:
            continue
        found[" ".join(parts)] += 1
        if len(parts) > 1:
            found.update(part for part in parts if len(part) > 2)
    return found


def _numbers(text: str) -> Iterable[str]:
    """Yield the numbers of two and more digits without their separators, and the days written out, as 06-19."""
    for number in _NUMBER.findall(text):
        yield _NOT_DIGIT.sub("", number)
    months = _months()
    for day in _DAY.finditer(text):
        after = _WORD_AFTER.match(text, day.end())
        before = _WORD_BEFORE.search(text, max(0, day.start() - MONTH_REACH), day.start())
        month = (after and months.get(after[1].lower())) or (before and months.get(before[1].lower()))
        if month and int(day[1]) <= LONGEST_MONTH:
            yield f"{month:02}-{int(day[1]):02}"


@cache
def _months() -> Mapping[str, int]:
    """Return the number of each month's name, in any of the languages."""
    languages = tomllib.loads((files("tasks.stories") / "months.toml").read_text(encoding="utf-8"))
    return {name: number for months in languages.values() for number, names in enumerate(months, 1) for name in names}


def _stems(words: Mapping[str, int]) -> Counter[str]:
    """Return the first letters of the longer words that are not common, without accents."""
    found: Counter[str] = Counter()
    for word, count in words.items():
        if stem := _stem(word):
            found[stem] += count
    return found


@lru_cache(maxsize=1 << 16)  # the same few thousand words make most of any text
def _stem(word: str) -> str:
    """Return the stem of a word; '' for one that gives none."""
    telling = len(word) >= STEM_LETTERS and not word[0].isdigit()
    return _fold(word)[:STEM_LETTERS] if telling and worth(WORD_TABLE).get(term_hash(word), UNKNOWN_WORTH) > COMMON_WORTH else ""


def _fold(word: str) -> str:
    return word if word.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", word))


def _packed(field: Field, counts: Mapping[str, int]) -> Terms:
    """Return the terms of one field that say most: often here, rare in general. Ties go by the hash."""
    general = worth(NAME_TABLE if field is Field.NAME else WORD_TABLE)
    hashes = {term_hash(term): count for term, count in counts.items()}
    ranked = sorted((-(1.0 + log(count)) * general.get(term, UNKNOWN_WORTH), term) for term, count in hashes.items())
    chosen = [term for _, term in ranked[: MOST[field]]]
    packed = np.empty(len(chosen), dtype=TERM)
    packed["term"] = chosen
    packed["field"] = field
    packed["count"] = [min(hashes[term], HIGHEST_COUNT) for term in chosen]
    return packed
