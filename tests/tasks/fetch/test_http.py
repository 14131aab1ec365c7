import ast
import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp.abc import AbstractResolver

from schemas.errors import UsageError
from schemas.settings import Settings
from tasks.fetch.http import Client, Limits, Request, Stopped
from tests.site.faults import BACK_OFF, GOOD, REASONS, blunt_server, misbehave
from tests.site.server import Server, response

SHORT = Limits(connect=2.0, read=0.3, total=0.6)
FEEDS = "application/rss+xml, */*;q=0.1"
AGENT = "harbour-news/1.0 (+mailto:desk@example.org)"
SLOW = {"drip", "drip-head", "silence"}


@asynccontextmanager
async def free(url):
    yield


def settings(networks="127.0.0.1/32", **others):
    return Settings(allow_networks=networks, **others)


def get(url, *, turn=free, limits=SHORT, given=None, resolver=None, **request):
    async def once():
        async with Client(given or settings(), limits, resolver) as client:
            return await client.get(Request(url=url, accept=FEEDS, **request), turn)

    return asyncio.run(once())


@pytest.fixture(scope="module")
def site():
    with Server(misbehave) as server:
        yield server


@pytest.mark.parametrize("fault", REASONS)
def test_every_misbehaviour_ends_with_its_reason(site, fault):
    answer = get(f"{site.url}/{fault}", limits=SHORT if fault in SLOW else Limits())
    assert answer.reason == REASONS[fault], answer.detail
    assert (answer.body == GOOD) == (answer.reason == "ok")
    assert bool(answer.detail) == (answer.reason != "ok")
    assert "\n" not in answer.detail


@pytest.mark.parametrize("fault", ["short-body", "cut-chunks", "cut-gzip", "reset-in-body"])
def test_what_breaks_off_is_called_truncated(site, fault):
    assert get(f"{site.url}/{fault}").detail.startswith("truncated")


def test_a_plain_port_asked_for_encryption():
    with blunt_server() as port:
        assert get(f"https://127.0.0.1:{port}/").reason == "tls"


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert get(f"http://127.0.0.1:{port}/").reason == "refused"


