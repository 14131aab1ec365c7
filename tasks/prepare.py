"""What a worker does with one document: clean it, then give it its language, labels and fingerprints.

    RawDocument | clean -> Article | language | entities | topics | sketch | terms -> LabelledArticle

What these stages need is heavy, and only workers need it: it is imported where it is used (tasks/warm.py loads it ahead).
"""

from datetime import datetime
from typing import NamedTuple

from schemas.article import Article
from schemas.document import RawDocument
from schemas.labelling import Labelling
from schemas.labels import LabelledArticle, Labels, TopicScore
from schemas.rejection import Rejection
from tasks.costs import Watch
from tasks.label.user_topics import Named, rules_met, subjects
from tasks.label.version import KINDS, Kind


class ToClean(NamedTuple):
    """A document and what cleaning needs to know beside it: the zone to assume and the clock."""

    document: RawDocument
    zone: str
    now: datetime


class ToLabel(NamedTuple):
    """An article, when it was fetched, and what the settings say about labels."""

    article: Article
    fetched_at: datetime | None
    labelling: Labelling = Labelling()


class ToRelabel(NamedTuple):
    """A stored article, its language, and the kinds of labels that are to be made anew.

    `named` are the entities it names, for when they are not found again.
    """

    article: Article
    language: str
    kinds: frozenset[Kind]
    named: tuple[Named, ...]
    labelling: Labelling


class Relabelled(NamedTuple):
    """The labels found anew, those of other kinds left out, and the story terms; None where entities were not looked for."""

    labels: Labels
    terms: bytes | None


def clean(task: ToClean, watch: Watch) -> Article | Rejection:
    """Return the article in a document, or why there is none."""
    from tasks.clean.document import clean_document

    with watch.stage("clean"):
        return clean_document(task.document, zone=task.zone, now=task.now)


def label(task: ToLabel, watch: Watch) -> LabelledArticle:
    """Return the article with its language, labels and fingerprints."""
    from tasks.clean.identity import article_id
    from tasks.dedupe.sketch import sketch
    from tasks.language import identify_language

    article = task.article
    with watch.stage("language"):
        language = identify_language(article.text, article.title, article.declared_language)
    found = relabel(ToRelabel(article, language.code, frozenset(KINDS), (), task.labelling), watch)
    with watch.stage("fingerprint", documents=0):
        fingerprint = sketch(article.text)
    return LabelledArticle(
        article_id=article_id(article),
        article=article,
        language=language,
        labels=found.labels,
        sketch=fingerprint,
        terms=found.terms or b"",
        day=article.published.at.date() if article.published else None,
        fetched_at=task.fetched_at,
    )


def relabel(task: ToRelabel, watch: Watch) -> Relabelled:
    """Return the labels of an article by today's rules, and its story terms when entities are among them."""
    from tasks.label.entities import find_entities
    from tasks.label.names.engines import finder
    from tasks.label.names.protocol import with_names_of
    from tasks.stories.terms import story_terms

    article, rules = task.article, task.labelling.rules
    labels, terms, named = Labels(), None, task.named
    if "entities" in task.kinds:
        with watch.stage("entities"):
            mentions, entities = find_entities(article, task.language)
            engine = finder(task.labelling.entity_engine, task.labelling.entity_model)
            if engine:
                mentions, entities = with_names_of(engine, article, task.language, (mentions, entities))
        with watch.stage("fingerprint"):
            terms = story_terms(article.title, article.text, [mention.entity_id for mention in mentions if mention.role == "subject"])
        labels, named = Labels(mentions=mentions, entities=entities), subjects(mentions, entities)
    with watch.stage("topics"):
        met = rules_met(rules, f"{article.title or ''}\n{article.text}", task.language, named)
        topics = _topics(article, task) if "topics" in task.kinds else ()
    return Relabelled(labels.model_copy(update={"topics": topics, "rules_met": met}), terms)


def _topics(article: Article, task: ToRelabel) -> tuple[TopicScore, ...]:
    from tasks.label.topics import label_topics

    categories = [*([article.section] if article.section else []), *article.keywords]
    found = label_topics(article.title, article.text, task.language, categories)
    if task.labelling.topic_model is None:
        return found
    from tasks.label.topic_model import load_model

    return (*found, *load_model(task.labelling.topic_model).topics_of(article.title, article.text))
