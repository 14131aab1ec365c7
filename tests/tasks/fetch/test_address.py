import socket
from ipaddress import ip_address, ip_network

import pytest

from schemas.errors import UsageError
from tasks.fetch.address import ForbiddenAddressError, Guard, forbidden, literal

NOT_OURS = (
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "::7f00:1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808", "100::1", "2001:db8::1", "2001::1",
    "2001:0:808:808:0:0:80ff:fefe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2600:1f00::5efe:127.0.0.1",
    "2600:1f00::200:5efe:10.0.0.1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
    "3fff::1", "4000::1", "5f00::1",
)  # fmt: skip
PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "192.0.1.1", "2600:1f00::1", "2a00:1450::1", "::ffff:8.8.8.8",
    "64:ff9b::808:808", "2002:808:808::1",
)  # fmt: skip
NOTATIONS = (
    "127.0.0.2", "127.2", "127.0.2", "2130706434", "0x7f000002", "0x7F.0.0.0x2", "0177.0.0.02", "017700000002", "0x7f.2",
    "127.0.0.2.", "１２７.０.０.２", "①②⑦.⓪.⓪.②", "%31%32%37.0.0.2", "127%2E0.0.2", "::ffff:127.0.0.2", "::ffff:7f00:2", "::FFFF:7F00:2",
    "[::ffff:127.0.0.2]", "0:0:0:0:0:ffff:7f00:0002",
)  # fmt: skip


@pytest.mark.parametrize("address", NOT_OURS)
def test_only_globally_routable_unicast_may_be_connected_to(address):
    assert forbidden(ip_address(address))
    with pytest.raises(ForbiddenAddressError):
        Guard((), reachable=True).check(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_through_for_those_who_say_who_they_are(address):
    assert forbidden(ip_address(address)) is None
    Guard((), reachable=True).check(address)
    with pytest.raises(UsageError, match="WIREHOUSE_USER_AGENT"):
        Guard((), reachable=False).check(address)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_is_seen_through(notation):
    found = literal(notation)
    assert found is not None
    with pytest.raises(ForbiddenAddressError):
        Guard((ip_network("127.0.0.1/32"),), reachable=True).check(str(found))


@pytest.mark.parametrize(
    "name", ["example.org", "localhost", "1.fm", "3sat.de", "0x.org", "127.0.0.2.example.org", "", "１.example", "1 2"]
)
def test_names_are_no_notations(name):
    assert literal(name) is None


def test_an_opened_network_opens_nothing_else():
    guard = Guard((ip_network("127.0.0.1/32"), ip_network("fd00:1::/64")), reachable=False)
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "fd00:1::5"):
        guard.check(address)
    for address in ("127.0.0.2", "::ffff:127.0.0.2", "::1", "64:ff9b::7f00:1", "2002:7f00:1::", "fd00:2::5"):
        with pytest.raises(ForbiddenAddressError):
            guard.check(address)


def test_no_socket_is_made_for_a_forbidden_address():
    guard = Guard((ip_network("127.0.0.1/32"),), reachable=False)
    with pytest.raises(ForbiddenAddressError):
        guard.make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.2", 80)))
    with pytest.raises(ForbiddenAddressError):
        guard.make_socket((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", 80, 0, 0)))
    with guard.make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))) as made:
        assert made.family == socket.AF_INET
