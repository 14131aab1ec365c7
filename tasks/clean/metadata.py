"""What a page says about its article outside the text: JSON-LD before meta before `<time>`."""

import re
from dataclasses import dataclass, field, replace
from functools import cache
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from schemas.article import Stamp
from tasks.clean.authors import NOBODY, Found, shown_authors, stated_authors
from tasks.clean.dateline import AFTER, BEFORE, date_beside, only_time
from tasks.clean.dates import Clock
from tasks.clean.folding import squeeze
from tasks.clean.jsonld import Node, article_node
from tasks.clean.lexicon import LANGUAGES, lexicon, read_rules
from tasks.clean.nearby import pieces_after, pieces_before
from tasks.clean.stamps import machine_stamp
from tasks.clean.titles import Site, Title, choose_title, site_of
from tasks.clean.url import absolute_url


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(read_rules("meta")[kind])


@dataclass(slots=True)
class PageMetadata:
    """Facts of a page's head; what is unknown is None or empty."""

    title: str | None = None
    heading: HtmlElement | None = None
    """The heading that shows the title."""
    description: str | None = None
    lead: tuple[str, ...] = ()
    """The lines between title and body, once the body is known."""
    body: str | None = None
    """The text of the article in the structured data, with or without markup."""
    byline: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None
    section: str | None = None
    image_url: str | None = None
    canonical: str | None = None
    language: str | None = None
    free: bool | None = None
    """What isAccessibleForFree says, if it says anything."""


@dataclass(slots=True)
class _Head:
    node: Node
    meta: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *names: str) -> str | None:
        return next((v for n in names for v in self.meta.get(n, ()) if v), None)


def read_metadata(tree: HtmlElement, url: str | None, clock: Clock) -> PageMetadata:
    """Return what the page's JSON-LD, meta elements, links and `<time>` say, each by the strongest of them."""
    head = _Head(article_node(tree), _meta(tree))
    declared = _language(tree, head)
    site = site_of(_called(head), url or head.first("og:url"))
    title = _title(tree, head, site)
    beside = (pieces_before(title.heading, BEFORE), pieces_after(title.heading, AFTER)) if title.heading is not None else None
    texts = [piece.text for piece in (*reversed(beside[0]), *beside[1])] if beside else []
    people, agencies = _authors(tree, head, site, texts, declared if declared in LANGUAGES else "en")
    clock = replace(clock, day_first=lexicon().languages[declared].day_first if declared in LANGUAGES else clock.day_first)
    published, updated = _dates(tree, head, clock)
    if published is None:
        published = (date_beside(*beside, clock) if beside else only_time(tree, clock)) or _first_stamp(head, "published_weak", clock)
    base = url or head.first("og:url")
    return PageMetadata(
        title=title.text,
        heading=title.heading,
        description=_text(head.node.get("alternativeHeadline"))
        or _text(head.node.get("description"))
        or _text(head.first("og:description", "description")),
        body=_body(head.node),
        byline=people,
        agency=agencies,
        published=published,
        updated=updated if not published or not updated or updated.at > published.at else None,
        section=_text(_one(head.node.get("articleSection"))) or _text(head.first(*_names("sections"))),
        image_url=_image(head, base),
        canonical=_canonical(tree, head, url),
        language=declared,
        free=_free(head.node),
    )


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.xpath(".//meta[@content]"):
        content = squeeze(element.get("content") or "")
        for key in ("property", "name", "itemprop", "http-equiv"):
            name = (element.get(key) or "").strip().lower()
            if name and content:
                found.setdefault(name, []).append(content)
    return found


def _text(value: Any) -> str | None:
    return squeeze(unescape(value)) or None if isinstance(value, str) else None


def _body(node: Node) -> str | None:
    value = node.get("articleBody")
    return unescape(value) if isinstance(value, str) else None


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _title(tree: HtmlElement, head: _Head, site: Site) -> Title:
    said = (_text(head.node.get("headline")), _text(head.first("og:title")), _text(head.first("twitter:title")))
    page = _text("".join(tree.xpath("string(.//title)")))
    return choose_title(tree, said, page, site)


def _called(head: _Head) -> tuple[str | None, ...]:
    """Return the names that the head gives the site."""
    publisher = head.node.get("publisher")
    name = publisher.get("name") if isinstance(publisher, dict) else None
    handle = (head.first("twitter:site") or "").lstrip("@")
    return (name if isinstance(name, str) else None, head.first("og:site_name"), head.first("application-name"), handle)


def _authors(tree: HtmlElement, head: _Head, site: Site, beside: list[str], language: str) -> Found:
    stated = [head.node.get("author"), head.node.get("creator"), *(head.meta.get(name) for name in _names("authors"))]
    found = stated_authors(stated, site)
    if found == NOBODY:
        found = shown_authors(tree, beside, site, language)
    return found if found != NOBODY else stated_authors([head.meta.get(name) for name in _names("authors_weak")], site)


def _dates(tree: HtmlElement, head: _Head, clock: Clock) -> tuple[Stamp | None, Stamp | None]:
    published = machine_stamp(_one(head.node.get("datePublished")), "json-ld", clock) or machine_stamp(
        _one(head.node.get("dateCreated")), "json-ld", clock
    )
    updated = machine_stamp(_one(head.node.get("dateModified")), "json-ld", clock)
    published = published or _first_stamp(head, "published", clock) or _time_element(tree, clock)
    return published, updated or _first_stamp(head, "updated", clock)


def _first_stamp(head: _Head, kind: str, clock: Clock) -> Stamp | None:
    return next((s for n in _names(kind) for v in head.meta.get(n, ()) if (s := machine_stamp(v, "meta", clock))), None)


def _time_element(tree: HtmlElement, clock: Clock) -> Stamp | None:
    """Return the date of a `<time>` that is marked as the publication's; an unmarked one may belong to a teaser."""
    marked = tree.xpath('.//time[@pubdate or contains(@itemprop, "datePublished")] | .//*[@itemprop="datePublished"]')
    for element in marked[:5]:
        for value in (element.get("datetime"), element.get("content"), "".join(element.itertext())[:100]):
            stamp = machine_stamp(value, "time", clock) if value else None
            if stamp:
                return stamp
    return None


def _image(head: _Head, base: str | None) -> str | None:
    image = _one(head.node.get("image"))
    candidate = image.get("url") if isinstance(image, dict) else image
    return absolute_url(_text(_one(candidate)), base) or absolute_url(head.first("og:image", "og:image:url", "twitter:image"), base)


def _canonical(tree: HtmlElement, head: _Head, url: str | None) -> str | None:
    links = tree.xpath('.//link[contains(concat(" ", translate(@rel, "CANOIL", "canoil"), " "), " canonical ")]/@href')
    return next((a for link in links[:3] if (a := absolute_url(str(link), url))), None) or absolute_url(head.first("og:url"), url)


def _language(tree: HtmlElement, head: _Head) -> str | None:
    """Return the declared language as ISO 639-1, or None."""
    root = tree.xpath("ancestor-or-self::html/@lang")
    for value in (
        *(str(v) for v in root),
        _one(head.node.get("inLanguage")),
        head.first("og:locale", "content-language", "dc.language", "language"),
    ):
        code = re.split(r"[-_]", value.strip().lower())[0] if isinstance(value, str) else ""
        if len(code) == 2 and code.isalpha():
            return code
    return None


def _free(node: Node) -> bool | None:
    value = node.get("isAccessibleForFree")
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower().rsplit("/", 1)[-1]) if isinstance(value, str) else None
