"""Topics of one's own in the store: conditions in SQL that see an article's row and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.arrival import Arrival
from schemas.errors import UsageError
from schemas.labelling import Labelling, TopicRule
from schemas.labels import LabelledArticle, Labels
from schemas.run import RunReport
from tasks.store.conditions import COLUMNS, check_conditions, holding
from tasks.store.labels.own_topics import keep_own_topics
from tasks.store.load import load
from tasks.store.migrate import Connection
from tasks.store.reading.browse import fetch_article
from tasks.store.reading.explain_labels import explain_labels
from tasks.store.runs import start_run
from tests.tasks.store.build import NOW, RUN, batch, document, labelled, stamp
from tests.tasks.store.new import new_store

RULES = (
    TopicRule(id="user:a", name="A", words=("boat",)),
    TopicRule(id="user:a", name="A", where="section = 'Sea'"),
    TopicRule(id="user:b", name="B", words=("boat",), where="published_at < TIMESTAMPTZ '2025-01-08' -- early"),
)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = new_store(tmp_path / "news.writer.duckdb")
    start_run(con, RunReport(run_id=RUN, flow="backfill", engine="direct", started_at=NOW))
    yield con
    con.close()


def put(con: Connection, article: LabelledArticle, place: str, *met: int) -> None:
    found = article.model_copy(update={"labels": Labels(rules_met=met)})
    arrived = batch(Arrival(item=document(place, place), result=found))
    load(con, arrived.model_copy(update={"rules": RULES, "labelled_by": ("t", "e")}))


def tags(con: Connection) -> list[tuple[Any, ...]]:
    sql = "SELECT title, topic_id, score, method FROM article_topics JOIN articles USING (article_id) ORDER BY ALL"
    return con.execute(sql).fetchall()


def test_rules_tag_in_the_transaction_that_loads(con: Connection) -> None:
    put(con, labelled("1", "A boat.", title="one", section="Sea", published=stamp(9)), "1", 0, 1, 2)
    put(con, labelled("2", "A boat came.", title="two", section="Land", published=stamp(4)), "2", 0, 1, 2)
    put(con, labelled("3", "A car.", title="three", section="Land"), "3", 1)
    assert tags(con) == [("one", "user:a", 1.0, "user"), ("two", "user:a", 1.0, "user"), ("two", "user:b", 1.0, "user")]
    assert con.execute("SELECT DISTINCT topics_by, entities_by FROM articles").fetchall() == [("t", "e")]


def test_an_article_whose_date_moves_is_looked_at_again(con: Connection) -> None:
    article = labelled("1", "A boat.", title="one", published=stamp(9))
    put(con, article, "1", 0, 1, 2)
    assert tags(con) == [("one", "user:a", 1.0, "user")]
    put(con, labelled("1", "A boat.", title="one", published=stamp(4, "json-ld")), "2", 0, 1, 2)
    assert tags(con) == [("one", "user:a", 1.0, "user"), ("one", "user:b", 1.0, "user")]


def test_a_condition_that_fails_for_an_article_does_not_hold_for_it(con: Connection) -> None:
    for name, section in (("1", "7"), ("2", "Sea"), ("3", None)):
        put(con, labelled(name, f"Text {name}.", title=name, section=section), name)
    ids = {title: article_id for article_id, title in con.execute("SELECT article_id, title FROM articles").fetchall()}
    asked = {
        "section::INTEGER > 3": set(ids.values()),
        "title = '1' OR title = '2'": {ids["2"], ids["3"]},
        "section IN (SELECT '7')": set(ids.values()),
        "length(section)": set(ids.values()),
    }
    found = {condition: sorted(title for title, one in ids.items() if one in some) for condition, some in holding(con, asked).items()}
    assert list(found.values()) == [["1"], ["2"], ["1"], ["1", "2"]]


def reasons(con: Connection, labelling: Labelling) -> dict[str, list[tuple[str, str]]]:
    [(article_id,)] = con.execute("SELECT article_id FROM articles").fetchall()
    topics, _, _ = explain_labels(con, fetch_article(con, str(article_id)), labelling)
    return {topic["method"]: [(one["kind"], one["text"]) for one in topic["evidence"]] for topic in topics}


def test_what_spoke_for_a_topic_of_ones_own_is_told(con: Connection) -> None:
    keep_own_topics(con, Labelling(rules=RULES))
    put(con, labelled("1", "A boat.", title="one", section="Sea", published=stamp(9)), "1", 0, 1)
    con.execute("INSERT INTO article_topics SELECT article_id, 'user:a', 0.5, 'model:old' FROM articles")
    model = [("note", "The model that gave it is not the one that the setting topic_model names.")]
    assert reasons(con, Labelling(rules=RULES)) == {"user": [("word", "boat"), ("condition", "section = 'Sea'")], "model:old": model}
    assert reasons(con, Labelling(rules=RULES[1:2]))["user"] == [("condition", "section = 'Sea'")]
    assert reasons(con, Labelling())["user"] == [("note", "No rule of wirehouse.toml gives it today.")]
    [(kind, text)] = reasons(con, Labelling(topic_model=Path("no-such.npz")))["model:old"]
    assert (kind, "no-such.npz cannot be read" in text) == ("note", True)


@pytest.mark.parametrize(
    "condition",
    [
        "section =",
        "no_such_column = 1",
        "story_id IS NULL",
        "true); DROP TABLE articles; SELECT (1",
        "EXISTS (FROM read_csv('/etc/hostname'))",
        "EXISTS (FROM mentions)",
        "getenv('HOME') = ''",
    ],
)
def test_what_is_no_condition_over_an_article_is_refused(condition: str) -> None:
    with pytest.raises(UsageError, match="is no condition over the table articles"):
        check_conditions([condition])


def test_a_rule_is_checked_before_anything_is_loaded(con: Connection) -> None:
    rules = (TopicRule(id="user:bad", name="Bad", where="section ="),)
    with pytest.raises(UsageError, match="The topic 'user:bad' cannot be used"):
        keep_own_topics(con, Labelling(rules=rules))


def test_conditions_see_the_columns_as_the_store_has_them(con: Connection) -> None:
    stored = {name: kind for name, kind, *_ in con.execute("DESCRIBE articles").fetchall()}
    kinds = {name: kind.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for name, kind in COLUMNS.items()}
    assert {name: stored[name] for name in kinds} == kinds
