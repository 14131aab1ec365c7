"""Every field of every article of the seed archive can be explained."""

from pathlib import Path

import duckdb

from flows.explain import offered, with_passages
from schemas.labelling import Labelling
from tasks.store.reading.browse import fetch_article
from tasks.store.reading.explain import explain_fields, fetch_explained, fetch_reasons
from tasks.store.reading.explain_labels import explain_labels


def test_every_value_has_a_rule_that_is_not_among_what_it_beat(seed_store: Path) -> None:
    with duckdb.connect(str(seed_store), read_only=True) as con:
        ids = [str(article_id) for (article_id,) in con.execute("SELECT article_id FROM articles").fetchall()]
        beaten = 0
        for article_id in ids:
            article, documents = fetch_explained(con, article_id)
            assert documents
            for one in explain_fields(article, offered(documents, "UTC")):
                assert (one.value in (None, [])) == (one.rule is None), (article["title"], one)
                assert one.rule not in {other.rule for other in one.beat}
                beaten += len(one.beat)
    assert beaten > len(ids)


def test_every_topic_and_every_name_has_its_evidence(seed_store: Path) -> None:
    with duckdb.connect(str(seed_store), read_only=True) as con:
        named = 0
        for (article_id,) in con.execute("SELECT article_id FROM articles").fetchall():
            article = fetch_article(con, str(article_id))
            topics, entities, credited = explain_labels(con, article, Labelling())
            for topic in topics:
                assert {one["kind"] for one in topic["evidence"]} <= {"term", "category"}, (article["title"], topic)
            for entity in entities:
                assert sum(one["mentions"] for one in entity["evidence"]) == entity["mention_count"]
            for one in (found for entity in (*entities, *credited) for found in entity["evidence"]):
                assert one["method"]
                assert one["alias"] is None or one["alias_source"]
                named += one["alias"] is not None
        assert named > 100


def test_every_article_has_the_reasons_of_its_story_and_every_copy_its_passages(seed_store: Path) -> None:
    with duckdb.connect(str(seed_store), read_only=True) as con:  # as the fixtures of these tests have it open
        ids = [str(article_id) for (article_id,) in con.execute("SELECT article_id FROM articles").fetchall()]
        for article_id in ids:
            article, _ = fetch_explained(con, article_id)
            story = fetch_reasons(con, article)
            assert bool(story["reasons"]) == (story["article_count"] > 1), article["title"]
            assert sum(one["share"] for one in story["reasons"]) <= story["score"] + 0.1
            whole = " ".join(f"{article['title']} {article['text']}".split()).lower()
            assert [one["text"] for one in story["reasons"] if " ".join(one["text"].split()).lower() not in whole] == []
            for relation in with_passages(con, article):
                assert relation["passages"], article["title"]
                assert all(passage["text"].removesuffix("…") in article["text"] for passage in relation["passages"])
