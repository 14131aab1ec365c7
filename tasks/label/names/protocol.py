"""Finding names with a model of somebody else's: the protocol, and how its names become mentions.

text, language | engine | (start, end, kind, score) | beside the names that the table is sure of | who it is | mentions, entities
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, cast

from schemas.article import Article
from schemas.labels import Entity, EntityKind, Mention, MentionField
from tasks.label.names.fold import slug


class FoundName(NamedTuple):
    """A name in a text: first code point, the one behind its last, what it is, and how sure that is, 0 to 1."""

    start: int
    end: int
    kind: EntityKind
    score: float


class NameFinder(Protocol):
    """Finds names; `method` is what its mentions are marked with."""

    method: str

    def find(self, text: str, language: str) -> Iterable[FoundName]:
        """Return the names in a text, whose language is an ISO 639-1 code or `und`; they do not overlap."""
        ...


class _Who(NamedTuple):
    """Who the names of a document are: ids by kind and name, and of people by surname."""

    known: dict[tuple[EntityKind, str], str]
    people: dict[str, str]

    def learn(self, surface: str, kind: EntityKind) -> None:
        """Take in a name that was found; the first person of a surname has it."""
        words = surface.split()
        if kind == "PER" and len(words) > 1:
            self.people.setdefault(slug(words[-1]), self.known.get((kind, slug(surface)), f"per:{slug(surface)}"))

    def identity(self, surface: str, kind: EntityKind) -> str:
        """Return the id of a name."""
        key = slug(surface)
        return self.known.get((kind, key)) or (self.people.get(key) if kind == "PER" else None) or f"{kind.lower()}:{key}"


Labelled = tuple[tuple[Mention, ...], tuple[Entity, ...]]


def with_names_of(engine: NameFinder, article: Article, language: str, own: Labelled) -> Labelled:
    """Return the mentions and entities of an article with the names of an engine in place of those that our own model found.

    What the table of names is sure of stays, and so does who it is where both see the same name; lines that were cut are ours alone.
    """
    fields: tuple[tuple[MentionField, str], ...] = (("title", article.title or ""), ("text", article.text))
    sure = {field: [one for one in own[0] if one.field == field and one.method == "table"] for field, _ in fields}
    found = {field: list(_apart(engine.find(text, language), sure[field], text)) for field, text in fields}
    who = _Who({(_kind(one), slug(one.surface)): one.entity_id for one in own[0]}, {})
    for field, text in fields:
        for one in found[field]:
            who.learn(text[one.start : one.end], one.kind)
    mentions: list[Mention] = []
    for field, text in fields:
        theirs = [_mention(engine, field, one, text[one.start : one.end], who) for one in found[field]]
        mentions += sorted([*sure[field], *theirs], key=lambda one: one.start or 0)
    mentions += [one for one in own[0] if one.field == "removed"]
    entities = {one.entity_id: one for one in own[1]}
    for mention in mentions:
        entities.setdefault(
            mention.entity_id, Entity(entity_id=mention.entity_id, kind=_kind(mention), name=" ".join(mention.surface.split()))
        )
    ids = dict.fromkeys(one.entity_id for one in mentions)
    return tuple(mentions), tuple(entities[entity_id] for entity_id in ids)


def _kind(mention: Mention) -> EntityKind:
    return cast(EntityKind, mention.entity_id.partition(":")[0].upper())


def _apart(found: Iterable[FoundName], sure: Sequence[Mention], text: str) -> Iterator[FoundName]:
    """Yield the names that lie in the text and over none that is sure, nor over each other; of two the first."""
    taken = sorted((one.start or 0, one.end or 0) for one in sure)  # they do not overlap: the last that begins before its end decides
    end = 0
    for one in sorted(found):
        before = bisect_left(taken, (one.end, 0))
        free = not before or taken[before - 1][1] <= one.start
        if free and end <= one.start < one.end <= len(text) and slug(text[one.start : one.end]):
            end = one.end
            yield one


def _mention(engine: NameFinder, field: MentionField, one: FoundName, surface: str, who: _Who) -> Mention:
    return Mention(
        entity_id=who.identity(surface, one.kind),
        field=field,
        start=one.start,
        end=one.end,
        surface=surface,
        role="subject",
        score=round(min(max(one.score, 0.0), 1.0), 4),
        method=engine.method,
    )