@pytest.mark.parametrize(
    "url", ["", "feed", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://[::1", "http://a b/", "http://h:99999/"]
)
def test_what_is_no_address_is_not_asked(url):
    answer = get(url)
    assert (answer.reason, answer.status, answer.final_url) == ("protocol", None, url)


def test_an_answer_tells_all_about_itself(site):
    answer = get(f"{site.url}/slow-down")
    assert (answer.status, answer.headers["retry-after"], answer.hops, answer.moved_to) == (429, BACK_OFF, 0, None)
    assert answer.final_url == answer.url == f"{site.url}/slow-down"
    assert answer.fetched_at.tzinfo is not None
    assert answer.seconds > 0


def test_a_body_up_to_the_limit_and_no_more(site):
    assert get(f"{site.url}/gzip", most_bytes=len(GOOD)).body == GOOD
    assert get(f"{site.url}/gzip", most_bytes=len(GOOD) - 1).reason == "too_large"
    assert get(f"{site.url}/good", most_bytes=len(GOOD) - 1).detail.startswith("announces")


# what is sent


def test_only_these_headers_are_sent(site):
    get(f"{site.url}/good", given=settings(user_agent=AGENT))
    assert site.requests[-1].headers == {
        "host": f"{site.host}:{site.port}",
        "user-agent": AGENT,
        "accept": FEEDS,
        "accept-encoding": "gzip, br",
    }


def test_without_a_name_of_ones_own_the_program_names_itself(site):
    get(f"{site.url}/good")
    assert site.requests[-1].headers["user-agent"].startswith("wirehouse/")


@pytest.mark.parametrize("etag", ['"abc"', 'W/"a, b"', "unquoted", '"é"', "  x"[2:], '"a"b"'])
@pytest.mark.parametrize("modified", ["Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", "2024-07-04T12:00:00"])
def test_validators_go_back_as_they_came(etag, modified):
    async def handler(seen, writer):
        same = seen.headers.get("if-none-match") == etag.encode().decode("latin-1") and seen.headers.get("if-modified-since") == modified
        head = f"HTTP/1.1 {304 if same else 200} X\r\nETag: {etag}\r\nLast-Modified: {modified}\r\n".encode()
        writer.write(head + (b"\r\n" if same else b"Content-Length: 2\r\n\r\nok"))

    with Server(handler) as server:
        first = get(server.url)
        assert (first.headers["etag"], first.headers["last-modified"]) == (etag, modified)
        again = get(server.url, etag=first.headers["etag"], last_modified=first.headers["last-modified"])
        assert (again.reason, again.status, again.body) == ("not_modified", 304, b"")


@pytest.mark.parametrize("broken", ['"a"\r\nX-Evil: 1', '"a"\n', '"\0"'])
def test_a_validator_that_would_be_a_header_of_its_own_is_not_sent(site, broken):
    assert get(f"{site.url}/good", etag=broken).reason == "ok"
    assert not {"if-none-match", "x-evil"} & site.requests[-1].headers.keys()


def test_no_cookie_comes_back():
    async def handler(seen, writer):
        writer.write(
            response(b"ok", set_cookie="a=b; Path=/")
            if seen.path == "/end"
            else response(status="302 X", location="/end", set_cookie="c=d")
        )

    with Server(handler) as server:
        answer = get(server.url)
        assert answer.reason == "ok"
        assert not any("cookie" in seen.headers or "referer" in seen.headers for seen in server.requests)


def test_repeated_headers_are_joined_and_odd_bytes_read():
    async def handler(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nLink: <a>\r\nX-Odd: caf\xe9\r\nlink: <b>\r\nContent-Length: 2\r\n\r\nok")

    with Server(handler) as server:
        headers = get(server.url).headers
        assert headers["link"] == "<a>, <b>"
        assert headers["x-odd"] == "café"


def test_credentials_are_sent_at_home_and_shown_nowhere(site):
    with Server(misbehave) as other:
        start = f"http://reader:s%C3%A9cret@{site.host}:{site.port}"
        answer = get(f"{start}/to/301?" + quote(f"{other.url}/good"))
        assert "authorization" in site.requests[-1].headers
        assert "authorization" not in other.requests[-1].headers
        at_home = get(f"{start}/to/301?/good")
        assert "authorization" in site.requests[-1].headers
        assert "s%C3%A9cret" not in answer.final_url + at_home.final_url
        assert at_home.moved_to == f"{start}/good"


# redirects


def test_across_origins_validators_stay_behind(site):
    with Server(misbehave) as other:
        answer = get(f"{site.url}/to/302?" + quote(f"{other.url}/unasked-304"), etag='"a"', last_modified="b")
        assert {"if-none-match", "if-modified-since"} <= site.requests[-1].headers.keys()
        assert other.requests[-1].headers.keys() == {"host", "user-agent", "accept", "accept-encoding"}
        assert answer.reason == "protocol"


@pytest.mark.parametrize(
    ("chain", "moved"),
    [
        ([301], 1), ([308], 1), ([301, 308], 2), ([301, 302], 1), ([302], 0), ([302, 301], 0), ([303], 0), ([307], 0), ([308, 307, 301], 1),
    ],
)  # fmt: skip
def test_only_the_permanent_start_of_the_chain_moves_a_feed(chain, moved):
    async def handler(seen, writer):
        here = int(seen.path.strip("/"))
        writer.write(response(b"ok") if here == len(chain) else response(status=f"{chain[here]} X", location=f"{here + 1}"))

    with Server(handler) as server:
        answer = get(f"{server.url}/0")
        assert (answer.reason, answer.hops, answer.final_url) == ("ok", len(chain), f"{server.url}/{len(chain)}")
        assert answer.moved_to == (f"{server.url}/{moved}" if moved else None)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/x/good", "/x/good"),
        ("good", "/a/good"),
        ("../good", "/good"),
        ("?p=1", "/a/start"),
        ("//127.0.0.1:{port}/good", "/good"),
        ("caf\xe9", "/a/caf%C3%A9"),
    ],
)
def test_relative_targets_are_understood(location, path):
    async def handler(seen, writer):
        if seen.target == "/a/start":
            target = location.format(port=server.port)
            writer.write(f"HTTP/1.1 302 X\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            writer.write(response(b"ok"))

    with Server(handler) as server:
        assert get(f"{server.url}/a/start").reason == "ok"
        assert server.requests[-1].path == path


def test_every_hop_takes_its_turn(site):
    taken, held = [], []

    @asynccontextmanager
    async def turn(url):
        assert not held
        taken.append(url)
        held.append(url)
        yield
        held.remove(url)

    get(f"{site.url}/to/301?/good", turn=turn)
    assert taken == [f"{site.url}/to/301?/good", f"{site.url}/good"]


def test_a_turn_that_is_refused_ends_the_fetch(site):
    @asynccontextmanager
    async def turn(url):
        if url == f"{site.url}/good":
            raise Stopped("robots", "not for us")
        yield

    before = len(site.requests)
    answer = get(f"{site.url}/to/302?/good", turn=turn)
    assert (answer.reason, answer.detail, answer.status, answer.hops) == ("robots", "not for us", None, 1)
    assert len(site.requests) == before + 1


def test_waiting_for_a_turn_does_not_count(site):
    @asynccontextmanager
    async def turn(url):
        await asyncio.sleep(0.05)
        yield

    assert get(f"{site.url}/good", turn=turn, limits=Limits(total=0.04)).reason == "ok"


# the address guard


@contextlib.contextmanager
def forbidden_ground():
    """Yield a port on 127.0.0.1 whose twin on 127.0.0.2 counts who connects."""
    callers = []
    with Server(misbehave) as server, socket.create_server(("127.0.0.2", server.port)) as trap:

        def listen():
            with contextlib.suppress(OSError):
                while True:
                    callers.append(trap.accept())

        threading.Thread(target=listen, daemon=True).start()
        yield server, callers
        trap.shutdown(socket.SHUT_RDWR)


NOTATIONS = [
    "127.0.0.2", "127.2", "2130706434", "0x7f000002", "0x7F.0x0.0x0.0x2", "0177.0.0.2", "017700000002", "127.0.2", "127.0.0.2.",
    "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::FFFF:7F00:2]", "[0:0:0:0:0:ffff:7f00:2]", "[::127.0.0.2]", "[64:ff9b::7f00:2]",
    "１２７.０.０.２", "①②⑦.⓪.⓪.②", "%31%32%37.0.0.2", "127%2e0.0.2", "example.org@127.0.0.2", "127.0.0.1@127.0.0.2",
    "127.0.0.1%40@127.0.0.2", "0.0.0.0", "[::]", "[::1]",
]  # fmt: skip
ILL_FORMED = ["example.org\\@127.0.0.2", "127.0.0.2\\", "127.0.0.2\t", "127.0.0.2%00"]


@pytest.fixture(scope="module")
def ground():
    with forbidden_ground() as both:
        yield both


@pytest.mark.parametrize("notation", NOTATIONS)
def test_no_notation_gets_to_a_forbidden_address(ground, notation):
    server, callers = ground
    target = f"http://{notation}:{server.port}/good"
    assert get(target).reason == "blocked_address"
    redirected = get(f"{server.url}/to/302?" + quote(target))
    assert (redirected.reason, redirected.hops) == ("blocked_address", 1)
    assert not callers


@pytest.mark.parametrize("notation", ILL_FORMED)
def test_no_trick_of_writing_gets_there_either(ground, notation):
    server, callers = ground
    target = f"http://{notation}:{server.port}/good"
    assert get(target).reason in ("protocol", "blocked_address")
    assert get(f"{server.url}/to/302?" + quote(target)).reason in ("bad_redirect", "blocked_address")
    assert not callers


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/", "http://168.63.129.16/", "http://100.100.100.200/", "http://[fd00:ec2::254]/"]
)
def test_no_redirect_leads_to_the_data_of_a_cloud(ground, target):
    server, _ = ground
    assert get(f"{server.url}/to/307?" + quote(target)).reason == "blocked_address"


