"""Organisations whom the table does not know: by head noun, by company or club form, by acronym."""

from collections import Counter

from tasks.label.names.context import Context
from tasks.label.names.spans import Span

_HEAD_SCORE, _FORM_SCORE, _DEFINED_SCORE, _ACRONYM_SCORE = 0.75, 0.85, 0.85, 0.6
_LONGEST = 9  # words of a name
_ACRONYM_LETTERS = range(2, 7)
_SAID_TWICE = 2
_ACRONYM = "rule:acronym"
_ALONE = 3  # letters of an acronym that a determiner alone makes believable
_COMPLEMENTS = 2
_MOST_ANNOUNCED = 3


def organisation_spans(context: Context) -> list[Span]:
    """Return the organisations found by rules; spans may overlap those of other rules and of the table."""
    tokens = context.tokens
    counts = Counter(w for w, loud in zip(tokens.words, tokens.loud, strict=True) if not loud and w.isupper())
    found: list[Span | None] = []
    for index, key in enumerate(tokens.keys):
        if key in context.words.heads_of and not _goes_on(context, index):
            found.append(_opened_by_head(context, index))
        if tokens.capital[index]:
            if key in context.words.heads_en or key in context.words.tails:
                found.append(_closed_by_head(context, index))
            if key in context.words.club_heads and tokens.words[index].isupper():
                found.append(_club(context, index))
            if index and tokens.glued[index] and tokens.keys[index - 1] in context.words.org_before and not tokens.capital[index - 1]:
                found.append(_announced(context, index))
            if tokens.words[index].isupper() and counts:
                found += _acronym(context, index, counts)
    return [span for span in found if span is not None]


def _goes_on(context: Context, index: int) -> bool:
    """Return whether the capitalised word continues a capitalised group, an article not counted."""
    tokens = context.tokens
    return tokens.glued[index] and tokens.capital[index] and tokens.capital[index - 1] and not context.after_determiner(index)


def _closed_by_head(context: Context, index: int) -> Span | None:
    """Return capitalised words that end in a head noun, with what follows it: "Georgia Supreme Court", "Acme Holdings Ltd"."""
    tokens, words = context.tokens, context.words
    if tokens.loud[index] or context.language == "de" or context.known[index] is not None:
        return None
    first = index
    while first > 0 and index - first < _LONGEST and tokens.glued[first] and tokens.capital[first - 1]:
        first -= 1
    while first < index and (context.is_plain_word(first) or tokens.keys[first].rstrip(".") in words.titles | words.determiners):
        first += 1
    last = index + 1
    while last < len(tokens) and tokens.glued[last] and tokens.capital[last] and tokens.keys[last] in (words.heads_en | words.tails):
        last += 1
    if last - first < 2:
        return None
    known = any(context.known[i] is not None for i in range(first, index))
    if tokens.keys[index] in words.tails - words.company_tails and not known and not tokens.words[index].isupper() and tokens.opens[first]:
        return None
    last = _english_complement(context, last)
    score = _FORM_SCORE if tokens.keys[last - 1] in words.company_tails else _HEAD_SCORE
    return Span(first, last, "ORG", None, score, "rule:head")


def _english_complement(context: Context, last: int) -> int:
    """Return the end of "... of the Interior" or "... for Foreign Affairs" that goes on at `last`, or `last`."""
    tokens = context.tokens
    begin = last
    if begin < len(tokens) and tokens.glued[begin] and tokens.keys[begin] in ("of", "for"):
        begin += 1
        if begin < len(tokens) and tokens.glued[begin] and tokens.keys[begin] == "the":
            begin += 1
        if begin < len(tokens) and tokens.glued[begin] and tokens.capital[begin] and tokens.keys[begin] not in context.words.ordinary:
            return min(context.run_end(begin), begin + _LONGEST)
    return last


def _opened_by_head(context: Context, index: int) -> Span | None:
    """Return a head noun with its complement: "Institut pour l'unification nationale", "ministère de la Défense", "Bank of Acme"."""
    tokens, words = context.tokens, context.words
    capital = tokens.capital[index]
    if tokens.loud[index] or context.known[index] is not None or (not capital and tokens.keys[index] not in words.lower_heads):
        return None
    last = _qualified(context, index + 1, loose=True)
    named = any(tokens.capital[i] for i in range(index + 1, last))
    for _ in range(_COMPLEMENTS):
        end, proper = _complement(context, last, loose=capital and not tokens.opens[index])
        if end == last or (named and not proper):
            break
        last, named = end, named or proper or (capital and not tokens.opens[index])
    if not named or last - index < 2 or last - index > _LONGEST:
        return None
    if tokens.keys[last - 1] in words.ordinary:
        return None
    return Span(index, last, "ORG", None, _HEAD_SCORE, "rule:head")


