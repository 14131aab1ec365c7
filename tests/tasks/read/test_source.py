"""Reading sources of every format, good and bad."""

import gzip
import io
import json
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.document import RawDocument
from schemas.errors import UsageError
from schemas.rejection import Rejection
from tasks.read import read_source
from tasks.read.piece import MAX_DOCUMENT


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(path: str, content: bytes | str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def documents(path: str | Path) -> list[RawDocument]:
    items = [delivery.item for delivery in read_source(Path(path))]
    assert all(isinstance(item, RawDocument) for item in items), items
    return [item for item in items if isinstance(item, RawDocument)]


def met(path: str | Path) -> list[tuple[str, str]]:
    """Origin of each item, with its media type or the reason of its rejection."""
    items = [delivery.item for delivery in read_source(Path(path))]
    return [(item.origin, item.reason if isinstance(item, Rejection) else item.media_type) for item in items]


def test_a_text_file_is_one_document(tmp_path: Path) -> None:
    body = "Le conseil a voté.\r\n".encode()
    [found] = documents(put("paper/a.txt", body))
    assert found == RawDocument(body=body, media_type="text/plain", origin="paper/a.txt", place=f"{tmp_path}/paper/a.txt", source="a")


@pytest.mark.parametrize("name", ["p.html", "p.htm", "p.xhtml", "P.HTML"])
def test_a_page_is_one_document(name: str) -> None:
    [found] = documents(put(name, "<p>Good morning</p>"))
    assert found.media_type == "text/html"


def test_every_line_of_json_lines_is_a_document_with_its_exact_bytes(tmp_path: Path) -> None:
    lines = ['{"title": "Un",  "text": "é"}', "", '  {"title":"Deux"}\t', "   "]
    found = documents(put("d.jsonl", "\n".join(lines) + "\r\n"))
    assert [document.body.decode() for document in found] == [lines[0], lines[2]]
    assert [document.origin for document in found] == ["d.jsonl#1", "d.jsonl#3"]
    assert found[1].place == f"{tmp_path}/d.jsonl#3"


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_a_line() -> None:
    assert [document.body for document in documents(put("d.ndjson", b'\xef\xbb\xbf{"a":1}\r\n{"a":2}'))] == [b'{"a":1}', b'{"a":2}']


@pytest.mark.parametrize(
    "line",
    [b'{"title": "cut', b"[1, 2]", b'"text"', b"17", b'{"a": "\xff\xfe"}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b"\0\0"],
    ids=["cut", "list", "string", "number", "not-utf8", "deep", "digits", "zeros"],
)
def test_a_broken_line_is_one_rejection_that_names_the_line(line: bytes, tmp_path: Path) -> None:
    put("d.jsonl", b'{"n": 1}\n\n' + line + b'\n{"n": 2}\n')
    assert met("d.jsonl") == [("d.jsonl#1", "application/json"), ("d.jsonl#3", "broken_json"), ("d.jsonl#4", "application/json")]
    rejection = list(read_source(Path("d.jsonl")))[1].item
    assert isinstance(rejection, Rejection)
    assert rejection.stage == "read"
    assert rejection.detail
    assert rejection.place == f"{tmp_path}/d.jsonl#3"


def test_a_line_too_long_is_read_past() -> None:
    with Path("d.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(MAX_DOCUMENT // 1_000_000 + 1):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n{"n": 2}\n')
    assert met("d.jsonl") == [("d.jsonl#1", "too_large"), ("d.jsonl#2", "application/json")]


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_a_file_too_large_is_rejected(name: str) -> None:
    with Path(name).open("wb") as file:
        file.truncate(MAX_DOCUMENT + 1)
    assert met(name) == [(name, "too_large")]


def test_a_file_of_the_largest_size_is_read() -> None:
    with Path("a.txt").open("wb") as file:
        file.truncate(MAX_DOCUMENT)
    assert len(documents("a.txt")[0].body) == MAX_DOCUMENT


def test_what_is_in_a_text_file_is_not_looked_at() -> None:
    assert documents(put("empty.txt", b""))[0].body == b""
    assert documents(put("binary.txt", b"\x89PNG\0\x01"))[0].body == b"\x89PNG\0\x01"


@pytest.mark.parametrize(
    ("name", "content"), [("d.jsonl", b""), ("d.jsonl", b"\n \n"), ("b.zip", zipped()), ("b.zip", zipped(readme=b"x"))]
)
def test_an_archive_without_a_document_says_so(name: str, content: bytes) -> None:
    assert met(put(name, content)) == [(name, "empty")]


def test_a_folder_is_read_in_the_order_of_its_paths() -> None:
    for path in ["in/b/c.txt", "in/b.txt", "in/b-1.html", "in/a.jsonl", "in/b/.hidden.txt", "in/.git/x.txt", "in/notes.pdf", "in/z.TXT.gz"]:
        put(path, gzip.compress(b"x") if path.endswith(".gz") else '{"n": 1}')
    assert [origin for origin, _ in met("./in/")] == ["in/a.jsonl#1", "in/b-1.html", "in/b.txt", "in/b/c.txt", "in/z.TXT.gz"]
    assert {document.source for document in documents("in")} == {"in"}


def test_the_working_folder_has_its_own_name(tmp_path: Path) -> None:
    put("a.txt", "x")
    [found] = documents(".")
    assert (found.origin, found.place, found.source) == ("a.txt", f"{tmp_path}/a.txt", tmp_path.name)


def test_two_spellings_of_a_path_are_one_place() -> None:
    put("in/a.txt", "x")
    Path("link").symlink_to("in")
    assert {documents(path)[0].place for path in ("in", "./in/../in", Path("in").absolute(), "link")} == {str(Path("in/a.txt").resolve())}


def test_links_that_go_in_circles_end() -> None:
    put("in/a.txt", "x")
    Path("in/again").symlink_to("..", target_is_directory=True)
    Path("in/self.txt").symlink_to("self.txt")
    Path("in/gone.txt").symlink_to("nowhere.txt")
    assert met("in") == [("in/a.txt", "text/plain"), ("in/gone.txt", "unreadable"), ("in/self.txt", "unreadable")]


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_what_is_closed_to_us_is_rejected_and_the_rest_read() -> None:
    put("in/a.txt", "x").chmod(0)
    put("in/b/c.txt", "x").parent.chmod(0)
    put("in/d.txt", "x")
    assert met("in") == [("in/a.txt", "unreadable"), ("in/b/", "unreadable"), ("in/d.txt", "text/plain")]


DEPTH = 1500


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A text below more folders than Python nests calls; taken away here, for pytest cannot."""
    levels = [Path("n/" * level) for level in range(1, DEPTH + 1)]
    for level in levels:
        level.mkdir()
    file = put(f"{levels[-1]}/a.txt", "x")
    yield file
    file.unlink()
    for level in reversed(levels):
        level.rmdir()


def test_folders_nested_beyond_reason_are_read(deep: Path) -> None:
    assert met("n") == [(deep.as_posix(), "text/plain")]


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb") as file:  # noqa: PTH123  # a path of bytes
        file.write(b"x")
    assert met(".") == [("caf\\xe9.txt", "text/plain")]


@pytest.mark.parametrize(("name", "body"), [("a.txt", b"Bonjour"), ("a.html", b"<p>x</p>"), ("d.jsonl", b'{"n": 1}')])
def test_gzip_of_each(name: str, body: bytes) -> None:
    [found] = documents(put(f"{name}.gz", gzip.compress(body)))
    assert (found.body, found.source) == (body, name[0])
    assert found.origin.startswith(f"{name}.gz")


def test_a_gzip_that_breaks_off_gives_its_good_lines_first() -> None:
    chance = random.Random(1)
    lines = [json.dumps({"n": number, "noise": chance.randbytes(40).hex()}) for number in range(3000)]
    whole = gzip.compress("\n".join(lines).encode())
    put("d.jsonl.gz", whole[: len(whole) // 2])
    *good, last = [delivery.item for delivery in read_source(Path("d.jsonl.gz"))]
    assert len(good) > 1000
    assert [item.body.decode() for item in good if isinstance(item, RawDocument)] == lines[: len(good)]
    assert isinstance(last, Rejection)
    assert (last.reason, last.origin) == ("broken_archive", "d.jsonl.gz")


def test_half_a_text_is_no_document() -> None:
    whole = gzip.compress(random.Random(1).randbytes(4000).hex().encode())
    assert met(put("a.txt.gz", whole[: len(whole) // 2])) == [("a.txt.gz", "broken_archive")]
    assert met(put("b.txt.gz", b"no gzip at all")) == [("b.txt.gz", "broken_archive")]


def test_bombs_are_stopped() -> None:
    zeros = b"\0" * 40_000_000
    put("text.txt.gz", gzip.compress(zeros * 2, 1))
    put("lines.jsonl.gz", gzip.compress(b"\n" * 20_000_000))
    put("many.zip", zipped(**{f"{number}.txt": zeros for number in range(4)}))
    assert met("text.txt.gz") == [("text.txt.gz", "too_large")]
    assert met("lines.jsonl.gz") == [("lines.jsonl.gz", "too_large")]
    assert [reason for _, reason in met("many.zip")] == ["text/plain", "too_large", "too_large", "too_large"]


def test_the_members_of_a_zip() -> None:
    members = {
        "c.html": b"<p>c</p>",
        "x/d.jsonl": b'{"n": 1}\n\n{"n": 2}',
        "e.txt.gz": gzip.compress(b"e"),
        "f.jsonl.gz": gzip.compress(b"{}\n"),
    }
    ignored = {".hidden.txt": b"x", "__MACOSX/c.html": b"x", "picture.png": b"x", "x/": b""}
    found = documents(put("b.zip", zipped(**members, **ignored)))
    assert [document.origin for document in found] == [
        "b.zip!c.html",
        "b.zip!x/d.jsonl#1",
        "b.zip!x/d.jsonl#3",
        "b.zip!e.txt.gz",
        "b.zip!f.jsonl.gz#1",
    ]
    assert [document.body for document in found] == [b"<p>c</p>", b'{"n": 1}', b'{"n": 2}', b"e", b"{}"]
    assert {document.source for document in found} == {"b"}


def test_a_bad_member_does_not_stop_a_zip() -> None:
    noise = random.Random(1).randbytes(5000).hex().encode()
    content = bytearray(zipped(**{"a.txt": b"a", "b.txt": noise, "c.zip": zipped(), "d.txt": b"d"}))
    at = content.index(b"b.txt") + 1000
    content[at : at + 50] = bytes(50)
    assert met(put("b.zip", bytes(content))) == [
        ("b.zip!a.txt", "text/plain"),
        ("b.zip!b.txt", "broken_archive"),
        ("b.zip!c.zip", "nested_archive"),
        ("b.zip!d.txt", "text/plain"),
    ]


def test_an_encrypted_member_is_rejected() -> None:
    content = bytearray(zipped(**{"a.txt": b"a"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert met(put("b.zip", bytes(content))) == [("b.zip!a.txt", "unreadable")]


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip", zipped(a=b"x")[:-10], b"PK\x05\x06" + b"\xff" * 18])
def test_a_broken_zip_is_rejected(content: bytes) -> None:
    [(origin, reason)] = met(put("b.zip", content))
    assert origin == "b.zip"
    assert reason in {"broken_archive", "too_large"}


def test_a_zip_with_a_giant_table_of_contents_is_not_opened() -> None:
    content = bytearray(zipped(**{"a.txt": b"x"}))
    at = content.index(b"PK\x05\x06") + 12
    content[at : at + 4] = (40_000_000).to_bytes(4, "little")
    assert met(put("b.zip", bytes(content))) == [("b.zip", "too_large")]


def test_archives_inside_archives_are_not_opened() -> None:
    put("b.zip.gz", gzip.compress(zipped(**{"a.txt": b"x"})))
    put("c.zip", zipped(**{"d.zip.gz": b"x", "e.zip": b"x"}))
    assert met("b.zip.gz") == [("b.zip.gz", "nested_archive")]
    assert met("c.zip") == [("c.zip!d.zip.gz", "nested_archive"), ("c.zip!e.zip", "nested_archive")]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"title": "Un"}\n', "application/json"),
        (b"\n <!DOCTYPE html><p>x", "text/html"),
        ("Une brève, sans extension.".encode(), "text/plain"),
        ("Texte".encode("utf-16"), "text/plain"),
        (b"", "text/plain"),
        (gzip.compress(b'{"n": 1}'), "application/json"),
        (zipped(**{"a.txt": b"x"}), "text/plain"),
    ],
    ids=["json", "html", "text", "utf-16", "empty", "gzip", "zip"],
)
def test_a_file_named_in_full_is_recognised_by_its_first_bytes(content: bytes, kind: str) -> None:
    assert [found for _, found in met(put("dump.data", content))] == [kind]


def test_a_file_of_no_known_format_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"picture\.png.* is neither text, HTML"):
        list(read_source(put("picture.png", b"\x89PNG\r\n\x1a\n\0\0")))
