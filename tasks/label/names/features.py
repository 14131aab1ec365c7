"""What the trained model sees of a word: its form, its neighbours, what table and rules make of it, and the rest of the document."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tasks.label.names.context import Context
from tasks.label.names.fold import plain
from tasks.label.names.gazetteer import towns
from tasks.label.names.ordinary import ordinary_words
from tasks.label.names.spans import Span
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import Vocabulary, vocabulary

LONGEST_SEQUENCE = 120
"""Words that are tagged together: lists and tables without a full stop are cut there."""
_CACHED_WORDS = 1 << 16
_SHAPE_LETTERS = 8
_MOST_RUN = 5
_ENDS = re.compile(r"[.!?…\n]")
_CLASSES = (
    "given", "titles", "roles", "particles", "family_first", "said", "determiners", "place_heads", "place_tails", "weak_tails",
    "heads_of", "heads_en", "lower_heads", "institution_nouns", "org_before", "ordinals", "things", "named_after", "tails",
    "company_tails", "club_heads", "linkers", "institution_adjectives", "ordinary", "not_acronyms", "small_words", "demonyms", "wars",
    "agencies", "starters", "wary",
)  # fmt: skip
"""Sets of the vocabulary that say something about a word's part in names."""


class Evidence(NamedTuple):
    """A text, the names of the table in it, and those that the rules suppose, which may overlap with each other and with the table's."""

    context: Context
    known: Sequence[Span]
    rules: Sequence[Span]


class Words(NamedTuple):
    """What a word says by itself, at its place, right before or after it, and two words away."""

    own: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    two_before: tuple[str, ...]
    two_after: tuple[str, ...]
    shape: str


