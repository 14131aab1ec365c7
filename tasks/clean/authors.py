"""Who wrote a page: its structured data, its marked elements, its meta elements, the line under its title."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from tasks.clean.folding import core, fold, squeeze
from tasks.clean.lexicon import lexicon
from tasks.clean.names import read_byline
from tasks.clean.people import split_people
from tasks.clean.titles import Site

LONGEST = 120
"""Characters of the longest text of an element that names authors."""
NAME_WORDS = 5
MOST_ELEMENTS = 8
MOST_NAMING = 60
MOST_HOLDERS = 20
"""Elements around one that are asked whether they hold comments or other articles."""
_INNER = './/*[@itemprop="name" or contains(concat(" ", @class, " "), " fn ")]'
_NAMING = (
    './/*[contains(@rel, "author") or contains(@class, "uthor") or contains(@itemprop, "author") or contains(@class, "yline")]'
    ' | .//a[contains(@href, "/author/") or contains(@href, "/autor/") or contains(@href, "/auteur/")]'
)
"""Everything that names an author, in one walk through the page."""
_ELSEWHERE = frozenset(("comment", "comments", "commentlist", "respond", "sidebar", "widget", "footer", "related"))
"""Words of classes and ids that hold the names of commenters and of other articles' authors."""
Found = tuple[tuple[str, ...], tuple[str, ...]]
NOBODY: Found = ((), ())


def stated_authors(values: Iterable[tuple[str, Any]], site: Site) -> Iterator[tuple[str, Found]]:
    """Give (names, agencies) of the values of structured data or meta elements that name any; site names are no authors."""
    return ((rule, found) for rule, value in values if (found := _people(value, site)) != NOBODY)


def shown_authors(tree: HtmlElement, beside: list[str], site: Site, language: str) -> Iterator[tuple[str, Found]]:
    """Give (names, agencies) that a page shows: in an element marked as an author's, or beside its title (`beside`) after "by"."""
    elements = [element for element in tree.xpath(_NAMING)[:MOST_NAMING] if not _is_elsewhere(element)]
    yield from (("page:author_element", found) for found in _marked(elements, site))
    yield from (("page:author_line", found) for found in _loose(elements, site, language))
    yield from (("page:beside_title", found) for found in _signed(beside, site, language))


def _people(value: Any, site: Site) -> Found:
    people, agencies = split_people(value)
    return tuple(name for name in people if not site.is_named(name)), agencies


def _marked(elements: list[HtmlElement], site: Site) -> Iterator[Found]:
    """Give the names in elements that hold an author's name and nothing else, from the surest kind of them to the least sure."""
    ranked = sorted(((rank, n) for n, element in enumerate(elements) if (rank := _rank(element)) is not None))
    for rank, n in ranked[: 2 * MOST_ELEMENTS]:
        named = elements[n].xpath(_INNER)[:1] if rank == 1 else [elements[n]]
        for element in named:
            text = squeeze(" ".join(element.itertext()))
            found = _people(text, site) if text and len(text.split()) <= NAME_WORDS else NOBODY
            if found != NOBODY:
                yield found


def _rank(element: HtmlElement) -> int | None:
    """Return how sure it is that an element holds an author's name alone, 0 the surest; None for other elements."""
    classes = (element.get("class") or "").split()
    if "author" in (element.get("rel") or "").split():
        return 0
    if element.get("itemprop") == "author" or "author" in classes:
        return 1
    if any(name in one for one in classes for name in ("author-name", "authorName", "author__name")):
        return 2
    return 3 if element.tag == "a" and any(part in (element.get("href") or "") for part in ("/author/", "/autor/", "/auteur/")) else None


def _loose(elements: list[HtmlElement], site: Site, language: str) -> Iterator[Found]:
    """Give the names among other words in an element for authors."""
    for element in [e for e in elements if e.get("itemprop") or e.get("class")][:MOST_ELEMENTS]:
        text = squeeze(" ".join(element.itertext()))
        if not text or len(text) > LONGEST:
            continue
        found = read_byline(text, language, bare=True)
        if found and (found.agencies or any(" " in name for name in found.names)):
            names = tuple(name for name in found.names if not site.is_named(name))
            if names or found.agencies:
                yield names, found.agencies


def _signed(beside: list[str], site: Site, language: str) -> Iterator[Found]:
    """Give who is named after "by" in the lines around the title, be the name in the same element or in the next."""
    openings = set(lexicon().languages[language].by) | set(lexicon().languages["en"].by)
    for n, text in enumerate(beside):
        follows = n > 0 and core(fold(beside[n - 1])) in openings
        found = read_byline(text, language, bare=follows) if len(text) <= LONGEST else None
        if found and (follows or found.opened) and (found.names or found.agencies):
            names = tuple(name for name in found.names if not site.is_named(name))
            if names or found.agencies:
                yield names, found.agencies


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(_ELSEWHERE & set(_words(holder.attrib)) for holder in (element, *islice(element.iterancestors(), MOST_HOLDERS)))


def _words(attributes: Mapping[str, str]) -> list[str]:
    return f"{attributes.get('class', '')} {attributes.get('id', '')}".lower().replace("-", " ").replace("_", " ").split()
