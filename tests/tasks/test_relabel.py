"""Labels made anew over the store: the same as of a fresh load, whatever labelled before and wherever it was interrupted."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

import tasks.relabel
from schemas.arrival import Delivery
from schemas.labelling import TopicRule
from schemas.run import RunCounts, RunReport
from schemas.settings import Settings
from tasks.label.version import KINDS, Kind, label_digests
from tasks.pipeline import Direct, Quiet, run
from tasks.read.intake import ArchiveIntake
from tasks.relabel import Wanted, relabel_articles
from tasks.store.runs import fetch_runs
from tasks.store.stories.settle import StoryRow, assign, settle
from tasks.stories.terms import story_terms
from tests.bench.generate import articles
from tests.flows.command import public_rows

COUNT = 30
BEFORE = (
    TopicRule(id="user:old", name="Old", words=("the", "le", "la")),
    TopicRule(id="user:both", name="Before", words=("nothing-of-the-kind",)),
)
AFTER = (
    TopicRule(id="user:both", name="After", languages=("fr",)),
    TopicRule(id="user:long", name="Long", where="word_count > 300 AND len(byline) > 0"),
    TopicRule(id="user:named", name="Named", entities=("Paris", "london"), languages=("fr", "en")),
)
LEARNED = """coalesce(name_fr, wikidata_id, country, stands_for) IS NULL
    AND entity_id NOT IN (SELECT entity_id FROM entity_aliases WHERE source <> 'learned')"""
HISTORY = ("runs", "story_log", "sightings", "documents")
"""Tables that tell what was done, and where articles were met: the two archives lie in two places."""


def settings(folder: Path, rules: Sequence[TopicRule]) -> Settings:
    return Settings(store=folder / "news.duckdb", workers=1, topics=tuple(rules))


def loaded(folder: Path, rules: Sequence[TopicRule]) -> Settings:
    folder.mkdir()
    lines = [json.dumps(one.row) for one in articles(COUNT, seed=4)]
    (folder / "news.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    chosen = settings(folder, rules)
    run(ArchiveIntake([str(folder / "news.jsonl")]), chosen, Direct(), Quiet())
    return chosen


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose articles were labelled by other rules: other topics of one's own, and half of the names unknown."""
    folder = tmp_path_factory.mktemp("older") / "store"
    loaded(folder, BEFORE)
    with duckdb.connect(str(folder / "news.writer.duckdb")) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.begin()
        stripped = con.execute(
            """SELECT article_no, article_id, published_at, language, title, text FROM articles JOIN internal.article_numbers
            USING (article_id) WHERE article_no % 2 = 0 ORDER BY article_no"""
        ).fetchall()
        for table in ("mentions", "article_entities", "article_topics"):
            con.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT unnest(?::UUID[]))", [[row[1] for row in stripped]])
        con.execute(f"UPDATE entities SET name = upper(name) WHERE {LEARNED}")
        con.execute("INSERT INTO entities VALUES ('per:nobody', 'PER', 'Nobody', NULL, NULL, NULL, NULL)")
        assign(con, [StoryRow(*row[:4], story_terms(row[4], row[5], ())) for row in stripped])
        settle(con)
        con.execute("UPDATE articles SET topics_by = 'other', entities_by = 'other'")
        con.commit()
        con.execute("CHECKPOINT")
    return folder


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a store holds that was loaded with today's rules at once."""
    return public_rows(loaded(tmp_path_factory.mktemp("fresh") / "store", AFTER).store, HISTORY)


@pytest.fixture
def folder(older: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(older, tmp_path / "store"))


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def runs(folder: Path) -> list[RunReport]:
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as con:
        return fetch_runs(con, "WHERE flow = 'relabel' ORDER BY started_at")


class Interrupting(Quiet):
    """Progress that stops the run after its first batch."""

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        raise KeyboardInterrupt


