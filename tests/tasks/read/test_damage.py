"""Whatever happens to the bytes of a file, reading gives documents and rejections, and resumes where it was."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.read import read_source

LINES = b'{"a": 1}\n{"b": "\xc3\xa9"}\n' * 20


def packed(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in (("a.txt", b"hello " * 20), ("é/d.jsonl", LINES), ("f.txt.gz", gzip.compress(b"abc" * 40, mtime=0))):
            archive.writestr(name, content)
    return buffer.getvalue()


WHOLE = {
    ".zip": [packed(method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)],
    ".jsonl.gz": [gzip.compress(LINES, mtime=0)],
    ".jsonl": [LINES],
    ".txt.gz": [gzip.compress(b"hello", mtime=0)],
}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    suffix = draw(st.sampled_from(sorted(WHOLE)))
    content = bytearray(draw(st.sampled_from(WHOLE[suffix])))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9) | st.just(b"\xff"))
    return suffix, bytes(content)


@settings(max_examples=300, deadline=None)
@given(damaged())
def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path_factory: pytest.TempPathFactory, file: tuple[str, bytes]) -> None:
    suffix, content = file
    path = tmp_path_factory.getbasetemp() / f"damaged{suffix}"
    path.write_bytes(content)
    whole = list(read_source(Path(path)))
    assert whole
    middle = len(whole) // 2
    assert list(read_source(path, whole[middle].cursor)) == whole[middle + 1 :]
