"""The ready-made views over the seed archive: what they say of it, as one reads it in the articles themselves.

`seeds/expected/views.json` holds, for each view, rows of it in the view's own order.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

Rows = Callable[[str], list[dict[str, Any]]]
Load = Callable[[str], Any]
VIEWS = ("latest", "timeline", "story_timeline", "topic_daily", "entity_daily", "source_daily", "feed_health", "headline_changes")


def plain(value: Any) -> Any:
    """Return a value as JSON has it: moments in UTC to the minute, days as they are written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return str(value) if isinstance(value, date) else value


def test_every_view_has_its_expected_rows(expected: Load, rows: Rows) -> None:
    assert set(expected("views")) == set(VIEWS)
    there = rows("SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'")
    assert set(VIEWS) <= {row["view_name"] for row in there}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_says_what_the_articles_say(view: str, expected: Load, rows: Rows) -> None:
    told = expected("views")[view]
    found = rows(f"SELECT {', '.join(told['columns'])} FROM {view} WHERE {told['where']}")
    # stories stand in the order of their threads, whose ids say nothing; those of one story in the order of their publication
    ordered = sorted(found, key=lambda row: str(row["story_title"]), reverse=True) if view == "story_timeline" else found
    assert [[plain(value) for value in row.values()] for row in ordered] == told["rows"]


def test_the_latest_are_all_but_the_copies_and_the_undated_stand_last(rows: Rows, expected: Load) -> None:
    copies = sum(pair["kind"] in {"exact", "near"} for pair in expected("relations"))
    undated = sum("published_at" in article and article["published_at"] is None for article in expected("articles"))
    moments = [row["published_at"] for row in rows("SELECT published_at FROM latest")]
    assert len(moments) == expected("counts")["new"] - copies
    assert moments[-undated:] == [None] * undated
    assert moments[:-undated] == sorted(moments[:-undated], reverse=True)


def test_the_timeline_is_all_that_has_a_date_copies_included(rows: Rows, expected: Load) -> None:
    undated = sum("published_at" in article and article["published_at"] is None for article in expected("articles"))
    moments = [row["published_at"] for row in rows("SELECT published_at FROM timeline")]
    assert len(moments) == expected("counts")["new"] - undated
    assert moments == sorted(moments)


def test_days_add_up(rows: Rows, expected: Load) -> None:
    [sums] = rows("SELECT sum(articles) AS articles, sum(words) AS words, sum(copies) AS copies FROM source_daily")
    [told] = rows("SELECT count(*) AS articles, sum(word_count) AS words FROM articles WHERE published_at IS NOT NULL")
    copies = sum(pair["kind"] in {"exact", "near"} for pair in expected("relations"))
    assert sums == told | {"copies": copies}
