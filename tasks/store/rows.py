"""Records to rows: the column order of the public tables, in one place."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import zstandard

from schemas.article import Stamp
from schemas.document import RawDocument
from schemas.labels import LabelledArticle, Labels, Mention
from tasks.clean.version import rules_digest
from tasks.store.articles.decide import word_count

Row = tuple[Any, ...]

TITLE_WEIGHT = 3  # a name in the headline counts as three in the text, one in the lead as two: no measured recipe exists
LEAD_WEIGHT = 2
LEAD_CHARACTERS = 600  # the lead as the story room understands it

OTHER_READING = "other reading"
"""The rule of a date of change that another version of the article stated, or the same one at another place."""
_COLUMNS = {"published": "published_at", "updated": "updated_at", "declared_language": "language"}  # fields that columns name otherwise
_COMPRESSOR = zstandard.ZstdCompressor(level=6)  # 6: news text at 9 % more than level 19, at a thirtieth of the time


class History(NamedTuple):
    """What all sightings of an article together say of its dates."""

    published: Stamp | None
    published_untrusted: str | None
    updated_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime


class Labelled(Protocol):
    """An article's id and its labels."""

    @property
    def article_id(self) -> UUID:
        """The article."""
        ...

    @property
    def labels(self) -> Labels:
        """What labelling found."""
        ...


def article_row(labelled: LabelledArticle, history: History, version: int) -> Row:
    """Return the row of `articles` for its current version, without the digests of the labelling rules."""
    article = labelled.article
    return (
        *(labelled.article_id, article.url, article.canonical_url, article.source, article.channel, article.title, article.dek),
        *(list(article.byline), list(article.agency), article.section, *stamp_columns(history.published, history.published_untrusted)),
        *(history.updated_at, history.first_seen_at, history.last_seen_at, labelled.language.code, labelled.language.score),
        *(article.text, word_count(article.text), article.access, article.access_note, article.image_url),
        *(version, labelled.sketch.words_hash, None, None, list(article.keywords), list(article.rights), article.text_share),
        *(found_by(labelled, history), rules_digest()),
    )


def found_by(labelled: LabelledArticle, history: History) -> dict[str, str]:
    """Return the rule of each column that has a value; a date that another version or place gave names where it stood there."""
    article = labelled.article
    rules = {_COLUMNS.get(name, name): rule for name, rule in article.found_by.items() if getattr(article, name)}
    if history.published and history.published != article.published:
        rules["published_at"] = history.published.found_in
    if history.updated_at and history.updated_at != (article.updated and article.updated.at):
        rules["updated_at"] = OTHER_READING
    return rules


def stamp_columns(stamp: Stamp | None, untrusted: str | None) -> Row:
    """Return published_at, published_raw, published_zone and published_from; of a date that is not trusted only what was printed."""
    return (stamp.at, stamp.raw, stamp.zone, stamp.found_in) if stamp else (None, untrusted, None, None)


def document_row(document: RawDocument) -> Row:
    """Return the row of `documents`, the body compressed."""
    body = _COMPRESSOR.compress(document.body)
    return document.document_id, document.media_type, document.origin, document.url, document.fetched_at, body


def removed_rows(labelled: LabelledArticle) -> Iterator[Row]:
    """Return the rows of `removed_blocks`, in the order of the document."""
    return ((labelled.article_id, block.role, block.reason, block.text) for block in labelled.article.removed)


def mention_rows(labelled: Labelled) -> Iterator[Row]:
    """Return the rows of `mentions`."""
    for mention in labelled.labels.mentions:
        yield (
            labelled.article_id,
            mention.entity_id,
            mention.field,
            mention.start,
            mention.end,
            mention.surface,
            mention.role,
            mention.score,
            mention.method,
        )


def topic_rows(labelled: Labelled) -> Iterator[Row]:
    """Return the rows of `article_topics`, best first."""
    return ((labelled.article_id, topic.topic_id, topic.score, topic.method) for topic in labelled.labels.topics)


def article_entity_rows(labelled: Labelled) -> Iterator[Row]:
    """Return the rows of `article_entities`: each subject with its count and its share of attention."""
    subjects = [mention for mention in labelled.labels.mentions if mention.role == "subject"]
    counts = Counter(mention.entity_id for mention in subjects)
    titled = {mention.entity_id for mention in subjects if mention.field == "title"}
    weights: Counter[str] = Counter()
    for mention in subjects:
        weights[mention.entity_id] += _weight(mention)
    entities = {entity.entity_id: entity for entity in labelled.labels.entities}
    for entity_id, count in counts.items():
        salience = round(weights[entity_id] / weights.total(), 4)
        entity = entities[entity_id]
        yield labelled.article_id, entity_id, entity.kind, entity.name, count, entity_id in titled, salience


def _weight(mention: Mention) -> int:
    if mention.field == "title":
        return TITLE_WEIGHT
    return LEAD_WEIGHT if (mention.start or 0) < LEAD_CHARACTERS else 1


def entity_rows(labelled: Labelled) -> Iterator[Row]:
    """Return the rows of `entities` that the article names."""
    for entity in labelled.labels.entities:
        yield (entity.entity_id, entity.kind, entity.name, entity.name_fr, entity.wikidata_id, entity.country, entity.stands_for)


def sighting_row(article_id: UUID, document: RawDocument, seen_at: datetime, run_id: UUID) -> Row:
    """Return the row of `sightings` for a document met in a run."""
    entry = document.entry
    guid, url = (entry.guid, entry.url) if entry else (None, document.url)
    return article_id, document.document_id, document.origin, document.feed_id, url, guid, seen_at, run_id
