"""RSS, RDF, Atom and CDF: what feedparser finds in them, as our entries."""

import io
import re
from typing import Any

from schemas.feed import FeedKind, NotParsed, ParsedFeed
from tasks.fetch.entries import MOST_HTML, Draft, clean, keyed, link, names, plain, text_html, title_text
from tasks.fetch.frame import ROOTS, Framed
from tasks.fetch.prefilter import bounded

MOST_TEXTS = 10
"""Texts of one item that are compared."""
SIGNED = 65_536
"""Characters in which a document shows what its root element stands for."""
_SIGNS = {
    "rdf": re.compile(r"purl\.org/rss/1|netscape\.com/rdf|<(?:\w+:)?(?:item|channel)\b", re.IGNORECASE),
    "feed": re.compile(r"/atom|purl\.org/(?:pie|echo)|<(?:\w+:)?entry\b", re.IGNORECASE),
    "channel": re.compile(r"<(?:\w+:)?(?:item|title)\b", re.IGNORECASE),
}
"""Names of root elements that other kinds of documents have too."""
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
"""Minutes of `sy:updatePeriod` (RSS 1.0 syndication module)."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SKIPS = re.compile(r"<skip(Hours|Days)\b[^<>]*>(.{0,4000}?)</skip\1", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"</(?:p|a|b|i|em|strong|div|span|ul|li|h[1-6]|blockquote|figure)\s*>|<(?:br|img|p)\b[^<>]*>", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:\?|$)", re.IGNORECASE)


def parse_xml(document: Framed, url: str) -> ParsedFeed | NotParsed:
    """Return the feed in an XML document; `url` is where it was fetched, for relative links."""
    text = bounded(document.text)
    if isinstance(text, NotParsed):
        return text
    signs = _SIGNS.get(document.root)
    if signs and not signs.search(text[:SIGNED]):
        return NotParsed(reason="not_a_feed", detail=f"<{document.root}> that is no feed")
    try:
        found = _parsed(text)
    except Exception:  # feedparser trips over ends of elements that never began
        found = _parsed(_mended(text))
    kind = _kind(document.root, text)
    feed, items = found.feed, found.entries if document.complete else found.entries[:-1]
    site = link(feed.get("link"), url)
    base = url if kind == "atom" else site or url
    hours, days = _skips(text)
    return ParsedFeed(
        kind=kind,
        title=title_text(_text(feed.get("title"))),
        site_url=site,
        entries=keyed(_draft(item, base, kind, feed.get("language")) for item in items),
        ttl_minutes=_ttl(feed),
        skip_hours=hours,
        skip_days=days,
        complete=document.complete,
    )


def _parsed(text: str) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(text.encode("utf-8")),  # of bare bytes it would first ask the file system whether they name a file
        sanitize_html=False,  # 13 times the work on feeds full of HTML, and what is stored is untrusted anyway
        resolve_relative_uris=False,
        response_headers={"content-type": "application/xml; charset=utf-8"},
    )


def _mended(text: str) -> str:
    """Return the document as well-formed XML, without what does not fit."""
    from lxml import etree

    root = etree.fromstring(text.encode("utf-8"), etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False))
    return "" if root is None else str(etree.tostring(root, encoding="unicode"))


def _kind(root: str, text: str) -> FeedKind:
    if root == "channel" and not re.search(r"\b(?:href|base|lastmod)\s*=|cdf", text[:2000], re.IGNORECASE):
        return "rss"  # 0.9x written without its root element
    kind: FeedKind = ROOTS[root]  # type: ignore[assignment]
    return kind


def _draft(item: Any, base: str, kind: FeedKind, language: object) -> Draft:
    guid = clean(_text(item.get("id")))
    published, updated = _dates(item, kind)
    detail = item.get("title_detail") or {}
    return Draft(
        guid=guid,
        url=_url(item, guid, base),
        title=title_text(_text(item.get("title")), markup=kind != "atom" or detail.get("type") != "text/plain"),
        html=_html(item),
        published=published,
        updated=updated,
        authors=names(_authors(item)),
        language=_line(item.get("language")) or _language(item) or _line(language),
        section=_section(item),
        image_url=_image(item, base),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _line(value: object) -> str | None:
    return clean(_text(value))


def _url(item: Any, guid: str | None, base: str) -> str | None:
    links = [each for each in item.get("links") or () if isinstance(each, dict)]
    pages = [each for each in links if each.get("rel") == "alternate"]
    pages.sort(key=lambda each: each.get("type") not in ("text/html", "application/xhtml+xml"))
    addresses = [item.get("feedburner_origlink"), *(each.get("href") for each in pages)]
    if guid and re.match(r"https?://", guid, re.IGNORECASE):
        addresses.append(guid)
    addresses += [each.get("href") for each in links if each.get("rel") == "self"]
    return next((found for address in addresses if (found := link(address, base))), None)


def _html(item: Any) -> str | None:
    """Return the fullest text; of two as long the one that is called content."""
    details = (*(item.get("content") or ())[:MOST_TEXTS], item.get("summary_detail"), {"value": item.get("summary")})
    texts = list(dict.fromkeys(text[:MOST_HTML] for each in details if (text := clean(_markup(each)))))
    return texts[0] if len(texts) == 1 else max(texts, key=lambda text: len(plain(text).split()), default=None)


def _markup(detail: Any) -> str | None:
    value = _text(detail.get("value")) if isinstance(detail, dict) else None
    kind = str(detail.get("type") or "text/html") if value else ""
    if not value or not kind.startswith(("text/", "application/xhtml", "application/xml")):
        return None
    return text_html(value) if kind == "text/plain" and not _MARKUP.search(value) else value


def _dates(item: Any, kind: FeedKind) -> tuple[str | None, str | None]:
    """Return (published, updated) as printed; a `dc:date` of RSS, which has no other date, is the publication's."""
    published, created = _line(item.get("published")), _line(item.get("created"))
    updated = _line(item["updated"]) if "updated" in item else None
    first = published or created
    return (updated, None) if kind != "atom" and not first else (first, updated)


