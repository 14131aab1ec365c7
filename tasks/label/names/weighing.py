"""Which of the names that table, rules and model see in a text are taken."""

from collections.abc import Sequence
from functools import cache

from tasks.label.names.context import Context
from tasks.label.names.features import Evidence
from tasks.label.names.lookup import in_war
from tasks.label.names.openings import cut
from tasks.label.names.ordinary import ordinary_words
from tasks.label.names.reading import Reading
from tasks.label.names.spans import Cover, Span, without_overlap
from tasks.label.names.table import knowledge
from tasks.label.names.tagger import LANGUAGES, tagger
from tasks.label.names.trimming import finished, names_in

_DOUBTFUL = 0.35
"""Probability below which what the model sees is no name: on held-back articles half of these are wrong."""
_SURE = 0.6
"""From here the model is believed against the table: where they differ on held-back articles it is right nine times in ten."""
_VERY_SURE = 0.7
"""From here even a body that is called like a person is one: Yves Rocher."""
_FORM_SCORE = 0.85
"""What rules give to a body with its legal form or with its acronym behind it, and to a given name with a family name."""
_NATIONS = frozenset(("loc:england", "loc:scotland", "loc:wales", "loc:northern-ireland", "loc:soviet-union", "loc:yugoslavia"))
_IN = frozenset(("à", "au", "aux", "en", "dans", "in", "im", "em", "no", "na", "nel"))
_PAIR = 2
_WHOLE_NAME = 4
"""Words of a body's name in the table from which it is complete: "Conseil de sécurité des Nations unies à ..."."""
_REGIONS = frozenset(
    (
        "loc:western-world",
        "loc:africa",
        "loc:europe",
        "loc:asia",
        "loc:middle-east",
        "loc:latin-america",
        "loc:oceania",
        "loc:north-america",
    )
)
"""Parts of the world, which have neither clubs nor offices."""


def found(reading: Reading) -> list[list[Span]]:
    """Return the names in each text of a document, in order; the registry decides later who those without an identity are."""
    if reading.language not in LANGUAGES:
        return [_ruled(one) for one in reading.evidence]
    return [_weighed(one, spans) for one, spans in zip(reading.evidence, tagger().names(reading.evidence), strict=True)]


def _weighed(evidence: Evidence, modelled: Sequence[Span]) -> list[Span]:
    """Return the names that the model sees, with the identity that the table knows for just these words.

    A name of the table stands against the model where that sees nothing, or is not sure and sees nothing longer.
    """
    sure = [rule for rule in evidence.rules if rule.score >= _FORM_SCORE]
    people = [rule for rule in sure if rule.kind == "PER"]
    tiles = Cover(without_overlap([*evidence.known, *(one for one in people if one.last - one.first > 1)]))
    seen = Cover(rule for rule in sure if rule.method == "rule:acronym" and not _is_country(evidence.context, rule))
    guessed = Cover(people)
    pieces = [piece for span in modelled for piece in cut(evidence.context, span)]
    for span in [part for one in pieces for part in names_in(evidence.context, one, guessed)]:
        _take_in_syllables(evidence.context, span)
        _call_person(span, guessed)
        if span.score >= _DOUBTFUL and not _is_no_name(evidence.context, span) and not seen.over(span):
            for part in _parts(evidence.context, span, tiles) or [span]:
                seen.add(part)
    for rule in sure:
        if (rule.kind == "ORG" or _by_its_form(evidence.context, rule)) and not seen.over(rule):
            seen.add(rule)
    kept = Cover(span for span in evidence.known if _stands(evidence.context, span, seen.over(span)))
    return finished(evidence.context, without_overlap([*kept.spans, *(span for span in seen.spans if not kept.over(span))]))


def _is_country(context: Context, rule: Span) -> bool:
    """Return whether letters, or the long name before them, are those of a place in the table: URSS, RDC."""
    known = context.known[rule.first]
    return known is not None and known.kind == "LOC" and (known.first, known.last) == (rule.first, rule.last)


def _call_person(span: Span, people: Cover) -> None:
    """Take a name that the model is not very sure about for a person's if it begins with a given name."""
    if span.kind != "PER" and span.score < _VERY_SURE:
        named = [one for one in people.over(span) if one.method == "rule:given-name" and one.last - one.first == _PAIR]
        if any((one.first, one.last) == (span.first, span.last) for one in named):
            span.kind = "PER"


def _by_its_form(context: Context, rule: Span) -> bool:
    """Return whether a person's name stands behind a form of address or is a given name and a family name: "Dr Verghese Kurien"."""
    last = context.tokens.keys[rule.last - 1]
    plain = last in ordinary_words(context.language)  # "Will Not", "Marine Commandos", "Doctor Who"
    if context.language == "fr" and rule.method == "rule:given-name":
        plain = plain and last in context.lower  # in French a capital inside a sentence says more: "Viktor Bout"
    if plain or context.tokens.loud[rule.first]:
        return False
    if rule.method == "rule:title":
        return context.tokens.keys[rule.first - 1].rstrip(".") in context.words.titles
    return rule.method == "rule:given-name" and rule.last - rule.first == _PAIR


def _take_in_syllables(context: Context, span: Span) -> None:
    """Let a person's name go on over the syllables that a hyphen joins: "Choe Son-hui", "Kim Jong-Un"."""
    tokens = context.tokens
    family_first = tokens.keys[span.first] in context.words.family_first
    while span.kind == "PER" and span.last < len(tokens) and tokens.hyphened[span.last]:
        if not (tokens.words[span.last].islower() or (family_first and span.last - span.first > 1)):
            break
        span.last += 1