def test_localhost_is_no_way_in(ground):
    server, callers = ground
    with Server(misbehave) as closed:
        assert get(f"http://localhost:{closed.port}/good", given=settings("127.0.0.2/32")).reason == "blocked_address"
        assert not closed.requests
    assert not callers
    del server


class Names(AbstractResolver):
    """Looks names up in a table; every question takes the next answer, the last one stays."""

    def __init__(self, **answers):
        self.answers = answers

    async def resolve(self, host, port=0, family=socket.AF_INET):
        kept = self.answers[host.partition(".")[0]]
        now = kept.pop(0) if len(kept) > 1 else kept[0]
        return [
            Turncoat(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST) for address in now
        ]

    async def close(self):
        pass


class Turncoat(dict):
    """An answer that may read `first>then`: the one for whoever looks first, the other for all later looks."""

    def __getitem__(self, key):
        value = super().__getitem__(key)
        if key == "host" and ">" in value:
            first, self["host"] = value.split(">")
            return first
        return value


def test_a_name_with_one_forbidden_address_is_forbidden(ground):
    server, callers = ground
    for addresses in (["127.0.0.2"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]):
        answer = get(f"http://news.example:{server.port}/good", resolver=Names(news=[addresses]))
        assert answer.reason == "blocked_address"
    assert not callers


