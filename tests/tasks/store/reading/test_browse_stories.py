"""Stories as people ask for them: by topic, entity, language and day, under whatever spelling."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from schemas.errors import UsageError
from tasks.store.labels.named import ENTITY, TOPIC, find_language, find_named
from tasks.store.reading.browse_stories import Wanted, fetch_story, list_stories
from tests.tasks.store.shelf import Piece, filled, prose

DAY = datetime(2025, 3, 3, 8, tzinfo=UTC)
DISPATCH = prose(Random(1), 90)
PIECES = [
    Piece("dispatch", DISPATCH, DAY, "The dispatch", "one.example", agency=("Wire",)),
    Piece("copy", DISPATCH, DAY.replace(hour=9), "The copy", "two.example"),
    Piece("whole", f"{prose(Random(2), 100)} {DISPATCH}", DAY.replace(hour=10), "The report", "three.example"),
    Piece("match", prose(Random(3), 60), DAY.replace(day=9), "Le match", "one.example", "fr"),
    Piece("undated", prose(Random(4), 60), None, "No date", "one.example"),
]


@pytest.fixture(scope="module")
def con():
    con = filled(PIECES)
    con.execute(
        """INSERT INTO topics VALUES ('medtop:15000000', 'sport', 'sport', NULL), ('medtop:11000000', 'politics', 'politique', NULL),
        ('medtop:20000822', 'competition discipline', 'discipline sportive', 'medtop:15000000'),
        ('medtop:20001065', 'football', 'soccer, football', 'medtop:20000822')"""
    )
    con.execute("INSERT INTO article_topics SELECT article_id, 'medtop:20001065', 1, 'lexicon' FROM articles WHERE title = 'Le match'")
    con.execute("INSERT INTO article_topics SELECT article_id, 'medtop:11000000', 1, 'lexicon' FROM articles WHERE title LIKE 'The%'")
    con.execute(
        """INSERT INTO entities VALUES ('per:kim-jong-un', 'PER', 'Kim Jong-un', NULL, 'Q56226', NULL, NULL),
        ('loc:elysee', 'LOC', 'Élysée Palace', 'Palais de l''Élysée', NULL, 'FR', NULL),
        ('loc:springfield-1', 'LOC', 'Springfield', NULL, NULL, NULL, NULL),
        ('loc:springfield-2', 'LOC', 'Springfield', NULL, NULL, NULL, NULL)"""
    )
    con.execute("INSERT INTO entity_aliases VALUES ('loc:elysee', 'Élysée', 'fr', 'capital', 'curated')")
    con.execute(
        """INSERT INTO article_entities SELECT article_id, 'loc:elysee', 'LOC', 'Élysée Palace', 1, false, 0.5
        FROM articles WHERE title = 'The copy'"""
    )
    yield con
    con.close()


def titles(con, **wanted) -> list[str]:
    return [one["title"] for one in list_stories(con, 20, Wanted(**wanted))]


def test_conditions_hold_alone_and_together(con):
    news = fetch_story(con, str(con.execute("SELECT story_id FROM articles WHERE title = 'The copy'").fetchall()[0][0])).story["title"]
    assert sorted(titles(con)) == sorted([news, "Le match", "No date"])
    assert titles(con, since=date(2025, 3, 3)) == [news, "Le match"]
    assert titles(con, since=date(2025, 3, 4)) == ["Le match"]
    assert titles(con, topics=["medtop:15000000"]) == titles(con, topics=["medtop:20001065"]) == ["Le match"]
    assert titles(con, entities=["loc:elysee", "per:kim-jong-un"]) == [news]
    assert titles(con, language="fr") == ["Le match"]
    assert titles(con, topics=["medtop:11000000"], entities=["loc:elysee"], language="en", since=date(2025, 3, 3)) == [news]
    assert titles(con, topics=["medtop:11000000"], language="fr") == []


@pytest.mark.parametrize(
    ("kind", "typed", "found"),
    [
        (TOPIC, "Politics", ["medtop:11000000"]),
        (TOPIC, " POLITIQUE ", ["medtop:11000000"]),
        (TOPIC, "medtop:15000000", ["medtop:15000000"]),
        (TOPIC, "15000000", ["medtop:15000000"]),
        (TOPIC, "sport", ["medtop:15000000"]),
        (ENTITY, "kim jong un", ["per:kim-jong-un"]),
        (ENTITY, "q56226", ["per:kim-jong-un"]),
        (ENTITY, "elysee", ["loc:elysee"]),
        (ENTITY, "PALAIS DE L’ELYSÉE", ["loc:elysee"]),
        (ENTITY, "loc:elysee", ["loc:elysee"]),
        (ENTITY, "springfield", ["loc:springfield-1", "loc:springfield-2"]),
    ],
)
def test_names_are_found_under_any_spelling(con, kind, typed, found):
    assert find_named(con, kind, typed) == found


@pytest.mark.parametrize(
    ("kind", "typed", "offered"),
    [
        (TOPIC, "sporrt", r"near it are: sport \(medtop:15000000\)"),
        (ENTITY, "Kim Yong Un", r"near it are: Kim Jong-un \(per:kim-jong-un\)"),
        (ENTITY, "qqqq", "see: wirehouse sql"),
        (ENTITY, "?!", "see: wirehouse sql"),
        (ENTITY, "", "see: wirehouse sql"),
        (TOPIC, "'; DROP TABLE topics; --", "see: wirehouse sql"),
        (ENTITY, "x" * 1_000_000, "see: wirehouse sql"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(con, kind, typed, offered):
    with pytest.raises(UsageError, match=offered) as error:
        find_named(con, kind, typed)
    assert len(str(error.value)) < 500


def test_a_language_is_found_by_its_code_and_an_unknown_one_answered_with_those_that_are(con):
    assert find_language(con, "FR") == find_language(con, "fr-CA") == "fr"
    with pytest.raises(UsageError, match=r"are in: en, fr\."):
        find_language(con, "klingon")


def test_a_story_tells_who_copied_whom_and_who_tells_it_independently(con):
    story = fetch_story(con, str(con.execute("SELECT story_id FROM articles WHERE title = 'The copy'").fetchall()[0][0]))
    assert [one["title"] for one in story.articles] == ["The dispatch", "The copy", "The report"]
    ids = {one["title"]: one["article_id"] for one in story.articles}
    assert [(one["article_id"], one["kind"], one["other_id"], one["share"]) for one in story.copies] == [
        (ids["The copy"], "exact", ids["The dispatch"], 1.0),
        (ids["The report"], "contains", ids["The dispatch"], 1.0),
        (ids["The report"], "contains", ids["The copy"], 1.0),
    ]
    assert (story.copies[0]["source"], story.copies[0]["other_source"]) == ("two.example", "one.example")
    [telling] = story.tellings
    assert len(story.tellings) == story.story["independent_source_count"]
    assert telling["article_ids"] == [one["article_id"] for one in story.articles]
    assert (telling["sources"], telling["agency"]) == (["one.example", "three.example", "two.example"], ["Wire"])
