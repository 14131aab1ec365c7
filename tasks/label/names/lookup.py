"""Names of the knowledge table in a text."""

import re
from collections.abc import Callable, Iterator

from tasks.label.names.ordinary import ordinary_words
from tasks.label.names.spans import Span
from tasks.label.names.table import Knowledge, Spelling, longest_match
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import Senses, senses, vocabulary

_TABLE_SCORE = 0.95
_IDEOGRAM = re.compile("[\u3040-\ud7ff]")  # kana, Chinese characters, Hangul
_OF = frozenset(("de", "du", "d", "di", "des", "do", "da"))
PLURAL = re.compile(r"[A-Z]{2,5}s")  # MPs, NGOs
_CUES_AGAINST_DEFAULT = 2  # one cue may be chance where the name has a usual meaning
_CROWNED = frozenset("king queen roi reine konig konigin prince princess princesse pope pape papst papa sir".split())  # noqa: SIM905
"""Titles that some spellings of the table hold, so that "pape François" is found; they are no part of the name."""
_LEAST_GENITIVE = 4  # letters: Wiens
_SHARED_SCORE = 0.8  # a name that several things share, decided by cues


def table_spans(table: Knowledge, tokens: Tokens, said_here: Callable[[str], bool], language: str) -> list[Span]:
    """Return the names of the table, longest first at each word.

    `said_here` tells whether a cue word stands anywhere in the document; it decides between things that share a name.
    """
    found, index = [], 0
    while index < len(tokens):
        match = longest_match(table, tokens, index) if tokens.keys[index] in table.longest else None
        if match is None and language == "de":
            match = _genitive(table, tokens, index)
        if match is None:
            index += 1
            continue
        end, spelling = match
        said = " ".join(tokens.keys[index:end])
        entity_id, score = _sense(said if said in table.spellings else said[:-1], spelling, said_here, language)
        span = Span(index, end, table.kind(entity_id), entity_id, score, "table") if entity_id in table.rows else None
        if span is None or _is_word(tokens, span, spelling, language) or _inside(table, tokens, span):
            index += 1
            continue
        span.first += _titles(tokens, span)
        found.append(span)
        index = end
    return found


def _genitive(table: Knowledge, tokens: Tokens, index: int) -> tuple[int, Spelling] | None:
    """Return the end and the spelling of a German name that stands with its "s": "Frankreichs", "Putins"."""
    word, key = tokens.words[index], tokens.keys[index]
    base = key[:-1]
    if not key.endswith("s") or len(base) < _LEAST_GENITIVE or not tokens.capital[index] or word.isupper() or base in ordinary_words("de"):
        return None
    fitting = (one for one in table.spellings.get(base, ()) if one.alias[0].isupper() and not one.alias.isupper())
    return next(((index + 1, one) for one in fitting), None)


def _sense(key: str, spelling: Spelling, said_here: Callable[[str], bool], language: str) -> tuple[str, float]:
    """Return whose name this is here ('' for nobody's), and how sure that is."""
    shared: Senses | None = senses().get(key)
    if shared is None:
        return spelling.entity_id, _TABLE_SCORE
    counts = [(sum(map(said_here, cues)), entity) for entity, cues in shared.cues]
    best = max(counts, key=lambda c: c[0])
    default = shared.by_language.get(language, shared.default)
    enough = _CUES_AGAINST_DEFAULT if default else 1
    return (best[1] if best[0] >= enough else default), _SHARED_SCORE


def _titles(tokens: Tokens, span: Span) -> int:
    """Return how many words before a person's name are titles: one in "pape François"; "Lady Gaga" keeps hers."""
    crowned = span.kind == "PER" and span.last - span.first > 1 and tokens.keys[span.first] in _CROWNED
    return 1 if crowned else 0


def _is_word(tokens: Tokens, span: Span, spelling: Spelling, language: str) -> bool:
    """Return whether the match is only a word: one that opens a sentence, a small one in a line of capitals, a demonym.

    A country of the document's language is none: "Syrien" is a French word for a man, and the German name of his country.
    """
    if span.last - span.first > 1:
        return False
    key = tokens.keys[span.first]
    if tokens.text.startswith("$", tokens.ends[span.first]):
        return True  # US$ 6 billion
    if spelling.alias.isupper() and PLURAL.fullmatch(tokens.words[span.first]):
        return True  # MPs are not the MPS
    if tokens.opens[span.first] and key in vocabulary().wary and key not in senses():
        return True
    if tokens.loud[span.first] and key in vocabulary().small_words:
        return True
    return key in vocabulary().demonyms and not spelling.alias.isupper() and spelling.language != language


def _inside(table: Knowledge, tokens: Tokens, span: Span) -> bool:
    """Return whether the name is only a part of another: "Nord-Coréens", "Boston Marathon", "guerre de Corée"."""
    keys, first, last, kind = tokens.keys, span.first, span.last, span.kind
    if last < len(tokens) and tokens.capital[last] and tokens.glued[last]:
        if tokens.hyphened[last] and keys[last] not in table.longest and keys[last] not in vocabulary().family_first:
            return last - first == 1
        if keys[last] in vocabulary().things:
            return kind == "LOC"
    if tokens.hyphened[first] and tokens.capital[first - 1] and keys[first - 1] not in table.longest:
        return True
    return in_war(tokens, first)


def in_war(tokens: Tokens, first: int) -> bool:
    """Return whether the name at word `first` belongs to a war's name: "guerre de Corée"."""
    keys = tokens.keys
    return first > 1 and keys[first - 2] in vocabulary().wars and keys[first - 1].rstrip("'’") in _OF


def ideogram_spans(table: Knowledge, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, entity id) of names in scripts without spaces, longest first at each character."""
    end = 0
    for match in _IDEOGRAM.finditer(text):
        start = match.start()
        for spelling in table.ideograms.get(match.group(), ()) if start >= end else ():
            if text.startswith(spelling.alias, start):
                end = start + len(spelling.alias)
                yield start, end, spelling.entity_id
                break
