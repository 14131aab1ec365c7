"""What a page costs through the client, against bare aiohttp on the same pages: `python -m tests.bench.fetching [PAGES]`.

Pages of 8.5 KB, sent as gzip over loopback by another process, 50 at once, connections kept. Processor time of this
process only; rounds of both in turn, of each the quickest: the one that the rest of the machine disturbed least.
"""

import asyncio
import contextlib
import gzip
import multiprocessing
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from multiprocessing.connection import Connection
from time import process_time

import aiohttp

from schemas.settings import Settings
from tasks.fetch.http import Client, Request

PAGES = 3_000
AT_ONCE = 50
ROUNDS = 5
PAGE_BYTES = 8_500
WORDS = "harbour ferry council evening market bridge school winter report minister festival storm railway".split()  # noqa: SIM905
SEED = 5

Fetch = Callable[[str], Awaitable[bytes]]


def page() -> bytes:
    """Return an HTML page of running text."""
    drawn = random.Random(SEED)
    text = " ".join(f"<p>{' '.join(drawn.choices(WORDS, k=40))}.</p>" for _ in range(40))
    return f"<html><head><title>News</title></head><body>{text}".encode()[:PAGE_BYTES]


def serve(ready: Connection) -> None:
    """Send the page to everybody, for ever, and tell the port."""
    body = gzip.compress(page())
    fields = {
        "Date": "Thu, 04 Jul 2024 08:00:00 GMT",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Encoding": "gzip",
        "Content-Length": str(len(body)),
        "Cache-Control": "max-age=300",
        "ETag": 'W/"5f2c"',
        "Last-Modified": "Thu, 04 Jul 2024 07:00:00 GMT",
        "Vary": "Accept-Encoding",
    }
    answer = b"HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n" + body

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextlib.asynccontextmanager
async def bare() -> AsyncIterator[Fetch]:
    """Yield a fetch with what aiohttp does by itself."""
    async with aiohttp.ClientSession() as session:

        async def fetch(url: str) -> bytes:
            async with session.get(url) as response:
                return await response.read()

        yield fetch


@contextlib.asynccontextmanager
async def whole() -> AsyncIterator[Fetch]:
    """Yield a fetch through the client."""

    @contextlib.asynccontextmanager
    async def turn(_: str) -> AsyncIterator[None]:
        yield

    async with Client(Settings(allow_networks="127.0.0.1/32")) as client:

        async def fetch(url: str) -> bytes:
            return (await client.get(Request(url=url, accept="text/html"), turn)).body

        yield fetch


async def spent(kind: Callable[[], contextlib.AbstractAsyncContextManager[Fetch]], base: str, pages: int) -> float:
    """Return the processor seconds that the pages took."""
    numbers = iter(range(pages))
    expected = page()

    async with kind() as fetch:

        async def work() -> None:
            for number in numbers:
                assert await fetch(f"{base}/news/{number}.html") == expected

        start = process_time()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return process_time() - start


def main(pages: int) -> None:
    """Print what a page costs both ways, and the ratio."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{here.recv()}"
    kinds = {"bare aiohttp": bare, "the client": whole}
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, kind in kinds.items():
            times[name].append(asyncio.run(spent(kind, base, pages)))
    server.terminate()
    server.join()
    best = {name: min(rounds) / pages for name, rounds in times.items()}
    for name, seconds in best.items():
        print(f"{name:14}{seconds * 1e6:8.0f} µs of processor a page, {1 / seconds:7.0f} pages a second")
    first, second = best.values()
    print(f"ratio {second / first:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
