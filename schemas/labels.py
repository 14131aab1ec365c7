"""The third rung: an article with its language, labels and fingerprint."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from schemas.article import Article
from schemas.record import Record

EntityKind = Literal["PER", "ORG", "LOC"]
MentionRole = Literal["subject", "byline", "credit", "agency"]
MentionField = Literal["title", "text", "removed"]


class Language(Record):
    """An ISO 639-1 code, or `und` when unsure, with the share of confidence in [0, 1]."""

    code: str
    score: float


class Entity(Record):
    """A person, organisation or place with one identity across spellings.

    `entity_id` is readable and the same in every store: `per:vladimir-putin`, `loc:north-korea`.
    """

    entity_id: str
    kind: EntityKind
    name: str
    name_fr: str | None = None
    wikidata_id: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    stands_for: str | None = None
    """Entity for which this one may stand: a capital or seat of power for its country."""


class EntityAlias(Record):
    """A spelling of an entity, the language it belongs to (NULL: any) and the rule for its capitals."""

    entity_id: str
    alias: str
    language: str | None = None
    case_rule: Literal["exact", "capital", "upper"] = "capital"
    source: Literal["cldr", "geonames", "curated", "learned"] = "curated"


class Mention(Record):
    """One place where an entity is named.

    `start` and `end` count code points in `articles.text` or `articles.title` (end exclusive) and are NULL
    in field `removed`: a name in a line that cleaning cut, whose role is then never `subject`.
    """

    entity_id: str
    field: MentionField
    start: int | None
    end: int | None
    surface: str
    role: MentionRole
    score: float
    method: str


class TopicScore(Record):
    """A topic (`medtop:NNNNNNNN`, or one of the user's own) with a score in [0, 1].

    Of the lexicon it is the probability that the article is filed under a topic at the top, and less than that for a narrower one.
    """

    topic_id: str
    score: float
    method: str


class Sketch(Record):
    """A FracMinHash sketch of the text's word 5-grams (see tasks/dedupe/sketch.py)."""

    version: int
    shingle_count: int
    hashes: tuple[int, ...]
    """Kept shingle hashes, upper 32 bits, sorted; empty for a text too short to be compared in part."""
    closing: tuple[int, ...] = ()
    """Those of `hashes` that lie in the last words of the text, where outlets print their standing lines."""
    words_hash: str
    """Hash of the whole word sequence: equal for texts that are the same words in the same order."""


class Labels(Record):
    """Everything labelling found in one article: topics best first, mentions in order, the entities they name."""

    topics: tuple[TopicScore, ...] = ()
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    rules_met: tuple[int, ...] = ()
    """Numbers of the topic rules of the settings that hold, but for what they ask in SQL: that is looked at in the store."""


class LabelledArticle(Record):
    """An article ready to be loaded."""

    article_id: UUID
    article: Article
    language: Language
    labels: Labels
    sketch: Sketch
    terms: bytes
    """Packed term counts for story clustering (see tasks/stories/terms.py)."""
    day: date | None
    """Day of publication in UTC; NULL when no date is known."""
    fetched_at: datetime | None = None
    """When it came over the wire; NULL for archives."""
