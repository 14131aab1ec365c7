"""Structured data of a page (schema.org in JSON-LD): the node that describes its article."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from tasks.clean.values import tidied, whole_number

LARGEST = 2_000_000
"""Characters of the largest block that is parsed."""
DEEPEST = 8
"""Levels of nesting that are walked; real pages stay under five."""
MOST_NODES = 2000
_WRAPPING = re.compile(r"^\s*(?:/\*\s*)?<!\[CDATA\[(?:\s*\*/)?|(?:/\*\s*)?\]\]>(?:\s*\*/)?\s*;?\s*$|^\s*<!--|-->\s*$")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|NewsArticle|Report|Review|LiveBlogPosting|AnalysisNewsArticle)$")
_BRANCHES = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item", "subjectOf")
Node = dict[str, Any]


def article_node(tree: HtmlElement) -> Node:
    """Return the JSON-LD node of the page's article, references resolved; an empty one when there is none.

    Of several the fullest counts: with headline, dates, a news type, authors. Broken JSON is repaired where
    it is wrapped in comments, holds control characters or trailing commas, and skipped otherwise.
    """
    nodes = [node for block in _blocks(tree) for node in _walk(block, 0)][:MOST_NODES]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if any(_ARTICLE_TYPE.search(t) for t in types(node))]
    if not articles:
        return {}
    best = max(articles, key=_fullness)
    return {key: _resolve(value, by_id) for key, value in best.items()}


def types(node: Node) -> list[str]:
    """Return the schema.org types of a node."""
    kinds = node.get("@type")
    return [k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)]


def _blocks(tree: HtmlElement) -> Iterator[Any]:
    for script in tree.xpath('.//script[contains(@type, "ld+json")]'):
        text = script.text or ""
        if 2 < len(text) <= LARGEST:
            block = _parse(text)
            if block is not None:
                yield block


def _parse(text: str) -> Any:
    text = _WRAPPING.sub("", _WRAPPING.sub("", text.strip()))
    for attempt in (text, _TRAILING_COMMA.sub("", _CONTROL.sub(" ", text))):
        try:
            return tidied(json.loads(attempt, strict=False, parse_int=whole_number))
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for item in value[:MOST_NODES]:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for branch in _BRANCHES:
            if branch in value:
                yield from _walk(value[branch], depth + 1)


def _fullness(node: Node) -> tuple[bool, bool, bool, bool]:
    news = any("News" in kind for kind in types(node))
    return bool(node.get("headline")), bool(node.get("datePublished")), news, bool(node.get("author"))


def _resolve(value: Any, by_id: dict[str, Node]) -> Any:
    """Put the node in the place of a reference to it, one level deep."""
    if isinstance(value, list):
        return [_resolve(item, by_id) for item in value[:100]]
    if isinstance(value, dict) and len(value) <= 2 and value.get("@id") in by_id:
        return by_id[value["@id"]]
    return value
