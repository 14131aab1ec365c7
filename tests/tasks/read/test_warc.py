"""Web archives: which records are documents, with what is known of them, and what damage does."""

import gzip
import io
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import RawDocument
from schemas.rejection import Rejection
from tasks.clean.decode import decode
from tasks.read import read_source

PAGE = "<html><body><p>Le conseil a voté.</p></body></html>".encode()


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def record(kind: str, block: bytes, *, version: str = "1.0", **headers: str) -> bytes:
    named = {
        "WARC-Type": kind,
        "WARC-Record-ID": "<urn:uuid:6f1c1f4c-0000-4000-8000-000000000001>",
        "WARC-Date": "2024-06-20T05:06:07Z",
        "WARC-Target-URI": "https://paper.example/council",
        "Content-Type": "application/http; msgtype=response",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"WARC/{version}", *(f"{name}: {value}" for name, value in named.items() if value), f"Content-Length: {len(block)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def http(body: bytes = PAGE, status: str = "200 OK", **headers: str) -> bytes:
    named = {"Content-Type": "text/html; charset=utf-8"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return (
        "\r\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in named.items() if value)]).encode() + b"\r\n\r\n" + body
    )


def page(number: int) -> bytes:
    body = f"<html><p>Council {number}</p></html>".encode()
    return record("response", http(body), WARC_Target_URI=f"https://paper.example/{number}")


def documents(content: bytes, name: str = "a.warc") -> list[RawDocument]:
    Path(name).write_bytes(content)
    items = [delivery.item for delivery in read_source(Path(name))]
    assert all(isinstance(item, RawDocument) for item in items), items
    return [item for item in items if isinstance(item, RawDocument)]


def met(content: bytes, name: str = "a.warc") -> list[tuple[str, str]]:
    Path(name).write_bytes(content)
    items = [delivery.item for delivery in read_source(Path(name))]
    return [(item.origin, item.reason if isinstance(item, Rejection) else item.media_type) for item in items if item]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_page_is_a_document_with_its_address_and_the_time_of_its_capture(version: str, tmp_path: Path) -> None:
    [found] = documents(record("response", http(), version=version, WARC_Date="2024-06-20T05:06:07.123456Z"))
    assert found == RawDocument(
        body=PAGE,
        media_type="text/html",
        origin="a.warc#1",
        place=f"{tmp_path}/a.warc#1",
        source="a",
        url="https://paper.example/council",
        fetched_at=datetime(2024, 6, 20, 5, 6, 7, 123456, tzinfo=UTC),
        charset="utf-8",
    )


@pytest.mark.parametrize("pack", [lambda parts: b"".join(map(gzip.compress, parts)), lambda parts: gzip.compress(b"".join(parts))])
@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc", "dump.data"])
def test_gzip_of_each_record_or_of_all_is_read_whatever_the_name(pack, name: str) -> None:  # type: ignore[no-untyped-def]
    found = documents(pack([page(n) for n in range(3)]), name)
    assert [document.origin for document in found] == [f"{name}#{n}" for n in (1, 2, 3)]
    assert [document.body for document in found] == [f"<html><p>Council {n}</p></html>".encode() for n in range(3)]


def test_a_file_without_a_known_name_is_recognised_by_its_first_bytes() -> None:
    assert met(page(1), "dump.data") == [("dump.data#1", "text/html")]


def test_a_web_archive_in_a_zip_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/a.warc.gz", gzip.compress(page(1)))
    assert met(buffer.getvalue(), "b.zip") == [("b.zip!x/a.warc.gz#1", "text/html")]


@pytest.mark.parametrize(
    "other",
    [
        record("warcinfo", b"software: x\r\n", Content_Type="application/warc-fields"),
        record("request", b"GET / HTTP/1.1\r\n\r\n", Content_Type="application/http; msgtype=request"),
        record("metadata", b"fetchTimeMs: 9", Content_Type="application/warc-fields"),
        record("revisit", http(b"")),
        record("response", b"20240620\npaper.example. 60 IN A 192.0.2.1", Content_Type="text/dns", WARC_Target_URI="dns:paper.example"),
        record("response", http(b"User-agent: *\n"), WARC_Target_URI="https://paper.example/robots.txt"),
        record("response", http(status="404 Not Found")),
        record("response", http(status="304 Not Modified")),
        record("response", http(b"GIF89a", Content_Type="image/gif")),
        record("response", http(b"\x00\x01", Content_Type="")),
        record("response", b"no http at all"),
        record("resource", b"\xff\xd8", Content_Type="image/jpeg"),
        record("surprise", http()),
        record("response", http(b"\0" * 60_000_000, Content_Type="video/mp4")),
    ],
)
def test_other_records_are_passed_over_and_still_numbered(other: bytes) -> None:
    assert met(page(1) + other + page(2)) == [("a.warc#1", "text/html"), ("a.warc#3", "text/html")]
    assert met(other) == [("a.warc", "empty")]


@pytest.mark.parametrize(
    ("block", "body"),
    [
        (http(gzip.compress(PAGE), Content_Encoding="gzip"), PAGE),
        (http(zlib.compress(PAGE), Content_Encoding="deflate"), PAGE),
        (http(brotli.compress(PAGE), Content_Encoding="br"), PAGE),
        (http(PAGE, Content_Encoding="gzip"), PAGE),
        (http(b"5\r\n<html\r\n3;x=y\r\n>ab\r\n0\r\n\r\n", Transfer_Encoding="chunked"), b"<html>ab"),
        (http(b"5\r\n<html\r\nff\r\n>cut", Transfer_Encoding="chunked"), b"<html>cut"),
        (http(PAGE, Transfer_Encoding="chunked"), PAGE),
        (http(PAGE, Content_Type="application/xhtml+xml"), PAGE),
        (http(b"\xef\xbb\xbf\n<!doctype html>x", Content_Type=""), b"\xef\xbb\xbf\n<!doctype html>x"),
        (b"HTTP/1.0 200\nContent-Type: text/html\n\n" + PAGE, PAGE),
        (b"HTTP/2 200 \r\ncontent-type: text/html\r\n\r\n" + PAGE, PAGE),
        (http(b""), b""),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html", b""),
    ],
)
def test_what_was_done_for_the_way_is_undone(block: bytes, body: bytes) -> None:
    assert [document.body for document in documents(record("response", block))] == [body]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (http(gzip.compress(PAGE)[:-12], Content_Encoding="gzip"), "broken_page"),
        (http(b"\x1f\x8bnothing", Content_Encoding="gzip"), "broken_page"),
        (http(gzip.compress(PAGE), Content_Encoding="gzip, gzip"), "broken_page"),
        (http(b"\x05\x06", Content_Encoding="x-secret"), "broken_page"),
        (http(b"1\r\na\r\n" * 100_001, Transfer_Encoding="chunked"), "broken_page"),
        (http(gzip.compress(b"\0" * 51_000_000, 1), Content_Encoding="gzip"), "too_large"),
        (http(b" " * 51_000_000), "too_large"),
    ],
    ids=["cut", "no gzip", "twice", "unknown", "chunks", "bomb", "large"],
)
def test_a_page_that_cannot_be_unpacked_is_one_rejection(block: bytes, reason: str) -> None:
    assert met(page(1) + record("response", block) + page(2)) == [
        ("a.warc#1", "text/html"),
        ("a.warc#2", reason),
        ("a.warc#3", "text/html"),
    ]


