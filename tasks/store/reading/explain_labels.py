"""Why an article has the labels it has: what spoke for each topic, and by which spelling or rule each name was found.

Topics are looked for again in the stored text, by today's rules, so that nothing has to be stored for it.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from schemas.errors import UsageError
from schemas.labelling import Labelling, TopicRule
from schemas.record import Record
from tasks.store.conditions import holding
from tasks.store.labels.own_topics import tellings
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found, fetch_dicts

MOST_TERMS = 20
"""Of a topic, the strongest first: the rest adds little."""
MOST_CATEGORIES = 20

MENTIONS = """
WITH found AS (
  SELECT entity_id, role, method, surface, count(*) AS mentions, max(score) AS score, bool_or(field = 'title') AS in_title
  FROM mentions WHERE article_id = ? GROUP BY ALL),
spelled AS (
  SELECT f.entity_id, f.surface, arg_min(s, (s.alias <> f.surface, s.language, s.alias)) AS alias
  FROM found f JOIN entity_aliases s ON s.entity_id = f.entity_id AND lower(strip_accents(s.alias)) = lower(strip_accents(f.surface))
  GROUP BY ALL)
SELECT f.*, e.name, e.kind, s.alias.alias AS alias, s.alias.language AS alias_language, s.alias.source AS alias_source
FROM found f LEFT JOIN entities e USING (entity_id) LEFT JOIN spelled s ON s.entity_id = f.entity_id AND s.surface = f.surface
ORDER BY f.entity_id, f.mentions DESC, f.surface, f.method
"""


class TopicReason(Record):
    """One thing that speaks for a topic, and how much in the measure of its method; None where it decides by itself.

    `kind`: a term of the lexicon, a category that the source names, a word, an entity or the condition that a rule of
    wirehouse.toml asks for, a word of the model, or a note where nothing can be said today.
    """

    kind: str
    text: str
    in_title: int | None = None
    in_text: int | None = None
    weight: float | None = None


def explain_labels(con: Connection, article: Found, labelling: Labelling) -> tuple[list[Found], list[Found], list[Found]]:
    """Return the topics of an article, its entities, and those it names as author, agency or credit, each with its evidence."""
    rows: dict[str, list[Found]] = defaultdict(list)
    for row in fetch_dicts(con, MENTIONS, [article["article_id"]]):
        rows[row["entity_id"]].append(row)
    topics = [
        topic | {"evidence": [one.model_dump(exclude_none=True) for one in _reasons(con, article, topic, labelling)]}
        for topic in article["topics"]
    ]
    entities = [one | {"evidence": _evidence(rows[one["entity_id"]], subject=True)} for one in article["entities"]]
    credited = [
        {"entity_id": entity_id, "name": some[0]["name"], "kind": some[0]["kind"], "evidence": evidence}
        for entity_id, some in rows.items()
        if (evidence := _evidence(some, subject=False))
    ]
    return topics, entities, credited


def _evidence(rows: Sequence[Found], *, subject: bool) -> list[Found]:
    shown = ("surface", "role", "mentions", "in_title", "score", "method", "alias", "alias_language", "alias_source")
    return [{name: row[name] for name in shown} for row in rows if (row["role"] == "subject") == subject]


def _reasons(con: Connection, article: Found, topic: Found, labelling: Labelling) -> list[TopicReason]:
    from tasks.label.user_topics import METHOD

    if topic["method"] == METHOD:
        rules = tuple(rule for rule in labelling.rules if rule.id == topic["topic_id"])
        return _by_rules(con, article["article_id"], rules) or [_note("No rule of wirehouse.toml gives it today.")]
    if topic["method"].startswith("model:"):
        return _by_model(article, topic, labelling)
    return _by_lexicon(article, topic["topic_id"]) or [_note("Today's lexicon does not give it.")]


def _note(text: str) -> TopicReason:
    return TopicReason(kind="note", text=text)


def _by_lexicon(article: Found, topic_id: str) -> list[TopicReason]:
    from tasks.label.topics import CATEGORY_POINTS, label_topics, topic_evidence

    language = article["language"]
    terms = topic_evidence(article["title"], article["text"], language, topic_id)[:MOST_TERMS]
    named = [name for name in (article["section"], *(article["keywords"] or ())) if name][:MOST_CATEGORIES]
    categories = [name for name in named if topic_id in {one.topic_id for one in label_topics(None, "", language, [name])}]
    return [
        *(TopicReason(kind="category", text=name, weight=CATEGORY_POINTS) for name in dict.fromkeys(categories)),
        *(TopicReason(kind="term", text=one.term, in_title=one.in_title, in_text=one.in_text, weight=one.points) for one in terms),
    ]


def _by_rules(con: Connection, article_id: UUID, rules: tuple[TopicRule, ...]) -> list[TopicReason]:
    from tasks.label.user_topics import evidence

    telling = tellings(con, [article_id])[article_id]
    found = []
    for one in evidence(rules, telling.text, telling.language, telling.named) if rules else ():
        where = rules[one.rule].where
        if where is not None and not holding(con, {where: [article_id]})[where]:
            continue
        found += [TopicReason(kind="word", text=word) for word in one.words]
        found += [TopicReason(kind="entity", text=entity) for entity in one.entities]
        found += [TopicReason(kind="condition", text=where)] if where else []
        found += [TopicReason(kind="language", text=telling.language)] if rules[one.rule].languages else []
    return found


def _by_model(article: Found, topic: Found, labelling: Labelling) -> list[TopicReason]:
    from tasks.label.topic_model import load_model

    try:
        model = load_model(labelling.topic_model) if labelling.topic_model else None
    except UsageError as error:
        return [_note(str(error))]
    if model is None or model.method != topic["method"]:
        return [_note("The model that gave it is not the one that the setting topic_model names.")]
    return [
        TopicReason(kind="word of the model", text=word, weight=share)
        for word, share in model.spoke_for(topic["topic_id"], article["title"], article["text"])
    ]
