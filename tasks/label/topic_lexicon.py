"""The topic lexicons: words and phrases of a language that speak for IPTC topics, and how they are found in a text.

A lexicon is two TSV files of code, weight, terms: `data/topics/fr.tsv` with two digits for a topic at the top, and
`data/topics/fr_narrow.tsv` with eight for a narrower one. `milit*` covers every word that begins so, `war` that word and
its plural in s, `air_strike` a phrase. Of the entries that cover a word the longest counts; a phrase counts instead of
its words. A term under several codes shares its weight among them; code 00 speaks for nothing, which takes a phrase out
of its words' reach (`price_war`). What speaks for a narrower topic speaks for the one at its top too, unless the first
file says otherwise.
"""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

PHRASE_WEIGHT = 1.5  # a phrase is surer than a word, by about as much as measured on the development articles
NOTHING = "00"
LONGEST_ENTRY = 40  # letters of a word that are compared with stems: a run of a million letters costs no more than a word
KEY_LETTERS = 2  # of the second word of a phrase
CACHED_WORDS = 50_000  # per language, some 12 MB; news repeats its words, so nearly every look-up is a hit

_WORD = re.compile(r"[^\W_]+")
_LETTERS_BEYOND_ASCII = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))  # the Latin blocks of the languages we have lists for
_FOLDED: dict[int, str] = {
    **{point: folded for point in _LETTERS_BEYOND_ASCII if (folded := unicodedata.normalize("NFKD", chr(point))[0]) != chr(point)},
    **dict.fromkeys(range(0x0300, 0x0370), ""),  # accents that stand alone
    **str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ı": "i"}),
}

Weights = tuple[tuple[str, float], ...]
Row = tuple[str, float, str]


class Term(NamedTuple):
    """An entry as it is written in the file, and what it speaks for: codes of two or eight digits, each with its weight."""

    written: str
    weights: Weights


Phrase = tuple[tuple[str, ...], Term]
"""The words of a phrase after its first, and its entry."""


class Cover(NamedTuple):
    """What a word is: folded, the entry that covers it, and the phrases that begin with it, longest first.

    The phrases are kept by the first letters of their second word, so that nearly always none needs to be looked at.
    """

    folded: str
    term: Term | None
    phrases: Mapping[str, Sequence[Phrase]] | None


class Lexicon:
    """The terms of one language, ready to be counted in many texts."""

    def __init__(self, rows: Iterable[Row], narrow: Iterable[Row] = (), tops: Mapping[str, str] | None = None) -> None:
        """Take the rows for topics at the top, those for narrower ones, and the top (two digits) of each narrower code."""
        self._words: dict[str, Term] = {}
        self._stems: dict[str, Term] = {}
        self._phrases: dict[str, list[Phrase]] = {}  # by their first word
        self._stem_phrases: dict[str, list[Phrase]] = {}  # by the stem that their first word begins with
        for term in _merged(_entries(rows), _entries(narrow), tops or {}):
            self._add(term)
        self._known = _Covers(self._cover)

    def _add(self, term: Term) -> None:
        first, *others = term.written.split("_")
        if others:
            begun = self._stem_phrases if first.endswith("*") else self._phrases
            begun.setdefault(first.rstrip("*"), []).append((tuple(others), term))
        elif first.endswith("*"):
            self._stems[first[:-1]] = term
        else:
            self._words.setdefault(f"{first}s", term)
            self._words[first] = term

    def count(self, text: str) -> Counter[Term]:
        """Return how often each term stands in the text; case and accents do not matter. Linear in the text."""
        covers = self.covers(text)
        found: Counter[Term] = Counter()
        beyond = 0
        for place, cover in enumerate(covers):
            term, phrases = cover.term, cover.phrases
            if place >= beyond and phrases and (phrase := _phrase(covers, place + 1, phrases)):
                beyond = place + 1 + len(phrase[0])
                found[phrase[1]] += 1
            elif term and place >= beyond:
                found[term] += 1
        return found

    def covers(self, text: str) -> list[Cover]:
        """Return what each word of the text is, in order."""
        self._known.trim()
        lowered = text.lower()
        if not lowered.isascii():
            lowered = unicodedata.normalize("NFC", lowered)
        return list(map(self._known.__getitem__, _WORD.findall(lowered)))

    def _cover(self, word: str) -> Cover:
        folded = fold(word[:LONGEST_ENTRY])
        beginnings = [folded[:length] for length in range(len(folded), 0, -1)]
        stem = next((self._stems[beginning] for beginning in beginnings if beginning in self._stems), None)
        phrases = list(self._phrases.get(folded, ()))
        for beginning in beginnings:
            phrases += self._stem_phrases.get(beginning, ())
        return Cover(folded, self._words.get(folded) or stem, _by_second_word(phrases) if phrases else None)


