"""Topics that are not of IPTC, in the store: their names, and the rules of wirehouse.toml over the articles of a batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from schemas.errors import UsageError
from schemas.labelling import Labelling, TopicRule
from tasks.label.user_topics import METHOD, Named, rules_met
from tasks.store.conditions import check_conditions, holding
from tasks.store.migrate import Connection
from tasks.store.transaction import transaction

SCORE = 1.0
"""A rule holds or does not hold."""
_OWN = "topic_id NOT LIKE 'medtop:%'"


class Telling(NamedTuple):
    """A stored article as rules of one's own see it."""

    text: str
    language: str
    named: tuple[Named, ...]


def keep_own_topics(con: Connection, labelling: Labelling) -> None:
    """Bring the names of one's own topics up to date; those that are asked for no more stay as long as an article has them.

    Raises UsageError when a rule asks for something that is no SQL, or the model cannot be read.
    """
    for rule in labelling.rules:
        if rule.where:
            try:
                check_conditions([rule.where])
            except UsageError as error:
                raise UsageError(f"The topic '{rule.id}' cannot be used: {error}") from error
    names = _model_names(labelling) | {rule.id: rule.name for rule in labelling.rules}
    stored = dict(con.execute(f"SELECT topic_id, name_en FROM topics WHERE {_OWN}").fetchall())
    if all(stored.get(topic_id) == name for topic_id, name in names.items()) and stored.keys() == names.keys():
        return
    with transaction(con):
        for topic_id, name in names.items():
            con.execute("INSERT OR REPLACE INTO topics VALUES (?, ?, NULL, NULL)", [topic_id, name])
        drop_unused_topics(con, labelling)


def _model_names(labelling: Labelling) -> dict[str, str]:
    if labelling.topic_model is None:
        return {}
    from tasks.label.topic_model import load_model

    return dict(load_model(labelling.topic_model).names)


def drop_unused_topics(con: Connection, labelling: Labelling) -> None:
    """Forget the names of one's own topics that no rule and no model gives and no article has."""
    asked_for = [*_model_names(labelling), *(rule.id for rule in labelling.rules)]
    con.execute(
        f"""DELETE FROM topics WHERE {_OWN} AND topic_id NOT IN (SELECT unnest(?::VARCHAR[]))
        AND topic_id NOT IN (SELECT topic_id FROM article_topics)""",
        [asked_for],
    )


def tag(con: Connection, rules: Sequence[TopicRule], met: Mapping[UUID, Sequence[int]]) -> None:
    """Write anew which topics the rules give some articles, of each of which is known which rules it meets but for their SQL.

    To be called in the transaction that writes the articles, after their rows stand.
    """
    con.execute("DELETE FROM article_topics WHERE method = ? AND article_id IN (SELECT unnest(?::UUID[]))", [METHOD, list(met)])
    asked: defaultdict[str, list[UUID]] = defaultdict(list)
    for article_id, numbers in met.items():
        for number in numbers:
            asked[rules[number].where or ""].append(article_id)
    always = set(asked.pop("", ()))
    holds = holding(con, asked)
    rows = {
        (article_id, rules[number].id): None
        for article_id, numbers in met.items()
        for number in numbers
        if article_id in (holds[condition] if (condition := rules[number].where) else always)
    }
    con.execute(  # what a model says of a topic that a rule gives: an article has a topic once
        "DELETE FROM article_topics WHERE (article_id, topic_id) IN (SELECT (unnest(?::UUID[]), unnest(?::VARCHAR[])))",
        [[article_id for article_id, _ in rows], [topic_id for _, topic_id in rows]],
    )
    with con.appender("article_topics") as appender:
        appender.append_rows((article_id, topic_id, SCORE, METHOD) for article_id, topic_id in rows)


def tag_again(con: Connection, rules: Sequence[TopicRule], ids: Sequence[UUID]) -> None:
    """Look again at stored articles whose row has changed without their text: their date has moved. Rare, so they are read again."""
    if any(rule.where for rule in rules) and ids:
        tag(con, rules, {article_id: rules_met(rules, one.text, one.language, one.named) for article_id, one in tellings(con, ids).items()})


def tellings(con: Connection, ids: Iterable[UUID]) -> dict[UUID, Telling]:
    """Return articles as rules of one's own see them."""
    rows = con.execute(
        """SELECT article_id, concat_ws(chr(10), title, text), language, (
          SELECT list({'id': entity_id, 'names': list_distinct([n.name, e.name, e.name_fr])})
          FROM article_entities n JOIN entities e USING (entity_id) WHERE n.article_id = a.article_id)
        FROM articles a WHERE article_id IN (SELECT unnest(?::UUID[]))""",
        [list(ids)],
    ).fetchall()
    return {
        article_id: Telling(text, language, tuple(Named(one["id"], tuple(filter(None, one["names"]))) for one in named or ()))
        for article_id, text, language, named in rows
    }
