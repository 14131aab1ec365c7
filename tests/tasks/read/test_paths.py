"""What a person types becomes the sources to read."""

import os
from pathlib import Path

import pytest

from schemas.errors import UsageError
from tasks.read import expand_paths


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.txt", "a.txt", "d.jsonl", "notes.pdf", "in/x.html", "in/deep/y.txt", "in/z.zip", "other/a[1].txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"\x89\0" if name.endswith(".pdf") else b"x")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["b.txt", "a.txt"], ["a.txt", "b.txt"]),
        (["a.txt", "./a.txt", "in/../a.txt"], ["a.txt"]),
        (["*.txt"], ["a.txt", "b.txt"]),
        (["*.txt", "b.txt"], ["a.txt", "b.txt"]),
        (["in/"], ["in"]),
        (["in/*"], ["in/deep", "in/x.html", "in/z.zip"]),
        (["in/**"], ["in"]),
        (["**/*.txt"], ["a.txt", "b.txt", "in/deep/y.txt", "other/a[1].txt"]),
        (["other/a[1].txt"], ["other/a[1].txt"]),
        (["*"], ["a.txt", "b.txt", "d.jsonl", "in", "other"]),
        (["."], ["."]),
    ],
)
def test_paths_and_patterns(typed: list[str], expected: list[str]) -> None:
    assert [path.as_posix() for path in expand_paths(typed)] == expected


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nowhere.txt", "There is no file or folder 'nowhere.txt'"),
        ("", "There is no file or folder ''"),
        ("n" * 5000, "There is no file or folder"),
        ("nul\0byte", "There is no file or folder"),
        ("*.html", "Nothing that wirehouse can read matches"),
        ("*.pdf", "Nothing that wirehouse can read matches"),
        ("notes.pdf", "is neither text, HTML"),
    ],
    ids=["missing", "nothing", "long", "zero", "no-match", "no-readable-match", "unknown"],
)
def test_what_names_nothing_is_a_usage_error(typed: str, sentence: str) -> None:
    with pytest.raises(UsageError, match="^" + sentence.replace("*", r"\*") if "There" in sentence else sentence):
        expand_paths(["a.txt", typed])


def test_a_pipe_is_neither_file_nor_folder() -> None:
    os.mkfifo("pipe.txt")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        expand_paths(["pipe.txt"])


def test_a_broken_archive_is_left_to_the_reading() -> None:
    Path("dump").write_bytes(b"\x1f\x8b cut")
    assert expand_paths(["dump"]) == [Path("dump")]
