import contextlib
import gzip
import random
import subprocess
import sys
import zlib
from itertools import pairwise
from pathlib import Path

import brotli
import pytest
import zstandard

from tasks.fetch.decoding import STEP, Body, BrokenBodyError, TooLargeError

WORDS = ("Der Hafen öffnet wieder. " * 40_000).encode()
CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
    "": bytes,
    "utf-8": bytes,
}
MEGABYTE = 2**20
MOST_GROWTH = 50 * MEGABYTE


def received(coding, data, most=15 * MEGABYTE, piece=1_400):
    body = Body(coding, most)
    for start in range(0, len(data), piece):
        for _ in body.take(data[start : start + piece]):
            pass
    return body.close()


@pytest.mark.parametrize("coding", CODERS)
@pytest.mark.parametrize("piece", [1, 7, 1_400, 65_536])
def test_codings_are_undone_whatever_the_pieces(coding, piece):
    plain = WORDS[:3_000] if piece < 100 else WORDS
    assert received(coding, CODERS[coding](plain), piece=piece) == plain


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_noise_that_does_not_compress_comes_through(coding):
    noise = random.Random(3).randbytes(2 * MEGABYTE)
    assert received(coding, CODERS[coding](noise), piece=65_536) == noise


def test_raw_deflate_is_understood():
    assert received("deflate", zlib.compress(WORDS, wbits=-zlib.MAX_WBITS)) == WORDS


@pytest.mark.parametrize("piece", [1, 10, 65_536])
def test_gzip_members_follow_one_another(piece):
    assert received("gzip", b"".join(map(gzip.compress, (b"one, ", b"two, ", b"three"))), piece=piece) == b"one, two, three"


@pytest.mark.parametrize("tail", [bytes(500), b"\x1f", b"junk", b"\x1f and so on"])
def test_junk_after_gzip_is_ignored(tail):
    assert received("gzip", gzip.compress(b"whole") + tail) == b"whole"


def test_zstd_frames_follow_one_another():
    assert received("zstd", CODERS["zstd"](b"one, ") + CODERS["zstd"](b"two")) == b"one, two"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("kept", [1, 2, 30, -1])
def test_an_unfinished_stream_is_truncated(coding, kept):
    with pytest.raises(BrokenBodyError, match=r"^truncated"):
        received(coding, CODERS[coding](WORDS)[:kept])


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_an_unfinished_second_member_is_truncated(coding):
    with pytest.raises(BrokenBodyError, match=r"^truncated"):
        received(coding, CODERS[coding](b"one, ") + CODERS[coding](WORDS)[:-5])


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_what_is_not_coded_as_said_is_damaged(coding):
    with pytest.raises(BrokenBodyError, match="damaged"):
        received(coding, b"<html>no coding at all</html>" * 20)


@pytest.mark.parametrize("coding", ["gzip, gzip", "br,gzip", "gzip, identity, deflate", ", ".join(["gzip"] * 200)])
def test_one_coding_and_no_more(coding):
    with pytest.raises(BrokenBodyError, match="codings"):
        Body(coding, MEGABYTE)


def test_an_unknown_coding_is_named():
    with pytest.raises(BrokenBodyError, match="rot13"):
        Body("rot13", MEGABYTE)


def test_nothing_received_is_nothing_not_truncated():
    assert Body("gzip", MEGABYTE).close() == b""


@pytest.mark.parametrize("coding", CODERS)
def test_the_limit_is_exact(coding):
    plain = WORDS[:10_000]
    assert received(coding, CODERS[coding](plain), most=10_000) == plain
    with pytest.raises(TooLargeError):
        received(coding, CODERS[coding](plain), most=9_999)


def test_more_over_the_wire_than_allowed_is_too_large_even_if_nothing_unfolds():
    empty_blocks = gzip.compress(b"")[:10] + b"\0\0\0\xff\xff" * 10_000
    with pytest.raises(TooLargeError):
        received("gzip", empty_blocks, most=20_000)


def test_members_without_end_are_refused():
    with pytest.raises(BrokenBodyError, match="members"):
        received("gzip", gzip.compress(b"") * 2_000, piece=65_536)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_damage_is_never_more_than_a_reason(coding):
    drawn = random.Random(11)
    whole = CODERS[coding](WORDS[:2_000] + drawn.randbytes(200))
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(drawn.randint(1, 4)):
            damaged[drawn.randrange(len(damaged))] = drawn.randrange(256)
        with contextlib.suppress(BrokenBodyError, TooLargeError):
            received(coding, bytes(damaged[: drawn.randint(1, len(damaged))]), most=10_000, piece=100)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_piece_unfolds_in_small_steps(coding):
    body = Body(coding, 15 * MEGABYTE)
    sizes = [0, *body.take(CODERS[coding](bytes(8 * MEGABYTE)))]
    assert max(after - before for before, after in pairwise(sizes)) <= 8 * STEP


SCRIPT = """
import sys
from pathlib import Path
import brotli, zstandard
from tasks.fetch.decoding import Body, TooLargeError
from tests.site import faults

def peak():
    return next(int(line.split()[1]) * 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))

coding = sys.argv[1]
data = getattr(faults, coding + "_bomb")()
before = peak()
body = Body(coding, 15 * 2**20)
try:
    for start in range(0, len(data), 65536):
        for _ in body.take(data[start:start + 65536]):
            pass
except TooLargeError:
    print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_costs_little_memory(coding):
    done = subprocess.run([sys.executable, "-c", SCRIPT, coding], capture_output=True, text=True, timeout=60, check=True)
    assert MEGABYTE < int(done.stdout) < MOST_GROWTH
