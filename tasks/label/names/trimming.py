"""What the model sees as one name, cut to what is one: titles and owners in front, ranks between, letters that are no body."""

import re
from collections.abc import Iterable

from tasks.label.names.context import Context
from tasks.label.names.lookup import PLURAL
from tasks.label.names.spans import Cover, Span

_ADDRESSES = frozenset(("mr", "mrs", "ms"))
_SHIPS = frozenset(("hms", "hmas", "hmcs", "ins", "mv", "rms", "uss", "usns"))
"""Letters before the name of a ship."""
_STATES = frozenset(("us", "u.s.", "uk", "u.k."))
_APOSTROPHES = frozenset(("'", "’"))
_MEASURE = re.compile(r"\d+(?:[KMGT]B|[DGKPVW]|[KM]W|KM|KG|MM|MP|HP)")  # 80TB, 5G; 6PR is a station
_LETTERS = frozenset(("mp", "msp", "mep", "td", "qc", "kc", "obe", "mbe", "cbe", "phd", "md"))
"""What stands behind a name for an office, an order or a degree."""
_EVENTS = frozenset(
    (
        *("bill", "act", "amendment", "open", "championship", "championships", "cup", "marathon", "olympics", "trophy", "derby", "stakes"),
        *("awards", "prize", "summit", "exhibition", "average", "index", "composite"),
    )
)
"""Last words of names of laws, contests, prizes and stock indices, which are no bodies."""
_GAMES = _EVENTS | {"games"}
_SHORT_NAME = 3
_SURE = 0.6
"""Below this the model is not believed against a given name with a family name."""


def names_in(context: Context, span: Span, people: Cover) -> list[Span]:
    """Return the names that a span of the model holds: itself, a part of it, an owner and what is owned, or none.

    `people` are those that the rules suppose in the text.
    """
    if _is_abbreviation(context, span):
        return []
    parts = _owner_and_owned(context, span, people) or _body_and_officer(context, span, people)
    if parts:
        return parts
    _drop_address(context, span)
    if span.kind != "PER" and span.score < _SURE and any(one.first == span.first and one.last == span.last for one in people.over(span)):
        span.kind = "PER"
    if span.kind == "LOC" and context.language == "en":
        _drop_small_words(context, span)
    return [span]


def finished(context: Context, spans: Iterable[Span]) -> list[Span]:
    """Return the names of a text without ships, people without their offices, and bodies with the "U.S." or "UK" in front of them."""
    found: list[Span] = []
    for span in spans:
        if _is_ship(context, span) or (context.language == "en" and _is_event(context, span)):
            continue
        if span.kind == "PER":
            _drop_offices(context, span)
        if found and _is_state_of(context, found[-1], span):
            span.first = found.pop().first
            span.entity_id = None
        found.append(span)
    return found


def _is_state_of(context: Context, before: Span, body: Span) -> bool:
    """Return whether two spans are "U.S." and the long name of an office."""
    tokens = context.tokens
    if before.last != body.first or before.last - before.first > 1 or tokens.keys[before.first] not in _STATES:
        return False
    heads = context.words.heads_en | context.words.heads_of
    office = any(key in heads for key in tokens.keys[body.first : body.last])
    return body.kind == "ORG" and office and body.last - body.first > 1 and tokens.gap(body.first) == " "


def _is_ship(context: Context, span: Span) -> bool:
    """Return whether the span is what follows "HMS", with these letters or without."""
    tokens, first = context.tokens, span.first
    own = tokens.words[first].isupper() and tokens.keys[first] in _SHIPS and span.last - first > 1
    before = first > 0 and tokens.glued[first] and tokens.words[first - 1].isupper() and tokens.keys[first - 1] in _SHIPS
    return own or before


def _is_event(context: Context, span: Span) -> bool:
    """Return whether the span is a law's, a contest's or an index's name, or the beginning of one: "Commonwealth Games"."""
    tokens, last = context.tokens, span.last
    if span.kind == "PER" or tokens.loud[span.first] or not tokens.capital[last - 1]:
        return False
    if last - span.first > 1 and tokens.keys[last - 1] in _EVENTS and span.method != "table":
        return True
    return last < len(tokens) and tokens.capital[last] and tokens.gap(last) == " " and tokens.keys[last] in _GAMES


def _is_abbreviation(context: Context, span: Span) -> bool:
    """Return whether a single word is letters or an office that no body is called by: "CCTV", "80TB", English "MPs", "Senator"."""
    word, key, words = context.tokens.words[span.first], context.tokens.keys[span.first], context.words
    if span.last - span.first > 1 or context.known[span.first] is not None or key in words.stopped:
        return False
    if (
        (key in words.not_acronyms and word.isupper())
        or key in words.ordinary
        or key.rstrip(".") in (words.roles | words.titles) - words.given
    ):
        return span.kind != "PER"
    return _MEASURE.fullmatch(word) is not None or (context.language == "en" and PLURAL.fullmatch(word) is not None)


def _drop_address(context: Context, span: Span) -> None:
    """Take what follows "Mr" for a person, whatever the model says it is: "Mr Darling"."""
    if context.tokens.keys[span.first].rstrip(".") in _ADDRESSES and 1 < span.last - span.first <= _SHORT_NAME:
        span.first += 1
        span.kind = "PER"


def _drop_offices(context: Context, span: Span) -> None:
    """Leave out what stands around a person's name: "Chancellor Jeremy Hunt MP", "Russian Valieva"; not a given name such as Earl."""
    tokens, words = context.tokens, context.words
    before = words.titles | words.roles | words.demonyms
    if span.last - span.first > 1 and tokens.words[span.last - 1].isupper() and tokens.keys[span.last - 1] in _LETTERS:
        span.last -= 1
    while span.last - span.first > 1:
        key = tokens.keys[span.first].rstrip(".")
        if (
            key not in before
            or context.is_initial(span.first)
            or key in words.given
            or key in words.family_first
            or not context.is_name_word(span.last - 1)
        ):
            return
        span.first += 1


def _drop_small_words(context: Context, span: Span) -> None:
    """Leave out words in small letters before a place's name: "south Iran"; not the article of "al-Tanf"."""
    tokens = context.tokens
    while (
        span.last - span.first > 1
        and tokens.words[span.first].isalpha()
        and tokens.words[span.first].islower()
        and not tokens.hyphened[span.first + 1]
    ):
        span.first += 1


def _owner_and_owned(context: Context, span: Span, people: Cover) -> list[Span]:
    """Return a place and the person that belongs to it: "Northern Ireland's Paul Hughes"; only the place before what is no name."""
    tokens = context.tokens
    owner = context.known[span.first]
    if owner is None or owner.kind != "LOC" or owner.first != span.first or not owner.last < span.last:
        return []
    if tokens.gap(owner.last)[:1] not in _APOSTROPHES or tokens.keys[span.last - 1] in context.words.heads_en | context.words.tails:
        return []
    return [owner, *(one for one in people.over(span) if owner.last <= one.first and one.last == span.last)]


def _body_and_officer(context: Context, span: Span, people: Cover) -> list[Span]:
    """Return a body and its officer: "Palmer Police Sergeant Shayne La Croix"."""
    tokens, words = context.tokens, context.words
    for one in people.over(span) if span.kind == "ORG" else ():
        rank = one.first - 1 if one.last - one.first > 1 else 0
        if rank > span.first and tokens.keys[rank] in words.roles and tokens.keys[rank - 1] in words.heads_en and one.last >= span.last:
            return [Span(span.first, rank, "ORG", None, span.score, span.method), one]
    return []