def test_a_name_that_changes_its_mind_is_caught(ground):
    server, callers = ground

    async def twice():
        async with Client(settings(), SHORT, Names(news=[["127.0.0.1"], ["127.0.0.2"]], other=[["127.0.0.1"]])) as client:
            request = Request(
                url=f"http://news.example:{server.port}/to/302?" + quote(f"http://news.example.:{server.port}/good"), accept="*/*"
            )
            return await client.get(request, free)

    answer = asyncio.run(twice())
    assert (answer.reason, answer.hops) == ("blocked_address", 1)
    assert not callers


def test_a_name_that_changes_its_mind_between_check_and_connection_is_caught_at_the_socket(ground):
    server, callers = ground
    answer = get(f"http://news.example:{server.port}/good", resolver=Names(news=[["127.0.0.1>127.0.0.2"]]))
    assert answer.reason == "blocked_address"
    assert not callers


def test_a_name_of_an_opened_address_is_asked(ground):
    server, _ = ground
    assert get(f"http://news.example:{server.port}/good", resolver=Names(news=[["127.0.0.1"]])).reason == "ok"


@pytest.mark.parametrize("url", ["http://8.8.8.8/", "http://134744072/", "http://[2600:1f00::1]/", "http://public.example/"])
def test_public_sites_are_not_asked_by_somebody_unknown(url):
    with pytest.raises(UsageError, match="user_agent"):
        get(url, resolver=Names(public=[["8.8.8.8", "1.1.1.1"]]), named=True)


@pytest.mark.parametrize("named", [True, False])
def test_where_a_server_leads_ends_no_run(site, named):
    answer = get(f"{site.url}/to/302?http://8.8.8.8/", named=named)
    assert (answer.reason, answer.status) == ("blocked_address", None)
    assert "user_agent" in answer.detail


def test_what_nobody_named_is_not_asked_by_somebody_unknown():
    assert get("http://8.8.8.8/").reason == "blocked_address"


# connections and memory


def test_pages_of_a_host_share_a_connection():
    seen_from = []

    async def serve(reader, writer):
        seen_from.append(writer.get_extra_info("peername"))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def five():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, Client(settings()) as client:
            for number in range(5):
                assert (await client.get(Request(url=f"{url}/{number}", accept="*/*"), free)).reason == "ok"

    asyncio.run(five())
    assert len(seen_from) == 1


def test_many_heavy_bodies_at_once_all_come_through():
    body = b"<p>One line of a long page.</p>\n" * 60_000

    async def handler(_, writer):
        writer.write(response(body))

    async def all_at_once(url):
        async with Client(settings()) as client:
            return await asyncio.gather(*(client.get(Request(url=f"{url}/{n}", accept="*/*"), free) for n in range(20)))

    with Server(handler) as server:
        assert all(answer.body == body for answer in asyncio.run(all_at_once(server.url)))


