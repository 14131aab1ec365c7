"""The way of one fetch through its redirects: pure bookkeeping, no I/O.

address read strictly | redirect followed? | permanent so far: the new home | credentials and validators stay at home
"""

import re

from yarl import URL

from tasks.fetch.address import literal
from tasks.fetch.reasons import PERMANENT

MOST_HOPS = 10
NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,252})\.?")
"""What a host may be written with once international names are in their ASCII form; 253 letters (RFC 1035)."""


class BadAddressError(ValueError):
    """Not an address that can be asked; the message is for people."""


class BadRedirectError(Exception):
    """A redirect that is not followed; the message is for people."""


class Journey:
    """Where a fetch started, where it is, and what may be sent there."""

    def __init__(self, address: str) -> None:
        """Raise BadAddressError for anything but a proper http(s) address."""
        start = _url(address)
        self.user, self.password = start.user, start.password
        self.url = start.with_user(None) if start.raw_user else start
        self._home = self.url.origin()
        self.at_home = True
        """Whether this is still the origin that the first address names: scheme, host and port."""
        self._seen = {self.url}
        self._permanent = True
        self.moved_to: str | None = None
        self.hops = 0
        self.seconds = 0.0

    @property
    def address(self) -> str:
        """Where the journey is, without credentials."""
        return str(self.url)

    @property
    def numeric(self) -> str | None:
        """The host, if it is written as a number."""
        found = literal(self.url.raw_host or "")
        return str(found) if found else None

    def follow(self, status: int, location: str) -> None:
        """Go where a redirect points; raises BadRedirectError when that is not to be followed."""
        try:
            target = _url(str(self.url.join(_read(location.strip())))).with_user(None)
        except ValueError as error:
            raise BadRedirectError(f"{status} to '{location[:200]}': {error}") from error
        if self.url.scheme == "https" and target.scheme == "http":
            raise BadRedirectError(f"{status} from https to http: {str(target)[:200]}")
        if target in self._seen:
            raise BadRedirectError(f"{status} in a circle, back to {str(target)[:200]}")
        if self.hops == MOST_HOPS:
            raise BadRedirectError(f"more than {MOST_HOPS} redirects")
        self._seen.add(target)
        self.hops += 1
        self.url = target
        self.at_home = target.origin() == self._home
        self._permanent = self._permanent and status in PERMANENT
        if self._permanent:
            self.moved_to = str(target.with_user(self.user).with_password(self.password) if self.at_home else target)


def _url(address: str) -> URL:
    url = _read(address)
    if url.scheme not in ("http", "https"):
        raise BadAddressError("only http and https are fetched")
    host = url.raw_host
    if not host:
        raise BadAddressError("no host is named")
    if found := literal(host):
        url = url if str(found) == host else url.with_host(str(found))
    elif not NAME.fullmatch(host):
        raise BadAddressError("the host is not a name")
    return url.with_fragment(None) if url.raw_fragment else url


def _read(address: str) -> URL:
    try:
        return URL(address)  # ValueError: brackets, ports, backslashes
    except IndexError as error:  # yarl 1.25 on brackets before an at sign
        raise BadAddressError("not an address") from error
