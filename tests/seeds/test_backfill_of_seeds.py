"""One backfill of the seed archive into an empty store gives the expected answers."""

import itertools
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

Article = dict[str, Any]
Rows = Callable[[str], list[dict[str, Any]]]
Ids = dict[str, str]
Load = Callable[[str], Any]
FIELDS = (
    "title",
    "dek",
    "byline",
    "agency",
    "section",
    "published_zone",
    "published_from",
    "language",
    "source",
    "version",
    "canonical_url",
)


@pytest.fixture(scope="session")
def stored(rows: Rows, ids: Ids) -> dict[str, dict[str, Any]]:
    by_id = {str(row["article_id"]): row for row in rows("SELECT * FROM articles")}
    return {origin: by_id[number] for origin, number in ids.items()}


@pytest.fixture(scope="session")
def removed(rows: Rows) -> dict[str, Counter[tuple[str, str]]]:
    blocks: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in rows("SELECT article_id, role, text FROM removed_blocks"):
        blocks[str(row["article_id"])][row["role"], row["text"].strip()] += 1
    return blocks


@pytest.fixture(scope="session")
def topics(rows: Rows) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows("SELECT article_id, topic_id FROM article_topics ORDER BY score DESC, topic_id"):
        found[str(row["article_id"])].append(row["topic_id"])
    return found


@pytest.fixture(scope="session")
def entities(rows: Rows) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows("SELECT article_id, kind, name FROM article_entities"):
        found[str(row["article_id"])].add((row["kind"], row["name"]))
    return found


def utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def test_the_run_counts_every_document(rows: Rows, expected: Load) -> None:
    (run,) = rows("SELECT * FROM runs")
    counts = expected("counts")
    assert {name: run[name] for name in counts} == counts
    assert run["state"] == "completed"
    assert len(rows("SELECT article_id FROM articles")) == counts["new"]


def test_what_cannot_be_read_is_rejected_with_its_reason(rows: Rows, expected: Load) -> None:
    found = {(f"seeds/{row['origin'].rpartition('seeds/')[2]}", row["reason"]) for row in rows("SELECT origin, reason FROM rejections")}
    assert found == {(rejection["origin"], rejection["reason"]) for rejection in expected("rejections")}


def test_an_article_is_met_at_all_its_places(article: Article, ids: Ids) -> None:
    places = [article["origin"], *article.get("also_met_at", ())]
    assert len({ids[place] for place in places}) == 1
    older = article.get("older_version_at", article["origin"])
    assert ids.get(older, ids[article["origin"]]) == ids[article["origin"]]


def test_the_fields_of_an_article(article: Article, stored: dict[str, dict[str, Any]]) -> None:
    row = stored[article["origin"]]
    told = {name: article[name] for name in FIELDS if name in article}
    assert {name: row[name] for name in told} == told
    times = {name: article[name] for name in ("published_at", "updated_at") if name in article}
    assert {name: utc(row[name]) for name in times} == times


def test_the_access_of_a_teaser(article: Article, stored: dict[str, dict[str, Any]]) -> None:
    row = stored[article["origin"]]
    if "access" not in article:
        assert row["access"] in {"full", "unknown"}
        return
    assert row["access"] == article["access"]
    assert f"{article['remaining']:g} %" in row["access_note"].replace(",", ".")


def test_the_text_of_an_article(article: Article, stored: dict[str, dict[str, Any]]) -> None:
    text = stored[article["origin"]]["text"]
    paragraphs = text.split("\n\n")
    assert text.startswith(article.get("text_first", ""))
    assert text.endswith(article["text_last"])
    assert len(paragraphs) == article.get("paragraphs", len(paragraphs))
    assert [one for one in paragraphs if one in article["headings"]] == article["headings"]
    assert [phrase for phrase in article.get("absent", ()) if phrase in text] == []


