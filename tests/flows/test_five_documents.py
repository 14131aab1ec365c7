"""The five real documents through the whole line; they stay outside the repository, so this may be skipped."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.flows.command import counts, wirehouse

SHARED = Path(__file__).parents[3] / "shared"
GOLD = SHARED / "data" / "entities"

pytestmark = pytest.mark.skipif(not GOLD.exists(), reason="the five seed documents are not beside the repository (../shared)")


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("five")
    done = wirehouse("backfill", SHARED / "seeds", "--engine", "direct", "--json", folder=folder)
    assert counts(done) == {"seen": 5, "new": 5}
    again = wirehouse("backfill", SHARED / "seeds", "--engine", "direct", "--json", folder=folder)
    assert counts(again) == {"seen": 5, "unchanged": 5}
    return duckdb.connect(str(folder / "news.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def gold() -> Any:
    return json.loads((GOLD / "seeds_gold.json").read_text("utf-8"))


def by_number(con: duckdb.DuckDBPyConnection, columns: str) -> dict[str, Any]:
    rows = con.execute(
        f"SELECT parse_filename(sightings.origin)[:3], {columns} FROM articles JOIN sightings USING (article_id) ORDER BY 1"
    ).fetchall()
    return dict(rows)


def test_stories_are_three_on_one_thread(con: duckdb.DuckDBPyConnection) -> None:
    stories = by_number(con, "story_id")
    assert stories["000"] == stories["002"] == stories["004"]
    assert len({stories["000"], stories["001"], stories["003"]}) == 3
    assert con.execute("SELECT count(DISTINCT thread_id) FROM stories").fetchall() == [(1,)]


def test_none_is_a_copy(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("SELECT * FROM relations").fetchall() == []


def test_languages_and_access(con: duckdb.DuckDBPyConnection) -> None:
    assert set(by_number(con, "language").values()) == {"fr"}
    assert by_number(con, "access")["004"] == "teaser"
    assert "73.13 %" in by_number(con, "access_note")["004"]


def test_both_gold_topics_come_first(con: duckdb.DuckDBPyConnection, gold: Any) -> None:
    topics = by_number(con, "(SELECT list(topic_id ORDER BY score DESC) FROM article_topics t WHERE t.article_id = articles.article_id)")
    for document in gold:
        wanted = {f"medtop:{code}" for code in document["topics"]["all"]}
        assert set(topics[document["file"][:3]][:2]) == wanted


def test_mentions_agree_with_the_annotations(con: duckdb.DuckDBPyConnection, gold: Any) -> None:
    rows = con.execute(
        """SELECT parse_filename(origin)[:3], kind, surface
        FROM mentions JOIN entities USING (entity_id) JOIN sightings USING (article_id)"""
    ).fetchall()
    found = Counter(rows)
    wanted = Counter(
        (one["file"][:3], mention["type"], mention["text"]) for one in gold for mention in one["mentions"] if mention["type"] != "MISC"
    )
    assert wanted.total() == 298
    assert 2 * (found & wanted).total() / (found.total() + wanted.total()) >= 0.90


def test_positions_are_exact(con: duckdb.DuckDBPyConnection) -> None:
    wrong = con.execute(
        """SELECT count(*) FROM mentions JOIN articles USING (article_id) WHERE field <> 'removed'
        AND surface <> substr(CASE field WHEN 'title' THEN title ELSE text END, start + 1, "end" - start)"""
    ).fetchall()
    assert wrong == [(0,)]


@pytest.mark.parametrize(
    ("gold_id", "spellings"), [("putin", {"Poutine", "V. Poutine"}), ("kimju", {"Kim Jong Un", "Kim Jong-un", "Kim Jong-Un"})]
)
def test_a_person_is_one_entity_across_spellings(con: duckdb.DuckDBPyConnection, gold: Any, gold_id: str, spellings: set[str]) -> None:
    written = {m["text"] for document in gold for m in document["mentions"] if m["id"] == gold_id}
    assert spellings <= written
    found = con.execute(
        "SELECT DISTINCT entity_id FROM mentions WHERE surface IN (SELECT unnest(?::VARCHAR[]))", [sorted(written)]
    ).fetchall()
    assert len(found) == 1


def test_names_in_removed_lines_are_never_subjects(con: duckdb.DuckDBPyConnection) -> None:
    roles = con.execute("SELECT surface, role FROM mentions WHERE field = 'removed'").fetchall()
    assert ("Adam Morrow", "byline") in roles
    assert ("Reuters", "agency") in roles
    assert "subject" not in {role for _, role in roles}
