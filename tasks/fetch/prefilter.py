"""What is done to a feed before its parser sees it, so that no document costs more than its size.

text | no control characters | framed | nesting, attributes, namespaces counted | long author texts cut

feedparser 6.0.14 searches author texts for mail addresses in quadratic time (64 KB: 20 s), compares each category of an
item with all others, and keeps a table of namespaces that it searches for each element.
"""

import html
import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from schemas.feed import NotParsed
from tasks.fetch.frame import after

MOST_ITEMS = 20_000
"""Items of a feed that are read; the first ones, because feeds begin with what is new."""
DEEPEST = 1000
"""Levels of nested elements; feeds with markup inside have about 30."""
MOST_ATTRIBUTES = 500
"""Attributes of one element."""
MOST_PREFIXES = 200
"""Namespace prefixes of a document; the richest feeds declare about 30."""
LONGEST_FIELD = 400
"""Characters of an author, a date or a list of keywords; what is longer is a mistake."""
LONGEST_AUTHOR = 4000
"""Characters of an author with name, mail and address as elements of their own; those cannot be cut without harm."""
LONGEST_WORD = 64
"""Characters of a word in them: mail addresses are shorter."""
MOST_CATEGORIES = 20
"""Categories of one item; only the first is used."""
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));")
_TOKEN = re.compile(r"<!\[CDATA\[|<!--|<(/?)(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)([^<>]*)>")
_VOID = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
"""Elements of HTML that never end: feeds that forget to escape their texts leave them open."""
_ITEMS = frozenset(("item", "entry"))
_PERSONS = frozenset(("author", "creator", "managingeditor", "webmaster", "publisher", "owner", "name", "email", "contributor"))
_AUTHORS = frozenset(("author", "creator", "managingeditor", "webmaster", "publisher", "owner"))
_DATES = frozenset(
    ("pubdate", "date", "published", "issued", "updated", "modified", "created", "lastbuilddate", "expirationdate", "valid", "available")
)
_LISTS = frozenset(("category", "keywords", "subject", "tags"))
_FIELDS = _PERSONS | _DATES | _LISTS
_PREFIX = re.compile(r"xmlns:([\w.-]{1,100})")
_LONG_WORD = re.compile(rf"[^\s<>]{{{LONGEST_WORD}}}")
MOST_TAGS = 250_000
"""Tags after which no further item is begun: feedparser takes 20 microseconds for each, and the worker has ten seconds."""
MOST_TAGS_AT_ALL = 400_000
"""Tags of a document, when a single item has most of them."""
MOST_BRACKETS = 1_000_000
"""`<` outside of CDATA."""
MOST_REFERENCES = 3_000_000
"""`&` of a document; HTML that is written with references has one for ten characters."""


def without_controls(text: str) -> str:
    """Return the text without characters that XML forbids, written out or as references."""
    text = _BAD.sub("", text)
    return _REFERENCE.sub(_allowed, text) if "&#" in text else text


