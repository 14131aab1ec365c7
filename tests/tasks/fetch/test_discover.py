from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.fetch.discover import COMMON_PATHS, MOST_LINKS, common_addresses, feed_links

URL = "https://e.example/news/index.html"


def declared(kind: str, href: str, title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def page(head: str, body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body>{body}</body></html>".encode()


def addresses(html: bytes) -> list[str]:
    return [address for address, _ in feed_links(html, URL)]


def test_declared_feeds_come_in_their_order_and_those_of_comments_last() -> None:
    head = (
        declared("application/rss+xml", "/comments/feed/", "E &raquo; Comments Feed")
        + declared("application/rss+xml", "/feed/", "E &raquo; Feed")
        + declared("application/atom+xml; charset=utf-8", "atom.xml", "Atom")
        + declared("APPLICATION/FEED+JSON", "https://e.example/feed.json", rel="Alternate nofollow")
    )
    assert feed_links(page(head), URL) == [
        ("https://e.example/feed/", "E » Feed"),
        ("https://e.example/news/atom.xml", "Atom"),
        ("https://e.example/feed.json", None),
        ("https://e.example/comments/feed/", "E » Comments Feed"),
    ]


def test_what_is_no_feed_is_left_out() -> None:
    head = (
        declared("application/json", "https://e.example/wp-json/wp/v2/pages/2")
        + declared("application/json", "/feed.json")
        + declared("text/html", "/fr/")
        + declared("application/rss+xml", "javascript:alert(1)")
        + declared("application/rss+xml", "")
        + '<link rel="stylesheet" href="/rss.css"><link rel="alternate" hreflang="fr" href="/feed-fr">'
    )
    assert addresses(page(head)) == ["https://e.example/feed.json"]


def test_links_that_look_like_feeds_come_after_those_declared() -> None:
    body = (
        '<a href="https://other.example/rss">Partner</a><a href="/rss.xml"><img alt="">RSS</a><a href="/feedback">Feedback</a>'
        '<a href="/rss.html">All</a>'
        '<a href="/?feed=rss2">x</a><a href="feed://e.example/a/atom">y</a><a href="/press">Press</a>'
    )
    found = feed_links(page(declared("application/rss+xml", "/declared"), body), URL)
    assert [address for address, _ in found] == [
        "https://e.example/declared",
        "https://e.example/rss.xml",
        "https://e.example/?feed=rss2",
        "https://e.example/a/atom",
        "https://other.example/rss",
    ]
    assert found[1][1] == "RSS"


def test_addresses_are_completed_with_the_base_of_the_page() -> None:
    assert addresses(page('<base href="https://cdn.example/x/">' + declared("application/rss+xml", "f.xml"))) == [
        "https://cdn.example/x/f.xml"
    ]


def test_the_number_of_candidates_is_bounded() -> None:
    body = "".join(f'<a href="/rss/{number}">r</a>' for number in range(50_000))
    assert len(addresses(page("", body))) == MOST_LINKS


def test_a_deeply_nested_page_is_survived() -> None:
    html = page(declared("application/rss+xml", "/feed"), "<div>" * 100_000)
    assert addresses(html) == ["https://e.example/feed"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="<>a/\"'= relinkhrefbaseypt:[]", max_size=300).map(str.encode))
def test_nothing_raises(html: bytes) -> None:
    assert isinstance(feed_links(html, URL), list)


def test_the_usual_places_are_on_the_site_of_the_page() -> None:
    assert common_addresses("https://e.example/") == [f"https://e.example{path}" for path in COMMON_PATHS]
    assert common_addresses("https://e.example/blog")[0] == "https://e.example/blog/feed"
