"""A row of a JSONL archive to an article: the row's own fields win, its text goes through the same rules."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from schemas.article import Access, Article, DateSource, Stamp
from schemas.document import Channel, RawDocument
from tasks.clean.agencies import agency_name
from tasks.clean.dates import Clock
from tasks.clean.feed_text import FeedText, feed_text, feed_title, few_words, names_site
from tasks.clean.folding import squeeze
from tasks.clean.lines import read_body_lines, read_lines
from tasks.clean.page import clean_page
from tasks.clean.people import split_people
from tasks.clean.said import keywords_in
from tasks.clean.stamps import feed_stamp, machine_stamp
from tasks.clean.text import article_of, inferred
from tasks.clean.url import absolute_url, normalize_url, registered_domain
from tasks.clean.values import declared_code, text_pieces, tidied, whole_number

ROW: DateSource = "row"
# Names of the same field in dumps of news-please, fundus, newspaper4k, Media Cloud and feeds; the first that holds a value counts.
_NAMES = {
    "url": ("url", "link", "article_url", "canonical_link", "permalink", "guid_url"),
    "title": ("title", "headline", "article_title", "title_page"),
    "text": (
        "text",
        "maintext",
        "body",
        "content",
        "plaintext",
        "article_text",
        "articleBody",
        "story_text",
        "text_content",
        "full_text",
        "cleaned_text",
    ),
    "html": ("html", "raw_html", "article_html", "content_html", "raw_content"),
    "published": (
        "published_at",
        "published",
        "date_publish",
        "publishing_date",
        "publish_date",
        "date_published",
        "publication_date",
        "pub_date",
        "pubDate",
        "datePublished",
        "date",
        "created_at",
        "timestamp",
    ),
    "updated": ("updated_at", "updated", "modified", "date_modify", "date_modified", "modified_at", "dateModified", "last_modified"),
    "byline": ("byline", "authors", "author", "creator", "by"),
    "language": ("language", "lang", "article_language", "language_code", "meta_lang"),
    "source": (
        "source",
        "source_domain",
        "media_name",
        "publisher",
        "domain",
        "outlet",
        "media_url",
        "site",
        "newspaper",
        "sitename",
        "source_url",
    ),
    "dek": ("dek", "description", "subtitle", "standfirst", "summary_line"),
    "section": ("section", "category", "article_section", "rubric"),
    "image": ("image_url", "image", "top_image", "images"),
    "agency": ("agency", "agencies"),
    "keywords": ("keywords", "tags", "meta_keywords"),
}
_KEYS = {"image_url": "image", "declared_language": "language"}
"""Fields of an article that rows call otherwise."""
_MARKUP = ("</p>", "<br", "</div>", "</h2>", "<p>", "<html")


class BrokenRowError(ValueError):
    """A row that cannot be read; its argument is the constant reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a row by our names, every string in them tidied."""

    fields: dict[str, Any]
    has_text_field: bool = False
    """Whether the row has a field for its text; one of a title alone has none."""
    keys: dict[str, str] = field(default_factory=dict)
    """The key under which the row has each field."""

    def words(self, name: str) -> str | None:
        """Return the field as one line of text, or None when it is empty or no text."""
        value = self.fields.get(name)
        if isinstance(value, list | tuple) and value:
            value = value[0]
        if isinstance(value, Mapping):
            value = value.get("name") or value.get("url")
        return squeeze(value) or None if isinstance(value, str) else None

    def long(self, name: str) -> str | None:
        """Return the field as text with its line breaks, or None; the strings of lists and objects are its paragraphs."""
        return "\n\n".join(text_pieces(self.fields.get(name))) or None


def parse_row(text: str) -> Row:
    """Return the row in one line of JSON; BrokenRowError with its reason when it is none.

    Every string is tidied here, once for all fields: no control character and no lone surrogate gets further.
    """
    try:
        data = json.loads(text, parse_int=whole_number)
    except (ValueError, RecursionError):
        raise BrokenRowError("broken_json") from None
    if not isinstance(data, dict):
        raise BrokenRowError("not_an_object")
    keys = {name: key for name, names in _NAMES.items() if (key := next((n for n in names if data.get(n) not in (None, "", [], {})), None))}
    found = {name: tidied(data[key]) for name, key in keys.items()}
    return Row(found, has_text_field=any(data.get(n) is not None for name in ("text", "html") for n in _NAMES[name]), keys=keys)


def clean_row(text: str, document: RawDocument, clock: Clock) -> Article | None:
    """Return the article of a row, or None when it holds no text; BrokenRowError when it is no JSON object."""
    row = parse_row(text)
    url = absolute_url(row.words("url")) or absolute_url(document.url)
    if document.channel == "feed":
        return _from_feed(row, url, document, clock)
    body, html = row.long("text"), row.long("html")
    if body is None and html is None:
        body = row.words("dek") if row.words("title") else None
    if body is not None and html is None and sum(mark in body for mark in _MARKUP) >= 2:
        body, html = None, f"<html><body><article>{body}</article></body></html>"
    if body is not None:
        return _from_text(row, body, url, document, clock)
    if html is None:
        return None if row.has_text_field else _title_alone(row, url, document, clock)
    page = clean_page(html, document.model_copy(update={"url": url}), clock)
    return _overlay(page, row, clock) if page else None


def _from_text(row: Row, body: str, url: str | None, document: RawDocument, clock: Clock) -> Article | None:
    title, declared = row.words("title"), declared_code(row.words("language"))
    if document.channel == "feed":
        reading = read_body_lines(body, clock, title=title, declared=declared)
    else:
        reading = read_lines(body, clock, title=title, find_title=False, declared=declared)
    if not reading.text:
        return None
    article = _overlay(article_of(reading, document, url, _source(row, url, document)), row, clock)
    return article if article.published else article.model_copy(update={"published": inferred(reading, clock)})


def _from_feed(row: Row, url: str | None, document: RawDocument, clock: Clock) -> Article | None:
    """Return the article of a feed's item. Its text is whole as it stands, so no body is looked for in it.

    One that shows only the beginning of a page's text is a teaser, and `access_note` says what shows it.
    """
    title = feed_title(row.words("title"))
    title = None if title and names_site(title, registered_domain(url)) else title
    row = replace(row, fields=row.fields | {"title": title, "section": unescape(row.words("section") or "")})
    found = feed_text(row.long("html"), title)
    article = _from_text(row, found.text, url, document, clock) if found.lines else None
    article = article or _title_alone(row, url, document, clock)
    if article is None:
        return None
    evidence = found.evidence or (_beginning(article, found) if url else None)
    access: Access = "teaser" if evidence else article.access
    note = article.access_note or evidence
    return article.model_copy(update={"access": access, "access_note": note, "removed": (*article.removed, *found.removed)})


def _beginning(article: Article, found: FeedText) -> str | None:
    """Return what shows that the item of a page holds less than the page, or None."""
    return few_words(article.text) if found.lines else "title only"


def _title_alone(row: Row, url: str | None, document: RawDocument, clock: Clock) -> Article | None:
    """Return the article of a row that holds only a headline: one sentence."""
    title = row.words("title")
    if title is None:
        return None
    bare = Article(text=title, url=url, canonical_url=normalize_url(url), source=_source(row, url, document), channel=document.channel)
    return _overlay(bare, row, clock)


def _overlay(article: Article, row: Row, clock: Clock) -> Article:
    """Put the row's explicit fields over what was read; empty ones change nothing."""
    people, agencies = split_people(row.fields.get("byline"))
    values: dict[str, Any] = {
        "title": row.words("title"),
        "byline": people,
        "agency": tuple(dict.fromkeys((*agencies, *_agencies(row), *article.agency))),
        "published": _stamp(row, "published", article.channel, clock),
        "updated": _stamp(row, "updated", article.channel, clock),
        "declared_language": declared_code(row.words("language")),
        "section": row.words("section"),
        "image_url": absolute_url(row.words("image")),
        "dek": None if article.dek else row.words("dek"),
        "keywords": keywords_in(row.fields.get("keywords")),
    }
    if not article.canonical_url or row.words("url"):
        values["source"] = registered_domain(article.url) or _named_source(row)
    published, updated = values["published"] or article.published, values["updated"] or article.updated
    if updated and published and updated.at == published.at and values["published"]:
        values["updated"] = None
    values = {name: value for name, value in values.items() if value}
    by = {name: f"row:{row.keys[_KEYS.get(name, name)]}" for name in values if _KEYS.get(name, name) in row.keys}
    return article.model_copy(update=values | {"found_by": article.found_by | by})


def _agencies(row: Row) -> list[str]:
    value = row.fields.get("agency")
    names = value if isinstance(value, list) else [value]
    return [agency_name(n) or squeeze(n) for n in names if isinstance(n, str) and n.strip()]


def _stamp(row: Row, name: str, channel: Channel, clock: Clock) -> Stamp | None:
    value = row.fields.get(name)
    if isinstance(value, list | dict):
        value = next(iter(text_pieces(value)), None)
    language = declared_code(row.words("language"))
    if channel == "feed":
        return feed_stamp(value, language, clock)
    return machine_stamp(value, ROW, replace(clock, day_first=language not in (None, "en")))


def _source(row: Row, url: str | None, document: RawDocument) -> str:
    return registered_domain(url) or _named_source(row) or document.source


def _named_source(row: Row) -> str | None:
    """Return the source that the row names; a homepage names its domain."""
    name = row.words("source")
    return registered_domain(name) or name