def test_saved_pages_and_extracted_texts_are_documents() -> None:
    found = documents(
        record("resource", PAGE, Content_Type="text/html; charset=ISO-8859-1")
        + record("conversion", b"Plain text.", Content_Type="text/plain", WARC_Target_URI="<http://paper.example/b>"),
        "a.warc.wet",
    )
    assert [(one.media_type, one.charset, one.url) for one in found] == [
        ("text/html", "iso-8859-1", "https://paper.example/council"),
        ("text/plain", None, "http://paper.example/b"),
    ]


@pytest.mark.parametrize("date", ["", "yesterday", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59Z", "2024-99-20T05:06:07Z"])
def test_an_impossible_time_of_capture_is_none(date: str) -> None:
    assert documents(record("response", http(), WARC_Date=date))[0].fetched_at is None


@pytest.mark.parametrize("uri", ["", "urn:uuid:1", "dns:paper.example", "file:///etc/passwd", "https://[::1/x"])
def test_a_target_that_is_no_address_does_no_harm(uri: str) -> None:
    assert documents(record("response", http(), WARC_Target_URI=uri))[0].url in {None, "https://[::1/x"}


def test_the_charset_of_the_server_reads_bytes_that_are_not_utf8() -> None:
    body = "<html><p>Совет принял решение о бюджете</p></html>".encode("koi8-r")
    [found] = documents(record("response", http(body, Content_Type="text/html; charset=KOI8-R")))
    assert "Совет принял решение" in (decode(found.body, found.charset) or "")
    assert decode(PAGE, "koi8-r") == PAGE.decode()
    assert "conseil" in (decode(PAGE.decode().encode("cp1252"), "no-such-charset") or "")


@pytest.mark.parametrize(
    "damage",
    [
        b"no record\r\n\r\n",
        page(9)[:-60],
        page(9).replace(b"Content-Length: ", b"Content-Length: 9"),
        page(9).replace(b"Content-Length: ", b"Content-Length: -"),
        page(9).replace(b"Content-Length: ", b"Content-Length: 99999999999999999999999"),
        page(9).replace(b"Content-Length", b"Content"),
        page(9).replace(b"WARC-Date", b"X: " + b"x" * 100_000 + b"\r\nWARC-Date"),
    ],
    ids=["junk", "cut", "long", "negative", "huge", "no length", "header"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_everything_before_the_damage_counts_and_the_damage_once(damage: bytes, packed: bool) -> None:
    parts = [page(1), page(2), damage]
    content = b"".join(map(gzip.compress, parts)) if packed else b"".join(parts)
    name = "a.warc.gz" if packed else "a.warc"
    assert met(content, name) == [(f"{name}#1", "text/html"), (f"{name}#2", "text/html"), (name, "broken_archive")]


@pytest.mark.parametrize("together", [False, True])
def test_a_gzip_that_breaks_off_gives_what_stood_before(together: bool) -> None:
    parts = [page(n) for n in range(50)]
    content = gzip.compress(b"".join(parts)) if together else b"".join(map(gzip.compress, parts))
    *good, last = met(content[:-12], "a.warc.gz")
    assert good == [(f"a.warc.gz#{n}", "text/html") for n in range(1, 50)]
    assert last == ("a.warc.gz", "broken_archive")


def test_bombs_are_stopped() -> None:
    large = record("metadata", b"\0" * 60_000_000, Content_Type="x/y")
    assert met(gzip.compress(page(1)) + gzip.compress(large, 9), "a.warc.gz") == [("a.warc.gz#1", "text/html"), ("a.warc.gz", "too_large")]
    endless = b"WARC/1.0\r\n" + b"A: b\r\n" * 2_000_000
    assert met(gzip.compress(page(1)) + gzip.compress(endless), "b.warc.gz")[0] == ("b.warc.gz#1", "text/html")


WHOLE = [
    page(1)
    + record("metadata", b"x", Content_Type="x/y")
    + page(2)
    + record("response", http(gzip.compress(PAGE), Content_Encoding="gzip")),
    b"".join(gzip.compress(part, mtime=0) for part in (page(1), record("revisit", http(b"")), page(2), page(3))),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9) | st.sampled_from([b"\r\n", b"9", b"\0"]))
    return bytes(content)


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_reading_goes_on_behind_any_cursor_of_a_damaged_archive(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / ("d.warc.gz" if content.startswith(b"\x1f\x8b") else "d.warc")
    path.write_bytes(content)
    whole = list(read_source(path))
    assert whole
    for at, delivery in enumerate(whole):
        assert list(read_source(path, delivery.cursor)) == whole[at + 1 :]


def test_a_header_without_an_end_costs_nothing() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\n" + b"a\n" * 10_000_000
    assert documents(record("response", endless))[0].body == b""
