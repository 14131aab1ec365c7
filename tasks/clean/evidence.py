"""Everything in a document that speaks for a field, so that a person sees what the chosen value beat."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from schemas.article import Candidate, Stamp
from schemas.document import RawDocument
from tasks.clean.dates import Clock
from tasks.clean.decode import decode
from tasks.clean.lines import read_lines
from tasks.clean.metadata import Facts
from tasks.clean.page import LARGEST, MOST_TAGS, looks_like_page
from tasks.clean.paragraphs import unwrap
from tasks.clean.row import BrokenRowError, parse_row
from tasks.clean.url import absolute_url

LONGEST = 300
"""Characters shown of a candidate."""
MOST = 12
"""Candidates shown of a field."""
BROKEN = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)
"""What hostile input makes parsers raise."""
LONGEST_TEXT = 300_000
"""Characters of the longest text whose lines are read again while somebody waits: a hundred times an article."""
_OF_ROLE = {"byline": "byline", "date": "published_at", "agency": "agency", "title": "title", "dek": "dek", "paywall": "access"}
_OF_ROW = {"published": "published_at", "updated": "updated_at", "image": "image_url", "url": "canonical_url"}
_OF_ENTRY = {
    "title": "title",
    "authors": "byline",
    "published": "published_at",
    "updated": "updated_at",
    "section": "section",
    "language": "language",
    "image_url": "image_url",
}


def candidates(document: RawDocument, clock: Clock) -> list[Candidate]:
    """Return what a document and its feed's item offer for each field, the most trusted first; nothing for one that cannot be read."""
    text = decode(document.body, document.charset) or ""
    said = (*_readable(_said(text, document, clock)), *_by_feed(document))
    found: dict[str, list[Candidate]] = {}
    for field, rule, value in said:
        of_field = found.setdefault(field, [])
        if len(of_field) < MOST and (shown := _shown(value)[:LONGEST]):
            of_field.append(Candidate(field=field, rule=rule, value=shown))
    return [one for of_field in found.values() for one in of_field]


def _readable(said: Iterable[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    """Return what can be read of a document; one that cleaning gave up breaks off here too."""
    found = []
    with suppress(*BROKEN):
        for one in said:
            found.append(one)
    return found


def _said(text: str, document: RawDocument, clock: Clock) -> Iterable[tuple[str, str, Any]]:
    if document.media_type == "application/json":
        return _by_row(text, document, clock)
    if document.media_type == "text/html" or looks_like_page(text):
        return _by_page(text, document, clock)
    return _by_lines(text, clock)


def _by_page(html: str, document: RawDocument, clock: Clock) -> Iterator[tuple[str, str, Any]]:
    from trafilatura.utils import load_html

    tree = load_html(html) if len(html) <= LARGEST and html.count("<") <= MOST_TAGS else None
    if tree is None:
        return
    facts = Facts(tree, absolute_url(document.url), clock)
    head = facts.head
    yield "title", facts.title.rule or "", facts.title.text
    yield "title", "head:title_element", head.page_title()
    yield from (
        ("title", f"{heading.tag}:text", " ".join("".join(heading.itertext()).split())) for heading in islice(tree.iter("h1"), MOST)
    )
    yield from (("byline", rule, [*people, *agencies]) for rule, (people, agencies) in islice(facts.authors(), MOST))
    for field, pairs in (
        ("title", head.titles()),
        ("dek", head.descriptions()),
        ("published_at", facts.published()),
        ("updated_at", facts.updated()),
        ("section", head.sections()),
        ("keywords", head.keywords()),
        ("language", head.languages()),
        ("canonical_url", head.canonicals()),
        ("image_url", head.images()),
    ):
        yield from ((field, rule, value) for rule, value in islice(pairs, MOST))


def _by_row(text: str, document: RawDocument, clock: Clock) -> Iterator[tuple[str, str, Any]]:
    """Give the fields of a row, then what its page or its text says; the text of a feed's item is no page."""
    try:
        row = parse_row(text)
    except BrokenRowError:
        return
    for name, value in row.fields.items():
        if name not in ("text", "html"):
            yield _OF_ROW.get(name, name), f"row:{row.keys[name]}", value
    if (html := row.long("html")) and document.channel == "archive":
        yield from _by_page(html, document.model_copy(update={"url": row.words("url") or document.url}), clock)
    elif body := row.long("text"):
        yield from _by_lines(body, clock)


def _by_lines(text: str, clock: Clock) -> Iterator[tuple[str, str, Any]]:
    if len(text) > LONGEST_TEXT:
        return
    reading = read_lines(unwrap(text), clock)
    yield from ((_OF_ROLE[block.role], f"lines:{block.reason}", block.text) for block in reading.removed if block.role in _OF_ROLE)


def _by_feed(document: RawDocument) -> Iterator[tuple[str, str, Any]]:
    if document.entry and document.media_type != "application/json":  # else it is the row that was read
        yield from ((field, f"feed:{name}", getattr(document.entry, name)) for name, field in _OF_ENTRY.items())


def _shown(value: Any) -> str:
    if isinstance(value, Stamp):
        return f"{value.at:%Y-%m-%d %H:%M} UTC, printed as {value.raw}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
