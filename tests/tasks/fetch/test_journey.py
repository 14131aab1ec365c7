import contextlib
import random

import pytest

from tasks.fetch.journey import MOST_HOPS, BadRedirectError, Journey

HOME = "https://news.example/feed"


@pytest.mark.parametrize(
    "location",
    [
        "http://news.example/feed", "http://other.example/", "ftp://news.example/", "javascript:alert(1)", "mailto:a@news.example", "https://",
        "https://news.example:0x50/", "https://a b.example/", "https://[news.example]/", "https://" + "a" * 300 + ".example/", "https:///feed",
        "https://news_.example\\@other.example/", "https://exa<mple.org/", "http://[]a@", HOME, "", "#top", "/feed#top", "HTTPS://NEWS.EXAMPLE:443/feed",
    ],
)  # fmt: skip
def test_what_is_not_followed(location):
    journey = Journey(HOME)
    with pytest.raises(BadRedirectError, match="301"):
        journey.follow(301, location)
    assert (journey.address, journey.hops, journey.moved_to) == (HOME, 0, None)


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("/rss", "https://news.example/rss"),
        ("//other.example/rss", "https://other.example/rss"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        (" https://news.example/a b ", "https://news.example/a%20b"),
        ("https://reader:secret@other.example/", "https://other.example/"),
        ("https://134744072/", "https://8.8.8.8/"),
        ("https://news.example./rss#top", "https://news.example./rss"),
    ],
)
def test_where_redirects_lead(location, address):
    journey = Journey(HOME)
    journey.follow(302, location)
    assert journey.address == address


def test_encryption_is_gained_but_not_lost():
    journey = Journey("http://news.example/feed")
    journey.follow(301, HOME)
    with pytest.raises(BadRedirectError, match="from https to http"):
        journey.follow(301, "http://news.example/other")


def test_redirects_end():
    journey = Journey(HOME)
    for number in range(MOST_HOPS):
        journey.follow(308, f"/{number}")
    with pytest.raises(BadRedirectError, match="more than 10"):
        journey.follow(308, "/another")
    assert journey.moved_to == f"https://news.example/{MOST_HOPS - 1}"


def test_a_circle_is_seen_whichever_way_it_goes():
    journey = Journey(HOME)
    journey.follow(302, "https://other.example/")
    journey.follow(302, "/second")
    with pytest.raises(BadRedirectError, match="circle"):
        journey.follow(302, HOME)


def test_home_is_one_origin():
    journey = Journey("http://reader:secret@news.example/feed")
    journey.follow(301, "/rss")
    assert journey.at_home
    assert journey.moved_to == "http://reader:secret@news.example/rss"
    for away in ("http://news.example:8080/rss", "https://news.example/rss", "https://www.news.example/rss"):
        journey.follow(301, away)
        assert not journey.at_home
        assert journey.moved_to == away


PIECES = (
    "http://", "https://", "//", "/", "\\", "@", ":", "[", "]", "%", "%00", "127.0.0.1", "::ffff:", "0x", "1", "a", "é", "①", "..", ".",
    "?", "#", "\0", " ", "\t", "\r\n", "\udce9", "xn--", "ß", "\u3002", "\u200b", "65536", "ا1", "{", "x" * 70,
)  # fmt: skip


def test_no_address_is_too_odd():
    drawn = random.Random(7)
    for _ in range(2_000):
        odd = "".join(drawn.choices(PIECES, k=drawn.randint(0, 8)))
        for address in (odd, f"http://{odd}"):
            with contextlib.suppress(BadRedirectError):
                Journey(HOME).follow(301, address)
            with contextlib.suppress(ValueError):
                Journey(address)
