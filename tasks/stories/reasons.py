"""Why an article is in its story: the words, names and numbers that it shares with the others there, strongest first."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tasks.stories.background import term_hash
from tasks.stories.cluster import DAY, FADE_DAYS, WINDOW_DAYS
from tasks.stories.terms import STEM_LETTERS, TEXT_CHARACTERS, Field, Terms, name_counts, story_terms, unpack, word_list
from tasks.stories.weights import STORY_WEIGHTS, Rarity, keys_of, vocabulary_of, weigh

MOST_REASONS = 12
_NUMBER = re.compile(
    r"(?:[^\W\d_]{3,12}\.? )?(?P<number>\d+(?:[.,\u00a0\u202f ]\d{3})*)(?!\d)(?:[^\W\d_]{0,2}[.º]? (?:de |of )?[^\W\d_]{3,12})?"
)
"""A number with the words beside it, of which one may name its month. All repetitions are short."""
_SEPARATOR = re.compile(r"[ ’'-]")  # between the parts of a name


class Told(NamedTuple):
    """An article of a story: its time in seconds since 1970, None for one without a date, and its terms."""

    seconds: float | None
    terms: Terms


class Written(NamedTuple):
    """An article as it is written: its title, its text, and its entities by id as the text names them."""

    title: str | None
    text: str
    names: Mapping[str, str]


class Reason(NamedTuple):
    """A word, name or number as the article writes it, and what it adds to the mean similarity to the other articles."""

    text: str
    kind: str
    """name, number or word."""
    share: float


def reasons(article: Told, others: Sequence[Told], rarity: Rarity, written: Written) -> list[Reason]:
    """Return the terms by which an article is like the other articles of its story, strongest first, at most twelve.

    The shares of all terms add up to the mean similarity, faded with time, as terms are weighed today. A term of
    which the text does not tell how it is written is left out.
    """
    if not others:
        return []
    vocabulary = vocabulary_of([article.terms])
    matrix = weigh([article.terms, *(one.terms for one in others)], rarity, STORY_WEIGHTS, vocabulary)
    fading = np.array([_fading(article.seconds, one.seconds) for one in others]) / len(others)
    shares = matrix[[0]].toarray()[0] * (fading @ matrix[1:])
    spelled = _spellings(written)
    found: dict[str, Reason] = {}
    for key, share in zip(vocabulary.tolist(), shares.tolist(), strict=True):
        if share > 0 and key in spelled:
            folded = _SEPARATOR.sub(" ", spelled[key].lower())
            before = found.get(folded, Reason(spelled[key], "word", 0.0))
            kind = {Field.NAME: "name", Field.NUMBER: "number"}.get(Field(key >> 32), before.kind)
            found[folded] = before._replace(kind=kind, share=before.share + share)
    strongest = sorted(found.values(), key=lambda one: (-one.share, one.text))[:MOST_REASONS]
    whole = _whole(written)
    return [one._replace(text=_as_written(one.text, whole), share=round(one.share, 6)) for one in strongest]


def _fading(one: float | None, other: float | None) -> float:
    """Return what is left of a likeness over the time between two articles, as it is when stories are settled."""
    if one is None or other is None:
        return 1.0
    days = abs(one - other) / DAY
    return float(np.exp(-days / FADE_DAYS)) if days <= WINDOW_DAYS else 0.0


def _whole(written: Written) -> str:
    whole = f"{written.title}\n{written.text}" if written.title else written.text
    return unicodedata.normalize("NFKC", whole[: 2 * TEXT_CHARACTERS])[:TEXT_CHARACTERS]


def _spellings(written: Written) -> dict[int, str]:
    """Return how the article writes each of its terms, by key. What a piece of text gives, story_terms itself is asked."""
    whole = _whole(written)
    found = {_key(Field.NAME, f"={entity}"): surface for entity, surface in written.names.items()}
    for name in name_counts(whole):
        found.setdefault(_key(Field.NAME, name), name)
    for word in dict.fromkeys(word_list(whole)):
        found.setdefault(_key(Field.WORD, word), word)
        found.setdefault(_key(Field.LEAD, word), word)
        if len(word) >= STEM_LETTERS:
            for key in _keys(word, Field.STEM):
                found.setdefault(key, word)
    for piece in dict.fromkeys(_pieces(whole)):
        for key in _keys(piece, Field.NUMBER):
            found.setdefault(key, piece)
    return found


def _pieces(whole: str) -> Iterator[str]:
    """Yield all numbers of a text, then all numbers with the words beside them."""
    yield from (match["number"] for match in _NUMBER.finditer(whole))
    yield from (match[0] for match in _NUMBER.finditer(whole))


def _key(field: Field, term: str) -> int:
    return int(field) << 32 | term_hash(term)


def _keys(piece: str, field: Field) -> list[int]:
    terms = unpack(story_terms(None, piece, ()))
    keys: list[int] = keys_of(terms[terms["field"] == field]).tolist()
    return keys


def _as_written(term: str, whole: str) -> str:
    """Return a term in the capitals in which the text has it first."""
    spelled = re.escape(term).replace(r"\ ", _SEPARATOR.pattern)
    match = re.search(rf"(?<!\w){spelled}(?!\w)", whole, re.IGNORECASE)
    return match[0] if match else term
