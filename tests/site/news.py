"""A news site on loopback: a front page that names its feeds, pages, feeds in every format, all of it changing in rounds.

`with NewsSite() as site:` serves it at `site.url`; `site.round = 2` brings the second round, and so does asking for /__next.
Its answers to conditional requests are strict: 304 only when every validator of the last answer comes back byte for byte.
"""

import asyncio
import gzip
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Self

from tests.site import evolution
from tests.site.content import Content, contents
from tests.site.evolution import Edition
from tests.site.server import Seen, Server, response

LAST_ROUND = 4
"""Later rounds are like this one."""

ETAGS = ('W/"{0}"', '"{0}"', '"{0}, \\"quoted\\""', "{0}", '"{0}-gzip"', 'W/"{0}=="')
"""Forms of ETag as servers send them; the unquoted one is against the standard and common."""
DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S +0000", "")
"""Forms of Last-Modified: the usual one, the two that are older than the web, one that is none; and no such header."""


class Validators(NamedTuple):
    """What an answer offers to ask again with, and what a request asks with."""

    etag: str | None
    last_modified: str | None


class Served(NamedTuple):
    """An answer: to what, in which round, with which status; and the validators that the request carried."""

    path: str
    round: int
    status: int
    asked: Validators


class NewsSite:
    """The site; a context manager. `served` holds all answers in their order."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, now: datetime | None = None) -> None:
        """Articles are dated backwards from two hours before `now`: what a round brings is never of the future."""
        self.round = 1
        self.served: list[Served] = []
        self.base = (now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        self._edited_at: datetime | None = None
        self._server = Server(self._answer, host, port)
        self._rounds: dict[int, dict[str, Content]] = {}
        self._awaited: dict[int, threading.Event] = {}

    @property
    def url(self) -> str:
        """The address of the site, without a slash at its end."""
        return self._server.url

    @property
    def requests(self) -> list[Seen]:
        """Every request in order of arrival."""
        return self._server.requests

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.__exit__(kind, error, trace)

    def again(self) -> None:
        """Forget what was served and begin with the first round."""
        self.served.clear()
        self.requests.clear()
        self._awaited.clear()
        self.round = 1

    def when(self, answers: int) -> threading.Event:
        """Return what will be set as soon as so many answers have been given."""
        return self._awaited.setdefault(answers, threading.Event())

    def holds(self, round_number: int | None = None) -> dict[str, Content]:
        """Return what the site has in a round, by path."""
        number = min(round_number or self.round, LAST_ROUND)
        if number not in self._rounds:
            if number > 1 and self._edited_at is None:  # an edit says when it was made, which is after the first round was read
                self._edited_at = datetime.now(UTC).replace(microsecond=0)
            self._rounds[number] = contents(Edition(self.url, self.base, number, self._edited_at or self.base))
        return self._rounds[number]

    def validators(self, path: str, round_number: int | None = None) -> Validators:
        """Return what the site offers with this path in a round; every feed has other forms of both."""
        number = min(round_number or self.round, LAST_ROUND)
        content = self.holds(number)[path]
        feeds = [each for each, content in self.holds(number).items() if content.feed]
        form = feeds.index(path) if content.feed else 0
        changed = next((one for one in range(number, 1, -1) if self._changed(path, one)), 1)
        digest = hashlib.sha256(content.body).hexdigest()[:16]
        moment = self.base + timedelta(minutes=changed)
        return Validators(ETAGS[form % len(ETAGS)].format(digest), moment.strftime(DATES[form % len(DATES)]) or None)

    def _changed(self, path: str, number: int) -> bool:
        before = self.holds(number - 1).get(path)
        return before is None or before.body != self.holds(number)[path].body

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        asked = Validators(seen.headers.get("if-none-match"), seen.headers.get("if-modified-since"))
        number = self.round
        status, sent = self._response(seen, asked)
        self.served.append(Served(seen.path, number, status, asked))
        writer.write(sent)
        if awaited := self._awaited.get(len(self.served)):
            awaited.set()

    def _response(self, seen: Seen, asked: Validators) -> tuple[int, bytes]:
        path = seen.path
        if path == "/__next":
            self.round += 1
            return 200, response(f"round {self.round}\n".encode(), content_type="text/plain")
        if self.round > 1 and path in evolution.GONE:
            return 410, response(b"It has been closed.\n", "410 Gone", content_type="text/plain")
        if self.round > 1 and path in evolution.MOVED:
            return 301, response(b"", "301 Moved Permanently", location=evolution.MOVED[path])
        if path not in self.holds():
            return 404, response(b"<!DOCTYPE html><title>Not found</title><p>Nothing here.", "404 Not Found", content_type="text/html")
        offered = self.validators(path)
        fields = {"cache_control": "max-age=120", "vary": "Accept-Encoding", "content_type": self.holds()[path].type}
        fields |= {name: value for name, value in offered._asdict().items() if value}
        if asked == offered:
            return 304, response(b"", "304 Not Modified", **fields)
        return 200, _packed(self.holds()[path].body, seen, fields)


def _packed(body: bytes, seen: Seen, fields: dict[str, str]) -> bytes:
    if "gzip" in seen.headers.get("accept-encoding", ""):
        return response(gzip.compress(body, mtime=0), **fields, content_encoding="gzip")
    return response(body, **fields)
