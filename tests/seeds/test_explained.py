"""Every field of every article of the seed archive can be explained."""

from pathlib import Path

import duckdb

from flows.explain import offered
from tasks.store.explain import explain_fields, fetch_explained


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