def _is_no_name(context: Context, span: Span) -> bool:
    """Return whether the words name a people ("Sud-Coréens") or belong to a war's name ("guerre de Corée")."""
    tokens, words = context.tokens, context.words
    if tokens.keys[span.last - 1] in words.demonyms and not tokens.words[span.last - 1].isupper():
        return span.last - span.first == 1 or (span.last - span.first == 2 and tokens.hyphened[span.last - 1])
    return in_war(tokens, span.first)


def _parts(context: Context, span: Span, tiles: Cover) -> list[Span]:
    """Return the several names that a span is, if it is.

    It may be filled, from its first word to its last, by names of different kinds from the table and of people with a given
    name ("à l'Élysée Donald Trump"), or by two countries ("Ghana-Tunisie"); begin with a body's long name; be two places with a
    preposition between ("Rio au Brésil"); or a hyphen joins somebody of the table to somebody else ("Poutine-Kim").
    """
    inside = [one for one in tiles.over(span) if span.first <= one.first and one.last <= span.last]
    filled = sum(one.last - one.first for one in inside) == span.last - span.first
    if filled and len({one.kind for one in inside}) > 1 and not _branch(context, inside):
        return inside
    if (
        filled
        and len(inside) == _PAIR
        and context.tokens.hyphened[inside[1].first]
        and all(one.entity_id in _countries() for one in inside)
    ):
        return inside
    if inside and inside[0].first == span.first and (_is_whole(inside[0], span) or _two_places(context, inside, span)):
        return inside
    joined = span.last - span.first == 2 and len(inside) == 1 and inside[0].kind == "PER" and inside[0].last - inside[0].first == 1
    return inside if joined and inside[0].method == "table" and span.kind != "LOC" else []


def _branch(context: Context, inside: Sequence[Span]) -> bool:
    """Return whether a body's name with a place right behind it is that of its branch there: "Microsoft France"."""
    if [one.kind for one in inside] != ["ORG", "LOC"]:
        return False
    return context.tokens.gap(inside[1].first) == " " and inside[1].entity_id in _countries() | _REGIONS


def _is_whole(known: Span, span: Span) -> bool:
    """Return whether a span goes on behind a body's name that is long enough to be complete."""
    return known.kind == "ORG" and known.last - known.first >= _WHOLE_NAME and known.last < span.last


def _two_places(context: Context, inside: Sequence[Span], span: Span) -> bool:
    """Return whether a span is a place, a preposition of place, and another place."""
    if len(inside) != _PAIR or inside[-1].last != span.last or inside[0].last + 1 != inside[1].first:
        return False
    between = context.tokens.words[inside[0].last]
    return {one.kind for one in inside} == {"LOC"} and between in _IN


def _stands(context: Context, known: Span, seen: Sequence[Span]) -> bool:
    """Return whether a name of the table is taken as it is, given what is seen at its place.

    A name of several words stands if nothing goes beyond it; a country even if it is taken for a body, as teams are called by
    their towns; a country or capital even if words in small letters follow ("l'Italie et la France notamment"), or if it comes
    after "in" and the longer name is not sure.
    """
    if not seen or any((span.first, span.last, span.kind) == (known.first, known.last, known.kind) for span in seen):
        return True
    inside = all(known.first <= span.first and span.last <= known.last for span in seen)
    if inside and known.kind == "LOC" and _behind_la(context, known):
        return True
    if inside and (known.last - known.first > 1 or known.entity_id in _countries() | _REGIONS):
        return True
    longer = [span for span in seen if span.last - span.first > known.last - known.first]
    if longer:
        loose = [_trails(context, known, span) or (span.score < _SURE and _after_in(context, known)) for span in longer]
        return known.entity_id in _countries() | _capitals() and all(loose)
    return all(span.score < _SURE for span in seen)


def _behind_la(context: Context, known: Span) -> bool:
    """Return whether "la", "l'" or "en" stands before a French name: "la Crimée" is no club, as "Rennes" may be."""
    before = context.tokens.words[max(0, known.first - 1) : known.first]
    return context.language == "fr" and bool(before) and before[0].lower().rstrip("'’") in ("la", "l", "en")


def _trails(context: Context, known: Span, longer: Span) -> bool:
    """Return whether a body's name is the known one with words in small letters behind it."""
    after = context.tokens.words[known.last : longer.last]
    return longer.kind == "ORG" and longer.first == known.first and all(word.islower() for word in after)


def _after_in(context: Context, known: Span) -> bool:
    """Return whether "in", with or without an article, stands before a name."""
    before = context.tokens.words[max(0, known.first - 2) : known.first]
    return bool(before) and (before[-1] in _IN or (before[0] in _IN and before[-1] in context.words.determiners))


@cache
def _capitals() -> frozenset[str]:
    """Return the places that stand for another one."""
    return frozenset(entity_id for entity_id, row in knowledge().rows.items() if row[-1].startswith("loc:"))


@cache
def _countries() -> frozenset[str]:
    """Return the places that a capital stands for, and nations with teams of their own or without a capital today."""
    return frozenset(row[-1] for row in knowledge().rows.values() if row[-1]) | _NATIONS


def _ruled(evidence: Evidence) -> list[Span]:
    """Return the names that table and rules see, in a language that the model does not know."""
    spans = without_overlap([*evidence.known, *evidence.rules])
    return [span for span in spans if not (span.kind == "PER" and evidence.context.named_after(span.first))]
