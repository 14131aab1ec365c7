"""The systems that are measured on pages: ours, trafilatura in its modes, htmldate, and the other extractors of articles.

Each is a function of a page's bytes. Those that want text get it from trafilatura's decoder. All are used as their
documentation shows it, with the fetching of pictures off: nothing is downloaded while they are measured.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from schemas.article import Article, Stamp
from schemas.document import RawDocument
from tasks.clean.document import clean_document
from tasks.language import identify_language
from tests.bench.pages import Page, Result

NOW = datetime(2026, 11, 20, tzinfo=UTC)
QUICK = {"extensive_search": False, "original_date": True}
NO_ADDRESS = "https://page.example/"  # newspaper4k takes no page without one; some of the pages have none
BLOCKS = ("p", "div", "li", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "td", "tr")
_OFFSET_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)[T ].*[+-]\d\d:?\d\d$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class System:
    """A way to read pages: the distribution it comes in, and which of body, title, date and byline it gives."""

    distribution: str
    read: Callable[[Page], Result]
    gives: str = "body title date byline"


def ours(page: Page) -> Result:
    """Return what cleaning and language identification make of a page."""
    name = page.gold["file"]
    document = RawDocument(body=page.body, media_type="text/html", origin=name, place=name, source="bench", url=page.url)
    article = clean_document(document, zone="UTC", now=NOW)
    if not isinstance(article, Article):
        return Result()
    identify_language(article.text, article.title, article.declared_language)
    return Result(article.text, article.title, article.byline, day_of(article.published) if article.published else None)


def day_of(stamp: Stamp) -> str:
    """Return the day of a stamp in the zone that the page states."""
    stated = _OFFSET_DAY.match(stamp.raw)
    return stated.group(1) if stated else stamp.at.strftime("%Y-%m-%d")


def bare(page: Page, **options: Any) -> Result:
    """Return what trafilatura alone finds, with its metadata."""
    from trafilatura import extract

    answer = extract(page.body, url=page.url, with_metadata=True, output_format="json", **options)
    found = json.loads(answer) if answer else {}
    return Result(found.get("text") or "", found.get("title"), _names((found.get("author") or "").split("; ")), found.get("date"))


def htmldate(page: Page, *, extensive: bool) -> Result:
    """Return the date that htmldate alone finds."""
    from htmldate import find_date

    return Result(date=find_date(page.body, url=page.url, extensive_search=extensive, original_date=True))


def newspaper(page: Page) -> Result:
    """Return what newspaper4k finds."""
    from newspaper import Article as Newspaper

    found = Newspaper(page.url or NO_ADDRESS, fetch_images=False).download(input_html=_decoded(page)).parse()
    return Result(found.text or "", found.title, _names(found.authors), _day(found.publish_date))


def news_please(page: Page) -> Result:
    """Return what news-please finds."""
    from newsplease import NewsPlease

    found = NewsPlease.from_html(_decoded(page), url=page.url or "", fetch_images=False)
    return Result(found.maintext or "", found.title, _names(found.authors), _day(found.date_publish))


def goose(page: Page) -> Result:
    """Return what goose3 finds."""
    found = _goose().extract(url=page.url, raw_html=_decoded(page))
    return Result(
        found.cleaned_text or "", found.title, _names(found.authors), _day(found.publish_date) or _day(found.publish_datetime_utc)
    )


@cache
def _goose() -> Any:
    from goose3 import Goose

    return Goose({"enable_image_fetching": False})


def readability(page: Page) -> Result:
    """Return what readability-lxml finds: the text of its summary, its short title, the author that a meta element names."""
    from lxml.html import fromstring, tostring
    from readability import Document

    document = Document(_decoded(page), url=page.url)
    title, author = document.short_title(), document.author()
    summary = fromstring(document.summary())
    for block in summary.iter(*BLOCKS):
        block.tail = "\n" + (block.tail or "")
    return Result(tostring(summary, method="text", encoding="unicode"), title, () if author == "[no-author]" else _names([author]))


def _decoded(page: Page) -> str:
    from trafilatura.utils import decode_file

    return str(decode_file(page.body))


def _names(told: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in told or () if name and name.strip())


def _day(told: object) -> str | None:
    """Return the day that a date, or what was printed for one, begins with."""
    first = told[0] if isinstance(told, list) and told else told
    found = _DAY.match(str(first))
    return found[0] if found else None


OURS, YARDSTICK = "ours", "trafilatura, default"
SYSTEMS = {
    OURS: System("trafilatura", ours),
    YARDSTICK: System("trafilatura", bare),
    "trafilatura, fast": System("trafilatura", partial(bare, fast=True)),
    "trafilatura, precision": System("trafilatura", partial(bare, favor_precision=True)),
    "trafilatura, recall": System("trafilatura", partial(bare, favor_recall=True)),
    "trafilatura, quick dates": System("trafilatura", partial(bare, date_extraction_params=QUICK)),
    "newspaper4k": System("newspaper4k", newspaper),
    "news-please": System("news-please", news_please),
    "goose3": System("goose3", goose),
    "readability-lxml": System("readability-lxml", readability, gives="body title byline"),
    "htmldate": System("htmldate", partial(htmldate, extensive=True), gives="date"),
    "htmldate, quick": System("htmldate", partial(htmldate, extensive=False), gives="date"),
}
