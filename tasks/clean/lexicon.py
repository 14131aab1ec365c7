"""The words of the rules: every TOML file in `rules/`, read once and arranged for fast lookup.

A language file names phrases by family (`related`, `newsletter`...); `roles.toml` says what a family does.
Phrases are folded when they are loaded, so the files may be written with their accents.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from schemas.article import BlockRole
from tasks.clean.folding import core, fold

LANGUAGES = ("fr", "en", "de", "es", "it", "pt")
Zone = Literal["any", "edge", "half", "tail"]
Takes = Literal["nothing", "next", "run"]
Form = Literal["label", "sentence"]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of phrases does to a line that it claims."""

    name: str
    role: BlockRole
    zone: Zone
    takes: Takes
    longest: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A phrase that a line may begin with."""

    phrase: str
    family: Family
    form: Form
    weak: bool
    """Also an ordinary way to begin a sentence: wants more evidence."""


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabulary of one language for bylines, agencies, kickers and appeals."""

    joiners: frozenset[str]
    places: frozenset[str]
    by: tuple[str, ...]
    this_day: tuple[str, ...]
    day_first: bool


@dataclass(slots=True)
class Lexicon:
    """All rules, by the way they are looked up."""

    lines: dict[str, Family] = field(default_factory=dict)
    openings: dict[str, list[Opening]] = field(default_factory=dict)
    inside: tuple[re.Pattern[str], dict[str, Family]] = (re.compile(r"(?!)"), {})
    languages: dict[str, Words] = field(default_factory=dict)
    stopwords: dict[str, frozenset[str]] = field(default_factory=dict)
    kickers: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    dek_labels: set[str] = field(default_factory=set)
    jobs: re.Pattern[str] = re.compile(r"(?!)")
    job_names: frozenset[str] = frozenset()
    nobody: set[str] = field(default_factory=set)
    beats: set[str] = field(default_factory=set)
    agencies: dict[str, str] = field(default_factory=dict)
    capital_agencies: frozenset[str] = frozenset()
    agency_openings: tuple[str, ...] = ()
    by_elsewhere: tuple[str, ...] = ()
    """What opens a byline in other scripts."""
    towns: frozenset[str] = frozenset()
    photo_names: frozenset[str] = frozenset()
    bios: re.Pattern[str] = re.compile(r"(?!)")
    appeals: dict[str, frozenset[str]] = field(default_factory=dict)


