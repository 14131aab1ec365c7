"""The names of one document: which full name a surname, an initial, an acronym or another spelling belongs to.

learn: spans of each text | once all are in: full names, longest first, those with initials last | acronyms, companies | resolve
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from schemas.labels import Entity, EntityKind
from tasks.label.names.fold import alike, close, keys, slug, transliterated
from tasks.label.names.spans import Span
from tasks.label.names.table import Knowledge
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import vocabulary

_MOST_NAMESAKES = 10  # people of one surname that a new name is compared with
_MOST_WORDS = 6  # of a name whose shorter forms are known
_SYLLABLE = 6  # letters of a syllable in Korean and Vietnamese names, at most
_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ue|ua|uo|ui|un|an|en|in|ai|ei|ao|ou|ia|ie|iu|er|[aeiou])){1,3}"
)
_CALLED_BY_GIVEN_NAME = frozenset("nguyen tran pham hoang huynh vo vu dang bui do ngo duong le phan".split())  # noqa: SIM905
_LEGAL = frozenset("sa se asa oyj kg kgaa sasu eurl co".split())  # noqa: SIM905 - beside those of the vocabulary
_GROUP = frozenset(("holdings", "holding", "group", "groupe", "gruppe"))
_MINISTRIES = frozenset(("ministere", "ministry", "ministerio", "ministero"))
_METONYMS = frozenset(("interieur", "defense", "interior", "exteriores", "hacienda", "defensa"))
"""Fields of government that, with a capital inside a sentence, mean the ministry that the document names."""
_ACRONYM_LETTERS = range(2, 8)
_SHARED_WORD = 5  # letters of a word that shows that a long name and one of the table are of the same body

_Names = tuple[str, ...]


class Registry:
    """Who is who in one document. Feed it the spans of every text (`learn`), then ask (`resolve`, `short`)."""

    def __init__(self, table: Knowledge) -> None:
        self.table = table
        self.entities: dict[str, Entity] = {}
        self._waiting: list[tuple[Tokens, Sequence[Span]]] = []
        self._full: dict[_Names, str] = {}
        self._short: dict[str, list[str]] = {}
        self._seen_full: set[str] = set()
        self._namesakes: dict[str, list[tuple[_Names, str]]] = {}
        self._things: dict[str, tuple[EntityKind, str]] = {}
        self._bodies: dict[_Names, str] = {}

    def learn(self, tokens: Tokens, spans: Sequence[Span]) -> None:
        """Take in the names of a text; they are brought together when the first question comes, so that order does not matter."""
        self._waiting.append((tokens, spans))

    def resolve(self, tokens: Tokens, span: Span) -> str:
        """Return the identity of a span: its own, its full name's, or a new one of its surface."""
        self._gather()
        keys = tuple(tokens.keys[span.first : span.last])
        if span.kind == "PER":
            person = self._known_short(span, keys)
            if person is not None:
                return person
        elif keys in self._bodies:
            return self._bodies[keys]
        return span.entity_id or self._full.get(keys) or self._new(span.kind, _display(tokens, span))

    def short(self, key: str) -> str | None:
        """Return the person whom this part of a name means in the document, or None."""
        self._gather()
        people = self._short.get(key)
        return people[0] if people else None

    def named(self, key: str) -> tuple[EntityKind, str] | None:
        """Return kind and id of the person, body or place that the document names elsewhere and this word alone means."""
        person = self.short(key)
        return ("PER", person) if person is not None else self._things.get(key)

    def learned(self, entity_id: str) -> bool:
        """Return whether the entity is known from this document only."""
        return entity_id in self.entities

    def entity(self, entity_id: str) -> Entity:
        """Return the record of an entity of the table or of this document."""
        return self.entities.get(entity_id) or self.table.entity(entity_id)

    def _gather(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        spans = [(tokens, span) for tokens, some in waiting for span in some]
        for tokens, span in spans:
            self._known_wording(tokens, span)
        people = [(tokens, span) for tokens, span in spans if span.kind == "PER" and span.last - span.first > 1]
        for tokens, span in sorted(people, key=_most_telling):
            self._learn_person(tokens, span)
        for tokens, some in waiting:
            for before, span in itertools.pairwise(some):
                if before.kind == span.kind == "ORG" and before.last == span.first and tokens.gap(span.first).endswith("("):
                    self._learn_acronym(tokens, before, span)
        bodies = [(tokens, span) for tokens, span in spans if span.kind != "PER"]
        for tokens, span in sorted(bodies, key=lambda one: one[1].first - one[1].last):
            self._learn_body(tokens, span)

    def _known_wording(self, tokens: Tokens, span: Span) -> None:
        """Give a name of several words that the table knows in these very words its identity, whatever found it."""
        if span.entity_id is None and span.last - span.first > 1:
            known = self.table.spellings.get(" ".join(tokens.keys[span.first : span.last]))
            owners = {spelling.entity_id for spelling in known or ()}
            if len(owners) == 1:
                entity_id = owners.pop()
                if (self.table.kind(entity_id) == "PER") == (span.kind == "PER"):
                    span.entity_id, span.kind = entity_id, self.table.kind(entity_id)

    def _learn_person(self, tokens: Tokens, span: Span) -> None:
        names = tuple(k.rstrip(".") for k in tokens.keys[span.first : span.last])
        if span.entity_id is None:
            span.entity_id = self._identify(names) or self._new("PER", _display(tokens, span))
        self._full.setdefault(names, span.entity_id)
        self._seen_full.add(span.entity_id)
        for key in keys(names[-1:]):
            namesakes = self._namesakes.setdefault(key, [])
            if len(namesakes) < _MOST_NAMESAKES and (names, span.entity_id) not in namesakes:
                namesakes.append((names, span.entity_id))
        for name in _shorts(names):
            people = self._short.setdefault(name, [])
            if span.entity_id not in people:
                people.append(span.entity_id)

    def _identify(self, names: _Names) -> str | None:
        """Return who bears this full name: said before, known by the table in another spelling, or nearly said before."""
        exact = self._full.get(names) or self.table.person(names)
        if exact is not None:
            return exact
        if names[-1] in vocabulary().family_first and len(names) > 1:  # "Min-jun Choi"
            turned = (names[-1], *names[:-1])
            exact = self._full.get(turned) or self.table.person(turned)
        part_of = self._short.get(" ".join(names), [])
        if exact is not None or len(part_of) == 1:
            return exact or part_of[0]
        for key in keys(names[-1:]):
            for other, entity_id in self._namesakes.get(key, ()):
                if _namesake(names, other):
                    return entity_id
        return None

    def _known_short(self, span: Span, keys: _Names) -> str | None:
        """Return the person whom a single name, or a part of a longer one, means here; None when that is to be asked elsewhere."""
        others = [e for e in self._short.get(" ".join(keys), ()) if e != span.entity_id]
        if len(keys) == 1 and span.entity_id is None:
            return others[0] if others else self._bodies.get(keys)
        if len(keys) == 1 and span.entity_id not in self._seen_full and len(others) == 1:
            return others[0]
        return None

    def _learn_acronym(self, tokens: Tokens, before: Span, span: Span) -> None:
        """Let an acronym and the long name beside it, one of them in brackets, be one body."""
        short, long = (span, before) if span.last - span.first == 1 else (before, span)
        word = tokens.words[short.first]
        if short.last - short.first > 1 or len(word) not in _ACRONYM_LETTERS or not word.isupper():
            return
        words = tuple(tokens.keys[long.first : long.last])
        if not _spells(tokens.keys[short.first], words):
            return
        known = long.entity_id
        if known is None and short.entity_id is not None and self._shares_word(short.entity_id, words):
            known = short.entity_id
        long.entity_id = short.entity_id = known or self._new("ORG", _display(tokens, long))
        for form in (words, (tokens.keys[short.first],)):
            self._bodies[form] = long.entity_id

    def _shares_word(self, entity_id: str, words: _Names) -> bool:
        said = {word for word in words if len(word) >= _SHARED_WORD}
        return not said.isdisjoint(word for name in self.table.rows[entity_id][1:3] for word in slug(name).split("-"))

    def _learn_body(self, tokens: Tokens, span: Span) -> None:
        """Take in a body or place, with the shorter forms under which it may stand alone."""
        keys = tuple(tokens.keys[span.first : span.last])
        base = _without_form(keys) if span.kind == "ORG" else keys
        if base != keys and span.entity_id is None and keys not in self._bodies:
            span.entity_id = self._bodies.get(base) or self._in_table(base) or self._new("ORG", _display(tokens, span))
        if base != keys and span.entity_id is not None:
            for form in _forms(keys, base):
                self._bodies.setdefault(form, span.entity_id)
        if len(base) == 1 and (span.entity_id is None or base != keys) and len(base[0]) not in _ACRONYM_LETTERS[:2]:
            self._things.setdefault(base[0], (span.kind, self._bodies.get(base) or span.entity_id or self._plain(tokens, span)))
        if keys[0] in _MINISTRIES and keys[-1] in _METONYMS:
            self._things[keys[-1]] = "ORG", span.entity_id or self._bodies.get(keys) or self._plain(tokens, span)

    def _in_table(self, keys: _Names) -> str | None:
        owners = {spelling.entity_id for spelling in self.table.spellings.get(" ".join(keys), ())}
        only = owners.pop() if len(owners) == 1 else None
        return only if only is not None and self.table.kind(only) == "ORG" else None

    def _plain(self, tokens: Tokens, span: Span) -> str:
        keys = tuple(tokens.keys[span.first : span.last])
        return self._full.get(keys) or self._new(span.kind, _display(tokens, span))

    def _new(self, kind: EntityKind, name: str) -> str:
        name = " ".join(name.split())
        entity_id = f"{kind.lower()}:{slug(name)}"
        if entity_id in self.table.rows and self.table.kind(entity_id) == kind:
            return entity_id
        self.entities.setdefault(entity_id, Entity(entity_id=entity_id, kind=kind, name=name))
        return entity_id


def _most_telling(one: tuple[Tokens, Span]) -> tuple[bool, bool, int]:
    """Return the order in which names are learned: those of the table, then without initials before with, the longest first."""
    tokens, span = one
    initials = any(_is_initial(tokens.keys[i]) for i in range(span.first, span.last))
    return span.entity_id is None, initials, span.first - span.last


def _namesake(names: _Names, other: _Names) -> bool:
    """Return whether two full names of one document are one person's: by initials, or in another spelling."""
    if names[-1] != other[-1] and not (
        alike(names[-1:], other[-1:]) and (transliterated(names) or transliterated(other) or _umlauts(names, other))
    ):
        return False
    given, known = names[:-1], other[:-1]
    if len(given[0]) == 1 or len(known[0]) == 1:
        return all(one[0] == two[0] for one, two in zip(given, known, strict=False))
    if (
        len(given) > 1
        and len(known) > 1
        and any(one[0] != two[0] for one, two in itertools.zip_longest(given[1:], known[1:], fillvalue=" "))
    ):
        return False  # George H. W. is not George W.
    one, two = given[0], known[0]
    both_known = one in vocabulary().given and two in vocabulary().given
    return one == two or alike((one,), (two,)) or (close(one, two) and not both_known)


def _umlauts(names: _Names, other: _Names) -> bool:
    """Return whether the family names differ by the way of writing an umlaut only."""
    return re.sub("(?<=[aou])e", "", names[-1]) == re.sub("(?<=[aou])e", "", other[-1])


def _shorts(names: _Names) -> Iterator[str]:
    """Yield the parts of a full name that mean the person when they stand alone: "de Gaulle", "Ruiz Pardo", "Kim"."""
    words = vocabulary()
    asian = names[0] in words.family_first and (all(len(n) <= _SYLLABLE for n in names[1:]) or all(_PINYIN.fullmatch(n) for n in names[1:]))
    found = [] if asian else [" ".join(names[i:]) for i in range(1, len(names) - 1)][-_MOST_WORDS:]
    if asian:
        found.append(names[0])
        found += [names[-1]] if names[0] in _CALLED_BY_GIVEN_NAME or names[0] in words.given else []
    elif len(names) == 2 or names[-2] not in words.particles or names[-2] in words.loose_particles:
        found.append(names[-1])
    if not asian and names[0] in words.given:
        found.append(names[0])
        if len(names) == 3 and names[1] not in words.particles and names[1] not in words.given and len(names[1]) > 1:
            found += [names[1], " ".join(names[:2])]  # the first of two family names
    yield from (name for name in dict.fromkeys(found) if name not in words.particles and name not in words.things and len(name) > 1)


def _without_form(keys: _Names) -> _Names:
    """Return a body's name without the legal form and the word group behind it."""
    last = len(keys)
    while last > 1 and (keys[last - 1].rstrip(".") in vocabulary().company_tails or keys[last - 1].rstrip(".") in _LEGAL):
        last -= 1
    return keys[:last]


def _forms(keys: _Names, base: _Names) -> Iterator[_Names]:
    """Yield the forms under which a company may be named: with the legal form, without, without "Holdings"."""
    yield keys
    yield base
    if len(base) > 1 and base[-1] in _GROUP:
        yield base[:-1]


def _spells(acronym: str, words: _Names) -> bool:
    """Return whether the letters of an acronym stand in this order at the beginnings of the words, the first one first."""
    letters = iter(words)
    return words[0][0] == acronym[0] and all(any(word.startswith(letter) for word in letters) for letter in acronym)


def _is_initial(key: str) -> bool:
    return len(key) == 2 and key[1] == "."


def _display(tokens: Tokens, span: Span) -> str:
    """Return a name as it is usually written where it is printed in capitals."""
    name = tokens.surface(span.first, span.last)
    return name.title() if name.isupper() and span.kind == "PER" else name
