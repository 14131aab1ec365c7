"""The HTTP client: the only place in the house that opens connections to the web.

address checked | turn taken | request | redirect? again from the start | body, within its limits | reason

A hop is one request and its answer. Nothing is kept from one to the next but what is listed in `Journey`: no cookies,
no Referer. Whatever a network or a server does becomes a reason in the `Answer`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from pydantic import Field

from schemas.errors import UsageError
from schemas.feed import Reason
from schemas.record import Record
from schemas.settings import Settings
from tasks.fetch.address import ForbiddenAddressError, Guard
from tasks.fetch.decoding import Body, TooLargeError
from tasks.fetch.journey import BadRedirectError, Journey
from tasks.fetch.reasons import GOOD, REDIRECTS, Verdict, explain, judge
from tasks.fetch.resolver import CheckedResolver

MEGABYTE = 2**20
ENCODINGS = "gzip, br"  # what every server has; the rest is understood, not asked for
MOST_HEADERS = 1_000  # real servers send more than a hundred
HEADER_FIELD = 16_384  # bytes of one header; what the parser may hold before the sum below is known
HEADERS_TOTAL = 65_536  # bytes of all headers
READ_AHEAD = 65_536  # bytes that wait in memory for a reader
HEAVY = MEGABYTE // 2  # bytes; a body above this needs one of few slots, so that fifty at once do not fill the memory
SLOTS = 4
ERROR_BODY = 65_536  # bytes of an error page that are looked at
READ_ERROR_BODY = frozenset({403, 405, 429, 503})
"""Statuses whose page tells a refusal from a bot wall."""
KEEP_ALIVE = 5.0  # seconds an idle connection stays: longer than the usual spacing, short enough to keep sockets few


class Stopped(Exception):  # noqa: N818 - a decision, not an error
    """Raised by a turn: this hop is not to be made, for a reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason: Reason = reason
        self.detail = detail


Turn = Callable[[str], AbstractAsyncContextManager[None]]
"""Entered with the address of every hop and held while it lasts; may wait, may raise Stopped."""


class Limits(Record):
    """How long a fetch may take, in seconds."""

    connect: float = 10.0
    """To look up the name, to connect and to agree on encryption."""
    read: float = 20.0
    """Between two pieces of an answer."""
    total: float = 60.0
    """For all hops together, waiting for turns not counted: the limit that ends a drip."""


def limits_of(settings: Settings) -> Limits:
    """Return the limits whose total is the setting, the others as usual where they fit into it."""
    usual, total = Limits(), settings.fetch_timeout
    return Limits(connect=min(usual.connect, total), read=min(usual.read, total), total=total)


class Request(Record):
    """What is to be fetched; validators are sent as they are, and only to the first origin."""

    url: str
    accept: str
    etag: str | None = None
    last_modified: str | None = None
    most_bytes: int = 15 * MEGABYTE
    """Of the body, after decoding."""
    named: bool = False
    """Whether the address is one that a person named: without a contact such a request is an error, any other is not made."""


class Answer(Record):
    """How a fetch ended, and what it brought when it ended well."""

    url: str
    final_url: str
    """Where the last hop went, without credentials."""
    status: int | None
    reason: Reason
    detail: str = ""
    body: bytes = b""
    headers: dict[str, str] = Field(default_factory=dict)
    """Of the last hop; names in lower case, repeated ones joined with a comma."""
    seconds: float = 0.0
    """Spent on the network, all hops together; waiting for turns does not count."""
    fetched_at: datetime
    moved_to: str | None = None
    """Where the permanent redirects at the start of the chain lead."""
    hops: int = 0
    """Redirects that were followed."""


class Reply(NamedTuple):
    """The answer to one hop."""

    status: int | None
    headers: dict[str, str]
    body: bytes
    verdict: Verdict

    @property
    def target(self) -> str | None:
        """Where it redirects to, if it does."""
        return self.headers.get("location") if self.status in REDIRECTS and self.verdict.reason == "bad_redirect" else None


def default_agent() -> str:
    """Return the User-Agent of an installation that gives no contact: enough for networks of its own."""
    return f"wirehouse/{version('wirehouse')}"


