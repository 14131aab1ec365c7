"""JSON files: one object, arrays of objects, and JSON Lines under another name."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.read import expand_paths, read_source
from tasks.read.piece import MAX_DOCUMENT


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(content: bytes, name: str = "d.json") -> list[tuple[str, object]]:
    Path(name).write_bytes(content)
    items = [delivery.item for delivery in read_source(Path(name))]
    return [
        (item.origin.removeprefix(name), json.loads(item.body) if isinstance(item, RawDocument) else item.reason) for item in items if item
    ]


ONE, TWO = {"title": "Un", "text": "é \u2028 é"}, {"title": "Deux", "authors": [{"name": "A"}]}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([ONE, TWO]),
        json.dumps([ONE, TWO], indent=2, ensure_ascii=False),
        "\n \ufeff".strip() + f" [\n{json.dumps(ONE)}\n,\n{json.dumps(TWO)},]",
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n",
        json.dumps(ONE, indent=1) + json.dumps(TWO, indent=1),
        "\n" + json.dumps(ONE) + "\n" + json.dumps(TWO),
    ],
    ids=["array", "indented", "spaced", "lines", "concatenated", "blank first"],
)
def test_each_object_is_a_document(content: str) -> None:
    assert read(content.encode()) == [("#1", ONE), ("#2", TWO)]
    assert read(gzip.compress(content.encode()), "d.json.gz") == [("#1", ONE), ("#2", TWO)]


@pytest.mark.parametrize("indent", [None, 4])
def test_a_single_object_is_a_document(indent: int | None) -> None:
    assert read(json.dumps(ONE, indent=indent).encode()) == [("#1", ONE)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [("", "empty")]),
        (b" \n", [("", "empty")]),
        (b"[]", [("", "empty")]),
        (
            b'[{"n": 1}, 2, "x", [3], {"n": 4}]',
            [("#1", {"n": 1}), ("#2", "broken_json"), ("#3", "broken_json"), ("#4", "broken_json"), ("#5", {"n": 4})],
        ),
        (b'[{"n": 1}, {"n": 2', [("#1", {"n": 1}), ("#2", "broken_json")]),
        (b'[{"n": 1}, {"n": 2}', [("#1", {"n": 1}), ("#2", {"n": 2}), ("", "broken_json")]),
        (b'[{"n": 1} {"n": ]', [("#1", {"n": 1}), ("#2", "broken_json")]),
        (b'{"n": 1}\n{"n": \n{"n": 3}\n', [("#1", {"n": 1}), ("#2", "broken_json"), ("#3", {"n": 3})]),
        (b"no json", [("#1", "broken_json")]),
        (b'[{"n": "\xff\xff"}]', [("#1", "broken_json")]),
        (b"[" * 100_000, [("#1", "broken_json")]),
        (b'[{"n": ' + b"9" * 5000 + b"}]", [("#1", "broken_json")]),
        (b'[{"n": 123456}]', [("#1", {"n": 123456})]),
    ],
)
def test_what_is_broken_is_one_rejection_in_its_place(content: bytes, found: list[tuple[str, object]]) -> None:
    assert read(content) == found


def test_an_array_much_longer_than_what_is_held_is_read_through() -> None:
    rows = [{"n": n, "text": "x" * (n % 7) * 30_000} for n in range(300)]
    assert read(json.dumps(rows).encode()) == [(f"#{n}", row) for n, row in enumerate(rows, 1)]


def test_a_value_too_long_ends_the_file() -> None:
    content = b'[{"n": 1}, {"text": "' + b"x" * (MAX_DOCUMENT * 2) + b'"}, {"n": 3}]'
    assert read(content) == [("#1", {"n": 1}), ("#2", "too_large")]


def test_an_array_without_a_name_is_recognised() -> None:
    assert read(b'[\n  {"n": 1}]', "dump.data") == [("#1", {"n": 1})]


def test_json_is_read_when_it_is_asked_for() -> None:
    Path("in").mkdir()
    Path("in/a.json").write_text(json.dumps(ONE))
    Path("in/b.jsonl").write_text(json.dumps(TWO))
    assert [one.item.origin for one in read_source(Path("in")) if one.item] == ["in/b.jsonl#1"]
    assert [path.name for path in expand_paths(["in/*"])] == ["a.json", "b.jsonl"]


VALUES = st.lists(st.sampled_from(['{"n": 1}', '{"n": [1, 2]}', "7", "[]", '{"n": ', "]", '"'])).map(",\n".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES, st.booleans())
def test_reading_goes_on_behind_any_cursor(content: str, inside: bool) -> None:
    path = Path("d.json")
    path.write_text(f"[{content}]" if inside else content)
    whole = list(read_source(path))
    assert whole
    assert sum(isinstance(one.item, Rejection) and one.item.origin == "d.json" for one in whole) <= 1
    for at, delivery in enumerate(whole):
        assert list(read_source(path, delivery.cursor)) == whole[at + 1 :]