def sequences(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield the words from one end of a sentence or line to the next as (first, last), last exclusive."""
    first = 0
    for index in range(1, len(tokens)):
        ended = tokens.opens[index] and _ENDS.search(tokens.gap(index)) is not None
        if ended or index - first >= LONGEST_SEQUENCE:
            yield first, index
            first = index
    if len(tokens):
        yield first, len(tokens)


def word_features(evidence: Sequence[Evidence]) -> list[list[list[str]]]:
    """Return for each text of a document the features of each of its words."""
    said = _said_of_words(evidence)
    return [_text_features(one, said) for one in evidence]


def _said_of_words(evidence: Sequence[Evidence]) -> dict[str, tuple[str, ...]]:
    """Return for words of the names that table and rules are sure of in the document what these names are."""
    found: dict[str, set[str]] = {}
    for context, known, rules in evidence:
        for span in (*known, *rules):
            several = "+" if span.last - span.first > 1 else ""
            for index in range(span.first, span.last):
                if context.tokens.capital[index]:
                    place = "last" if index == span.last - 1 else "first" if index == span.first else "in"
                    found.setdefault(context.tokens.keys[index], set()).add(f"d={span.kind}{several}{place if several else ''}")
    return {key: tuple(sorted(marks)) for key, marks in found.items()}


def _text_features(evidence: Evidence, said: dict[str, tuple[str, ...]]) -> list[list[str]]:
    context = evidence.context
    tokens = context.tokens
    words = [describe(word) for word in tokens.words]
    marks = _marks(evidence)
    gaps = [_gap(tokens, index) for index in range(len(tokens))]
    runs = _runs(tokens)
    found = []
    for first, last in sequences(tokens):
        for index in range(first, last):
            features = [*words[index].own, gaps[index], *marks[index]]
            shape = words[index].shape
            if index > first:
                features += words[index - 1].before
                features += [f"{mark}<" for mark in marks[index - 1]]
                features.append(f"s2={words[index - 1].shape}_{shape}")
                if index > first + 1:
                    features += words[index - 2].two_before
            else:
                features.append("bos")
            if index + 1 < last:
                features += words[index + 1].after
                features += [f"{mark}>" for mark in marks[index + 1]]
                features.append(f"n{gaps[index + 1]}")
                features.append(f"s3={shape}_{words[index + 1].shape}")
                if index + 2 < last:
                    features += words[index + 2].two_after
            else:
                features.append("eos")
            if tokens.capital[index]:
                features += _of_capital(context, index, runs[index])
                features += said.get(tokens.keys[index], ())
            found.append(features)
    return found


def _of_capital(context: Context, index: int, run: tuple[int, int]) -> list[str]:
    """Return what only a capitalised word needs: its run of capitals, the words around that, its other places in the document."""
    tokens = context.tokens
    first, last = run
    key = tokens.keys[index]
    features = [f"run={min(last - first, _MOST_RUN)}.{min(index - first, _MOST_RUN)}"]
    features.append(f"rb={tokens.keys[first - 1] if first and tokens.glued[first] else '#'}")
    features.append(f"ra={tokens.keys[last] if last < len(tokens) and tokens.glued[last] else '#'}")
    if key in ordinary_words(context.language):
        features.append("ordinary")
        features.append(f"ordinary.{'opens' if tokens.opens[index] else 'in'}.{min(last - first, _MOST_RUN)}")
    if key in context.lower:
        features.append("lower")
    if key in context.proper:
        features.append("proper")
    if tokens.opens[index]:
        features.append("opens")
    if tokens.loud[index]:
        features.append("loud")
    return features


def _runs(tokens: Tokens) -> list[tuple[int, int]]:
    """Return for each word the group of capitalised words it belongs to, as (first, last); a word in lower case is its own."""
    runs: list[tuple[int, int]] = []
    first = 0
    while first < len(tokens):
        last = first + 1
        while tokens.capital[first] and last < len(tokens) and tokens.capital[last] and tokens.glued[last]:
            last += 1
        runs += [(first, last)] * (last - first)
        first = last
    return runs


def _marks(evidence: Evidence) -> list[list[str]]:
    """Return for each word where it stands in the names that the table and the rules see there."""
    marks: list[list[str]] = [[] for _ in evidence.context.known]
    for span in (*evidence.known, *evidence.rules):
        for index in range(span.first, span.last):
            marks[index].append(f"{span.method}={_place(span, index)}")
    for first, last in towns(evidence.context.tokens):
        for index in range(first, last):
            marks[index].append("town" if last - first == 1 else "town=first" if index == first else "town=in")
    return marks


def _place(span: Span, index: int) -> str:
    if span.last - span.first == 1:
        return f"U{span.kind}"
    return f"{'B' if index == span.first else 'L' if index == span.last - 1 else 'I'}{span.kind}"


def _gap(tokens: Tokens, index: int) -> str:
    """Return what parts a word from the one before: `g=` and nothing or up to two signs, a space counting only alone."""
    gap = tokens.gap(index)
    return f"g={gap.strip()[:2]}" if gap != " " else "g= "


@lru_cache(_CACHED_WORDS)
def describe(word: str) -> Words:
    """Return what a word says in its own place and in those of its neighbours."""
    key, form = plain(word), shape(word)
    classes = _classes(key, vocabulary())
    own = [f"w={key}", f"s={form}", f"p2={key[:2]}", f"p3={key[:3]}", f"x2={key[-2:]}", f"x3={key[-3:]}", f"x4={key[-4:]}"]
    around = [f"w={key}", f"s={form}", f"x3={key[-3:]}", *(f"c={one}" for one in classes)]
    far = [f"w={key}", *(f"c={one}" for one in classes)]
    return Words(
        own=(*own, *(f"c={one}" for one in classes)),
        before=tuple(f"-{one}" for one in around),
        after=tuple(f"+{one}" for one in around),
        two_before=tuple(f"--{one}" for one in far),
        two_after=tuple(f"++{one}" for one in far),
        shape=form,
    )


def _classes(key: str, words: Vocabulary) -> list[str]:
    bare = key.rstrip(".'’")
    return [name for name in _CLASSES if key in getattr(words, name) or bare in getattr(words, name)]


def shape(word: str) -> str:
    """Return the form of a word: X for capitals, x for small letters, 0 for digits, runs of more than two cut to two."""
    found = ""
    for letter in word[:_SHAPE_LETTERS]:
        sign = "X" if letter.isupper() else "x" if letter.isalpha() else "0" if letter.isdigit() else letter
        if not found.endswith(sign * 2):
            found += sign
    return found
