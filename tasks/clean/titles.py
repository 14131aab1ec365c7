"""The title of a page: its headings, its head and the site's name weighed against each other.

What readers see wins: a heading that agrees with the head is spelled as its author wrote it, where heads are
cut, retyped for search engines and carry the site's name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tasks.clean.folding import core, fold, squeeze

LONGEST = 300
"""Characters of the longest title; beyond, a heading holds the page's text."""
SHORTEST = 4
"""Characters from which a heading can agree with the head: fewer stand in anything."""
ALONE = 12
"""Characters from which the page's only `<h1>` is its title although the head says otherwise; fewer name a section."""
MOST_HEADINGS = 100
MOST_RUNS = 60
"""Runs of text of the longest heading that is read: a heading around a whole page is none."""
PART = 0.3
"""Share of a heading from which what the head says is its title, with a kicker or more: less is a word of it."""
LABEL = 3
"""Characters of the shortest host label that may stand for the site's name within a longer one."""
_SEPARATOR = re.compile(r"\s+(?:[|\-–—:·•»«›‹*]|::|//)+\s+|\s*\|\s*|\s+[»›]\s*|\s+:\s+|-(?=[^\W\d_]{2,6}网)")
_EDGES = " |-–—:·•»«›‹/*"
_LETTERS = re.compile(r"[\W_]+")
_WRAPPERS = frozenset(("span", "div", "small", "p", "h2", "h3", "h4", "h5", "h6"))
"""Elements that part a heading in two; the others mark words of it."""


class Title(NamedTuple):
    """A title, and the heading that shows it, if one does."""

    text: str | None
    heading: HtmlElement | None
    rule: str | None = None
    """What decided: the level of the heading and what it agrees with, or the source in the head."""


@dataclass(frozen=True, slots=True)
class _Heading:
    element: HtmlElement
    level: int
    text: str
    pieces: tuple[str, ...]
    """The text before and after its first wrapping element, where that stands at its beginning."""


@dataclass(frozen=True, slots=True)
class Site:
    """The names by which a page calls its site, letters and digits only."""

    names: frozenset[str]
    labels: frozenset[str]
    """The parts of its host that name it."""

    def is_named(self, part: str) -> bool:
        """Return whether a text is nothing but the site's name."""
        return _compact(part) in self.names

    def is_meant(self, part: str) -> bool:
        """Return whether a part after the title is the site's name, perhaps with more of it than its host says."""
        compact = _compact(part)
        if compact in self.names:
            return True
        return any(len(label) >= LABEL and (label in compact or (len(compact) >= LABEL and compact in label)) for label in self.labels)


def site_of(names: Iterable[str | None], url: str | None) -> Site:
    """Return the site of a page from what its head calls it and from its address."""
    host = _host(url or "")
    bare = host.removeprefix("www.")
    labels = bare.split(".")[:-1]
    labels = [label for label in labels if label not in ("co", "com", "org", "net", "ac", "gov", "edu")]
    known = {_compact(name) for name in (*names, bare, *labels[-1:]) if name}
    return Site(frozenset(known - {""}), frozenset(_compact(label) for label in labels[-1:]) - {""})


def _host(url: str) -> str:
    """Return the host of an address, or of the address that it carries: archives of the web put one behind their own."""
    try:
        return urlsplit(url[max(url.rfind("http://"), url.rfind("https://"), 0) :]).hostname or ""
    except ValueError:
        return ""


def _compact(text: str) -> str:
    return _LETTERS.sub("", fold(text))


def choose_title(tree: HtmlElement, said: Iterable[str | None], page: str | None, site: Site) -> Title:
    """Return the title of a page; without text when nothing on it is one.

    `said` are the titles of its structured data and meta elements, the most trusted first, `page` its `<title>`.
    """
    declared = [title for text in said if text and not site.is_named(text[:LONGEST]) and (title := without_site(text[:LONGEST], site))]
    page = page[:LONGEST] if page and not site.is_named(page[:LONGEST]) else None
    parts = _parts(page, site) if page else []
    headings = _headings(tree, site)
    first = [h for h in headings if h.level == 1]
    agreeing = _best(first, parts if not declared else [*declared, *([without_site(page, site)] if page else [])])
    if agreeing:
        return Title(_spelled(agreeing, declared, site), agreeing.element, "h1:agrees_with_head")
    lower = [h for h in headings if h.level > 1]
    same = next((h for title in [*declared, *parts] for h in lower if _key(h.text) == _key(title)), None)
    if same:
        return Title(same.text, same.element, f"h{same.level}:same_as_head")
    if first and (not (declared or parts) or (len(first) == 1 and len(first[0].text) >= ALONE)):
        return Title(_spelled(first[0], declared, site), first[0].element, "h1:only_one" if len(first) == 1 else "h1:first")
    if declared:
        return Title(declared[0], None, "head:declared")
    return Title(max(parts, default=None, key=len), None, "head:title_element" if parts else None)