def wanted(*kinds: Kind) -> Wanted:
    return Wanted(frozenset(kinds or KINDS))


def test_all_is_as_after_a_fresh_load(folder: Path, fresh: dict[str, list[str]]) -> None:
    report = relabel_articles(wanted(), settings(folder, AFTER), Quiet())
    assert report.state == "completed"
    assert report.counts == RunCounts(seen=COUNT, unchanged=COUNT)
    found = public_rows(folder / "news.duckdb", HISTORY)
    assert {table: rows for table, rows in found.items() if rows != fresh[table]} == {}
    assert relabel_articles(wanted(), settings(folder, AFTER), Quiet()).counts == RunCounts()


@pytest.mark.parametrize("condition", [None, "true"])
def test_what_was_interrupted_goes_on_where_it_was(
    folder: Path, fresh: dict[str, list[str]], condition: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.relabel, "AT_ONCE", 10)
    ids = None if condition is None else [row[0] for row in query(folder, "SELECT article_id FROM articles")]
    asked = Wanted(frozenset(KINDS), ids, condition or "")
    with pytest.raises(KeyboardInterrupt):
        relabel_articles(asked, settings(folder, AFTER), Interrupting())
    relabel_articles(asked, settings(folder, AFTER), Quiet())
    assert [(one.state, one.counts.seen) for one in runs(folder)] == [("failed", 10), ("completed", COUNT - 10)]
    assert all(one.counts.balanced for one in runs(folder))
    assert public_rows(folder / "news.duckdb", HISTORY) == fresh
    assert query(folder, "FROM internal.cursors") == []


def test_topics_alone_leave_entities_and_stories_as_they_are(folder: Path, fresh: dict[str, list[str]]) -> None:
    with duckdb.connect(str(folder / "news.writer.duckdb"), read_only=True) as con:
        before = [con.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in ("mentions", "entities", "story_articles")]
    relabel_articles(wanted("topics"), settings(folder, AFTER[:2]), Quiet())
    assert [query(folder, f"FROM {table} ORDER BY ALL") for table in ("mentions", "entities", "story_articles")] == before
    found = public_rows(folder / "news.duckdb")["article_topics"]
    assert found == [row for row in fresh["article_topics"] if "user:named" not in row]
    today = label_digests(settings(folder, AFTER[:2]).labelling)
    assert query(folder, "SELECT DISTINCT topics_by, entities_by FROM articles") == [(today.topics, "other")]


def test_a_rule_that_is_gone_takes_its_rows_along(folder: Path) -> None:
    relabel_articles(wanted(), settings(folder, AFTER), Quiet())
    assert query(folder, "SELECT topic_id, name_en FROM topics WHERE topic_id LIKE 'user:%' ORDER BY 1") == [
        (rule.id, rule.name) for rule in AFTER
    ]
    assert query(folder, "SELECT count(*) > 0 FROM topic_daily WHERE topic_id = 'user:both'") == [(True,)]
    relabel_articles(wanted("topics"), settings(folder, AFTER[:1]), Quiet())
    assert query(folder, "SELECT DISTINCT topic_id FROM article_topics WHERE method = 'user'") == [("user:both",)]
    assert query(folder, "SELECT topic_id FROM topics WHERE topic_id LIKE 'user:%'") == [("user:both",)]


def test_entities_alone_bring_the_rules_that_ask_for_them_along(folder: Path) -> None:
    relabel_articles(wanted("entities"), settings(folder, AFTER[2:]), Quiet())
    expected = """SELECT DISTINCT article_id FROM article_entities JOIN articles USING (article_id)
        WHERE entity_id IN (SELECT entity_id FROM entity_aliases WHERE lower(alias) IN ('paris', 'london')) ORDER BY ALL"""
    assert query(folder, expected) != []
    assert query(folder, "SELECT article_id FROM article_topics WHERE topic_id = 'user:named' ORDER BY ALL") == query(folder, expected)
