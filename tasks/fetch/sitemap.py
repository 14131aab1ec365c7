"""Sitemaps (sitemaps.org), news sitemaps and sitemap indexes."""

import heapq
from collections.abc import Iterator
from typing import Any

from schemas.feed import Child, NotParsed, ParsedFeed
from tasks.fetch.entries import Draft, clean, keyed, link, title_text
from tasks.fetch.frame import Framed

MOST_PAGES = 2000
"""Addresses of a plain sitemap that are read, those changed last; it may list 50,000 of all years."""
MOST_NEWS = 5000
"""Articles of a news sitemap; the standard allows 1,000."""
MOST_CHILDREN = 5000
"""Sitemaps of an index."""


def parse_sitemap(document: Framed, url: str) -> ParsedFeed | NotParsed:
    """Return the pages of a sitemap (news sitemaps with title, date and language) or the sitemaps of an index."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(document.text.encode("utf-8"), parser)
    if root is None:
        return NotParsed(reason="not_a_feed", detail="XML that cannot be read")
    if document.root == "sitemapindex":
        children = list(_children(root, url))
        kept = children if document.complete else children[:-1]
        return ParsedFeed(kind="sitemap-index", children=tuple(kept[:MOST_CHILDREN]), complete=document.complete)
    rows = [node for node in root if _name(node) == "url"]
    drafts = [_draft(node, url) for node in (rows if document.complete else rows[:-1])]
    drafts = [draft for draft in drafts if draft.url]
    news = any(draft.title for draft in drafts)
    chosen = drafts[:MOST_NEWS] if news else heapq.nlargest(MOST_PAGES, drafts, key=lambda draft: draft.updated or "")
    return ParsedFeed(kind="news-sitemap" if news else "sitemap", entries=keyed(chosen), complete=document.complete)


def _children(root: Any, base: str) -> Iterator[Child]:
    for node in root:
        fields = _fields(node)
        address = link(fields.get("loc"), base)
        if _name(node) == "sitemap" and address:
            yield Child(url=address, modified=clean(fields.get("lastmod")))


def _draft(node: Any, base: str) -> Draft:
    page = _fields(node)
    news = next((_fields(child, deep=True) for child in node if _name(child) == "news"), {})
    image = next((_fields(child).get("loc") for child in node if _name(child) == "image"), None)
    return Draft(
        url=link(page.get("loc"), base),
        title=title_text(news.get("title")),
        published=clean(news.get("publication_date")),
        updated=clean(page.get("lastmod")),
        language=clean(news.get("language")),
        image_url=link(image, base),
    )


def _name(node: Any) -> str:
    return node.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(node.tag, str) else ""


def _fields(node: Any, *, deep: bool = False) -> dict[str, str]:
    """Return the texts of an element's children by their local names, the first of each."""
    found: dict[str, str] = {}
    for child in node.iter() if deep else node:
        if child is not node and child.text:
            found.setdefault(_name(child), child.text)
    return found
