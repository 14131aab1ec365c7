"""The deep checks: nothing in a store that is whole, and each fault by its name with its repair."""

from pathlib import Path

import duckdb
import pytest

from tasks.store.care.deep import index_rules, lost_keys
from tasks.store.care.health import check_deeply
from tasks.store.connection import open_reader
from tests.tasks.store.small import small_store

FAULTS = {
    "DELETE FROM articles WHERE article_id = (SELECT min(article_id) FROM articles)": {
        "rows of articles have their article",
        "every article has a number, a sketch and terms",
        "stories say what their articles say",
        "places lead to articles",
    },
    "DELETE FROM sightings WHERE article_id = (SELECT min(article_id) FROM articles)": {"runs have the rows they counted"},
    "UPDATE stories SET article_count = article_count + 1": {"stories say what their articles say"},
    "DELETE FROM internal.fingerprints": {"sketches have their fingerprints"},
    "DELETE FROM internal.sketches": {"every article has a number, a sketch and terms", "sketches have their fingerprints"},
    "UPDATE articles SET duplicate_of = NULL": {"copies are in one group"},
    "UPDATE articles SET published_at = '1999-01-01' WHERE duplicate_of IS NOT NULL": {
        "the earliest of a group is its head",
        "stories say what their articles say",
    },
    "DELETE FROM runs": {"rows of runs have their run"},
    "INSERT INTO article_topics SELECT article_id, 'user:none', 1, 'x' FROM articles LIMIT 1": {"labels have article and entity or topic"},
    """INSERT INTO mentions SELECT article_id, (SELECT min(entity_id) FROM entities), 'text', 2, 5, '-', 'subject', 1, 'x'
    FROM articles LIMIT 1""": {"mentions are where they say"},
    "DELETE FROM internal.version_keys": {"versions have their keys"},
    "DELETE FROM internal.term_counts": {"the words of all articles are counted"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory.mktemp("deep")).store


def test_nothing_is_found_in_a_store_that_is_whole(store: Path) -> None:
    checks = check_deeply(store)
    assert [check for check in checks if not check.ok] == []
    assert {"index of articles", "index of article_versions", "index of documents"} <= {check.name for check in checks}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_its_name(store: Path, tmp_path: Path, fault: str) -> None:
    bad = tmp_path / "news.duckdb"
    bad.write_bytes(store.read_bytes())
    with duckdb.connect(str(bad)) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(fault)
    found = [check for check in check_deeply(bad) if not check.ok]
    assert {check.name for check in found} == FAULTS[fault]
    assert all("rows say no; " in check.detail for check in found)


def test_keys_are_looked_up_in_the_index(store: Path) -> None:
    con = open_reader(store)
    ids = [one for (one,) in con.execute("SELECT article_id FROM articles").fetchall()]
    plan = con.execute(f"EXPLAIN ANALYZE SELECT count(*) FROM articles WHERE article_id IN ({', '.join('?' * len(ids))})", ids).fetchall()
    assert "Index Scan" in plan[0][1]
    assert all(rule.count(con) == 0 for rule in index_rules(con))
    con.close()


def test_a_key_that_stands_twice_is_counted() -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE t AS SELECT unnest([1, 2, 2]) AS a, unnest([1, 1, 1]) AS b")
    assert lost_keys(con, "t", ["a", "b"]) == 1


def test_a_store_that_cannot_be_opened_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "news.duckdb").write_bytes(b"no store at all, and long enough for a header")
    assert check_deeply(tmp_path / "news.duckdb") == []
