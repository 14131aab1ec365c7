"""What is done to a feed before its parser sees it, so that no document costs more than its size.

text | no control characters | root found, DOCTYPE gone | entities, nesting, attributes, namespaces counted | long author texts cut

feedparser 6.0.14 searches author texts for mail addresses in quadratic time (64 KB: 20 s), compares each category of an
item with all others, and keeps a table of namespaces that it searches for each element.
"""

import html
import re
from dataclasses import dataclass
from typing import NamedTuple

from schemas.feed import NotParsed

MOST_ITEMS = 20_000
"""Items of a feed that are read; the first ones, because feeds begin with what is new."""
DEEPEST = 1000
"""Levels of nested elements; feeds with markup inside have about 30."""
MOST_ATTRIBUTES = 500
"""Attributes of one element."""
MOST_PREFIXES = 200
"""Namespace prefixes of a document; the richest feeds declare about 30."""
MOST_ENTITIES = 300
"""Entities that a document declares: the largest honest set is that of HTML, 253."""
MOST_VALUE = 100
"""Characters of the value of a declared entity."""
MOST_GROWTH = 2**20
"""Characters by which replacing entities may lengthen a document."""
LEAD = 65_536
"""Characters in which the root element must begin: programs print warnings and comments before it, no more."""
LONGEST_FIELD = 1000
"""Characters of an author, a date or a list of keywords; what is longer is a mistake."""
LONGEST_WORD = 100
"""Characters of a word in them: mail addresses are shorter."""
MOST_CATEGORIES = 20
"""Categories of one item; only the first is used."""
ROOTS = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "cdf", "urlset": "sitemap", "sitemapindex": "sitemap-index"}
"""Root elements by their local names."""
_HTML = frozenset(("html", "head", "body", "!doctype html"))
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));")
_LEADING = re.compile(r"\s+|<\?[^>]*>|<!--|<!DOCTYPE\b|<!|<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)|[^<]+|<", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,60})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_USE = re.compile(r"&([A-Za-z_][\w.-]{0,59});")
_TOKEN = re.compile(r"<!\[CDATA\[(?:[^\]]|\](?!\]>))*(?:\]\]>)?|<!--|<(/?)(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)([^<>]*)>")
_VOID = frozenset("area br col embed hr img input link meta param source track wbr".split())
"""Elements of HTML that never end: feeds that forget to escape their texts leave them open."""
_ITEMS = frozenset(("item", "entry"))
_PERSONS = frozenset(("author", "creator", "managingeditor", "webmaster", "publisher", "owner", "name", "email", "contributor"))
_DATES = frozenset(
    ("pubdate", "date", "published", "issued", "updated", "modified", "created", "lastbuilddate", "expirationdate", "valid", "available")
)
_LISTS = frozenset(("category", "keywords", "subject", "tags"))
_FIELDS = _PERSONS | _DATES | _LISTS


class Framed(NamedTuple):
    """A document from its root element on, without DOCTYPE, with the root's local name in lower case."""

    root: str
    text: str
    complete: bool


def without_controls(text: str) -> str:
    """Return the text without characters that XML forbids, written out or as references."""
    text = _BAD.sub("", text)
    return _REFERENCE.sub(_allowed, text) if "&#" in text else text


