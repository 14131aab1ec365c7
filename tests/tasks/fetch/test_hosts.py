"""Turns, robots.txt, Retry-After and rights with the real client on a real server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from schemas.feed import HostState
from schemas.settings import Settings
from tasks.fetch.hosts import SIDE_REQUESTS, Hosts
from tasks.fetch.http import Answer, Client, Request, Turn
from tests.site.server import Handler, Seen, Server, response

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
TDM = "/.well-known/tdmrep.json"


def settings(**values: object) -> Settings:
    return Settings.model_validate(
        {"allow_networks": "127.0.0.0/8", "host_delay": 0.0, "user_agent": "wire-test/1.0 (+http://a.example)"} | values
    )


def site(pages: dict[str, bytes]) -> Handler:
    """Answer each path with its bytes; what has none is 404."""

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(pages.get(seen.path, response(status="404 Not Found")))

    return answer


OK = response(b"words")
ROBOTS = "/robots.txt"


class Run:
    """A client and its hosts on a server, for one test; waits are recorded, not made."""

    def __init__(self, client: Client, server: Server, known: list[HostState], values: dict[str, object]) -> None:
        self.client, self.server, self.now = client, server, AT
        self.waits: list[float] = []
        self.hosts = Hosts(settings(**values), client.get, known, clock=lambda: self.now, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)

    async def get(self, path: str, turn: Turn, port: int | None = None) -> Answer:
        base = self.server.url if port is None else f"http://127.0.0.1:{port}"
        answer = await self.client.get(Request(url=base + path, accept="*/*"), turn)
        self.hosts.note(answer)
        return answer

    async def feed(self, path: str, port: int | None = None) -> Answer:
        return await self.get(path, self.hosts.feed_turn, port)

    async def page(self, path: str, port: int | None = None) -> Answer:
        return await self.get(path, self.hosts.page_turn, port)

    @property
    def asked(self) -> list[str]:
        return [seen.path for seen in self.server.requests]

    @property
    def key(self) -> str:
        return f"127.0.0.1:{self.server.port}"


def run(handler: Handler, test: Callable[[Run], Awaitable[None]], known: list[HostState] | None = None, **values: object) -> None:
    async def go() -> None:
        with Server(handler) as server:
            states = [state.model_copy(update={"host": state.host or f"127.0.0.1:{server.port}"}) for state in known or []]
            async with Client(settings(**values)) as client:
                await asyncio.wait_for(test(Run(client, server, states, values)), 20)

    asyncio.run(go())


def test_a_page_asks_for_the_rules_first_and_once() -> None:
    async def test(it: Run) -> None:
        for path in ("/a", "/b"):
            assert (await it.page(path)).reason == "ok"
        assert it.asked == [ROBOTS, TDM, "/a", "/b"]

    run(site({"/a": OK, "/b": OK}), test)


def test_many_at_once_ask_for_the_rules_once() -> None:
    async def test(it: Run) -> None:
        answers = await asyncio.gather(*(it.page(f"/{n}") for n in range(8)), *(it.feed(f"/feed{n}") for n in range(3)))
        assert {answer.reason for answer in answers} == {"not_found"}
        assert it.asked.count(ROBOTS) == it.asked.count(TDM) == 1
        assert it.asked.index(ROBOTS) == 0
        assert len(it.asked) == 13

    run(site({}), test)


def test_one_connection_at_a_time_first_come_first_served() -> None:
    open_now, most = 0, 0

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        for _ in range(5):
            await asyncio.sleep(0)
        open_now -= 1
        writer.write(response(status="404 Not Found") if seen.path == ROBOTS else OK)

    async def test(it: Run) -> None:
        await asyncio.gather(*(it.feed(f"/{n}") for n in range(10)))
        assert it.asked == [ROBOTS, *(f"/{n}" for n in range(10))]
        assert most == 1

    run(answer, test)


def test_two_hosts_do_not_wait_for_each_other() -> None:
    other_came = asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        if seen.path == "/slow":
            await arrived()
        writer.write(response(status="404 Not Found") if seen.path == ROBOTS else OK)

    async def arrived() -> None:
        while not other_came.is_set():
            await asyncio.sleep(0.001)

    async def quick(seen: Seen, writer: asyncio.StreamWriter) -> None:
        if seen.path == "/quick":
            other_came.set()
        writer.write(response(status="404 Not Found") if seen.path == ROBOTS else OK)

    async def test(it: Run) -> None:
        with Server(quick) as other:
            answers = await asyncio.gather(it.feed("/slow"), it.feed("/quick", other.port))
        assert [answer.reason for answer in answers] == ["ok", "ok"]

    run(slow, test)


def test_many_hosts_at_once_do_not_open_as_many_connections_for_their_rules() -> None:
    full = asyncio.Event()
    open_now, most = 0, 0

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if open_now == SIDE_REQUESTS:
            full.set()
        while not full.is_set():
            await asyncio.sleep(0)
        for _ in range(50):  # time for one too many
            await asyncio.sleep(0)
        open_now -= 1
        writer.write(response(status="404 Not Found"))

    async def go() -> None:
        with Server(answer, host="0.0.0.0") as server:
            async with Client(settings()) as client:
                hosts = Hosts(settings(), client.get)

                async def only_the_rules(number: int) -> None:
                    async with hosts.feed_turn(f"http://127.0.0.{number}:{server.port}/feed"):
                        pass

                await asyncio.wait_for(asyncio.gather(*map(only_the_rules, range(1, 121))), 20)
            assert len(server.requests) == 120

    asyncio.run(go())
    assert most == SIDE_REQUESTS


def test_starts_are_spaced() -> None:
    async def test(it: Run) -> None:
        await it.feed("/a")
        await it.feed("/b")
        assert len(it.waits) == 2  # robots.txt came at once, the two feeds did not
        assert all(25 < wait <= 30 for wait in it.waits)

    run(site({"/a": OK, "/b": OK}), test, host_delay=30.0)


@pytest.mark.parametrize(("asked", "longest"), [("20", 20), ("0.5", 0.5), ("9999", 60)])
def test_a_crawl_delay_is_kept_up_to_a_minute(asked: str, longest: float) -> None:
    async def test(it: Run) -> None:
        await it.feed("/a")
        await it.feed("/b")
        assert len(it.waits) == 2  # robots.txt came at once, the two feeds did not
        assert all(longest - 0.4 <= wait <= longest for wait in it.waits)

    run(site({ROBOTS: response(f"User-agent: *\nCrawl-delay: {asked}\n".encode())}), test)


def test_robots_forbids_pages_to_everybody_but_feeds_only_by_name() -> None:
    rules = response(b"User-agent: *\nDisallow: /\n")

    async def test(it: Run) -> None:
        page = await it.page("/a")
        assert (page.reason, page.status) == ("robots", None)
        assert (await it.feed("/feed")).reason == "ok"
        assert it.asked == [ROBOTS, "/feed"]

    run(site({ROBOTS: rules, "/feed": OK, "/a": OK}), test)


def test_a_group_that_names_us_forbids_feeds_too() -> None:
    rules = response(b"User-agent: *\nAllow: /\n\nUser-agent: Wire-Test\nDisallow: /feed\n")

    async def test(it: Run) -> None:
        feed = await it.feed("/feed")
        assert feed.reason == "robots"
        assert "wire-test" in feed.detail
        assert (await it.feed("/other")).reason == "ok"

    run(site({ROBOTS: rules, "/feed": OK, "/other": OK}), test)


def test_every_hop_of_a_redirect_obeys_the_rules_of_its_host() -> None:
    async def test(it: Run) -> None:
        with Server(site({ROBOTS: response(b"User-agent: *\nDisallow: /secret\n"), "/secret": OK})) as other:
            pages[("/away")] = response(status="302 Found", location=f"{other.url}/secret")
            assert (await it.page("/away")).reason == "robots"
            assert [seen.path for seen in other.requests] == [ROBOTS]

    pages: dict[str, bytes] = {}
    run(site(pages), test)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"])
def test_without_a_robots_txt_everything_is_allowed(status: str) -> None:
    async def test(it: Run) -> None:
        assert (await it.page("/a")).reason == "ok"
        assert [state.robots for state in it.hosts.changed()] == [""]

    run(site({ROBOTS: response(status=status), "/a": OK}), test)


@pytest.mark.parametrize("body", [b"", b"<html>what a page</html>", b"\xff\xfe\x00junk", b"Disallow: /a\n"])
def test_an_empty_or_odd_robots_txt_allows_everything(body: bytes) -> None:
    async def test(it: Run) -> None:
        assert (await it.page("/a")).reason == "ok"

    run(site({ROBOTS: response(body), "/a": OK}), test)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (response(status="500 Oops"), "server_error"),
        (response(status="503 Busy"), "server_error"),
        (b"", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser", "protocol"),
        (response(b"<title>Just a moment...</title><script src=/cf_chl_opt></script>", "503 Busy", cf_mitigated="challenge"), "robots"),
    ],
)
def test_an_unknown_robots_txt_forbids_pages_not_feeds(broken: bytes, reason: str) -> None:
    async def test(it: Run) -> None:
        for path in ("/a", "/b"):
            page = await it.page(path)
            assert (page.reason, page.status) == (reason, None)
            assert page.detail.endswith("could not be had")
        assert (await it.feed("/a")).reason == "ok"
        assert [seen.path for seen in it.server.requests if seen.path != ROBOTS] == ["/a"]
        (state,) = it.hosts.changed()
        assert state.robots is None

    run(site({ROBOTS: broken, "/a": OK}), test)


def test_a_robots_txt_is_read_up_to_half_a_megabyte() -> None:
    early, late = b"User-agent: *\nDisallow: /early\n", b"Disallow: /late\n"
    long = early + b"# filler\n" * 60_000 + late

    async def test(it: Run) -> None:
        assert (await it.page("/early")).reason == "robots"
        assert (await it.page("/late")).reason == "ok"

    run(site({ROBOTS: response(long), "/late": OK}), test)


def test_rules_are_kept_for_a_day_across_runs() -> None:
    fresh = HostState(
        host="", robots="User-agent: *\nDisallow: /a\n", robots_at=AT - timedelta(hours=23), rights_at=AT - timedelta(hours=23)
    )

    async def kept(it: Run) -> None:
        assert (await it.page("/a")).reason == "robots"
        assert (await it.page("/b")).reason == "ok"
        assert it.asked == ["/b"]
        assert it.hosts.changed() == []

    async def asked_again(it: Run) -> None:
        assert (await it.page("/a")).reason == "ok"
        assert it.asked == [ROBOTS, TDM, "/a"]

    run(site({"/a": OK, "/b": OK}), kept, [fresh])
    for hours in (-48, 25):  # the clock was wrong then; too old
        old = AT - timedelta(hours=hours)
        run(site({"/a": OK}), asked_again, [fresh.model_copy(update={"robots_at": old, "rights_at": old})])


def test_rules_unknown_in_an_earlier_run_are_asked_for_again() -> None:
    async def test(it: Run) -> None:
        assert (await it.page("/a")).reason == "ok"

    run(site({"/a": OK}), test, [HostState(host="", robots=None, robots_at=AT)])


def test_retry_after_is_for_the_whole_host_and_outlasts_the_run() -> None:
    busy = response(status="429 Too Many Requests", retry_after="3600")
    states: list[HostState] = []

    async def first(it: Run) -> None:
        assert (await it.feed("/busy")).status == 429
        stopped = await it.feed("/other")
        assert (stopped.reason, stopped.status) == ("rate_limited", None)
        assert it.asked == [ROBOTS, "/busy"]
        states.extend(it.hosts.changed())
        assert it.hosts.changed() == []

    async def second(it: Run) -> None:
        assert (await it.feed("/other")).reason == "rate_limited"
        assert it.asked == []
        it.now = AT + timedelta(seconds=3601)
        assert (await it.feed("/other")).reason == "ok"

    run(site({"/busy": busy, "/other": OK}), first)
    assert [state.not_before for state in states] == [AT + timedelta(hours=1)]
    run(site({"/other": OK}), second, [states[0].model_copy(update={"host": ""})])


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (response(status="429 Slow"), timedelta(minutes=15)),
        (response(status="429 Slow", retry_after="soon"), timedelta(minutes=15)),
        (response(status="429 Slow", retry_after="-5"), timedelta(minutes=15)),
        (response(status="429 Slow", retry_after="99999999"), timedelta(days=1)),
        (response(status="503 Busy", retry_after="120"), timedelta(minutes=2)),
        (response(status="503 Busy"), None),
        (response(status="404 Not Found", retry_after="120"), None),
        (response(b"words", retry_after="120"), None),
    ],
)
def test_how_long_a_host_is_left_alone(answer: bytes, wait: timedelta | None) -> None:
    async def test(it: Run) -> None:
        await it.feed("/a")
        assert [state.not_before for state in it.hosts.changed()] == [wait and AT + wait]

    run(site({"/a": answer}), test)


def test_those_who_wait_already_are_stopped_too() -> None:
    async def test(it: Run) -> None:
        answers = await asyncio.gather(*(it.feed(path) for path in ("/a", "/busy", "/b", "/c")))
        assert [answer.reason for answer in answers] == ["ok", "rate_limited", "rate_limited", "rate_limited"]
        assert it.asked == [ROBOTS, "/a", "/busy"]

    run(site({"/a": OK, "/busy": response(status="429 Slow", retry_after="60"), "/b": OK}), test)


def test_a_moment_beyond_every_rule_does_not_stop_a_host() -> None:
    async def test(it: Run) -> None:
        assert (await it.feed("/a")).reason == "ok"

    run(site({"/a": OK}), test, [HostState(host="", not_before=AT + timedelta(days=400))])


def test_three_answers_403_in_a_row_count_as_rate_limiting() -> None:
    no = response(status="403 Forbidden")

    async def broken_row(it: Run) -> None:
        for path in ("/no", "/no", "/a", "/no", "/no", "/a"):
            await it.feed(path)
        assert len(it.asked) == 7

    async def row(it: Run) -> None:
        reasons = [(await it.feed(path)).reason for path in ("/no", "/no", "/no", "/a")]
        assert reasons == ["forbidden", "forbidden", "forbidden", "rate_limited"]
        (state,) = it.hosts.changed()
        assert (state.forbidden, state.not_before) == (3, AT + timedelta(minutes=15))

    async def fourth(it: Run) -> None:
        await it.feed("/no")
        (state,) = it.hosts.changed()
        assert (state.forbidden, state.not_before) == (4, AT + timedelta(minutes=30))

    pages = {"/no": no, "/a": OK, ROBOTS: no}
    run(site(pages), broken_row)
    run(site(pages), row)
    run(site(pages), fourth, [HostState(host="", forbidden=3)])


def test_a_host_that_cannot_be_reached_twice_is_not_tried_again() -> None:
    async def test(it: Run) -> None:
        with Server(site({})) as other:
            port = other.port  # free again after this
        reasons = [(await it.feed(path, port)) for path in ("/a", "/b", "/c")]
        assert {answer.reason for answer in reasons} == {"refused"}
        assert "127.0.0.1" in reasons[2].detail
        assert all("not asked" in answer.detail for answer in reasons[1:])  # robots.txt and /a were the two
        assert (await it.page("/a", port)).reason == "refused"
        assert (await it.feed("/a")).reason == "ok"

    run(site({"/a": OK}), test)


def test_a_page_on_an_unreachable_host_says_so() -> None:
    async def test(it: Run) -> None:
        with Server(site({})) as other:
            port = other.port
        assert (await it.page("/a", port)).reason == "refused"

    run(site({}), test)


def test_a_page_at_a_forbidden_address_says_so_and_is_never_connected_to() -> None:
    async def test(it: Run) -> None:
        answer = await it.client.get(Request(url=f"http://localhost:{it.server.port}/a", accept="*/*"), it.hosts.page_turn)
        assert answer.reason == "blocked_address"
        assert it.asked == []

    run(site({"/a": OK}), test, allow_networks="")


def test_rights_are_asked_for_before_pages_only_and_once_a_day() -> None:
    tdm = response(b'[{"location": "/news/*", "tdm-reservation": 1, "tdm-policy": "https://a.example/policy.json"}]')

    async def test(it: Run) -> None:
        await it.feed("/feed")
        assert it.asked == [ROBOTS, "/feed"]
        assert it.hosts.signals() == []
        await it.page("/a")
        await it.page("/b")
        assert it.asked[2:] == [TDM, "/a", "/b"]
        (signal,) = it.hosts.signals()
        assert (signal.url, signal.host, signal.reserved) == (f"{it.key}/news/*", it.key, True)
        assert it.hosts.signals() == []
        assert [state.rights_at for state in it.hosts.changed()] == [AT]

    run(site({TDM: tdm, "/feed": OK}), test)


def test_rights_are_not_asked_for_where_robots_forbids_it() -> None:
    async def test(it: Run) -> None:
        await it.page("/a")
        assert it.asked == [ROBOTS, "/a"]

    run(site({ROBOTS: response(b"User-agent: *\nDisallow: /.well-known/\n")}), test)


def test_a_turn_given_up_is_free_for_the_next() -> None:
    async def test(it: Run) -> None:
        release = asyncio.Event()

        async def hold() -> None:
            async with it.hosts.feed_turn(f"{it.server.url}/held"):
                await release.wait()

        holding = asyncio.create_task(hold())
        waiting = asyncio.create_task(it.feed("/given-up"))
        while not it.asked:
            await asyncio.sleep(0.001)
        for task in (waiting, holding):
            task.cancel()
        await asyncio.gather(holding, waiting, return_exceptions=True)
        assert (await it.feed("/next")).reason == "ok"

    run(site({"/next": OK}), test)
