"""Places whom the table does not know: by a part of the name (Saint-, Lake, County) or by the preposition before it."""

from tasks.label.names.context import Context
from tasks.label.names.spans import Span

_FORM_SCORE, _PREPOSITION_SCORE = 0.8, 0.6
_SAINTS = frozenset(["saint", "sainte"])
_MOST_WORDS = 4
_BEFORE_PLACE = frozenset(("in", "at", "near", "on", "to", "from", "of", "the"))
_LEAST_LETTERS = 4


def place_spans(context: Context) -> list[Span]:
    """Return the places found by rules; spans may overlap those of other rules and of the table."""
    tokens = context.tokens
    found: list[Span | None] = []
    for index, capital in enumerate(tokens.capital):
        if capital and not tokens.loud[index]:
            found.append(_by_form(context, index) or _by_tail(context, index) or _by_preposition(context, index))
    return [span for span in found if span is not None]


def _by_form(context: Context, index: int) -> Span | None:
    """Return a place known by its form: Saint-Brieuc, Villeneuve-sur-Lot, Lake Tahoe."""
    tokens, keys = context.tokens, context.tokens.keys
    if tokens.glued[index] and tokens.capital[index - 1]:
        return None
    last = index + 1
    while last < len(tokens) and tokens.hyphened[last]:
        last += 1
    inner = set(keys[index:last])
    if (
        last - index >= 2
        and tokens.capital[last - 1]
        and (keys[index] in _SAINTS or (last - index >= 3 and inner & context.words.hyphened_places))
    ):
        return Span(index, last, "LOC", None, _FORM_SCORE, "rule:place")
    if keys[index] in context.words.capital_heads and not context.is_plain_word(index):
        end = min(context.run_end(index), index + _MOST_WORDS)
        inner_words = set(keys[index + 1 : end])
        clean = not inner_words & (context.words.things | context.words.heads_en | context.words.tails)
        if 2 <= end - index <= 3 and clean and all(context.is_name_word(i) for i in range(index + 1, end)):
            return Span(index, end, "LOC", None, _PREPOSITION_SCORE, "rule:place")
    return None


def _by_tail(context: Context, index: int) -> Span | None:
    """Return capitalised words that end in County, Street, River..."""
    tokens, words = context.tokens, context.words
    if tokens.keys[index] not in words.place_tails or not tokens.glued[index]:
        return None
    first = index
    while first > 0 and index - first < _MOST_WORDS and tokens.glued[first] and tokens.capital[first - 1]:
        first -= 1
    while first < index and (context.is_plain_word(first) or tokens.keys[first] in words.determiners):
        first += 1
    weak = tokens.keys[index] in words.weak_tails and index - first == 1  # "Alistair Hill"
    if weak and not (first > 0 and tokens.glued[first] and tokens.keys[first - 1] in _BEFORE_PLACE):
        return None
    if tokens.keys[first].rstrip(".") in words.titles or (context.is_given(first) and tokens.keys[index] in words.weak_tails):
        return None
    if first == index or (index + 1 < len(tokens) and tokens.glued[index + 1] and tokens.capital[index + 1]):
        return None
    return Span(first, index + 1, "LOC", None, _FORM_SCORE, "rule:place")


def _by_preposition(context: Context, index: int) -> Span | None:
    """Return one or two unknown words after a preposition of place: "à Plougastel", "in Tooting Bec"."""
    tokens, words = context.tokens, context.words
    if index == 0 or not tokens.glued[index] or tokens.capital[index - 1] or context.known[index] is not None:
        return None
    before = tokens.words[index - 1] if context.language == "fr" else tokens.keys[index - 1]
    if before not in words.place_before.get(context.language, ()):
        return None
    last = context.run_end(index)
    owner = tokens.text.startswith(("'s", "’s"), tokens.ends[last - 1])
    if owner or last - index > 2 or any(not context.is_name_word(i) or context.known[i] is not None for i in range(index, last)):
        return None
    key = tokens.keys[index]
    known_word = key in words.given or key in context.lower or context.is_common(index) or context.is_common(last - 1)
    if len(key) < _LEAST_LETTERS or tokens.words[index].isupper() or known_word:
        return None
    return Span(index, last, "LOC", None, _PREPOSITION_SCORE, "rule:preposition")
