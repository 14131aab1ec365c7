"""Hosts and how they want to be treated: whose turn it is, what robots.txt allows, who asked to be left alone.

Requests to one host come one after the other, in the order in which they were wanted, with a pause between the end of
one and the start of the next: a host that answers slowly is asked slowly. Everything is shared by all fetches of a run,
and what must outlast the run is handed out by `changed` and `signals`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.parse import urljoin

from schemas.feed import HostState, Reason, Signal
from schemas.settings import Settings
from tasks.fetch.hints import JUNK_RETRY, retry_after
from tasks.fetch.http import MEGABYTE, Answer, Request, Stopped, Turn
from tasks.fetch.rights import LONGEST_FILE, WELL_KNOWN, well_known_signals
from tasks.fetch.robots import Policy, condensed, decode_robots, host_key, product_token, read_policy

OUR_TOKEN = "wirehouse"
"""How a robots.txt speaks of us while no User-Agent is set."""
ROBOTS = "/robots.txt"
ROBOTS_BODY = 5 * MEGABYTE
"""Bytes a robots.txt may have; how much of it is read is `robots.LONGEST`."""
REMEMBERED = timedelta(days=1)
"""How long robots.txt and the rights file count (RFC 9309: at most 24 hours)."""
LONGEST_REST = timedelta(days=1)
"""How long a host is left alone at most because it asked for it."""
FORBIDDEN_LIMIT = 3
"""Answers 403 in a row from which on they count as `rate_limited`: several big sites say it so."""
DEAD_AFTER = 2
"""Failures to connect in a row after which a host is not tried again in this run."""
UNCONNECTED: frozenset[Reason] = frozenset({"dns", "refused", "tls", "timeout"})
ROBOTS_FAULTS: frozenset[Reason] = UNCONNECTED | {"blocked_address", "server_error", "protocol"}
"""Why a robots.txt could not be had, where that says more than `robots`: nobody has forbidden anything, and it may pass."""
PARSED_ASIDE = 16 * 1024
"""Characters of a robots.txt above which it is read in a thread: the longest take half a second."""
SIDE_REQUESTS = 50
"""Requests for robots.txt and the like under way at once: thousands of hosts met in one run must not become as many sockets."""
NOT_ASKED = "not asked: "
"""How details begin when the decision was ours: no such answer says anything about the host."""

Get = Callable[[Request, Turn], Awaitable[Answer]]


class _Host:
    """A host that was met in this run."""

    __slots__ = ("crawl_delay", "ended", "failures", "last_failure", "robots_failure", "robots_tried", "rules", "state", "turn")

    def __init__(self, state: HostState) -> None:
        self.state = state
        self.turn = asyncio.Lock()  # first come, first served
        self.rules = asyncio.Lock()
        self.ended = float("-inf")  # the request before, on the monotonic clock
        self.crawl_delay = 0.0
        self.failures = 0
        self.last_failure: Reason = "refused"
        self.robots_tried = False  # in this run, in vain
        self.robots_failure: Reason = "robots"


class Hosts:
    """The hosts of a run; `feed_turn` and `page_turn` are turns for `Client.get`, `get` is that method.

    `known` is what earlier runs left. `clock` and `sleep` are for tests.
    """

    def __init__(
        self,
        settings: Settings,
        get: Get,
        known: Iterable[HostState] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._get, self._clock, self._sleep = get, clock, sleep
        self._delay = settings.host_delay
        self._token = product_token(settings.user_agent) if settings.user_agent else OUR_TOKEN
        self._known = {state.host: state for state in known}
        self._hosts: dict[str, _Host] = {}
        self._side_requests = asyncio.Semaphore(SIDE_REQUESTS)
        self._changed: dict[str, None] = {}
        self._signals: list[Signal] = []

    @asynccontextmanager
    async def feed_turn(self, url: str) -> AsyncIterator[None]:
        """Wait for the turn to ask for a feed, and hold it; raises Stopped when it is not to be asked for.

        A feed is an offer to programs: only a group of robots.txt that names us forbids it.
        """
        host = self._host(url)
        policy = await self._policy(host, url)
        if policy is not None and policy.names_us_and_disallows(url):
            raise Stopped("robots", f"{NOT_ASKED}robots.txt names {self._token} and forbids this address")
        async with self._turn(host):
            yield

    @asynccontextmanager
    async def page_turn(self, url: str) -> AsyncIterator[None]:
        """Wait for the turn to ask for a page, and hold it; raises Stopped when it is not to be asked for."""
        host = self._host(url)
        policy = await self._policy(host, url)
        if policy is None:
            self._refuse(host)
            raise Stopped(host.robots_failure, f"{NOT_ASKED}the robots.txt of {host.state.host} could not be had")
        if not policy.allows(url):
            raise Stopped("robots", f"{NOT_ASKED}robots.txt forbids this address")
        await self._learn_rights(host, url, policy)
        async with self._turn(host):
            yield

    def note(self, answer: Answer) -> None:
        """Take to heart what an answer to a feed or page says about its host.

        To be called right after `Client.get`, before anything else is awaited: the next in turn must know it.
        """
        host = self._host(answer.final_url)
        self._heed(host, answer)
        if answer.status is None:
            return
        forbidden = host.state.forbidden + 1 if answer.status == 403 else 0
        if forbidden != host.state.forbidden:
            self._update(host, forbidden=forbidden)
        if forbidden >= FORBIDDEN_LIMIT:
            self._rest(host, JUNK_RETRY * (forbidden - FORBIDDEN_LIMIT + 1))

    def changed(self) -> list[HostState]:
        """Return the states to be stored, those that changed since the last call."""
        keys, self._changed = list(self._changed), {}
        return [self._hosts[key].state for key in keys]

    def signals(self) -> list[Signal]:
        """Return what hosts said about text and data mining since the last call."""
        found, self._signals = self._signals, []
        return found

    def _host(self, url: str) -> _Host:
        key = host_key(url)
        if key not in self._hosts:
            self._hosts[key] = _Host(self._known.pop(key) if key in self._known else HostState(host=key))
        return self._hosts[key]

    def _update(self, host: _Host, **values: object) -> None:
        host.state = host.state.model_copy(update=values)
        self._changed[host.state.host] = None

    @asynccontextmanager
    async def _turn(self, host: _Host) -> AsyncIterator[None]:
        """Hold the host for one request, once it is its turn and the host may be asked."""
        self._refuse(host)
        async with host.turn:
            # the delay is asked for here: what robots.txt wants is known only since the request before
            if (wait := host.ended + max(self._delay, host.crawl_delay) - monotonic()) > 0:
                self._refuse(host)  # no use in waiting
                await self._sleep(wait)
            self._refuse(host)  # what the answer before said is known only now
            try:
                yield
            finally:  # from the end: the request may have waited for something else of ours before it went out
                host.ended = monotonic()

    @asynccontextmanager
    async def _side_turn(self, url: str) -> AsyncIterator[None]:
        """Hold the turn for robots.txt and the like, which no robots.txt forbids."""
        async with self._turn(self._host(url)), self._side_requests:
            yield

    def _refuse(self, host: _Host) -> None:
        """Raise Stopped when the host asked to be left alone, or does not answer in this run."""
        if until := rests_until(host.state, self._clock()):
            raise Stopped("rate_limited", f"{NOT_ASKED}{host.state.host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        if host.failures >= DEAD_AFTER:
            raise Stopped(host.last_failure, f"{NOT_ASKED}{host.state.host} could not be reached {host.failures} times in a row")

    def _heed(self, host: _Host, answer: Answer) -> None:
        """Remember whether the host can be reached, and whether it asks to be left alone."""
        self._count_failures(host, answer)
        wait = retry_after(answer.headers, self._clock())
        if answer.status is not None and answer.reason == "rate_limited":
            self._rest(host, JUNK_RETRY if wait is None else wait)
        elif answer.status == 503 and wait is not None:
            self._rest(host, wait)

    def _count_failures(self, host: _Host, answer: Answer) -> None:
        if answer.status is not None:
            host.failures = 0
        elif answer.reason in UNCONNECTED and not answer.detail.startswith(NOT_ASKED):
            host.failures += 1
            host.last_failure = answer.reason

    def _rest(self, host: _Host, seconds: float) -> None:
        until = self._clock() + min(timedelta(seconds=seconds), LONGEST_REST)
        self._update(host, not_before=max(until, host.state.not_before or until))

    # What hosts publish about themselves

    def _is_fresh(self, moment: datetime | None) -> bool:
        return moment is not None and timedelta() <= self._clock() - moment < REMEMBERED

    async def _policy(self, host: _Host, url: str) -> Policy | None:
        """Return the host's rules; None when its robots.txt could not be had. Asked for once a day, after a failure once a run."""
        async with host.rules:  # all who come meanwhile wait for the one answer
            fresh = host.state.robots is not None and self._is_fresh(host.state.robots_at)
            if not fresh and not host.robots_tried:
                self._refuse(host)
                await self._learn_robots(host, url)
        text = host.state.robots
        if text is None:
            return None
        policy = await asyncio.to_thread(read_policy, text, self._token) if len(text) > PARSED_ASIDE else read_policy(text, self._token)
        host.crawl_delay = policy.crawl_delay
        return policy

    async def _learn_robots(self, host: _Host, url: str) -> None:
        answer = await self._get(Request(url=urljoin(url, ROBOTS), accept="text/plain, */*;q=0.1", most_bytes=ROBOTS_BODY), self._side_turn)
        # a rest is heeded when what was wanted is answered so: a robots.txt that cannot be had speaks for itself
        self._count_failures(self._host(answer.final_url), answer)
        text = _robots_text(answer, self._token)
        host.robots_tried = text is None
        host.robots_failure = answer.reason if answer.reason in ROBOTS_FAULTS else "robots"
        if not answer.detail.startswith(NOT_ASKED):
            self._update(host, robots=text, robots_at=self._clock())

    async def _learn_rights(self, host: _Host, url: str, policy: Policy) -> None:
        """Ask once a day for what the host says about text and data mining."""
        async with host.rules:
            address = urljoin(url, WELL_KNOWN)
            if self._is_fresh(host.state.rights_at) or not policy.allows(address):
                return
            answer = await self._get(Request(url=address, accept="application/json", most_bytes=LONGEST_FILE), self._side_turn)
            self._count_failures(self._host(answer.final_url), answer)
            self._update(host, rights_at=self._clock())
            if answer.reason == "ok":
                self._signals += well_known_signals(host.state.host, answer.body, answer.fetched_at)


def rests_until(state: HostState, now: datetime) -> datetime | None:
    """Return until when a host is left alone because it asked for it; None when it is not, or the clock has jumped since."""
    until = state.not_before
    return until if until is not None and timedelta() < until - now <= LONGEST_REST else None


def _robots_text(answer: Answer, token: str) -> str | None:
    """Return the text of the rules, '' when there are none, None when that is not known: then nothing is allowed.

    RFC 9309, 2.3.1: what does not exist, is empty or cannot be followed to its end allows everything; faults nothing.
    """
    if answer.reason == "ok":
        return condensed(decode_robots(answer.body), token)
    if answer.reason in {"rate_limited", "server_error"} or answer.status is None:
        return None
    return "" if answer.reason in {"empty", "bad_redirect"} or 400 <= answer.status < 500 else None
