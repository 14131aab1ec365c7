"""Reading goes on right behind any cursor."""

import gzip
import json
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.arrival import Delivery
from schemas.document import Cursor
from tasks.read import read_source

NAMES = [
    "a.txt",
    "a/b.html",
    "a/c/d.jsonl",
    "a-b.jsonl.gz",
    "a.zip",
    "b.jsonl",
    "z.txt.gz",
    "é.txt",
    "a/a/a.txt",
    "cut.jsonl.gz",
    "empty.jsonl",
]
LINES = st.lists(st.sampled_from(['{"n": 1}', '{"n": 2}', "", "{broken", "[]"]), max_size=6)


def write(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    content = "\n".join(lines).encode()
    if file.name == "cut.jsonl.gz":
        file.write_bytes(gzip.compress(content + b'\n{"n": 3}\n', mtime=0)[:-9])
    elif file.suffix == ".gz":
        file.write_bytes(gzip.compress(content, mtime=0))
    elif file.suffix == ".zip":
        with zipfile.ZipFile(file, "w") as archive:
            for name in ("x.txt", "y.jsonl", "nested.zip", "z.jsonl.gz"):
                archive.writestr(name, gzip.compress(content) if name.endswith(".gz") else content)
    else:
        file.write_bytes(content)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), LINES, min_size=1))
def test_any_split_gives_all_items_once(tmp_path_factory: pytest.TempPathFactory, files: dict[str, list[str]]) -> None:
    folder = tmp_path_factory.mktemp("archive")
    for name, lines in files.items():
        write(folder / name, lines)
    for source in (folder, *(folder / name for name in files)):
        whole = list(read_source(source))
        for split, delivery in enumerate(whole, 1):
            assert fresh(source, delivery.cursor) == whole[split:]


def archive(folder: Path) -> list[Delivery]:
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        (folder / name).write_text("\n".join(json.dumps({"file": name, "n": n}) for n in range(3)))
    return list(read_source(folder))


def origins(folder: Path, after: Cursor) -> list[str]:
    return [delivery.item.origin.removeprefix(f"{folder}/") for delivery in fresh(folder, after)]


def fresh(source: Path, after: Cursor) -> list[Delivery]:
    return [delivery for delivery in read_source(source, after) if not delivery.again]


def test_files_before_the_cursor_come_again_marked(tmp_path: Path) -> None:
    whole = archive(tmp_path)
    after = whole[4].cursor
    (tmp_path / "a-late.txt").write_text("a file that came after the run was cut short")
    again = [delivery for delivery in read_source(tmp_path, after) if delivery.again]
    assert [delivery.item.origin.removeprefix(f"{tmp_path}/") for delivery in again] == [
        "a-late.txt",
        "a.jsonl#1",
        "a.jsonl#2",
        "a.jsonl#3",
    ]
    assert {delivery.cursor for delivery in again} == {after}


def test_a_file_that_changed_is_read_again_from_its_start(tmp_path: Path) -> None:
    after = archive(tmp_path)[4].cursor
    assert origins(tmp_path, after)[0] == "b.jsonl#3"
    os.utime(tmp_path / "b.jsonl", ns=(0, after.mtime_ns + 1))
    assert origins(tmp_path, after)[:2] == ["b.jsonl#1", "b.jsonl#2"]
    (tmp_path / "b.jsonl").write_text('{"n": 0}')
    os.utime(tmp_path / "b.jsonl", ns=(0, after.mtime_ns))
    assert origins(tmp_path, after)[:2] == ["b.jsonl#1", "c.jsonl#1"]


def test_reading_goes_on_behind_a_file_that_is_gone(tmp_path: Path) -> None:
    after = archive(tmp_path)[4].cursor
    (tmp_path / "b.jsonl").unlink()
    assert origins(tmp_path, after) == ["c.jsonl#1", "c.jsonl#2", "c.jsonl#3"]


def test_a_cursor_of_another_source_counts_as_none(tmp_path: Path) -> None:
    whole = archive(tmp_path)
    assert list(read_source(tmp_path, whole[4].cursor.model_copy(update={"source": "elsewhere"}))) == whole


def test_a_cursor_names_the_source_by_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive(tmp_path)
    monkeypatch.chdir(tmp_path)
    status = Path("b.jsonl").stat()
    [*_, folder] = read_source(Path())
    [*_, file] = read_source(Path("b.jsonl"))
    assert (folder.cursor.source, folder.cursor.path, folder.cursor.position) == (str(tmp_path), "c.jsonl", 3)
    assert file.cursor == Cursor(source=str(tmp_path / "b.jsonl"), path="", position=3, size=status.st_size, mtime_ns=status.st_mtime_ns)
