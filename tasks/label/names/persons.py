"""People whom the table does not know: given name and family name, form of address, office, family name first."""

from tasks.label.names.context import Context
from tasks.label.names.spans import Span

_GIVEN_SCORE, _TITLE_SCORE, _FAMILY_FIRST_SCORE, _PAIR_SCORE = 0.85, 0.85, 0.75, 0.6
_MOST_SURNAMES = 3
_MOST_PARTICLES = 3
_SYLLABLE = 6  # letters of a syllable in Korean, Chinese and Vietnamese names, at most
_SHORT_TITLE = 3  # letters up to which a form of address is one with a capital only: "Me Dupond", not "me"
_IBERIAN = frozenset(("es", "pt", "it"))
_PAIR_LANGUAGES = frozenset(("en", "fr", "es", "it", "pt"))
_HYPHEN_TAIL = 2
_AGE_DIGITS = 2
_QUOTES = frozenset('«“"„([—')  # a quoted group is the title of a work more often than a person
_APPOSITION = 3  # words after the comma within which the office stands
_PLAIN_NAME = 2  # words: given name and family name
_LEAST_LETTERS = 4  # of a family name that stands alone


def person_spans(context: Context) -> list[Span]:
    """Return the people found by rules; spans may overlap those of other rules and of the table."""
    found: list[Span] = []
    index = 0
    while index < len(context.tokens):
        span = _person_at(context, index) if context.tokens.capital[index] else None
        if span is not None:
            found.append(span)
        index = span.last if span is not None else index + 1
    return found


def _person_at(context: Context, index: int) -> Span | None:
    """Return the person whose name starts at this word, by the surest rule that applies."""
    if context.blocked(index):
        return None
    return (
        _by_given_name(context, index)
        or _by_title(context, index)
        or _family_first(context, index)
        or _pair(context, index)
        or _speaker(context, index)
    )


def _by_given_name(context: Context, index: int) -> Span | None:
    """Return a given name or initial with a family name: "Adam Morrow", "A. Merkel", "Charles de Gaulle"."""
    tokens = context.tokens
    initial = context.is_initial(index)
    if not initial and (not context.is_given(index) or context.is_plain_word(index)):
        return None
    if tokens.words[index].isupper() and not initial and len(tokens.words[index]) <= _SHORT_TITLE:
        return None  # CAN is a cup, not Can
    last = index + 1
    while last < len(tokens) and tokens.glued[last] and (context.is_initial(last) or (tokens.hyphened[last] and tokens.capital[last])):
        last += 1
    last = _surnames(context, last)
    hidden = last - index == _PLAIN_NAME and not initial and context.is_initial(last - 1)  # "Kevin R.", as courts name suspects
    if last - index < _PLAIN_NAME or (context.is_initial(last - 1) and not hidden):
        return None
    return _as_person(context, index, last, _GIVEN_SCORE, "rule:given-name")


def _surnames(context: Context, last: int) -> int:
    """Return the end of the family name that goes on at `last`, with its particles."""
    tokens, words = context.tokens, context.words
    for taken in range(_MOST_SURNAMES):
        if taken and context.tokens.loud[last - 1]:
            break  # in a headline full of capitals nothing shows where the name ends
        begin = last
        while (
            begin < len(tokens)
            and begin - last < _MOST_PARTICLES
            and tokens.glued[begin]
            and tokens.keys[begin].rstrip("'’") in words.particles
        ):
            begin += 1
        particle = tokens.keys[last] if begin > last else ""
        if context.language == "fr" and begin - last > 1 and tokens.words[begin - 1].islower():
            break  # "Jean de la Poste" names where he works; "Jean de La Fontaine" is a name
        direct = context.is_given(last - 1) or context.is_initial(last - 1)
        if particle and not (direct or particle in words.strong_particles or context.language in _IBERIAN or tokens.capital[last]):
            break
        if begin >= len(tokens) or not tokens.glued[begin] or not _surname(context, begin, direct):
            break
        last = begin + 1
        while last < len(tokens) and tokens.hyphened[last] and (tokens.capital[last] or tokens.keys[last].isalpha()):
            last += 1
    return last


def _surname(context: Context, index: int, direct: bool) -> bool:
    """Return whether the word can be a family name here; a place's name only right after the given name."""
    known = context.known[index]
    if not context.is_name_word(index) or context.blocked(index) or context.tokens.keys[index] in context.words.determiners:
        return False
    if known is not None and known.kind == "LOC" and not direct:
        return False
    return context.tokens.keys[index] not in context.words.roles


def _as_person(context: Context, first: int, last: int, score: float, rule: str) -> Span | None:
    """Return the span, as what its last word says it is: "Adam Smith Institute" is no person, "Stanley Cup" nothing."""
    keys, words = context.tokens.keys, context.words
    tail = keys[last - 1]
    tokens = context.tokens
    if last < len(tokens) and tokens.glued[last] and keys[last].rstrip(".") in words.ordinals and tokens.capital[last]:
        return Span(first, last + 1, "PER", None, score, rule)
    if tail in words.things:
        return None
    if tail in words.heads_en or tail in words.company_tails:
        return Span(first, last, "ORG", None, score, "rule:head")
    if tail in words.place_tails and not (last - first == _PLAIN_NAME and tail in words.weak_tails):
        return Span(first, last, "LOC", None, score, "rule:place")
    return Span(first, last, "PER", None, score, rule)


