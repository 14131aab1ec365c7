"""What a worker does with one document: clean it, then give it its language, labels and fingerprints.

    RawDocument | clean -> Article | language | entities | topics | sketch | terms -> LabelledArticle

What these stages need is heavy, and only workers need it: it is imported where it is used (tasks/warm.py loads it ahead).
"""

from datetime import datetime
from typing import NamedTuple

from schemas.article import Article
from schemas.document import RawDocument
from schemas.labels import LabelledArticle, Labels
from schemas.rejection import Rejection
from tasks.costs import Watch


class ToClean(NamedTuple):
    """A document and what cleaning needs to know beside it: the zone to assume and the clock."""

    document: RawDocument
    zone: str
    now: datetime


class ToLabel(NamedTuple):
    """An article and when it was fetched."""

    article: Article
    fetched_at: datetime | None


def clean(task: ToClean, watch: Watch) -> Article | Rejection:
    """Return the article in a document, or why there is none."""
    from tasks.clean.document import clean_document

    with watch.stage("clean"):
        return clean_document(task.document, zone=task.zone, now=task.now)


def label(task: ToLabel, watch: Watch) -> LabelledArticle:
    """Return the article with its language, labels and fingerprints."""
    from tasks.clean.identity import article_id
    from tasks.dedupe.sketch import sketch
    from tasks.label.entities import find_entities
    from tasks.label.topics import label_topics
    from tasks.language import identify_language
    from tasks.stories.terms import story_terms

    article = task.article
    with watch.stage("language"):
        language = identify_language(article.text, article.title, article.declared_language)
    with watch.stage("entities"):
        mentions, entities = find_entities(article, language.code)
    with watch.stage("topics"):
        topics = label_topics(article.title, article.text, language.code)
    with watch.stage("fingerprint"):
        fingerprint = sketch(article.text)
        subjects = [mention.entity_id for mention in mentions if mention.role == "subject"]
        terms = story_terms(article.title, article.text, subjects)
    return LabelledArticle(
        article_id=article_id(article),
        article=article,
        language=language,
        labels=Labels(topics=topics, mentions=mentions, entities=entities),
        sketch=fingerprint,
        terms=terms,
        day=article.published.at.date() if article.published else None,
        fetched_at=task.fetched_at,
    )
