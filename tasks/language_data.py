"""The rules about languages that stand in data files: which scripts write which, and which words part neighbours."""

import csv
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LATIN = "Latin"


@dataclass(frozen=True)
class Scripts:
    """Ranges of code points, sorted, with the script of each and the languages of each script."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    names: tuple[str, ...]
    languages: dict[str, tuple[str, ...]]

    def count(self, letters: str) -> Counter[str]:
        """Return how many of these letters belong to each script; what no range covers counts as Latin."""
        return Counter(self._script(ord(letter)) for letter in letters)

    def _script(self, point: int) -> str:
        place = bisect_right(self.firsts, point) - 1
        return self.names[place] if place >= 0 and point <= self.lasts[place] else LATIN


@cache
def scripts() -> Scripts:
    """Return the table of scripts (`language_scripts.tsv`)."""
    ranges = sorted((int(first, 16), int(last, 16), name, languages) for name, first, last, languages in _rows("language_scripts.tsv"))
    firsts, lasts, names, languages = zip(*ranges, strict=True)
    return Scripts(firsts, lasts, names, {name: tuple(codes.split()) for name, codes in zip(names, languages, strict=True)})


@cache
def neighbour_words() -> dict[str, tuple[str, ...]]:
    """Return word -> the languages it speaks for (`language_words.tsv`)."""
    languages: dict[str, tuple[str, ...]] = {}
    for code, words in _rows("language_words.tsv"):
        for word in words.split():
            languages[word] = (*languages.get(word, ()), code)
    return languages


def _rows(name: str) -> list[list[str]]:
    with files("tasks").joinpath(name).open(encoding="utf-8") as lines:
        return list(csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))
