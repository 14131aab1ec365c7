"""What a page's head says of its article, source by source: each field as (rule, value) pairs, the most trusted first.

Cleaning takes the first pair; `wirehouse explain` shows them all. Nothing is read before it is asked for.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any, TypeVar

from lxml.html import HtmlElement

from schemas.article import Stamp
from tasks.clean.dates import Clock
from tasks.clean.folding import squeeze
from tasks.clean.jsonld import Node, article_node
from tasks.clean.lexicon import read_rules
from tasks.clean.stamps import machine_stamp
from tasks.clean.url import absolute_url
from tasks.clean.values import text_pieces

MOST_KEYWORDS = 40
"""Keywords of one article: pages that stuff theirs have hundreds."""
KEYWORD_LONGEST = 80
"""Characters of the longest keyword; a longer one is a sentence."""
MOST_TIMES = 5
_COMMAS = re.compile(r"\s*[,;|]\s*")
_DIRECTIVES = frozenset(("noai", "noimageai", "noarchive", "nosnippet", "noindex", "nocache"))
"""Of what robots are told, that which concerns keeping and reuse."""
T = TypeVar("T")
Said = Iterator[tuple[str, T]]


def first_said(pairs: Iterable[tuple[str, T]]) -> tuple[str | None, T | None]:
    """Return the rule and the value of the first pair, (None, None) when nothing is said."""
    return next(iter(pairs), (None, None))


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(read_rules("meta")[kind])


@dataclass(frozen=True, slots=True)
class PageHead:
    """The JSON-LD node of a page's article and its meta elements, with the page."""

    tree: HtmlElement
    url: str | None
    node: Node
    meta: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *names: str) -> str | None:
        """Return the content of the first meta element of these names, in the order of the names."""
        return next((value for _, value in self._metas(names)), None)

    @property
    def base(self) -> str | None:
        """The address that relative ones are read against."""
        return self.url or self.first("og:url")

    def _metas(self, names: Iterable[str]) -> Said[str]:
        return ((f"meta:{name}", value) for name in names for value in self.meta.get(name, ()) if value)

    def titles(self) -> Said[str]:
        """Give the titles that the head declares, without that of `<title>`."""
        return _texts([("json-ld:headline", self.node.get("headline")), *self._metas(("og:title", "twitter:title"))])

    def page_title(self) -> str | None:
        """Return the text of `<title>`."""
        return _text("".join(self.tree.xpath("string(.//title)")))

    def site_names(self) -> tuple[str | None, ...]:
        """Return the names that the head gives the site."""
        publisher = self.node.get("publisher")
        name = publisher.get("name") if isinstance(publisher, dict) else None
        handle = (self.first("twitter:site") or "").lstrip("@")
        return (name if isinstance(name, str) else None, self.first("og:site_name"), self.first("application-name"), handle)

    def authors(self) -> Said[Any]:
        """Give the values that name authors, in whatever form."""
        yield "json-ld:author", self.node.get("author")
        yield "json-ld:creator", self.node.get("creator")
        yield from ((f"meta:{name}", self.meta.get(name)) for name in _names("authors"))

    def weak_authors(self) -> Said[Any]:
        """Give the values that name the site's owner as often as the author."""
        return ((f"meta:{name}", self.meta.get(name)) for name in _names("authors_weak"))

    def descriptions(self) -> Said[str]:
        """Give what describes the article in a sentence or two."""
        stated = ((f"json-ld:{key}", self.node.get(key)) for key in ("alternativeHeadline", "description"))
        return _texts([*stated, *self._metas(("og:description", "description"))])

    def published(self, clock: Clock) -> Said[Stamp]:
        """Give the dates of publication that are marked as such."""
        for key in ("datePublished", "dateCreated"):
            yield from _stamped(f"json-ld:{key}", self.node.get(key), clock)
        for rule, value in self._metas(_names("published")):
            yield from _stamped(rule, value, clock)
        yield from self._times(clock)

    def weak_published(self, clock: Clock) -> Said[Stamp]:
        """Give the dates that may as well be those of a change."""
        for rule, value in self._metas(_names("published_weak")):
            yield from _stamped(rule, value, clock)

    def updated(self, clock: Clock) -> Said[Stamp]:
        """Give the dates of the last change."""
        yield from _stamped("json-ld:dateModified", self.node.get("dateModified"), clock)
        for rule, value in self._metas(_names("updated")):
            yield from _stamped(rule, value, clock)

    def _times(self, clock: Clock) -> Said[Stamp]:
        """Give the dates of `<time>` elements that are marked as the publication's; an unmarked one may belong to a teaser."""
        marked = self.tree.xpath('.//time[@pubdate or contains(@itemprop, "datePublished")] | .//*[@itemprop="datePublished"]')
        for element in marked[:MOST_TIMES]:
            for value in (element.get("datetime"), element.get("content"), "".join(element.itertext())[:100]):
                stamp = machine_stamp(value, "time", clock) if value else None
                if stamp:
                    yield "time:datePublished", stamp
                    break

    def sections(self) -> Said[str]:
        """Give the names of the section."""
        return _texts([("json-ld:articleSection", one(self.node.get("articleSection"))), *self._metas(_names("sections"))])

    def keywords(self) -> Said[tuple[str, ...]]:
        """Give the lists of keywords."""
        tags = ("article:tag", "parsely-tags", "sailthru.tags", "news_keywords", "keywords")
        for rule, value in (("json-ld:keywords", self.node.get("keywords")), *((f"meta:{name}", self.meta.get(name)) for name in tags)):
            found = keywords_in(value)
            if found:
                yield rule, found

    def images(self) -> Said[str]:
        """Give the addresses of the lead picture."""
        image = one(self.node.get("image"))
        stated = one(image.get("url") if isinstance(image, dict) else image)
        for rule, value in (("json-ld:image", stated), *self._metas(("og:image", "og:image:url", "twitter:image"))):
            address = absolute_url(_text(value), self.base)
            if address:
                yield rule, address

    def canonicals(self) -> Said[str]:
        """Give the addresses that the page calls its own."""
        links = self.tree.xpath('.//link[contains(concat(" ", translate(@rel, "CANOIL", "canoil"), " "), " canonical ")]/@href')
        said = (*(("link:canonical", str(link)) for link in links[:3]), *self._metas(("og:url",)))
        return ((rule, address) for rule, value in said if (address := absolute_url(value, self.url)))

    def languages(self) -> Said[str]:
        """Give the declared languages as ISO 639-1 codes."""
        roots = self.tree.xpath("ancestor-or-self::html/@lang")
        metas = self._metas(("og:locale", "content-language", "dc.language", "language"))
        for rule, value in (*(("html:lang", str(v)) for v in roots), ("json-ld:inLanguage", one(self.node.get("inLanguage"))), *metas):
            code = re.split(r"[-_]", value.strip().lower())[0] if isinstance(value, str) else ""
            if len(code) == 2 and code.isascii() and code.isalpha():
                yield rule, code

    def rights(self) -> tuple[str, ...]:
        """Return what the page says about its reuse: directives to all robots, the TDM Reservation Protocol, a licence."""
        directives = re.split(r"[,\s]+", (self.first("robots") or "").lower())
        found = [directive for directive in directives if directive in _DIRECTIVES]
        stated = (self.first("tdm-reservation") or "").strip()
        found += [f"tdm-reservation={stated}"] if stated in ("0", "1") else []
        policy, licence = self.first("tdm-policy"), _text(one(self.node.get("license"))) or self._licence()
        found += [f"{name}={value[:300]}" for name, value in (("tdm-policy", policy), ("license", licence)) if value]
        return tuple(dict.fromkeys(found))

    def _licence(self) -> str | None:
        links = self.tree.xpath('.//link[@rel="license"]/@href')
        return absolute_url(str(links[0]), self.base) if links else None

    def free(self) -> bool | None:
        """Return what isAccessibleForFree says, None when it says nothing."""
        value = self.node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False}.get(value.strip().lower().rsplit("/", 1)[-1]) if isinstance(value, str) else None

    def body(self) -> str | None:
        """Return the text of the article in the structured data, with or without markup."""
        value = self.node.get("articleBody")
        return unescape(value) if isinstance(value, str) else None