def _allowed(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 10 else 0
    fine = code in (9, 10, 13) or ((0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000) and code != 0x7F)
    return match[0] if fine else ""


class LimitError(ValueError):
    """A document breaks a limit."""


@dataclass(slots=True)
class _Walk:
    """A walk over the tags of a document, and what it has copied so far."""

    text: str
    depth: int = 0
    item_depth: int = 0
    items: int = 0
    tags: int = 0
    categories: int = 0
    shielded: int = 0
    """Brackets inside CDATA and comments: text for the parser."""
    copied: int = 0
    field: tuple[str, int] = ("", 0)
    """The field that is open, and where its content begins."""
    author: int = -1
    """Where the author that is open begins; -1 when none is."""
    left_out: int = 0
    """Characters left out so far, and before that author."""
    left_out_before: int = 0
    pieces: list[str] = dataclass_field(default_factory=list)

    def run(self) -> str:
        """Return the document without what is left out."""
        position = 0
        while match := _TOKEN.search(self.text, position):
            position = match.end()
            if match[2] is None:
                position = after(self.text, "-->" if match[0] == "<!--" else "]]>", match.start())
                self.shielded += self.text.count("<", match.start(), position)
            elif not self._tag(match):
                break
        if self.text.count("<") - self.shielded > MOST_BRACKETS or self.text.count("&") > MOST_REFERENCES:
            raise LimitError("more markup than any feed has")
        return "".join([*self.pieces, self.text[self.copied :]])

    def _tag(self, match: re.Match[str]) -> bool:
        """Take in a tag; False after the last item that is read."""
        self.tags += 1
        if self.tags > MOST_TAGS_AT_ALL:
            raise LimitError(f"more than {MOST_TAGS_AT_ALL} tags")
        name, closes, attributes = match[2].lower(), match[1] == "/", match[3]
        if len(attributes) > MOST_ATTRIBUTES and attributes.count("=") > MOST_ATTRIBUTES:
            raise LimitError(f"an element with more than {MOST_ATTRIBUTES} attributes")
        if name in _VOID or attributes.endswith("/"):
            return True
        self.depth += -1 if closes else 1
        if self.depth > DEEPEST:
            raise LimitError(f"elements nested more than {DEEPEST} deep")
        if name in _ITEMS:
            return self._item(match, closes)
        if name in _FIELDS:
            self._field(match, name, closes)
        return True

    def _item(self, match: re.Match[str], closes: bool) -> bool:
        self.categories, self.field, self.author = 0, ("", 0), -1
        if closes:
            self.depth = max(self.item_depth - 1, 0)  # whatever its text left open
            return True
        self.item_depth = self.depth
        self.items += 1
        if self.items <= MOST_ITEMS and self.tags <= MOST_TAGS:
            return True
        last = max(self.text.rfind("</item"), self.text.rfind("</entry"))
        if last > match.start():
            self._leave_out(match.start(), after(self.text, ">", last))
        return False

    def _field(self, match: re.Match[str], name: str, closes: bool) -> None:
        if name in _AUTHORS:
            length = match.start() - self.author - (self.left_out - self.left_out_before)
            if closes and self.author >= 0 and length > LONGEST_AUTHOR and self.field[0] != name:
                raise LimitError(f"an author with parts of more than {LONGEST_AUTHOR} characters")
            self.author, self.left_out_before = (-1 if closes else match.end()), self.left_out
        if not closes:
            self.field = (name, match.end())
            return
        opened, start = self.field
        self.field = ("", 0)
        if opened != name:
            return
        self.categories += name in _LISTS
        if name in _LISTS and self.categories > MOST_CATEGORIES:
            self._leave_out(start, match.start())
        elif match.start() - start > LONGEST_WORD:
            content = self.text[start : match.start()]
            self._leave_out(start, match.start(), _shortened(content))

    def _leave_out(self, start: int, end: int, instead: str = "") -> None:
        self.pieces += (self.text[self.copied : start], instead)
        self.copied = end
        self.left_out += end - start - len(instead)


def bounded(text: str) -> str | NotParsed:
    """Return the document without what makes parsers slow and the items beyond MOST_ITEMS or MOST_TAGS, or the limit that it breaks."""
    prefixes = {match[1] for match in _PREFIX.finditer(text)}
    if len(prefixes) > MOST_PREFIXES:
        return NotParsed(reason="parser_limit", detail=f"more than {MOST_PREFIXES} namespace prefixes")
    try:
        return _Walk(text).run()
    except LimitError as error:
        return NotParsed(reason="parser_limit", detail=str(error))


def _shortened(content: str) -> str:
    """Return a field without what no name and no date has; markup in it is lost then."""
    if len(content) <= LONGEST_FIELD and not _LONG_WORD.search(content):
        return content
    bare = re.sub(r"<!\[CDATA\[|\]\]>", "", content[: 4 * LONGEST_FIELD])
    bare = html.unescape(re.sub(r"<[^<>]*>", " ", bare))
    words = " ".join(word[:LONGEST_WORD] for word in bare.split())
    return html.escape(words[:LONGEST_FIELD], quote=False)