def _by_title(context: Context, index: int) -> Span | None:
    """Return the name after a form of address or an office: "Mme Choe", "le ministre Alexandre Kozlov", "coach Dupont"."""
    tokens, words = context.tokens, context.words
    if index == 0 or not tokens.glued[index] or not context.is_name_word(index) or tokens.keys[index] in words.roles:
        return None
    key = tokens.keys[index - 1].rstrip(".")
    title = key in words.titles and (tokens.capital[index - 1] or len(key) > _SHORT_TITLE)
    if not title and key not in words.roles:
        return None
    known = context.known[index]
    if known is not None and (known.kind == "PER" or not title):
        return None
    if tokens.loud[index] and not title:
        return None
    if context.is_common(index):
        return None
    return _as_person(context, index, _surnames(context, index + 1), _TITLE_SCORE, "rule:title")


def _family_first(context: Context, index: int) -> Span | None:
    """Return a name with the family name first: "Hong Min", "Choe Son-hui", "Nguyen Van Hung"."""
    tokens, words = context.tokens, context.words
    if tokens.keys[index] not in words.family_first or context.is_plain_word(index) or tokens.loud[index]:
        return None
    last = index + 1
    while last < len(tokens) and last - index <= _MOST_SURNAMES and tokens.glued[last] and len(tokens.words[last]) <= _SYLLABLE:
        hyphen = tokens.hyphened[last] and last - index >= _HYPHEN_TAIL
        if not (hyphen or (context.is_name_word(last) and context.known[last] is None)) or tokens.words[last].isupper():
            break
        last += 1
    if last - index < 2 or any(tokens.keys[i] in context.lower for i in range(index + 1, last) if not tokens.hyphened[i]):
        return None
    span = _as_person(context, index, last, _FAMILY_FIRST_SCORE, "rule:family-name")
    return span if span is not None and span.kind == "PER" else None


def _pair(context: Context, index: int) -> Span | None:
    """Return two or three unknown capitalised words inside a sentence, no article before them."""
    tokens, words = context.tokens, context.words
    begins = not (tokens.loud[index] or context.after_determiner(index) or (tokens.glued[index] and tokens.capital[index - 1]))
    of_thing = context.language in _IBERIAN and index > 0 and tokens.keys[index - 1] == "de"  # "de Casa Legislativa"
    if context.language not in _PAIR_LANGUAGES or not begins or of_thing:
        return None
    last = context.run_end(index)
    if not 2 <= last - index <= _MOST_SURNAMES:
        return None
    for i in range(index, last):
        key = tokens.keys[i]
        if not context.is_name_word(i) or context.known[i] is not None or tokens.words[i].isupper() or key in context.lower:
            return None
        if context.is_common(i) or key in words.place_heads or key in words.tails:
            return None
    sure = context.language != "en" and not tokens.opens[index]
    starts = context.language == "fr" and tokens.opens[index] and not set(tokens.gap(index)) & _QUOTES
    again = starts and tokens.keys[last - 1] in context.proper and tokens.keys[index] not in words.starters
    if not sure and not again and not _human(context, index, last):
        return None
    return _as_person(context, index, last, _PAIR_SCORE, "rule:pair")


def _speaker(context: Context, index: int) -> Span | None:
    """Return a single unknown word that speaks: "Mailis said", "a déclaré Tarlo".

    At the start of a sentence only a word that was seen with a capital inside one.
    """
    tokens, words, key = context.tokens, context.words, context.tokens.keys[index]
    if tokens.loud[index] or context.known[index] is not None or not context.is_name_word(index) or tokens.words[index].isupper():
        return None
    if len(key) < _LEAST_LETTERS or context.is_common(index) or key in context.lower or (tokens.opens[index] and key not in context.proper):
        return None
    if context.run_end(index) - index > 1 or (tokens.glued[index] and tokens.capital[index - 1]) or context.after_determiner(index):
        return None
    after = tokens.keys[index + 1 : index + 3] if index + 1 < len(tokens) and tokens.glued[index + 1] else []
    speaks = after[:1] if after[:1] != ["a"] else after[1:]
    if (speaks and speaks[0] in words.said) or (index > 0 and tokens.glued[index] and tokens.keys[index - 1] in words.said):
        return Span(index, index + 1, "PER", None, _PAIR_SCORE, "rule:speaker")
    return None


def _human(context: Context, first: int, last: int) -> bool:
    """Return whether what stands around the words speaks of a person: they say something, they have an age."""
    tokens = context.tokens
    before = first > 0 and tokens.glued[first] and tokens.keys[first - 1] in context.words.said
    after = last < len(tokens) and (tokens.keys[last] in context.words.said or tokens.keys[last] == "who")
    age = (
        last < len(tokens) and tokens.gap(last) in (", ", " (") and tokens.words[last].isdigit() and len(tokens.words[last]) == _AGE_DIGITS
    )
    return before or after or age or _office_follows(context, last)


def _office_follows(context: Context, last: int) -> bool:
    """Return whether an office stands in apposition: ", président du conseil", ", the club's coach"."""
    tokens = context.tokens
    if last >= len(tokens) or tokens.gap(last) != ", ":
        return False
    reach = min(last + _APPOSITION, len(tokens))
    return any(tokens.keys[i] in context.words.roles and not tokens.capital[i] for i in range(last, reach) if i == last or tokens.glued[i])