class Client:
    """Fetches; an asynchronous context manager that holds the connections.

    `resolver` looks up names (by default the system's); its answers are checked like everybody's.
    """

    def __init__(self, settings: Settings, limits: Limits | None = None, resolver: AbstractResolver | None = None) -> None:
        self._limits = limits or limits_of(settings)
        self._resolver = resolver
        self._guard = Guard(settings.allow_networks, settings.reachable)
        self._agent = settings.user_agent or default_agent()
        self._session: aiohttp.ClientSession | None = None
        self._heavy = asyncio.Semaphore(SLOTS)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=0,  # who calls decides how many at once
            keepalive_timeout=KEEP_ALIVE,
            socket_factory=self._guard.make_socket,
            resolver=CheckedResolver(self._guard, self._resolver),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # no proxy: it would look up names itself, past the guard
            auto_decompress=False,
            headers={"User-Agent": self._agent, "Accept-Encoding": ENCODINGS},
            timeout=aiohttp.ClientTimeout(
                total=None, connect=self._limits.connect, sock_connect=self._limits.connect, sock_read=self._limits.read
            ),
            read_bufsize=READ_AHEAD,
            max_field_size=HEADER_FIELD,
            max_headers=MOST_HEADERS,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    def hold(self) -> "Hold":
        """Return the right to hold one large body, not taken yet."""
        return Hold(self._heavy)

    async def get(self, request: Request, turn: Turn, hold: "Hold | None" = None) -> Answer:
        """Return how the fetch ended, redirects followed.

        With a `hold` the caller gives it back when the body is gone. Raises nothing that a network or server does;
        UsageError when a public address that a person named would be asked without saying who asks.
        """
        own = hold or self.hold()
        try:
            return await self._travel(request, turn, own)
        finally:
            if hold is None:
                own.release()

    async def _travel(self, request: Request, turn: Turn, hold: "Hold") -> Answer:
        try:
            journey = Journey(request.url)
        except ValueError as error:
            return _answer(request, None, Reply(None, {}, b"", Verdict("protocol", f"not an address that can be asked: {error}")))
        while True:
            reply = await self._hop(request, journey, turn, hold)
            if reply.target is None or reply.status is None:
                return _answer(request, journey, reply)
            try:
                journey.follow(reply.status, reply.target)
            except BadRedirectError as error:
                return _answer(request, journey, reply._replace(verdict=Verdict("bad_redirect", str(error))))

    async def _hop(self, request: Request, journey: Journey, turn: Turn, hold: "Hold") -> Reply:
        """Return the answer to one request, asked for when it is its turn."""
        try:
            if journey.numeric is not None:  # the only kind of host that nobody looks up; before anybody waits for it
                self._guard.check(journey.numeric)
            async with turn(journey.address):
                started = monotonic()
                try:
                    return await self._exchange(request, journey, hold)
                finally:
                    journey.seconds += monotonic() - started
        except Stopped as stop:
            return Reply(None, {}, b"", Verdict(stop.reason, stop.detail))
        except ForbiddenAddressError as error:
            return Reply(None, {}, b"", explain(error, in_body=False))
        except UsageError as error:
            if request.named and not journey.hops:
                raise
            return Reply(None, {}, b"", Verdict("blocked_address", str(error)))  # where a server leads must not end a run

    async def _exchange(self, request: Request, journey: Journey, hold: "Hold") -> Reply:
        """Return the answer to one request, whatever happens to it."""
        assert self._session is not None, "a client is used within 'async with'"
        status: int | None = None
        headers: dict[str, str] = {}
        try:
            async with (
                asyncio.timeout(self._limits.total - journey.seconds) as alarm,
                self._session.get(journey.url, allow_redirects=False, headers=_sent(request, journey)) as response,
            ):
                status, headers = response.status, _headers(response)
                body = await self._content(response, request.most_bytes, Pause(alarm, journey, hold))
        except UsageError:
            raise
        except Exception as error:  # servers find ways that no list of errors names, and one answer must not end a run
            return Reply(status, headers, b"", explain(error, in_body=status is not None))
        verdict = judge(status, headers, body, conditional=_conditional(request, journey))
        return Reply(status, headers, body if verdict.reason == "ok" else b"", verdict)

    async def _content(self, response: aiohttp.ClientResponse, most: int, pause: "Pause") -> bytes:
        """Return the body of a good answer, the beginning of one that may be a bot wall, of others nothing."""
        if sum(map(len, chain.from_iterable(response.raw_headers))) > HEADERS_TOTAL:
            raise TooLargeError(f"more than {HEADERS_TOTAL} bytes of headers")
        if response.status in GOOD:
            return await self._body(response, most, pause)
        return await self._beginning(response) if response.status in READ_ERROR_BODY else b""

    async def _body(self, response: aiohttp.ClientResponse, most: int, pause: "Pause") -> bytes:
        if (response.content_length or 0) > most:
            raise TooLargeError(f"announces {response.content_length} bytes, {most} are the limit")
        body = Body(response.headers.get("Content-Encoding", ""), most)
        async for piece in response.content.iter_any():
            for size in body.take(piece):
                if size > HEAVY and not pause.hold.taken:
                    await pause.until(pause.hold.take())
        return body.close()

    async def _beginning(self, response: aiohttp.ClientResponse) -> bytes:
        """Return the beginning of an error page; its status says enough when the page cannot be read."""
        body = Body("", ERROR_BODY)
        with suppress(Exception):
            body = Body(response.headers.get("Content-Encoding", ""), ERROR_BODY)
            async with asyncio.timeout(self._limits.read):
                async for piece in response.content.iter_any():
                    for _ in body.take(piece):
                        pass
        return body.head()