def _allowed(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 10 else 0
    fine = code in (9, 10, 13) or (0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000) and code != 0x7F
    return match[0] if fine else ""


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
            if name in ROOTS and (first == name or text.startswith("<?xml", max(0, text.rfind("<?", 0, position))) or name != "channel"):
                return position, match[2], doctype
            if name in _HTML:
                return NotParsed(reason="not_a_feed", detail="an HTML page")
            position = match.end()
        elif match[0] == "<!--":
            position = _after(text, "-->", position)
        elif match[0].upper() == "<!DOCTYPE":
            end = _doctype_end(text, position)
            doctype, position = text[position:end], end
            if re.match(r"<!DOCTYPE\s+html", doctype, re.IGNORECASE):
                return NotParsed(reason="not_a_feed", detail="an HTML page")
        else:
            position = match.end()
    return NotParsed(reason="not_a_feed", detail=f"its root element is <{first[:40]}>" if first else "neither XML nor JSON")


def _after(text: str, mark: str, position: int) -> int:
    end = text.find(mark, position)
    return len(text) if end < 0 else end + len(mark)


def _doctype_end(text: str, start: int) -> int:
    """Return where a DOCTYPE ends: at the first `>` outside of its brackets."""
    bracket, end = text.find("[", start), text.find(">", start)
    if 0 <= bracket < end:
        return _after(text, ">", max(text.find("]", bracket), bracket))
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
    """Return whether the root element is closed, or its channel, behind the last item."""
    last = max(text.rfind("</item"), text.rfind("</entry"), text.rfind("<item"), text.rfind("<entry"), text.rfind("<url>"))
    ends = [match.start() for match in re.finditer(rf"</(?:[\w.-]+:)?(?:{re.escape(root)}|channel)\s*>", text[-LEAD:], re.IGNORECASE)]
    if ends and max(0, len(text) - LEAD) + ends[-1] > last:
        return True
    return re.match(r"<[^<>]*/>\s*$", text[:LEAD]) is not None


@dataclass(slots=True)
class _Walk:
    """Where the walk over a document's elements is."""

    depth: int = 0
    item_depth: int = 0
    items: int = 0
    categories: int = 0
    prefixes: int = 0


def bounded(text: str) -> str | NotParsed:
    """Return the document without what makes parsers slow, or the limit that it breaks."""
    prefixes = {match[1] for match in re.finditer(r"\bxmlns:([\w.-]+)", text)}
    if len(prefixes) > MOST_PREFIXES:
        return NotParsed(reason="parser_limit", detail=f"more than {MOST_PREFIXES} namespace prefixes")
    depth, items, categories, copied, opened = 0, 0, 0, 0, (0, "")
    pieces: list[str] = []
    position = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match[2] is None:
            position = _after(text, "-->", match.start()) if match[0] == "<!--" else position
            continue
        name, closes = match[2].lower(), match[1] == "/"
        if len(match[3]) > MOST_ATTRIBUTES and match[3].count("=") > MOST_ATTRIBUTES:
            return NotParsed(reason="parser_limit", detail=f"an element with more than {MOST_ATTRIBUTES} attributes")
        if name in _ITEMS:
            depth, categories, opened = 2, 0, (0, "")
            items += not closes
            if items > MOST_ITEMS:
                tail = max(text.rfind("</item"), text.rfind("</entry"), match.start())
                pieces.append(text[copied : match.start()])
                copied = max(_after(text, ">", tail), match.start()) if tail > match.start() else match.start()
                break
        elif name in _VOID or match[3].endswith("/"):
            pass
        else:
            depth += -1 if closes else 1
            if depth > DEEPEST:
                return NotParsed(reason="parser_limit", detail=f"elements nested more than {DEEPEST} deep")
        if name not in _FIELDS or match[3].endswith("/"):
            continue
        if not closes:
            opened = (match.end(), name)
            continue
        if opened[1] != name:
            continue
        start, opened = opened[0], (0, "")
        categories += name in _LISTS
        if name in _LISTS and categories > MOST_CATEGORIES:
            pieces.append(text[copied:start])
        elif match.start() - start > LONGEST_WORD:
            pieces.append(text[copied:start] + _shortened(text[start : match.start()]))
        else:
            continue
        copied = match.start()
    return "".join([*pieces, text[copied:]])


def _shortened(content: str) -> str:
    """Return a field without the words that no name has and what is beyond its longest length; markup in it is lost then."""
    if len(content) <= LONGEST_FIELD and not re.search(rf"[^\s<>]{{{LONGEST_WORD}}}", content):
        return content
    bare = re.sub(r"<!\[CDATA\[|\]\]>", "", content[: 4 * LONGEST_FIELD])
    bare = html.unescape(re.sub(r"<[^<>]*>", " ", bare))
    words = " ".join(word[:LONGEST_WORD] for word in bare.split())
    return html.escape(words[:LONGEST_FIELD], quote=False)
