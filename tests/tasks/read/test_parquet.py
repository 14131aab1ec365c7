"""Parquet files: every row a document, whatever its columns are; other files stay out of reach."""

import json
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.read import read_source


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(query: str, name: str = "d.parquet", options: str = "") -> Path:
    with duckdb.connect() as con:
        con.execute(f"COPY ({query}) TO '{name}' (FORMAT parquet{options})")
    return Path(name)


def rows(path: Path) -> list[dict[str, Any]]:
    items = [delivery.item for delivery in read_source(path)]
    return [json.loads(item.body) for item in items if isinstance(item, RawDocument)]


def met(path: Path) -> list[tuple[str, str]]:
    items = [delivery.item for delivery in read_source(path)]
    return [(item.origin, item.reason if isinstance(item, Rejection) else item.media_type) for item in items if item]


def test_every_row_is_an_object_named_by_its_number() -> None:
    path = make("SELECT 'https://paper.example/' || i AS url, 'Texte ' || i AS text, NULL AS byline FROM range(1, 4) t(i)")
    assert met(path) == [(f"d.parquet#{n}", "application/json") for n in (1, 2, 3)]
    assert rows(path)[1] == {"url": "https://paper.example/2", "text": "Texte 2"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("DATE '2024-06-20'", "2024-06-20"),
        ("TIMESTAMP '2024-06-20 05:06:07'", "2024-06-20 05:06:07"),
        ("TIMESTAMPTZ '2024-06-20 05:06:07+02'", "2024-06-20 03:06:07+00"),
        ("TIMESTAMP_NS '2024-06-20 05:06:07.123456789'", "2024-06-20 05:06:07.123456789"),
        ("'infinity'::TIMESTAMP", "infinity"),
        ("['Ann', 'Bob']", ["Ann", "Bob"]),
        ("[{'name': 'Ann', 'born': DATE '1990-01-02'}]", [{"name": "Ann", "born": "1990-01-02"}]),
        ("MAP {'a': 1}", {"a": 1}),
        ("1718860000", 1718860000),
        ("1.5::DOUBLE", 1.5),
        ("true", True),
        ("12.50::DECIMAL(9, 2)", "12.50"),
        ("170141183460469231731687303715884105727::HUGEINT", 1.7014118346046923e38),
        ("encode('ça va, déjà')", "ça va, déjà"),
        ("'\\x89PNG\\x00\\x00'::BLOB", None),
        ("'{\"a\": [1]}'::JSON", '{"a": [1]}'),
        ("'zwölf'::ENUM ('zwölf')", "zwölf"),
        ("INTERVAL 3 DAY", "3 days"),
    ],
)
def test_values_come_as_json_has_them(expression: str, value: object) -> None:
    [row] = rows(make(f"SELECT {expression} AS x, 1 AS one"))
    assert row.get("x") == value


def test_names_of_columns_are_quoted() -> None:
    assert rows(make('SELECT 1 AS "a ""b"" c", 2 AS "select"')) == [{'a "b" c': 1, "select": 2}]


def test_a_file_is_recognised_by_its_first_bytes() -> None:
    assert met(make("SELECT 'x' AS text", "dump.data")) == [("dump.data#1", "application/json")]


def test_a_name_with_a_quotation_mark_does_no_harm() -> None:
    make("SELECT 'x' AS text").rename("it's; a 'file'.parquet")
    assert len(rows(Path("it's; a 'file'.parquet"))) == 1


def test_a_pattern_in_a_name_is_no_pattern() -> None:
    make("SELECT 'this' AS text").rename("a[bc].parquet")
    make("SELECT 'other' AS text").rename("ab.parquet")
    assert rows(Path("a[bc].parquet")) == [{"text": "this"}]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 'x' AS text LIMIT 0", "empty"),
        ("SELECT " + ", ".join(f"1 AS c{n}" for n in range(1001)), "too_large"),
        ("SELECT repeat('x', 60_000_000) AS text", "too_large"),
    ],
)
def test_what_is_beyond_reason_is_one_rejection(query: str, reason: str) -> None:
    assert [found for _, found in met(make(query))] == [reason]


def test_a_parquet_inside_an_archive_is_not_opened() -> None:
    with zipfile.ZipFile("b.zip", "w") as archive:
        archive.write(make("SELECT 'x' AS text"), "d.parquet")
    assert met(Path("b.zip")) == [("b.zip!d.parquet", "nested_archive")]


def test_reading_goes_on_behind_any_row_of_any_row_group() -> None:
    path = make("SELECT i AS n, repeat('x', 50) AS text FROM range(5000) t(i)", options=", ROW_GROUP_SIZE 2048")
    whole = list(read_source(path))
    assert len(whole) == 5000
    for at in (0, 1, 2046, 2047, 2048, 4998, 4999):
        assert list(read_source(path, whole[at].cursor)) == whole[at + 1 :]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), min_size=1, max_size=5))
def test_a_damaged_file_gives_documents_and_one_rejection(changes: list[tuple[float, bytes]]) -> None:
    good = Path("good.parquet")
    if not good.exists():
        make("SELECT i AS n, 'Texte ' || i AS text, [i] AS l FROM range(30) t(i)", "good.parquet")
    content = bytearray(good.read_bytes())
    for share, new in changes:
        at = int(share * len(content))
        content[at : at + len(new)] = new
    path = Path("bad.parquet")
    path.write_bytes(content)
    whole = list(read_source(path))
    assert whole
    assert sum(isinstance(one.item, Rejection) for one in whole) <= 1
