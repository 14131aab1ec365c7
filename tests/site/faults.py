"""What servers do wrong, each fault under its name: `misbehave` is a handler for `tests.site.server.Server`.

`/<name>` commits the fault, `/to/<status>?<target>` redirects anywhere; `REASONS` says what each has to end as.
"""

import asyncio
import contextlib
import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import unquote

from tests.site.server import Handler, Seen, response

GOOD = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour news</title><link>http://127.0.0.1/</link>'
    b"<item><title>Ferry back in service</title><guid>harbour-1</guid><description>The evening ferry sails again.</description></item>"
    b"</channel></rss>"
)
MEGABYTE = 2**20
GIGABYTE = 2**30
DRIP = 0.1  # seconds between two bytes
BACK_OFF = "120"  # seconds asked for


@cache
def gzip_bomb() -> bytes:
    """Return 1 MB that unfold to 1 GB; a flushed block repeated, so that making it costs nothing."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = stream.compress(bytes(MEGABYTE)) + stream.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * (GIGABYTE // MEGABYTE)


def deflate_bomb() -> bytes:
    """Return the same in a zlib wrapping."""
    return b"\x78\x9c" + gzip_bomb()[10:]


@cache
def zstd_bomb() -> bytes:
    """Return a frame of 8,192 blocks, each 128 KiB of one repeated byte (RFC 8878, 3.1.1.2)."""
    size = 2**17
    block = (size << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd" + b"\0" + b"\x38" + block * (GIGABYTE // size)


@cache
def br_bomb() -> bytes:
    """Return a first and then always the same second piece of a stream of zeros."""
    import brotli

    stream = brotli.Compressor(quality=5)
    first, second = (stream.process(bytes(MEGABYTE)) + stream.flush() for _ in range(2))
    return bytes(first + second * (GIGABYTE // MEGABYTE - 1))


def said(status: str = "200 OK", body: Callable[[], bytes] = bytes, **headers: str) -> Handler:
    """Return a handler that gives a whole, well-formed answer."""

    async def handler(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(response(body(), status, **headers))

    return handler


def raw(*pieces: bytes) -> Handler:
    """Return a handler that writes these bytes and closes."""

    async def handler(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.writelines(pieces)

    return handler


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Handler:
    """Return a handler that writes the piece until the client has had enough."""

    async def handler(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return handler


async def silence(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Accept, and say nothing until the client leaves."""
    while not writer.is_closing():
        await asyncio.sleep(DRIP)


