"""The lead of a page: the paragraph between its title and its body that extractors leave out with the head."""

import re
from collections.abc import Iterator

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.clean.folding import core, fold, squeeze
from tasks.clean.metadata import PageMetadata
from tasks.clean.nearby import following

SHORTEST = 50
"""Characters of the shortest lead: fewer are a label, a kicker or a line of names."""
LONGEST = 900
MOST_STEPS = 1500
"""Elements after the title among which the lead is looked for; heads with menus inside have hundreds."""
MOST_LINES = 3
"""Paragraphs of the longest lead."""
SAME = 40
"""Characters at the beginning that make two lines the same one."""
_BLOCKS = frozenset(("p", "div", "h2", "h3", "h4", "li", "section", "header"))
_PARTING = ("p", "div", "ul", "ol", "table", "section", "article", "h1", "h2", "h3", "figure", "form", "script", "style", "br")
_APART = frozenset(("figure", "figcaption", "nav", "aside", "form", "script", "style", "noscript", "template", "button", "svg", "table"))
_NAMED = re.compile(
    r"(?<![a-z])(?:lead|lede|teaser|intro|excerpt|standfirst|dec?k|preface|chapo|abstract|summary|subline|subtitle|subheadline|sub-?headline|"
    r"description|entradilla|bajada|sommario|occhiello|preamble|ingress|vorspann|faits)(?![a-df-qs-z])|(?:lead|teaser|intro|excerpt)(?:text|_)",
    re.IGNORECASE,
)
"""What sites call the element of the lead."""


def find_lead(facts: PageMetadata, body: list[str]) -> list[str]:
    """Return the lines of the lead between a page's heading and its body, in reading order; none when the body has them or there are none.

    A line counts when it is the page's description, or stands in an element that is called a lead, and holds no link.
    """
    if facts.heading is None or not body:
        return []
    known = {_start(line) for line in body}
    said = _start(facts.description or "")
    title = fold(facts.title or "")
    found: list[str] = []
    for element, text in _blocks(facts.heading):
        start = _start(text)
        if start in known:
            break
        if len(text) < SHORTEST or len(text) > LONGEST or element.find(".//a") is not None or (title and title in fold(text)):
            continue
        if (said and (start.startswith(said) or said.startswith(start))) or _is_named(element):
            found.append(text)
            known.add(start)
        if len(found) == MOST_LINES:
            break
    return found


def _start(text: str) -> str:
    return core(fold(text))[:SAME]


def _is_named(element: HtmlElement) -> bool:
    parent = element.getparent()
    return any(_NAMED.search(f"{e.get('class', '')} {e.get('id', '')} {e.get('itemprop', '')}") for e in (element, parent) if e is not None)


def _blocks(heading: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Give the blocks of text after a heading that hold no other block, with their text."""
    steps = 0
    for sibling in following(heading):
        walk = iterwalk(sibling, events=("start",))
        for _, element in walk:
            if element.tag in _APART or not isinstance(element.tag, str):
                walk.skip_subtree()
            elif element.tag in _BLOCKS and next(element.iterdescendants(*_PARTING), None) is None:
                walk.skip_subtree()
                text = squeeze("".join(element.itertext()))
                if text:
                    yield element, text
            steps += 1
            if steps > MOST_STEPS:
                return