def test_removed_lines_are_kept_with_their_role(article: Article, ids: Ids, removed: dict[str, Counter[tuple[str, str]]]) -> None:
    told = Counter((block["role"], block["text"]) for block in article.get("removed", ()))
    found = removed[ids[article["origin"]]]
    assert told - found == Counter()
    if "removed" in article:
        assert {role for role, _ in found - told} <= {"title", "dek"}


def test_the_first_topic_of_an_article(article: Article, ids: Ids, topics: dict[str, list[str]]) -> None:
    if "topics" in article:
        found = topics[ids[article["origin"]]]
        assert set(found[:1]) & set(article["topics"]), found


def test_the_entities_of_an_article(article: Article, ids: Ids, entities: dict[str, set[tuple[str, str]]]) -> None:
    told = {(one["kind"], one["name"]) for one in article.get("entities", ())}
    assert told - entities[ids[article["origin"]]] == set()


def test_exactly_the_expected_relations_are_stored(rows: Rows, ids: Ids, expected: Load) -> None:
    found = {(str(row["article_id"]), str(row["other_id"]), row["kind"]) for row in rows("SELECT * FROM relations")}
    assert found == {(ids[pair["later"]], ids[pair["earlier"]], pair["kind"]) for pair in expected("relations")}


def test_copies_point_at_the_earliest(ids: Ids, stored: dict[str, dict[str, Any]], expected: Load) -> None:
    told = {pair["later"]: ids[pair["earlier"]] for pair in expected("relations") if pair["kind"] in {"exact", "near"}}
    origins = [article["origin"] for article in expected("articles")]
    found = {origin: str(stored[origin]["duplicate_of"]) for origin in origins if stored[origin]["duplicate_of"]}
    assert found == told


@pytest.mark.parametrize("number", range(5))
def test_one_event_is_one_story(number: int, stored: dict[str, dict[str, Any]], expected: Load) -> None:
    group = expected("stories")["together"][number]
    assert len({stored[origin]["story_id"] for origin in group["origins"]}) == 1, group["event"]


@pytest.mark.parametrize("number", range(12))
def test_look_alike_events_are_two_stories(number: int, stored: dict[str, dict[str, Any]], expected: Load) -> None:
    pair = expected("stories")["apart"][number]
    assert len({stored[origin]["story_id"] for origin in pair["origins"]}) == 2, pair["why"]


@pytest.mark.parametrize("number", range(8))
def test_one_affair_is_one_thread(number: int, stored: dict[str, dict[str, Any]], rows: Rows, expected: Load) -> None:
    threads = {row["story_id"]: row["thread_id"] for row in rows("SELECT story_id, thread_id FROM stories")}
    group = expected("stories")["threads"][number]
    assert len({threads[stored[origin]["story_id"]] for origin in group["origins"]}) == 1, group["affair"]


def test_every_group_of_stories_is_tested(expected: Load) -> None:
    assert {name: len(groups) for name, groups in expected("stories").items()} == {"together": 5, "apart": 12, "threads": 8, "unlinked": 2}


def test_unrelated_articles_share_no_story(stored: dict[str, dict[str, Any]], expected: Load) -> None:
    """A story holds articles of one group only: what no group names together may not be merged across languages or events."""
    stories = expected("stories")
    groups = [set(one["origins"]) for one in (*stories["together"], *stories["threads"], *stories["unlinked"])]
    origins = [article["origin"] for article in expected("articles")]
    for one, other in itertools.combinations(origins, 2):
        if stored[one]["story_id"] == stored[other]["story_id"]:
            assert any({one, other} <= group for group in groups), (one, other)


def test_the_same_backfill_again_changes_nothing(seed_store: Path, tmp_path: Path, backfill_seeds: Callable[[Path], Any]) -> None:
    for path in seed_store.parent.glob("news*.duckdb"):
        shutil.copy(path, tmp_path / path.name)
    counts = backfill_seeds(tmp_path / "news.duckdb").counts
    assert (counts.new, counts.new_versions, counts.sightings) == (0, 0, 0)
    assert counts.seen == counts.unchanged + counts.rejected
