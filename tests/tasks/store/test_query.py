from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from schemas.errors import UsageError, WirehouseError
from tasks.store.connection import open_reader
from tasks.store.migrate import Connection, migrate
from tasks.store.query import run_query


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    path = tmp_path / "news.duckdb"
    with duckdb.connect(str(path)) as made:
        migrate(made)
        made.execute("INSERT INTO topics VALUES ('medtop:1', 'one', NULL, NULL), ('medtop:2', 'two', NULL, NULL)")
    reader = open_reader(path)
    yield reader
    reader.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT topic_id FROM topics",
        "FROM topics SELECT topic_id",
        "WITH t AS (SELECT * FROM topics) SELECT topic_id FROM t",
        "SELECT topic_id FROM topics;",
        "VALUES ('medtop:1'), ('medtop:2')",
    ],
)
def test_queries_are_answered(con: Connection, sql: str) -> None:
    _, rows = run_query(con, sql, 10)
    assert sorted(rows) == [("medtop:1",), ("medtop:2",)]


@pytest.mark.parametrize(
    "sql", ["SHOW TABLES", "DESCRIBE topics", "SUMMARIZE topics", "EXPLAIN SELECT 1", "PIVOT topics ON name_en USING count(*)"]
)
def test_looking_around_is_allowed(con: Connection, sql: str) -> None:
    answer, rows = run_query(con, sql, 10)
    assert answer.columns
    assert list(rows)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO topics VALUES ('x', 'x', NULL, NULL)",
        "WITH d AS (DELETE FROM topics RETURNING *) SELECT * FROM d",
        "UPDATE topics SET name_en = 'x'",
        "DROP TABLE topics",
        "CREATE TEMP TABLE t AS SELECT 1",
        "COPY topics TO 'out.csv'",
        "ATTACH 'other.duckdb'",
        "INSTALL fts",
        "LOAD json",
        "SET threads = 4",
        "SET lock_configuration = false",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "CHECKPOINT",
        "VACUUM",
        "EXPORT DATABASE 'out'",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
        "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
        "SELECT * FROM glob('/*')",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE topics",
        "SELEC 1",
        "SELECT missing FROM topics",
        "",
        "-- nothing",
    ],
)
def test_everything_else_is_refused_with_a_sentence(con: Connection, sql: str) -> None:
    with pytest.raises(UsageError) as refused:
        list(run_query(con, sql, 10)[1])
    assert str(refused.value).strip()
    assert con.execute("SELECT count(*) FROM topics").fetchall() == [(2,)]


def test_python_variables_are_no_tables(con: Connection) -> None:
    secret = [1, 2, 3]
    with pytest.raises(UsageError):
        run_query(con, "SELECT * FROM secret", 10)
    assert secret


def test_a_query_that_takes_too_long_is_stopped(con: Connection) -> None:
    with pytest.raises(WirehouseError, match=r"stopped after 0\.2 seconds"):
        list(run_query(con, "SELECT count(*) FROM range(1000000) a, range(1000000) b", 0.2)[1])


def test_long_results_come_whole(con: Connection) -> None:
    _, rows = run_query(con, "SELECT range FROM range(10000)", 10)
    assert sum(row[0] for row in rows) == sum(range(10000))
