import asyncio
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from schemas.feed import HostState
from schemas.settings import Settings
from tasks.fetch.asking import Asker
from tasks.fetch.find import Found, NotFound, find_feed, sitemaps
from tasks.fetch.hosts import Hosts
from tasks.fetch.http import Client
from tasks.workers import Workers
from tests.site.faults import GOOD
from tests.site.server import Handler, Seen, Server, response

SETTINGS = Settings(workers=1, host_delay=0, allow_networks=(ip_network("127.0.0.0/8"),))
HTML, XML = "text/html; charset=utf-8", "text/xml"
NEWS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url>'
    "<loc>http://127.0.0.1/a.html</loc><n:news><n:title>Ferry back in service</n:title></n:news></url></urlset>"
)
OLD = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://127.0.0.1/about.html</loc></url></urlset>'
INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/old.xml</loc></sitemap>'
    "<sitemap><loc>/fresh-news.xml</loc></sitemap></sitemapindex>"
)
Site = dict[str, str | bytes | tuple[str, str]]
"""What stands at a path; two texts: a redirect, with its status and target."""


def holds(site: Site) -> Handler:
    """Return a handler that has these pages and no others."""

    async def handler(seen: Seen, writer: asyncio.StreamWriter) -> None:
        match site.get(seen.path):
            case None:
                writer.write(response(b"No.", "404 Not Found"))
            case (status, target):
                writer.write(response(b"", status, location=target))
            case str() | bytes() as body:
                sent = body.encode() if isinstance(body, str) else body
                writer.write(response(sent, content_type=HTML if b"<html" in sent else XML))

    return handler


def page(*feeds: str, body: str = "") -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" title="Feed {name}" href="{name}">' for name in feeds)
    return f"<!DOCTYPE html><html><head><title>Harbour</title>{links}</head><body>{body}</body></html>"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(SETTINGS) as pool:
        yield pool


@pytest.fixture
def look(workers: Workers) -> Callable[..., Found | NotFound]:
    """What is found at an address."""

    def run(url: str, known: tuple[HostState, ...] = ()) -> Found | NotFound:
        async def ask() -> Found | NotFound:
            async with Client(SETTINGS) as client:
                return await find_feed(url, Asker(client, Hosts(SETTINGS, client.get, known), workers, known))

        return asyncio.run(ask())

    return run


Look = Callable[..., Found | NotFound]


def found(look: Look, site: Site, path: str = "/") -> tuple[str, list[str], list[str]]:
    """Return which feed of a site is found, which others it names, and what was asked for, all as paths."""
    with Server(holds(site)) as server:
        result = look(server.url + path)
        assert isinstance(result, Found), result
        others = [url.removeprefix(server.url) for url, _ in result.others]
        return result.feed.url.removeprefix(server.url), others, [seen.path for seen in server.requests]


def test_a_feed_is_found_at_once(look: Look) -> None:
    assert found(look, {"/feed.xml": GOOD}, "/feed.xml") == ("/feed.xml", [], ["/robots.txt", "/feed.xml"])


def test_title_and_site_come_from_the_feed(look: Look) -> None:
    with Server(holds({"/": page("/feed.xml"), "/feed.xml": GOOD})) as server:
        result = look(f"{server.url}/")
    assert isinstance(result, Found)
    assert (result.feed.title, result.feed.site_url, result.kind, result.items) == ("Harbour news", "http://127.0.0.1/", "rss", 1)


def test_the_first_named_feed_that_can_be_read_is_taken(look: Look) -> None:
    site: Site = {
        "/": page("/gone.xml", "/page.html", "/two.xml", "/three.xml"),
        "/page.html": page(),
        "/two.xml": GOOD,
        "/three.xml": GOOD,
    }
    assert found(look, site) == ("/two.xml", ["/three.xml"], ["/robots.txt", "/", "/gone.xml", "/page.html", "/two.xml"])


def test_the_usual_addresses_are_tried_and_none_twice(look: Look) -> None:
    url, others, asked = found(look, {"/": page("/rss.xml"), "/index.xml": GOOD})
    assert (url, others) == ("/index.xml", [])
    assert len(asked) == len(set(asked))