async def reset(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Break the connection off the hard way."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def reset_in_body(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Break the connection off in the middle of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(1_000))
    await writer.drain()
    writer.transport.abort()


async def count_up(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Redirect to the next number, ten times to the end, or for ever."""
    kind, _, number = seen.path.strip("/").partition("/")
    here = int(number or 0)
    if kind == "ten-redirects" and here == 10:
        writer.write(response(GOOD))
    else:
        writer.write(response(status="301 Moved Permanently", location=f"/{kind}/{here + 1}"))


async def go_to(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Redirect as asked: `/to/<status>?<target, percent-encoded>`."""
    status = seen.path.rsplit("/", 1)[1]
    target = unquote(seen.target.partition("?")[2])
    writer.write(f"HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())


def coded(coding: str, body: Callable[[], bytes]) -> Handler:
    """Return a handler whose body claims a content coding."""
    return said(body=body, content_encoding=coding)


def good() -> bytes:
    """Return a small feed."""
    return GOOD


CLOUDFLARE_PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={};</script>"
    b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>'
)
PARDON_PAGE = (
    b"<html><head><title>Pardon Our Interruption</title></head><body><h1>Pardon Our Interruption</h1><p>Enable cookies.</p></body></html>"
)
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MANY_HEADERS = b"".join(b"X-Field-%d: a value\r\n" % number for number in range(300))

FAULTS: dict[str, tuple[str, Handler]] = {
    # bodies
    "good": ("ok", said(body=good)),
    "gzip": ("ok", coded("gzip", lambda: gzip.compress(GOOD))),
    "gzip-members": ("ok", coded("gzip", lambda: gzip.compress(GOOD[:100]) + gzip.compress(GOOD[100:]))),
    "deflate": ("ok", coded("deflate", lambda: zlib.compress(GOOD))),
    "raw-deflate": ("ok", coded("deflate", lambda: zlib.compress(GOOD, wbits=-zlib.MAX_WBITS))),
    "gzip-bomb": ("too_large", coded("gzip", gzip_bomb)),
    "deflate-bomb": ("too_large", coded("deflate", deflate_bomb)),
    "br-bomb": ("too_large", coded("br", br_bomb)),
    "zstd-bomb": ("too_large", coded("zstd", zstd_bomb)),
    "gzip-twice": ("protocol", coded("gzip, gzip", lambda: gzip.compress(gzip.compress(GOOD)))),
    "two-hundred-codings": ("protocol", coded(", ".join(["gzip"] * 200), lambda: gzip.compress(GOOD))),
    "unknown-coding": ("protocol", coded("rot13", good)),
    "not-gzip": ("protocol", coded("gzip", good)),
    "cut-gzip": ("protocol", coded("gzip", lambda: gzip.compress(GOOD)[:-20])),
    "endless-body": ("too_large", endless(HEAD + b"\r\n", b"<p>and on</p>" * 5_000)),
    "announced-huge": ("too_large", raw(HEAD + b"Content-Length: 99999999999\r\n\r\n", bytes(100))),
    "drip": ("timeout", endless(HEAD + b"Content-Length: 100000\r\n\r\n", b"<", DRIP)),
    "drip-head": ("timeout", endless(HEAD + b"X-Slow: ", b"a", DRIP)),
    "silence": ("timeout", silence),
    "short-body": ("protocol", raw(HEAD + b"Content-Length: 5000\r\n\r\n", GOOD)),
    "long-body": ("protocol", raw(HEAD + b"Content-Length: %d\r\n\r\n" % len(GOOD), GOOD, b"and something more")),
    "two-lengths": ("protocol", raw(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", b"abcdef")),
    "cut-chunks": ("protocol", raw(CHUNKED, b"%x\r\n" % len(GOOD), GOOD, b"\r\n")),
    "bad-chunks": ("protocol", raw(CHUNKED, b"zz\r\n", GOOD, b"\r\n0\r\n\r\n")),
    "reset-in-body": ("protocol", reset_in_body),
    # heads
    "many-headers": ("ok", raw(HEAD, MANY_HEADERS, b"Content-Length: %d\r\n\r\n" % len(GOOD), GOOD)),
    "endless-headers": ("protocol", endless(HEAD, b"X-More: and more\r\n" * 100)),
    "endless-header": ("too_large", endless(HEAD + b"X-Long: ", b"a" * 5_000)),
    "heavy-headers": ("too_large", raw(HEAD, b"X-Heavy: %b\r\n" % (b"a" * 900) * 90, b"Content-Length: 2\r\n\r\nok")),
    "garbage": ("protocol", raw(b"\0\xff\xfe" * 400)),
    "http-0.9": ("protocol", raw(GOOD)),
    "closed": ("protocol", raw()),
    "reset": ("refused", reset),
    # redirects
    "loop": ("bad_redirect", said("302 Found", location="/loop")),
    "ten-redirects": ("ok", count_up),
    "endless-redirects": ("bad_redirect", count_up),
    "to-file": ("bad_redirect", said("302 Found", location="file:///etc/passwd")),
    "to-gopher": ("bad_redirect", said("302 Found", location="gopher://127.0.0.1:70/")),
    "to-data": ("bad_redirect", said("302 Found", location="data:text/xml,<rss/>")),
    "to-nothing": ("bad_redirect", said("302 Found", location="")),
    "to-garbage": ("bad_redirect", said("302 Found", location="http://[::1")),
    "no-location": ("bad_redirect", said("301 Moved Permanently")),
    # statuses
    "no-content": ("empty", said("204 No Content")),
    "empty": ("empty", said()),
    "blank": ("empty", said(body=lambda: b" \r\n \n")),
    "part": ("protocol", said("206 Partial Content", good, content_range="bytes 0-9/100")),
    "unasked-304": ("protocol", raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    "proxy": ("bad_redirect", said("305 Use Proxy", location="http://127.0.0.1:3128/")),
    "bad-request": ("protocol", said("400 Bad Request")),
    "login": ("auth", said("401 Unauthorized", www_authenticate="Basic")),
    "forbidden": ("forbidden", said("403 Forbidden", lambda: b"<html><p>No.</p></html>")),
    "challenge": ("challenge", said("403 Forbidden", lambda: b"<html></html>", cf_mitigated="challenge")),
    "challenge-200": ("challenge", said(body=lambda: CLOUDFLARE_PAGE)),
    "pardon": ("challenge", said(body=lambda: PARDON_PAGE, content_type="text/html")),
    "not-found": ("not_found", said("404 Not Found")),
    "gone": ("gone", said("410 Gone")),
    "legal": ("legal", said("451 Unavailable For Legal Reasons")),
    "slow-down": ("rate_limited", said("429 Too Many Requests", retry_after=BACK_OFF)),
    "broken": ("server_error", said("500 Internal Server Error")),
    "busy": ("server_error", said("503 Service Unavailable", retry_after=BACK_OFF)),
    "odd-status": ("protocol", said("799 Whatever")),
}
REASONS = {name: reason for name, (reason, _) in FAULTS.items()}


async def misbehave(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Commit the fault that the path names; 404 for names that are none."""
    name = seen.path.strip("/").partition("/")[0]
    handler = go_to if name == "to" else FAULTS[name][1] if name in FAULTS else FAULTS["not-found"][1]
    await handler(seen, writer)


@contextlib.contextmanager
def blunt_server() -> Iterator[int]:
    """Yield the port of a server that answers whatever comes with a plain 400: what encrypted greetings meet on a plain port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer_bluntly, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread


def _answer_bluntly(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(MEGABYTE)
                connection.sendall(response(status="400 Bad Request"))
