"""Where a site says its feeds are: the links of its page, then the usual places."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from tasks.clean.decode import decode
from tasks.fetch.entries import link, title_text

MOST_BYTES = 2 * 2**20
"""Of a page that are looked at: feeds are named in its head, or at its foot."""
MOST_LINKS = 20
"""Candidates that are handed out."""
MOST_NODES = 5000
"""Links of a page that are looked at."""
COMMON_PATHS = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/feeds",
    "/?feed=rss2",
    "/news-sitemap.xml",
)
"""Where the feeds of sites are that name none; worth a try in this order."""
_TYPES = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/json",
        "application/xml",
        "text/xml",
    )
)
_VAGUE = frozenset(("application/json", "application/xml", "text/xml"))
"""Types of other things too (an API, an EditURI): such a link must look like a feed."""
_LOOKS = re.compile(r"(?:^|[/._?&=-])(?:rss|atom|feeds?|rdf)(?:[/._?&=-]|\d*$)|\.rdf$|feedburner", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|reply|replies|reacti", re.IGNORECASE)
_OTHER = re.compile(r"\.(?:html?|php|png|svg|jpe?g|gif|pdf|css|js|mp3)$|oembed|wp-json", re.IGNORECASE)


def feed_links(html: bytes, url: str) -> list[tuple[str, str | None]]:
    """Return the (address, title) of the feeds that a page names, best first.

    Those declared in its head come first, feeds of comments last among them, then links that look like feeds, the site's own first.
    """
    from lxml import etree

    text = decode(html[:MOST_BYTES])
    if not text or not text.strip():
        return []
    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=False, encoding="utf-8")
    root = etree.fromstring(text.encode("utf-8"), parser)
    if root is None:
        return []
    base = _base(root, url)
    declared = sorted(_declared(root, base), key=lambda found: _COMMENTS.search(f"{found[0]} {found[1]}") is not None)
    linked = sorted(_linked(root, base), key=lambda found: urlsplit(found[0]).hostname != urlsplit(url).hostname)
    first: dict[str, str | None] = {}
    for address, title in [*declared, *linked]:
        first.setdefault(address, title)
    first.pop(url, None)
    return list(first.items())[:MOST_LINKS]


def common_addresses(url: str) -> list[str]:
    """Return the usual addresses of feeds on the site of a page, nearest first: those below the page's own path, then the site's."""
    section = url.partition("?")[0].partition("#")[0].rstrip("/")
    below = [section + path for path in COMMON_PATHS[:2] if urlsplit(url).path.strip("/")]
    return [*below, *(urljoin(url, path) for path in COMMON_PATHS)]


def _base(root: Any, url: str) -> str:
    node = root.find(".//base[@href]")
    return (link(node.get("href"), url) or url) if node is not None else url


def _declared(root: Any, base: str) -> Iterator[tuple[str, str | None]]:
    for node in islice(root.iter("link"), MOST_NODES):
        words = (node.get("rel") or "")[:200].lower().split()
        kind = (node.get("type") or "")[:200].partition(";")[0].strip().lower()
        address = link(node.get("href"), base)
        if not address or not ("alternate" in words or "feed" in words) or (kind not in _TYPES and "feed" not in words):
            continue
        if kind not in _VAGUE or (_LOOKS.search(_place(address)) and not _OTHER.search(address)):
            yield address, title_text(node.get("title"))


def _linked(root: Any, base: str) -> Iterator[tuple[str, str | None]]:
    for node in islice(root.iter("a"), MOST_NODES):
        address = link(_as_http(node.get("href")), base)
        if address and _LOOKS.search(_place(address)) and not _OTHER.search(urlsplit(address).path):
            yield address, title_text("".join(node.itertext())[:200]) or title_text(node.get("title"))


def _as_http(address: str | None) -> str | None:
    """Return the web address of a `feed:` link."""
    if not address or not address.lower().startswith("feed:"):
        return address
    rest = address[len("feed:") :]
    return rest if rest.lower().startswith(("http:", "https:")) else f"https:{rest}"


def _place(address: str) -> str:
    parts = urlsplit(address)
    host = "feedburner" if "feedburner" in (parts.hostname or "") else (parts.hostname or "").partition(".")[0]
    return f"{host if host in ('feeds', 'feed', 'rss', 'feedburner') else ''}{parts.path}?{parts.query}"
