"""Markup to lines without a parser: linear in its size, whatever is wrong with it."""

import re
from html import unescape

from lxml.html import HtmlElement

_OPENING = re.compile(r"<(script|style|svg|template|iframe|noscript|head)\b[^<>]*>|<!--", re.IGNORECASE)
_BREAKS = re.compile(
    r"</?(?:p|div|br|h[1-6]|li|ul|ol|tr|table|section|article|blockquote|header|footer|figure|figcaption|td|th|dd|dt|hr)\b[^<>]*>",
    re.IGNORECASE,
)
_SILENT = ("script", "style", "noscript", "template")
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")


def has_markup(text: str) -> bool:
    """Return whether a text holds tags."""
    return _TAG.search(text) is not None


def without_invisible(html: str, *, keep_head: bool = False) -> str:
    """Return the page without comments and the elements that show no text; structured data stays with the head.

    One pass, so that a page of a hundred thousand unclosed tags costs no more than another.
    """
    lower = html.lower()
    kept: list[str] = []
    position = 0
    missing: set[str] = set()
    for match in _OPENING.finditer(html):
        name = (match.group(1) or "!").lower()
        keeps = name == "head" or "ld+json" in match.group()
        if match.start() < position or name in missing or (keep_head and keeps):
            continue
        closing = "-->" if name == "!" else f"</{name}"
        end = lower.find(closing, match.end())
        if end < 0:
            missing.add(name)
            continue
        kept.append(html[position : match.start()])
        position = end + len(closing) if name == "!" else lower.find(">", end) + 1 or len(html)
    return "".join([*kept, html[position:]])


def visible_size(tree: HtmlElement) -> int:
    """Return how many characters of text a page shows, runs of white space counted as one."""
    hidden = sum(len(" ".join(text.split())) for element in tree.iter(*_SILENT) if (text := element.text))
    shown = sum(len(" ".join(body.text_content().split())) for body in tree.iter("body"))
    return max(shown - hidden, 0)


def stripped_lines(html: str) -> list[str]:
    """Return all visible text of a page line by line, for pages that no parser reads: too large or too deep."""
    text = _TAG.sub("", _BREAKS.sub("\n", without_invisible(html)))
    return [line for raw in unescape(text).split("\n") if (line := " ".join(raw.split()))]
