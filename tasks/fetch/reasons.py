"""How an attempt to fetch ended, in one word of a fixed list and in a sentence for people."""

import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from aiohttp.http_exceptions import LineTooLong

from schemas.feed import Reason
from tasks.fetch.address import ForbiddenAddressError
from tasks.fetch.challenge import find_wall
from tasks.fetch.decoding import BrokenBodyError, TooLargeError

REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
"""Followed when they name a target; 300 may name the one it would rather have chosen (RFC 9110, 15.4.1)."""
PERMANENT = frozenset({301, 308})
GOOD = frozenset({200, 201, 202, 203})
NOT_MODIFIED = 304

STATUSES: dict[int, tuple[Reason, str]] = {
    204: ("empty", "no content"),
    205: ("empty", "no content"),
    206: ("protocol", "a part of the content, which was not asked for"),
    305: ("bad_redirect", "asks for a proxy"),
    401: ("auth", "asks for a login"),
    402: ("forbidden", "asks for a payment"),
    403: ("forbidden", "forbidden"),
    404: ("not_found", "not found"),
    406: ("forbidden", "not acceptable: how some sites refuse programs"),
    407: ("auth", "a proxy asks for a login"),
    408: ("server_error", "the server waited in vain for the request"),
    410: ("gone", "gone for good"),
    418: ("forbidden", "a teapot: how some sites refuse programs"),
    420: ("rate_limited", "too many requests"),
    423: ("forbidden", "locked"),
    425: ("server_error", "too early"),
    429: ("rate_limited", "too many requests"),
    430: ("rate_limited", "too many requests"),
    451: ("legal", "withheld for legal reasons"),
}
"""Statuses that say more than their class; 420 and 430 are private inventions of big sites."""

TEMPORARY = "the name could not be looked up just now (temporary)"

UNANSWERED: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Reason, str], ...] = (
    (LineTooLong, "too_large", "a header line without end"),
    ((ssl.SSLError, ssl.CertificateError), "tls", ""),
    (aiohttp.ClientConnectorDNSError, "dns", "the name is not known"),
    (aiohttp.ClientResponseError, "protocol", ""),
    (aiohttp.ServerDisconnectedError, "protocol", "the connection was closed without an answer"),
    (OSError, "refused", ""),
)
"""What may go wrong before the headers have come, the more special first; no words: the error has them."""


class Verdict(NamedTuple):
    """A reason and its sentence."""

    reason: Reason
    detail: str = ""


def judge(status: int, headers: Mapping[str, str], head: bytes, conditional: bool) -> Verdict:
    """Return how an answer is to be taken that came through whole.

    `headers` have lower-case names, `head` is the body or its beginning, `conditional` is whether validators were sent.
    """
    if wall := find_wall(status, headers, head):
        return Verdict("challenge", f"{status}: a page of {wall} that asks for proof of being human")
    if status == NOT_MODIFIED:
        return Verdict("not_modified") if conditional else Verdict("protocol", "304: not modified, which was not asked for")
    if status in GOOD:
        return Verdict("ok") if head.strip() else Verdict("empty", f"{status} with an empty body")
    reason, words = STATUSES.get(status) or _by_class(status)
    return Verdict(reason, f"{status}: {words}")


def _by_class(status: int) -> tuple[Reason, str]:
    if status in REDIRECTS:
        return "bad_redirect", "a redirect without a target"
    if 300 <= status < 400:
        return "bad_redirect", "an unknown kind of redirect"
    if 400 <= status < 500:
        return "protocol", "the server does not take the request"
    if 500 <= status < 600:
        return "server_error", "the server has a fault"
    return "protocol", "an unknown status"


def explain(error: BaseException, in_body: bool) -> Verdict:
    """Return how a failed exchange is to be taken; `in_body` is whether its headers had come already."""
    chain = _causes(error)
    if found := _ours(chain):
        return found
    if any(isinstance(one, TimeoutError) for one in chain):
        return Verdict("timeout", "the answer took too long" if in_body else "no answer in time")
    if in_body and isinstance(error, aiohttp.ClientError | OSError):
        return Verdict("protocol", f"truncated: {_said(chain[1] if len(chain) > 1 else error)}")
    return _unanswered(error, chain)


def _ours(chain: list[BaseException]) -> Verdict | None:
    """Return what our own checks objected to, if it was them."""
    for error in chain:
        match error:
            case ForbiddenAddressError():
                return Verdict("blocked_address", str(error))
            case TooLargeError():
                return Verdict("too_large", str(error))
            case BrokenBodyError():
                return Verdict("protocol", str(error))
    return None


def _unanswered(error: BaseException, chain: list[BaseException]) -> Verdict:
    """Return why no headers came."""
    if any(isinstance(one, socket.gaierror) and one.errno == socket.EAI_AGAIN for one in chain):
        return Verdict("dns", TEMPORARY)
    for kinds, reason, words in UNANSWERED:
        if any(isinstance(one, kinds) for one in chain):
            return Verdict(reason, words or _said(error))
    return Verdict("protocol", f"{type(error).__name__}: {_said(error)}")


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain


def _said(error: BaseException) -> str:
    """Return the first line of an error's own words, cut to a bearable length."""
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    words = str(getattr(error, "message", "") or error)
    if isinstance(error, aiohttp.ClientResponseError):
        words = f"not a proper HTTP answer: {words}"
    first, *_ = words.strip().splitlines() or [type(error).__name__]
    return first[:200].rstrip(":")