def without_site(title: str, site: Site) -> str:
    """Return the title without a last (or first) part that is the site's name."""
    found = list(_SEPARATOR.finditer(title))
    if found and site.is_meant(title[found[-1].end() :]):
        return title[: found[-1].start()].rstrip(_EDGES)
    if found and site.is_named(title[: found[0].start()]):
        return title[found[0].end() :].lstrip(_EDGES)
    return title


def _parts(page: str, site: Site) -> list[str]:
    """Return the parts of a `<title>` that are not the site's name; all of it where it has no parts."""
    whole = without_site(page, site)
    parts = [part.strip(_EDGES) for part in _SEPARATOR.split(whole)]
    return [part for part in dict.fromkeys(parts) if len(part) >= SHORTEST and not site.is_named(part)] or [whole]


def _headings(tree: HtmlElement, site: Site) -> list[_Heading]:
    found: list[_Heading] = []
    for element in islice(tree.iter("h1", "h2", "h3"), MOST_HEADINGS):
        runs = list(islice(element.itertext(), MOST_RUNS + 1))
        text = squeeze("".join(runs)) if len(runs) <= MOST_RUNS else ""
        if text and len(text) <= LONGEST and not site.is_named(text) and not _leads_home(element, text):
            found.append(_Heading(element, int(str(element.tag)[1]), text, _pieces(element)))
    return found


def _leads_home(element: HtmlElement, text: str) -> bool:
    """Return whether a heading is a link to the front page: the site's name or logo."""
    link = element.find(".//a[@href]")
    if link is None or squeeze("".join(link.itertext())) != text:
        return False
    address = (link.get("href") or "").strip()
    return address in ("/", "./", "index.html", "/index.html") or urlsplit(address).path in ("", "/")


def _pieces(element: HtmlElement) -> tuple[str, ...]:
    if len(element) == 0 or squeeze(element.text or "") or element[0].tag not in _WRAPPERS:
        return ()
    label = squeeze("".join(element[0].itertext()))
    rest = [element[0].tail or "", *(part for child in element[1:] for part in (*child.itertext(), child.tail or ""))]
    after = squeeze("".join(rest)).lstrip(_EDGES)
    return (label, after) if label and after else ()


def _key(text: str) -> str:
    return core(fold(text))


def _best(headings: list[_Heading], titles: list[str]) -> _Heading | None:
    """Return the heading that shares most with one of the titles, as a part of it or around it."""
    keys = [key for title in titles if (key := _key(title))]
    best, most = None, SHORTEST - 1
    for heading in headings:
        own = _key(heading.text)
        shared = max((min(len(own), len(key)) for key in keys if own in key or (key in own and len(key) >= PART * len(own))), default=0)
        if shared > most:
            best, most = heading, shared
    return best


def _spelled(heading: _Heading, declared: list[str], site: Site) -> str:
    """Return the heading without the kicker over it and without the site's name.

    A first element that the head runs together with the rest is no kicker but its first words.
    """
    own = _key(heading.text)
    stated = any(_key(title) == own for title in declared)
    kicker = heading.pieces[0] if heading.pieces else ""
    runs_on = stated and heading.text == " ".join(heading.pieces)
    if kicker and not kicker.endswith(":") and not runs_on:
        return heading.pieces[1]
    if stated:
        return heading.text
    for title in declared:
        key = _key(title)
        if own.endswith(key) and len(key) >= ALONE:
            return heading.text[-len(title) :] if _key(heading.text[-len(title) :]) == key else title
        if own.startswith(key):
            break
    return without_site(heading.text, site)
