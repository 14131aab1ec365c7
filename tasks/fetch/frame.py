"""Where a feed begins in a text: its root element, without prolog and DOCTYPE, and whether it ends."""

import html
import re
from typing import NamedTuple

from schemas.feed import NotParsed

MOST_ENTITIES = 300
"""Entities that a document declares: the largest honest set is that of HTML, 253."""
MOST_VALUE = 100
"""Characters of the value of a declared entity."""
MOST_GROWTH = 2**20
"""Characters by which replacing entities may lengthen a document."""
LEAD = 65_536
"""Characters in which the root element must begin: programs print warnings and comments before it, no more."""
ROOTS = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "cdf", "urlset": "sitemap", "sitemapindex": "sitemap-index"}
"""Root elements by their local names."""
_HTML = frozenset(("html", "head", "body", "!doctype html"))
_LEADING = re.compile(r"\s+|<\?[^>]*>|<!--|<!DOCTYPE\b|<!|<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)|[^<]+|<", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,60})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_USE = re.compile(r"&([A-Za-z_][\w.-]{0,59});")


class Framed(NamedTuple):
    """A document from its root element on, without DOCTYPE, with the root's local name in lower case."""

    root: str
    text: str
    complete: bool


def framed(text: str) -> Framed | NotParsed:
    """Return the document of a feed or sitemap in the text, or why there is none."""
    place = _root(text)
    if isinstance(place, NotParsed):
        return place
    start, name, doctype = place
    entities = _entities(doctype)
    if isinstance(entities, NotParsed):
        return entities
    body = text[start:]
    if entities:
        grown = _replaced(body, entities)
        if grown is None:
            return NotParsed(reason="parser_limit", detail="its entities make it much longer")
        body = grown
    return Framed(name.lower(), body, _complete(body, name))


def _root(text: str) -> tuple[int, str, str] | NotParsed:
    """Return where the root element begins, its local name and the DOCTYPE before it."""
    doctype, position, first = "", 0, ""
    while position < min(len(text), LEAD):
        match = _LEADING.match(text, position)
        if match is None:
            break
        if match[2]:
            name = match[2].lower()
            first = first or name
            if name in ROOTS and (first == name or name in ("rss", "rdf")):
                return position, match[2], doctype
            if name in _HTML:
                return NotParsed(reason="not_a_feed", detail="an HTML page")
            position = match.end()
        elif match[0].startswith("<?"):
            first, position = "", match.end()  # what stood before an XML declaration was a program's complaint
        elif match[0] == "<!--":
            position = after(text, "-->", position)
        elif match[0].upper() == "<!DOCTYPE":
            end = _doctype_end(text, position)
            doctype, position = text[position:end], end
            if re.match(r"<!DOCTYPE\s+html", doctype, re.IGNORECASE):
                return NotParsed(reason="not_a_feed", detail="an HTML page")
        else:
            position = match.end()
    return NotParsed(reason="not_a_feed", detail=f"its root element is <{first[:40]}>" if first else "neither XML nor JSON")


def after(text: str, mark: str, position: int) -> int:
    """Return where the text goes on behind the next `mark`, its end if there is none."""
    end = text.find(mark, position)
    return len(text) if end < 0 else end + len(mark)


def _doctype_end(text: str, start: int) -> int:
    """Return where a DOCTYPE ends: at the first `>` outside of its brackets."""
    bracket, end = text.find("[", start), text.find(">", start)
    if 0 <= bracket < end:
        return after(text, ">", max(text.find("]", bracket), bracket))
    return len(text) if end < 0 else end + 1


def _entities(doctype: str) -> dict[str, str] | NotParsed:
    """Return the plain entities of a DOCTYPE; external ones are left out and never looked up."""
    if doctype.upper().count("<!ENTITY") > MOST_ENTITIES:
        return NotParsed(reason="parser_limit", detail=f"declares more than {MOST_ENTITIES} entities")
    found = {name: one or other or "" for name, one, other in _ENTITY.findall(doctype)}
    for value in found.values():
        if len(value) > MOST_VALUE or any(name in found for name in _USE.findall(value)):
            return NotParsed(reason="parser_limit", detail="declares entities that expand")
    return found


def _replaced(text: str, entities: dict[str, str]) -> str | None:
    growth = sum(len(entities.get(match[1], "")) for match in _USE.finditer(text))
    if growth > MOST_GROWTH:
        return None
    return _USE.sub(lambda match: html.escape(html.unescape(entities[match[1]])) if match[1] in entities else match[0], text)


def _complete(text: str, root: str) -> bool:
    """Return whether the root element ends behind the last item; of RSS its channel is enough, which holds the items."""
    last = max(text.rfind(mark) for mark in ("</item", "</entry", "<item", "<entry", "<url>"))
    names = "|".join(("channel", root) if root.lower() == "rss" else (re.escape(root),))
    tail = max(0, len(text) - LEAD)
    ends = [tail + match.start() for match in re.finditer(rf"</(?:[\w.-]+:)?(?:{names})\s*>", text[tail:], re.IGNORECASE)]
    return (bool(ends) and ends[-1] > last) or re.match(r"<[^<>]*/>\s*$", text[:LEAD]) is not None