def read_head(tree: HtmlElement, url: str | None) -> PageHead:
    """Return the head of a page."""
    return PageHead(tree, url, article_node(tree), _meta(tree))


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.xpath(".//meta[@content]"):
        content = squeeze(element.get("content") or "")
        for key in ("property", "name", "itemprop", "http-equiv"):
            name = (element.get(key) or "").strip().lower()
            if name and content:
                found.setdefault(name, []).append(content)
    return found


def one(value: Any) -> Any:
    """Return the first of a list, anything else as it is."""
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str | None:
    return squeeze(unescape(value)) or None if isinstance(value, str) else None


def _texts(pairs: Iterable[tuple[str, Any]]) -> Said[str]:
    return ((rule, text) for rule, value in pairs if (text := _text(value)))


def _stamped(rule: str, value: Any, clock: Clock) -> Said[Stamp]:
    stamp = machine_stamp(one(value), "meta" if rule.startswith("meta:") else "json-ld", clock)
    if stamp:
        yield rule, stamp


def keywords_in(value: Any) -> tuple[str, ...]:
    """Return the keywords in a text parted by commas or in a list; a text of one long part holds none."""
    parts = (part for text in text_pieces(value) for part in _COMMAS.split(unescape(text)[: MOST_KEYWORDS * KEYWORD_LONGEST]))
    words = (squeeze(part).strip(" #\"'") for part in parts)
    return tuple(dict.fromkeys(word for word in words if word and len(word) <= KEYWORD_LONGEST))[:MOST_KEYWORDS]
