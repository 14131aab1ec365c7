"""The shipped tables stand in the store as the labelling reads them."""

from collections.abc import Sequence

import duckdb
import pytest

from schemas.record import Record
from tasks.label.entities import knowledge
from tasks.label.topics import topic_rows
from tasks.store.migrate import Connection, migrate
from tasks.store.reference import keep_reference


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    con = duckdb.connect(tmp_path_factory.mktemp("reference") / "news.duckdb")
    migrate(con)
    assert keep_reference(con)
    return con


def rows(con: Connection, table: str) -> list[tuple[str | None, ...]]:
    return sorted(con.execute(f"FROM {table}").fetchall(), key=repr)


def shipped(records: Sequence[Record]) -> list[tuple[str | None, ...]]:
    return sorted((tuple(record.model_dump().values()) for record in records), key=repr)


def test_the_tables_hold_what_the_labelling_reads(con: Connection) -> None:
    assert rows(con, "entities") == shipped(knowledge().entities)
    assert rows(con, "entity_aliases") == shipped(knowledge().aliases)
    assert rows(con, "topics") == sorted(((row.topic_id, row.name_en, row.name_fr, row.broader_id) for row in topic_rows()), key=repr)


def test_they_are_replaced_when_they_are_not_todays_and_what_was_learned_stays(con: Connection) -> None:
    before = {table: rows(con, table) for table in ("entities", "entity_aliases", "topics")}
    assert not keep_reference(con)
    con.execute("UPDATE entities SET name = 'Nowhere' WHERE kind = 'LOC'")
    con.execute("DELETE FROM entity_aliases WHERE language = 'fr'")
    con.execute("DELETE FROM topics WHERE broader_id IS NULL")
    con.execute("INSERT INTO entities VALUES ('per:ann-lee', 'PER', 'Ann Lee', NULL, NULL, NULL, NULL)")
    con.execute("UPDATE internal.reference SET fingerprint = 'of long ago'")
    assert keep_reference(con)
    assert con.execute("DELETE FROM entities WHERE entity_id = 'per:ann-lee' RETURNING 1").fetchall() == [(1,)]
    assert {table: rows(con, table) for table in before} == before