class Hold:
    """The right to hold one large body in memory; there are few."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self.taken = False

    async def take(self) -> None:
        """Wait for a slot, and take it."""
        await self._slots.acquire()
        self.taken = True

    def release(self) -> None:
        """Give the slot back, if it was taken."""
        if self.taken:
            self._slots.release()
            self.taken = False


class Pause:
    """Stops the clock of an exchange while it waits for the right to hold a large body."""

    def __init__(self, alarm: asyncio.Timeout, journey: Journey, hold: Hold) -> None:
        self._alarm = alarm
        self._journey = journey
        self.hold = hold

    async def until(self, ready: Awaitable[object]) -> None:
        """Wait, then put the alarm off by the time that took."""
        due, started = self._alarm.when(), monotonic()
        self._alarm.reschedule(None)
        await ready
        waited = monotonic() - started
        self._journey.seconds -= waited
        self._alarm.reschedule(due + waited if due is not None else None)


def _answer(request: Request, journey: Journey | None, reply: Reply) -> Answer:
    return Answer(
        url=request.url,
        final_url=journey.address if journey else request.url,
        status=reply.status,
        reason=reply.verdict.reason,
        detail=reply.verdict.detail,
        body=reply.body,
        headers=reply.headers,
        seconds=journey.seconds if journey else 0.0,
        fetched_at=datetime.now(UTC),
        moved_to=journey.moved_to if journey else None,
        hops=journey.hops if journey else 0,
    )


def _conditional(request: Request, journey: Journey) -> bool:
    return journey.at_home and (_sendable(request.etag) or _sendable(request.last_modified))


def _sendable(validator: str | None) -> bool:
    return bool(validator) and not any(sign in "\r\n\0" for sign in validator or "")


def _sent(request: Request, journey: Journey) -> dict[str, str]:
    """Return what a hop sends: away from the first origin neither validators nor credentials."""
    headers = {"Accept": request.accept}
    if not journey.at_home:
        return headers
    if request.etag and _sendable(request.etag):
        headers["If-None-Match"] = request.etag
    if request.last_modified and _sendable(request.last_modified):
        headers["If-Modified-Since"] = request.last_modified
    if journey.user:
        headers["Authorization"] = aiohttp.encode_basic_auth(journey.user, journey.password or "", "utf-8")
    return headers


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the headers by lower-case name, repeated ones joined; bytes that are no UTF-8 are read as Latin-1."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key, text = name.lower(), value if value.isascii() else _text(value.encode("utf-8", "surrogateescape"))
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