SCRIPT = """
import asyncio, contextlib, sys
from pathlib import Path
import brotli, zstandard
from schemas.settings import Settings
from tasks.fetch.http import Client, Request

def peak():
    return next(int(line.split()[1]) * 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))

@contextlib.asynccontextmanager
async def turn(url):
    yield

async def main(base, *faults):
    async with Client(Settings(allow_networks="127.0.0.1/32")) as client:
        async def get(fault):
            return (await client.get(Request(url=f"{base}/{fault}", accept="*/*"), turn)).reason
        await get("good")
        before = peak()
        ends = await asyncio.gather(*(get(fault) for fault in faults))
        print(peak() - before, *sorted(set(ends)))

asyncio.run(main(*sys.argv[1:]))
"""
MOST_GROWTH = 100 * 2**20
BOMBS = ["gzip-bomb", "deflate-bomb", "br-bomb", "zstd-bomb", "announced-huge", "endless-header", "endless-body"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_bombs_at_once_stay_small(site):
    arguments = [sys.executable, "-c", SCRIPT, site.url, *BOMBS * 3]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)
    growth, *reasons = done.stdout.split()
    assert reasons == ["too_large"]
    assert int(growth) < MOST_GROWTH


# nothing else opens connections


CLIENTS = {"aiohttp", "urllib.request", "http.client", "requests", "httpx", "urllib3", "ftplib", "smtplib", "socket", "ssl"}
OURS = {f"tasks/fetch/{name}.py" for name in ("http", "address", "resolver", "reasons")}
LOCAL = {"flows/engine.py": {"urllib.request"}, "flows/prefect_server.py": {"socket"}}
"""What speaks to Prefect's server and to nobody else."""
FETCHERS = {"fetch_url", "fetch_response", "urlopen", "urlretrieve"}
ROOT = Path(__file__).parents[3]
SOURCES = [path for top in ("schemas", "tasks", "flows") for path in (ROOT / top).rglob("*.py")]


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{name.name}" for name in node.names))


def wrong_doors(module, tree):
    """What a module does that could open a connection which nobody checks."""
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {name.rpartition(".")[2] for name in imported(tree)}
    found = [f"{name}: asks whom it likes" for name in FETCHERS & (named | names)]
    if module not in OURS:
        used = {name for name in imported(tree) if name in CLIENTS or name.partition(".")[0] in CLIENTS}
        found += [f"{name}: belongs to the client alone" for name in used - LOCAL.get(module, set())]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "feedparser.parse"]
    found += ["feedparser.parse: is to be given bytes, for it fetches addresses" for call in calls if not gives_bytes(call)]
    return found + [f"{name}: by its module's name only" for name in imported(tree) if name.startswith("feedparser.")]


def gives_bytes(call):
    """Whether what a call is given first can be seen to be bytes."""
    given = call.args[0] if call.args else None
    called = given.func if isinstance(given, ast.Call) else None
    return isinstance(called, ast.Attribute | ast.Name) and ast.unparse(called).rpartition(".")[2] in {"encode", "BytesIO"}


def test_nothing_else_in_the_house_opens_connections():
    found = {path.relative_to(ROOT).as_posix(): wrong_doors(path.relative_to(ROOT).as_posix(), parse(path)) for path in SOURCES}
    assert len(found) > 100
    assert {module: doors for module, doors in found.items() if doors} == {}


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "from trafilatura import fetch_url",
        "import trafilatura\ntrafilatura.fetch_url(url)",
        "from trafilatura.downloads import fetch_response",
        "import feedparser\nfeedparser.parse(url)",
        "import feedparser\nfeedparser.parse('http://port.example/feed')",
        "from feedparser import parse",
        "import urllib.request",
        "from urllib.request import urlopen",
        "import aiohttp",
        "def ask():\n    import socket",
    ],
)
def test_another_door_is_seen(line):
    assert wrong_doors("tasks/fetch/feeds.py", ast.parse(line))
    assert wrong_doors("flows/engine.py", ast.parse(line)) or line == "import urllib.request"


def test_feeds_may_be_parsed_from_bytes():
    assert (
        wrong_doors(
            "tasks/fetch/feeds.py", ast.parse("import feedparser\nfeedparser.parse(text.encode())\nfeedparser.parse(io.BytesIO(body))")
        )
        == []
    )