class _Covers(dict[str, Cover]):
    """What is known of the words met so far; a word that is new is looked up by `__missing__`."""

    def __init__(self, look_up: Callable[[str], Cover]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, word: str) -> Cover:
        cover = self._look_up(word)
        if len(word) <= LONGEST_ENTRY:
            self[word] = cover
        return cover

    def trim(self) -> None:
        """Forget all words once there are too many."""
        if len(self) > CACHED_WORDS:
            self.clear()


def fold(text: str) -> str:
    """Return the text in lower case without accents, ligatures spelled out: the form lexicons are written in."""
    lowered = text.lower()
    return lowered if lowered.isascii() else lowered.translate(_FOLDED)


@cache
def lexicon(language: str) -> Lexicon | None:
    """Return the lexicon of a language (ISO 639-1), or None where there is none."""
    if not re.fullmatch("[a-z]{2}", language) or not _file(f"{language}.tsv").is_file():
        return None
    return Lexicon(_rows(f"{language}.tsv"), _rows(f"{language}_narrow.tsv"), narrow_tops())


@cache
def narrow_tops() -> dict[str, str]:
    """Return the two digits of the topic at the top of each code of the shipped table."""
    lines = _file("mediatopics.tsv").read_text(encoding="utf-8").splitlines()[1:]
    broader = {row[0][7:]: row[3][7:] for row in csv.reader(lines, delimiter="\t")}
    return {code: _top(code, broader) for code in broader}


def _top(code: str, broader: Mapping[str, str]) -> str:
    while broader[code]:
        code = broader[code]
    return code[:2]


def _file(name: str) -> Traversable:
    return files("tasks.label").joinpath("data", "topics", name)


def _rows(name: str) -> Iterator[Row]:
    lines = _file(name).read_text(encoding="utf-8").splitlines()
    kept = (line for line in lines if line and line[0] != "#")
    for code, weight, terms in csv.reader(kept, delimiter="\t", quoting=csv.QUOTE_NONE):
        yield code, float(weight), terms


def _entries(rows: Iterable[Row]) -> dict[str, Weights]:
    """Return what each entry speaks for, its weight shared among the codes it stands under."""
    weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for code, weight, written in rows:
        for entry in written.split():
            weights[entry].setdefault(code, weight * (PHRASE_WEIGHT if "_" in entry else 1.0))
    return {
        entry: tuple((code, weight / len(codes)) for code, weight in codes.items() if code != NOTHING) for entry, codes in weights.items()
    }


def _merged(broad: Mapping[str, Weights], narrow: Mapping[str, Weights], tops: Mapping[str, str]) -> Iterator[Term]:
    """Yield each entry once, with what it speaks for at the top and further down.

    An entry that only one of the two names takes the other's share from the longest entry there that covers it; failing
    that, one that speaks for a narrower topic speaks for its top.
    """
    for entry in {**broad, **narrow}:
        below = narrow[entry] if entry in narrow else _covering(entry, narrow)
        above = broad[entry] if entry in broad else _covering(entry, broad)
        yield Term(entry, (*(_at_the_top(below or (), tops) if above is None else above), *(below or ())))


def _covering(entry: str, entries: Mapping[str, Weights]) -> Weights | None:
    """Return the weights of the longest stem that begins a word; None for a phrase, which stands for itself."""
    if "_" in entry:
        return None
    stem = entry.rstrip("*")
    beginnings = (f"{stem[:length]}*" for length in range(len(stem), 0, -1))
    return next((entries[beginning] for beginning in beginnings if beginning in entries), None)


def _at_the_top(weights: Weights, tops: Mapping[str, str]) -> Weights:
    shares: dict[str, float] = {}
    for code, weight in weights:
        shares[tops[code]] = shares.get(tops[code], 0.0) + weight
    return tuple(shares.items())


def _by_second_word(phrases: Iterable[Phrase]) -> dict[str, list[Phrase]]:
    found: dict[str, list[Phrase]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -len(phrase[0])):
        found.setdefault(phrase[0][0].rstrip("*")[:KEY_LETTERS], []).append(phrase)
    return found


def _phrase(covers: Sequence[Cover], place: int, phrases: Mapping[str, Sequence[Phrase]]) -> Phrase | None:
    """Return the longest phrase that goes on at this place."""
    if place >= len(covers):
        return None
    candidates = phrases.get(covers[place].folded[:KEY_LETTERS], ())
    return next((phrase for phrase in candidates if _continues(covers, place, phrase[0])), None)


def _continues(covers: Sequence[Cover], place: int, others: Sequence[str]) -> bool:
    """Return whether the rest of a phrase stands at this place; each of its words may carry a plural s."""
    if place + len(others) > len(covers):
        return False
    return all(_covers(entry, covers[place + n].folded) for n, entry in enumerate(others))


def _covers(entry: str, word: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word in (entry, f"{entry}s")
