import gzip

from schemas.feed import Child, ParsedFeed
from tasks.costs import Watch
from tasks.fetch.feeds import ToParse, parse_feed
from tasks.fetch.sitemap import MOST_PAGES

URL = "https://beacon.example/sitemap.xml"
NEWS = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'


def parse(body: bytes) -> ParsedFeed:
    feed = parse_feed(ToParse(body, URL, "application/xml"), Watch())
    assert isinstance(feed, ParsedFeed), feed
    return feed


def page(number: int, changed: str = "") -> str:
    return f"<url><loc>https://beacon.example/{number}</loc>{changed}</url>"


def test_the_pages_changed_last_are_read_of_a_large_sitemap() -> None:
    dated = "".join(page(number, f"<lastmod>2024-01-{number % 28 + 1:02}</lastmod>") for number in range(MOST_PAGES))
    feed = parse(f"<urlset>{page(-1)}{dated}{page(-2, '<lastmod>2025-01-01T00:00:00Z</lastmod>')}</urlset>".encode())
    assert feed.kind == "sitemap"
    assert len(feed.entries) == MOST_PAGES
    assert feed.entries[0].url == "https://beacon.example/-2"
    assert [entry.updated for entry in feed.entries] == sorted((entry.updated or "" for entry in feed.entries), reverse=True)
    assert all(entry.title is None and entry.published is None for entry in feed.entries)


def test_a_packed_sitemap_is_read_and_one_that_breaks_off_loses_its_last_page() -> None:
    whole = f"<urlset>{page(1)}{page(2)}{page(3)}</urlset>".encode()
    assert len(parse(gzip.compress(whole)).entries) == 3
    cut = parse(whole[:-20])
    assert (len(cut.entries), cut.complete) == (2, False)


def test_any_prefix_or_none_may_name_the_news() -> None:
    said = "<n:news><n:publication><n:language>fr</n:language></n:publication><n:publication_date>2024-06-20</n:publication_date>"
    feed = parse(
        f"<urlset {NEWS}><url><loc>/a</loc>{said}<n:title>Titre &amp;amp; suite</n:title></n:news></url>{page(1)}</urlset>".encode()
    )
    assert feed.kind == "news-sitemap"
    first, second = feed.entries
    assert (first.url, first.title, first.language, first.published) == ("https://beacon.example/a", "Titre & suite", "fr", "2024-06-20")
    assert second.title is None


def test_an_index_names_its_sitemaps_in_its_order() -> None:
    rows = ("<sitemap><loc>/b.xml.gz</loc><lastmod> 2024-06-20 </lastmod></sitemap>", "<sitemap><loc>mailto:x</loc></sitemap>")
    feed = parse(f"<sitemapindex>{''.join(rows)}<sitemap><loc>/a.xml</loc></sitemap></sitemapindex>".encode())
    assert feed.kind == "sitemap-index"
    assert feed.entries == ()
    assert feed.children == (Child(url="https://beacon.example/b.xml.gz", modified="2024-06-20"), Child(url="https://beacon.example/a.xml"))


def test_damaged_xml_gives_what_can_be_read() -> None:
    feed = parse(f"<urlset>{page(1)}<url><loc>https://beacon.example/?a=1&b=2</loc></url>{page(3)}</urlset>".encode())
    assert len(feed.entries) == 3