def read_rules(name: str) -> dict[str, Any]:
    """Return one rule file as a dictionary."""
    return tomllib.loads((files("tasks.clean") / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


def alternatives(phrases: Iterable[str]) -> str:
    """Return a regular expression for any of these folded phrases, the longest first."""
    return "|".join(re.escape(p) for p in sorted(set(phrases), key=lambda p: (-len(p), p)))


@cache
def notice_words(key: str) -> str:
    """Return the regular expression for a group of words in `rules/notices.toml`."""
    return "|".join(_notices()[key])


@cache
def _notices() -> dict[str, list[str]]:
    return read_rules("notices")


@cache
def lexicon() -> Lexicon:
    """Return the rules of all languages; loaded at the first call of a process."""
    books = {code: read_rules(code) for code in LANGUAGES}
    families = {name: Family(name=name, **values) for name, values in read_rules("roles").items()}
    lex = Lexicon()
    for code, book in books.items():
        _add_language(lex, code, book)
        for name, family in families.items():
            _add_family(lex, family, book.get(name, {}))
    _add_shared(lex, books, families)
    return lex


def _folded(phrases: Iterable[str]) -> Iterator[str]:
    return (" ".join(fold(phrase).split()) for phrase in phrases)


def _add_language(lex: Lexicon, code: str, book: dict[str, Any]) -> None:
    byline, dates = book["byline"], book["dates"]
    lex.languages[code] = Words(
        joiners=frozenset(_folded(byline["joiners"])),
        places=frozenset(_folded(byline["places"])),
        by=tuple(sorted(_folded(byline["openings"]), key=len, reverse=True)),
        this_day=tuple(_folded(dates["this_day"])),
        day_first=dates["day_first"],
    )
    lex.stopwords[code] = frozenset(fold(book["stopwords"]).split())
    lex.kickers.update(_folded(book["kicker"]["lines"]))
    lex.sections.update(_folded(book["kicker"]["sections"]))
    lex.dek_labels.update(_folded(book["dek"]["lines"]))
    lex.nobody.update(_folded(byline["nobody"]))
    lex.beats.update(_folded(byline.get("beats", ())))


def _add_family(lex: Lexicon, family: Family, book: dict[str, list[str]]) -> None:
    weak = set(_folded(book.get("weak", ())))
    single = set(_folded(book.get("labels", ()))) if family.takes == "next" else set()
    for phrase in (*_folded(book.get("lines", ())), *single):  # a label of one headline wins over the same label of a list
        lex.lines.setdefault(core(phrase), family)
    for key, form in (("labels", "label"), ("sentences", "sentence")):
        for phrase in _folded(book.get(key, ())):
            first = _WORD.search(phrase)
            if first:
                opening = Opening(core(phrase), family, "label" if form == "label" else "sentence", phrase in weak)
                lex.openings.setdefault(first.group(), []).append(opening)


def _add_shared(lex: Lexicon, books: dict[str, dict[str, Any]], families: dict[str, Family]) -> None:
    inside = {
        p: family for name, family in families.items() for book in books.values() for p in _folded(book.get(name, {}).get("anywhere", ()))
    }
    lex.inside = (re.compile(rf"(?<!\w)(?:{alternatives(inside)})(?!\w)"), inside)
    for found in lex.openings.values():
        found.sort(key=lambda o: -len(o.phrase))
    agencies = read_rules("agencies")
    lex.agencies = {fold(alias): name for name, aliases in agencies["text"].items() for alias in aliases}
    lex.capital_agencies = frozenset(agencies["capitals"]["names"])
    lex.photo_names = frozenset(_folded(agencies["photo"]["names"]))
    lex.job_names = frozenset(j for book in books.values() for j in _folded(book["byline"]["jobs"]))
    jobs = alternatives(lex.job_names)
    lex.jobs = re.compile(rf"^(?:{jobs})(?= |$)|(?:^| )(?:{jobs})$")
    lex.towns = frozenset(_folded(read_rules("towns")["names"]))
    scripts = read_rules("scripts").values()
    lex.by_elsewhere = tuple(o for book in scripts for o in _folded(book["by"]))
    openings = {o for book in books.values() for o in _folded(book["agency"]["openings"])}
    openings.update(o for book in scripts for o in _folded(book["sources"]))
    lex.agency_openings = tuple(sorted(openings, key=len, reverse=True))
    lex.bios = re.compile(rf"(?<!\w)(?:{alternatives(b for book in books.values() for b in _folded(book['byline']['bio']))})(?!\w)")
    for group in ("ask", "media", "address", "gift"):
        lex.appeals[group] = frozenset(w for book in books.values() for w in _folded(book["donation"][group]))


def guess_language(folded_lines: Iterable[str], declared: str | None = None) -> str:
    """Return which of the six languages the lines are most probably in, for the choice of rules only.

    Counts stopwords in about the first 200 words; the declared language (ISO 639-1) breaks a tie. This is
    no language identification: an article in another language gets whichever rules harm least, English.
    """
    words: list[str] = []
    for line in folded_lines:
        words += _WORD.findall(line[:1200])
        if len(words) > 200:
            break
    counts = {code: sum(word in stops for word in words) for code, stops in lexicon().stopwords.items()}
    best = max(counts, key=lambda code: (counts[code], code == declared, code == "en"))
    if not counts[best]:
        return declared if declared in counts else "en"
    return best