def test_the_news_sitemap_that_robots_txt_names_comes_last(look: Look) -> None:
    site: Site = {"/": page(), "/robots.txt": "Sitemap: /all.xml\nsitemap: /today-news.xml", "/all.xml": OLD, "/today-news.xml": NEWS}
    url, _, asked = found(look, site)
    assert (url, asked[-1], "/all.xml" in asked) == ("/today-news.xml", "/today-news.xml", False)


def test_an_index_leads_to_its_sitemap_of_news(look: Look) -> None:
    site: Site = {"/": page(), "/robots.txt": "Sitemap: /index.xml.gz", "/index.xml.gz": INDEX, "/fresh-news.xml": NEWS, "/old.xml": OLD}
    assert found(look, site)[0] == "/fresh-news.xml"


def test_a_sitemap_of_old_pages_is_no_feed_of_a_site(look: Look) -> None:
    with Server(holds({"/": page(), "/robots.txt": "Sitemap: /all.xml", "/all.xml": OLD})) as server:
        result = look(f"{server.url}/")
    assert isinstance(result, NotFound)
    assert (result.reason, "names none" in result.detail) == ("not_a_feed", True)


@pytest.mark.parametrize(("status", "kept"), [("301 Moved Permanently", "/new.xml"), ("302 Found", "/old.xml")])
def test_a_permanent_redirect_gives_the_address(look: Look, status: str, kept: str) -> None:
    assert found(look, {"/old.xml": (status, "/new.xml"), "/new.xml": GOOD}, "/old.xml")[0] == kept


def test_a_page_elsewhere_leads_to_the_feeds_there(look: Look) -> None:
    site: Site = {"/": ("302 Found", "/en/home"), "/en/home": page("feed.xml"), "/en/feed.xml": GOOD}
    assert found(look, site)[0] == "/en/feed.xml"


def test_what_robots_txt_forbids_us_by_name_is_not_asked_for(look: Look) -> None:
    with Server(holds({"/robots.txt": "User-agent: wirehouse\nDisallow: /", "/": page("/feed.xml"), "/feed.xml": GOOD})) as server:
        result = look(f"{server.url}/")
        assert [seen.path for seen in server.requests] == ["/robots.txt"]
    assert isinstance(result, NotFound)
    assert result.reason == "robots"


def test_what_no_connection_may_reach_has_its_reason(look: Look) -> None:
    ends = {url: look(url) for url in ("http://10.0.0.1/", "http://127.0.0.1:1/", "http://[::1]/", "http://192.31.196.1/")}
    assert {url: end.reason for url, end in ends.items() if isinstance(end, NotFound)} == {
        "http://10.0.0.1/": "blocked_address",
        "http://127.0.0.1:1/": "refused",
        "http://[::1]/": "blocked_address",
        "http://192.31.196.1/": None,
    }
    missing = ends["http://192.31.196.1/"]
    assert isinstance(missing, NotFound)
    assert "user_agent" in missing.detail


@pytest.mark.parametrize("body", ["<div>" * 200_000, '<a href="/feed' * 100_000, "<link rel=alternate " * 100_000, "<!--" * 300_000])
def test_a_hostile_page_leads_nowhere(look: Look, body: str) -> None:
    with Server(holds({"/": page(body=body)})) as server:
        result = look(f"{server.url}/")
    assert isinstance(result, NotFound)
    assert result.reason == "not_a_feed"


def test_sitemaps_of_robots_txt() -> None:
    robots = (
        "User-agent: *\nSitemap: https://example.org/a.xml # all\n sitemap:/news.xml\nSiteMap :ftp://example.org/b.xml\n#Sitemap: /c.xml\n"
    )
    assert sitemaps(robots, "https://example.org/x/") == ["https://example.org/news.xml", "https://example.org/a.xml"]
    assert (
        len(sitemaps("Sitemap: /a.xml\n" * 3 + "".join(f"Sitemap: /{number}.xml\n" for number in range(50_000)), "https://example.org"))
        == 4
    )
