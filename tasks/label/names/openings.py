"""Where a French name may begin: what the model takes in before it, or joins to it, is left out; and German nouns that are no names."""

import re
from collections.abc import Iterator

from tasks.label.names.context import Context
from tasks.label.names.gazetteer import gazetteer
from tasks.label.names.spans import Span

_BREAK = re.compile(r"[:;|•\n]")
_LINKS = frozenset(("de", "d", "du", "des", "la", "l", "les", "a", "au", "aux"))
_MINISTERS = frozenset(("ministre", "ministres"))
_MINISTERS_KIND = frozenset("nord sud delegue deleguee delegues charge chargee federal federale regional regionale principal".split())  # noqa: SIM905
_ADDRESSES = frozenset("m mm mme mmes mlle dr dre drs pr pre me mgr monsieur madame mademoiselle".split())  # noqa: SIM905
_MINISTRY = "ministere"
"""The one head noun whose name some papers print without any capital."""
_LEAST_NOUN = 0.65
"""On German pages of all sorts six of seven single words below it were nouns."""
_LEAST_PERSON = 0.5
_MOST_BETWEEN = 5
"""Words from "ministre" to its field: "ministre ivoirien chargé de la"."""


def cut(context: Context, span: Span) -> Iterator[Span]:
    """Yield the names in a span of the model, which may be none."""
    for part in _unbroken(context, span):
        french = context.language != "fr" or _is_french_name(context, part)
        if french and not _is_words(context, part) and not (context.language == "de" and _is_german_noun(context, part)):
            yield part


def _is_words(context: Context, span: Span) -> bool:
    """Return whether all capitals are those of ordinary words and of letters that are no body: "Covid-19", "CAN 2019"."""
    if span.kind == "PER" or span.last - span.first == 1:
        return False
    words, tokens = context.words, context.tokens
    capitals = [tokens.keys[i] for i in range(span.first, span.last) if tokens.capital[i] and not tokens.keys[i].isdigit()]
    return bool(capitals) and all(key in words.ordinary or key in words.not_acronyms for key in capitals)


def _is_german_noun(context: Context, span: Span) -> bool:
    """Return whether a single capitalised word that the model doubts about is more likely a noun of German than a name."""
    word, first = context.tokens.words[span.first], span.first
    if span.last - first > 1 or word.isupper() or context.known[first] is not None:
        return False
    least = _LEAST_PERSON if span.kind == "PER" else _LEAST_NOUN
    return (
        span.score < least and context.tokens.keys[first] not in gazetteer().keys and context.tokens.keys[first] not in context.words.given
    )


def _unbroken(context: Context, span: Span) -> Iterator[Span]:
    """Yield the parts of a span between colons, bars and line ends."""
    first = span.first
    for index in range(span.first + 1, span.last + 1):
        if index == span.last or _BREAK.search(context.tokens.gap(index)):
            yield Span(first, index, span.kind, span.entity_id, span.score, span.method)
            first = index


def _is_french_name(context: Context, span: Span) -> bool:
    """Return whether a name is left when the small words and the office in front are cut off: "natif de Thiès" is left as "Thiès"."""
    tokens = context.tokens
    if span.kind == "ORG" and (_is_field(context, span) or _is_list(context, span) or _is_announced(context, span)):
        return False
    _drop_address(context, span)
    while span.last - span.first > 1 and tokens.words[span.last - 1].islower() and tokens.keys[span.last - 1] in context.words.ordinary:
        span.last -= 1  # "au Cap mardi"
    begin = _begin(context, span)
    if begin == span.first:
        return True
    span.first = begin
    known = context.known[begin] if begin < span.last else None
    rest = begin < span.last and tokens.keys[begin] not in context.words.ordinary
    return rest and not (known is not None and (known.first, known.last) == (begin, span.last))


def _begin(context: Context, span: Span) -> int:
    """Return the word at which the name in a span begins; its end if nothing in it has a capital."""
    tokens, words = context.tokens, context.words
    key = tokens.keys[span.first].rstrip("'’")
    office = span.kind == "ORG" and key in words.roles and span.last - span.first > 1
    if office and not any(_link(context, i) for i in range(span.first + 1, span.last)):
        return span.first
    small = tokens.words[span.first].islower() and span.last - span.first > 1
    capitals = [i for i in range(span.first + 1, span.last) if tokens.capital[i]]
    opened = key == _MINISTRY or (capitals and (_opens(context, key) or tokens.hyphened[span.first + 1]))
    if not office and (not small or opened):
        return span.first
    return capitals[0] if capitals else span.last


def _drop_address(context: Context, span: Span) -> None:
    """Take what follows "Mme" or "Dr" for a person, whatever the model says it is."""
    tokens, first = context.tokens, span.first
    if span.last - first > 1 and tokens.capital[first] and tokens.keys[first].rstrip(".") in _ADDRESSES and tokens.capital[first + 1]:
        span.first, span.kind = first + 1, "PER"


def _opens(context: Context, key: str) -> bool:
    """Return whether a name may begin with this word in small letters: "ministère", "lac", "van"."""
    words = context.words
    return any(key in group for group in (words.openings, words.heads_of, words.lower_heads, words.place_heads, words.particles))


def _link(context: Context, index: int) -> bool:
    """Return whether the word is an article or "de" or "à"."""
    return context.tokens.keys[index].rstrip("'’") in _LINKS


def _is_field(context: Context, span: Span) -> bool:
    """Return whether the words are what a minister is in charge of: "ministre mauricien des Sports et de la Jeunesse"."""
    keys, index = context.tokens.keys, span.first - 1
    if index < 0 or not _link(context, index) or context.known[span.first] is not None:
        return False
    for before in range(index, max(-1, index - _MOST_BETWEEN), -1):
        key = keys[before]
        if key in _MINISTERS:
            return True
        if not _link(context, before) and key not in _MINISTERS_KIND and key not in context.words.demonyms:
            return False
    return False


def _is_list(context: Context, span: Span) -> bool:
    """Return whether every capital in the span belongs to a place of the table, and the first word to one: "Maghreb et Afrique"."""
    tokens, known = context.tokens, context.known
    places = [i for i in range(span.first, span.last) if tokens.capital[i]]
    first = known[span.first]
    if first is None or first.kind != "LOC" or first.last >= span.last or tokens.keys[first.last] not in ("et", "de"):
        return False
    return all(one is not None and one.kind == "LOC" for one in (known[i] for i in places))


def _is_announced(context: Context, span: Span) -> bool:
    """Return whether small words stand before a body of the table, which is the name alone: "agence de presse Reuters"."""
    tokens, known = context.tokens, context.known[span.last - 1]
    if known is None or known.kind != "ORG" or known.last != span.last or known.first <= span.first:
        return False
    small = all(tokens.words[i].islower() for i in range(span.first, known.first))
    return small and not _link(context, known.first - 1)