def _qualified(context: Context, last: int, *, loose: bool) -> int:
    """Return the end of the adjectives and capitalised words that go on at `last`."""
    tokens, words = context.tokens, context.words
    limit = min(len(tokens), last + _LONGEST)
    while last < limit and tokens.glued[last]:
        adjective = tokens.keys[last] in words.institution_adjectives or (tokens.keys[last] in words.demonyms and not tokens.capital[last])
        if not adjective and not (loose and tokens.capital[last] and tokens.keys[last] not in words.ordinary):
            break
        last += 1
    return last


def _complement(context: Context, last: int, *, loose: bool) -> tuple[int, bool]:
    """Return the end of "de la Défense" at `last`, and whether it holds a capital; lower case only where `loose`."""
    tokens, words = context.tokens, context.words
    begin = last
    while begin < len(tokens) and begin - last < 2 and _links(context, begin):
        begin += 1
    if begin == last or begin >= len(tokens) or not tokens.glued[begin]:
        return last, False
    if tokens.capital[begin] and tokens.keys[begin] not in words.ordinary and tokens.keys[begin] not in words.titles:
        known = context.known[begin]
        if known is not None and known.kind == "PER":
            return last, False
        end = known.last if known is not None else begin + 1
        while (
            known is None
            and end < min(len(tokens), begin + _LONGEST)
            and tokens.glued[end]
            and (tokens.capital[end] or tokens.hyphened[end])
        ):
            end += 1
        return _qualified(context, end, loose=False), True
    end = _qualified(context, begin + 1, loose=False)
    if (loose and end > begin + 1 and tokens.keys[begin].isalpha()) or tokens.keys[begin] in words.institution_nouns:
        return end, False
    return last, False


def _links(context: Context, index: int) -> bool:
    """Return whether the word is a small one that ties a complement to its head."""
    tokens = context.tokens
    return tokens.glued[index] and not tokens.capital[index] and tokens.keys[index].rstrip("'’") in context.words.linkers


def _club(context: Context, index: int) -> Span | None:
    """Return a club by its letters: "FC Sion", "AS Cannes"."""
    tokens = context.tokens
    last = index + 1
    if tokens.loud[index] or last >= len(tokens) or not tokens.glued[last] or not tokens.capital[last] or tokens.words[last].isupper():
        return None
    last = context.run_end(index) if context.language != "de" else last + 1
    return Span(index, min(last, index + 3), "ORG", None, _FORM_SCORE, "rule:club")


def _announced(context: Context, index: int) -> Span | None:
    """Return unknown capitalised words after a noun that announces an organisation: "la start-up Qonto"."""
    last = min(context.run_end(index), index + _MOST_ANNOUNCED)
    known = any(context.known[i] is not None or not context.is_name_word(i) for i in range(index, last))
    if known or context.tokens.loud[index] or context.language == "de":
        return None
    return Span(index, last, "ORG", None, _HEAD_SCORE, "rule:announced")


def _acronym(context: Context, index: int, counts: Counter[str]) -> list[Span]:
    """Return capitals in brackets with the long name before them, or capitals said twice or after an article."""
    tokens, word = context.tokens, context.tokens.words[index]
    word_only = tokens.keys[index] in context.words.not_acronyms or tokens.keys[index] in context.words.ordinary
    if len(word) not in _ACRONYM_LETTERS or not word.isalpha() or tokens.loud[index] or word_only or _among_capitals(context, index):
        return []
    if tokens.gap(index).endswith("(") and tokens.text[tokens.ends[index] : tokens.ends[index] + 1] == ")":
        first = _spelled_from(context, index)
        if first is not None:
            return [
                Span(first, index, "ORG", None, _DEFINED_SCORE, _ACRONYM),
                Span(index, index + 1, "ORG", None, _DEFINED_SCORE, _ACRONYM),
            ]
    if len(word) >= _ALONE and (counts[word] >= _SAID_TWICE or context.after_determiner(index)):
        return [Span(index, index + 1, "ORG", None, _ACRONYM_SCORE, _ACRONYM)]
    return []


def _among_capitals(context: Context, index: int) -> bool:
    """Return whether the word stands in a group of words in capitals, or before a hyphen."""
    tokens = context.tokens
    if tokens.glued[index] and tokens.words[index - 1].isupper() and len(tokens.words[index - 1]) > 1:
        return True
    after = index + 1
    return after < len(tokens) and tokens.glued[after] and (tokens.words[after].isupper() or tokens.hyphened[after])


def _spelled_from(context: Context, index: int) -> int | None:
    """Return the capitalised word from which the initials before the bracket spell the acronym, or None."""
    tokens, letters = context.tokens, list(context.tokens.keys[index])
    for i in range(index - 1, max(-1, index - 2 * _LONGEST), -1):
        if i < index - 1 and not tokens.glued[i + 1]:
            return None
        if tokens.keys[i].startswith(letters[-1]):
            letters.pop()
            if not letters:
                return i if tokens.capital[i] else None
    return None