def _authors(item: Any) -> list[str]:
    people = [name for each in item.get("authors") or () if isinstance(each, dict) and (name := _text(each.get("name")))]
    printed = _text(item.get("author"))
    if printed and ("@" in printed or not people):  # feedparser takes a mail address apart wrongly when its last part is long
        people[-1:] = [printed]
    return people


def _language(item: Any) -> str | None:
    details = (*(item.get("content") or ()), item.get("title_detail"), item.get("summary_detail"))
    return next((text for each in details if isinstance(each, dict) and (text := _line(each.get("language")))), None)


def _section(item: Any) -> str | None:
    terms = (each.get("label") or each.get("term") for each in item.get("tags") or () if isinstance(each, dict))
    return next((text for term in terms if (text := title_text(_text(term)))), None)


def _image(item: Any, base: str) -> str | None:
    media = [each for each in item.get("media_content") or () if _is_picture(each)]
    enclosed = [{"url": each.get("href")} for each in item.get("links") or () if each.get("rel") == "enclosure" and _is_picture(each)]
    image = item.get("image")
    shown = [{"url": image.get("href")}] if isinstance(image, dict) else []
    every = [*media, *(item.get("media_thumbnail") or ()), *enclosed, *shown]
    return next((found for each in every if isinstance(each, dict) and (found := link(each.get("url"), base))), None)


def _is_picture(each: Any) -> bool:
    if not isinstance(each, dict):
        return False
    kind = str(each.get("type") or each.get("medium") or "")
    return kind.startswith("image") or (not kind and _PICTURE.search(str(each.get("url") or each.get("href") or "")[:4096]) is not None)


def _ttl(feed: Any) -> float | None:
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    often = _number(feed.get("sy_updatefrequency")) or 1.0
    asked = [_number(feed.get("ttl")), period / often if period else None]
    return max((minutes for minutes in asked if minutes), default=None)


def _number(value: object) -> float | None:
    text = str(value).strip() if isinstance(value, str) else ""
    return float(text) or None if re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", text) else None


def _skips(text: str) -> tuple[frozenset[int], frozenset[int]]:
    found = {match[1].lower(): re.sub(r"<[^<>]*>", " ", match[2]).lower() for match in _SKIPS.finditer(text)}
    hours = {int(hour) % 24 for hour in re.findall(r"\b\d{1,2}\b", found.get("hours", "")) if int(hour) <= 24}
    days = {index for index, day in enumerate(_DAYS) if day in found.get("days", "")}
    return frozenset(hours), frozenset(days)
