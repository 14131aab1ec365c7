"""The topic lexicons: words and phrases of a language that speak for IPTC top topics, and how they are found in a text.

A lexicon is a TSV file (`data/topics/fr.tsv`): code, weight, terms. `milit*` covers every word that begins so,
`war` that word and its plural in s, `air_strike` a phrase. Of the entries that cover a word the longest counts;
a phrase counts instead of its words. A term under several codes shares its weight among them; code 00 speaks for
nothing, which takes a phrase out of its words' reach (`price_war`).
"""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

PHRASE_WEIGHT = 1.5  # a phrase is surer than a word, by about as much as measured on the development articles
NOTHING = "00"
LONGEST_ENTRY = 40  # letters of a word that are compared with stems: a run of a million letters costs no more than a word
CACHED_WORDS = 100_000  # per language; news repeats its words, so nearly every look-up is a hit

_WORD = re.compile(r"[^\W_]+")
_LETTERS_BEYOND_ASCII = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))  # the Latin blocks of the languages we have lists for
_FOLDED: dict[int, str] = {
    **{point: folded for point in _LETTERS_BEYOND_ASCII if (folded := unicodedata.normalize("NFKD", chr(point))[0]) != chr(point)},
    **dict.fromkeys(range(0x0300, 0x0370), ""),  # accents that stand alone
    **str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ı": "i"}),
}


class Term(NamedTuple):
    """An entry as it is written in the file, and what it speaks for: codes of two digits, each with its weight."""

    written: str
    weights: tuple[tuple[str, float], ...]


class Lexicon:
    """The terms of one language, ready to be counted in many texts."""

    def __init__(self, rows: Iterable[tuple[str, float, str]]) -> None:
        self._words: dict[str, Term] = {}
        self._stems: dict[str, Term] = {}
        self._phrases: defaultdict[str, list[tuple[list[str], Term]]] = defaultdict(list)
        for term in _terms(rows):
            self._add(term)
        self._look_up = lru_cache(CACHED_WORDS)(self._cover)

    def _add(self, term: Term) -> None:
        first, *others = term.written.split("_")
        if others:
            self._phrases[first].append((others, term))
        elif first.endswith("*"):
            self._stems[first[:-1]] = term
        else:
            self._words.setdefault(f"{first}s", term)
            self._words[first] = term

    def count(self, text: str) -> Counter[Term]:
        """Return how often each term stands in the text; case and accents do not matter. Linear in the text."""
        words = _WORD.findall(fold(text))
        found: Counter[Term] = Counter()
        place = 0
        while place < len(words):
            term, phrases = self._look_up(words[place])
            for others, phrase in phrases:
                if _continues(words, place + 1, others):
                    term = phrase
                    place += len(others)
                    break
            if term is not None:
                found[term] += 1
            place += 1
        return found

    def _cover(self, word: str) -> tuple[Term | None, tuple[tuple[list[str], Term], ...]]:
        """Return the longest entry that covers a word, and the phrases that begin with it, longest first."""
        beginnings = [word[:length] for length in range(min(len(word), LONGEST_ENTRY), 0, -1)]
        stems = (self._stems[beginning] for beginning in beginnings if beginning in self._stems)
        keys = [word, *(f"{beginning}*" for beginning in beginnings)]
        phrases = [phrase for key in keys for phrase in self._phrases.get(key, ())]
        return self._words.get(word) or next(stems, None), tuple(sorted(phrases, key=lambda phrase: -len(phrase[0])))


def fold(text: str) -> str:
    """Return the text in lower case without accents, ligatures spelled out: the form lexicons are written in."""
    lowered = text.lower()
    return lowered if lowered.isascii() else lowered.translate(_FOLDED)


@cache
def lexicon(language: str) -> Lexicon | None:
    """Return the lexicon of a language (ISO 639-1), or None where there is none."""
    path = files("tasks.label").joinpath("data", "topics", f"{language}.tsv")
    if not re.fullmatch("[a-z]{2}", language) or not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.reader((line for line in lines if line and line[0] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE)
    return Lexicon((code, float(weight), terms) for code, weight, terms in rows)


def _terms(rows: Iterable[tuple[str, float, str]]) -> Iterator[Term]:
    """Yield each entry once, its weight shared among the codes it stands under."""
    weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for code, weight, written in rows:
        for entry in written.split():
            weights[entry].setdefault(code, weight * (PHRASE_WEIGHT if "_" in entry else 1.0))
    for entry, codes in weights.items():
        yield Term(entry, tuple((code, weight / len(codes)) for code, weight in codes.items() if code != NOTHING))


def _continues(words: list[str], place: int, others: list[str]) -> bool:
    """Return whether the rest of a phrase stands at this place; its last word may carry a plural s."""
    if place + len(others) > len(words):
        return False
    return all(_covers(entry, words[place + n]) for n, entry in enumerate(others))


def _covers(entry: str, word: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word in (entry, f"{entry}s")
