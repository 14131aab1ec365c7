"""Which network addresses may be connected to: globally routable unicast, and what the settings open besides.

host as written | literal in any notation | unwrapped from what carries it | opened by the settings? public? | socket
The check stands where the socket is made, so that no notation, redirect or name that changes its answer gets round it.
"""

import socket
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import unquote

from schemas.errors import UsageError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""An item of `socket.getaddrinfo`: family, type, protocol, canonical name, socket address."""

NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # answers inside a cloud for its metadata and DNS, although the registry calls it global
        "192.0.0.0/24",  # IETF protocol assignments, another cloud's metadata among them; older Pythons know only parts
        "192.88.99.0/24",  # relays of 6to4, withdrawn (RFC 7526)
        "64:ff9b:1::/48",  # translation inside one network (RFC 8215)
        "3fff::/20",  # documentation (RFC 9637), later than some Pythons
    )
)
"""What `ipaddress` calls global in some version and is not ours to ask."""

UNICAST_V6 = IPv6Network("2000::/3")  # all that has been given out for global unicast (RFC 4291)
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; the last 32 bits are the IPv4 address that is reached
CARRIERS_LOW = (NAT64, IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
"""Prefixes with an IPv4 address in their last 32 bits: NAT64 twice, IPv4-compatible, IPv4-translated."""
ISATAP = (0x00005EFE, 0x02005EFE)  # the upper half of its interface identifiers (RFC 5214)
LOW_32 = 0xFFFFFFFF

ASK_FOR_CONTACT = (
    "Public sites are asked only by somebody who can be reached: set user_agent in wirehouse.toml or WIREHOUSE_USER_AGENT"
    " to a name with an address or mail, such as 'my-news/1.0 (+https://example.org/bot)'."
)


class ForbiddenAddressError(OSError):
    """An address that must not be connected to; an OSError, because that is what connecting may raise."""


class Guard:
    """Decides for every socket whether its address may be connected to.

    `opened` are networks let through although they are not public; `reachable` is whether requests say who asks.
    """

    def __init__(self, opened: Sequence[Network], reachable: bool) -> None:
        self._opened = tuple(opened)
        self._reachable = reachable

    def check(self, address: str) -> None:
        """Return when the numeric address may be connected to.

        Raises ForbiddenAddressError when it is neither public nor opened, UsageError when it is public and requests
        do not say where their sender can be reached.
        """
        parsed = _parsed(address)
        if self.is_opened(parsed):
            return
        if why := forbidden(parsed):
            raise ForbiddenAddressError(f"{address} is {why}")
        if not self._reachable:
            raise UsageError(ASK_FOR_CONTACT)

    def is_opened(self, address: Address) -> bool:
        """Return whether the settings let the address through; an IPv4 network covers its mapped IPv6 form."""
        address = _unmapped(address)
        return any(address.version == network.version and address in network for network in self._opened)

    def make_socket(self, info: AddressInfo) -> socket.socket:
        """Return an unconnected socket for an address that passed the check; raises like `check`."""
        family, kind, protocol, _, address = info
        self.check(str(address[0]))
        return socket.socket(family, kind, protocol)


def forbidden(address: Address) -> str | None:
    """Return why an address is not globally routable unicast, or None when it is.

    IPv6 addresses that carry an IPv4 address are as forbidden as what they carry.
    """
    address = _unmapped(address)
    if address.is_multicast:
        return "a multicast address"
    if not _public(address):
        return "not a public address"
    if isinstance(address, IPv6Address) and any(forbidden(inner) for inner in carried(address)):
        return "a wrapping of an address that is not public"
    return None


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in NAT64:  # the registry calls it global in some versions; what it carries decides
            return True
        if address not in UNICAST_V6:
            return False
    listed = any(address.version == network.version and address in network for network in NOT_PUBLIC)
    return address.is_global and not address.is_reserved and not listed


def carried(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address carries by its form: 6to4, Teredo, NAT64, ISATAP and kin."""
    number = int(address)
    if any(address in network for network in CARRIERS_LOW) or (number >> 32) & LOW_32 in ISATAP:
        yield IPv4Address(number & LOW_32)
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo


@lru_cache(1_024)  # the same hosts over and over
def literal(host: str) -> Address | None:
    """Return the address that a host is a notation of, or None when it is a name.

    Understands what the C library's resolver understands (decimal, hexadecimal, octal, short forms), and looks through
    percent-encoding, full-width digits and a dot at the end.
    """
    plain = unicodedata.normalize("NFKC", unquote(host)).strip("[]").removesuffix(".")
    try:
        return ip_address(plain)
    except ValueError:
        pass
    if not plain[:1].isdigit() or any(letter.isspace() for letter in plain):
        return None
    try:
        return IPv4Address(socket.inet_aton(plain))
    except (OSError, AddressValueError, UnicodeError, ValueError):
        return None


_parsed = lru_cache(1_024)(ip_address)  # the same addresses over and over, too


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
