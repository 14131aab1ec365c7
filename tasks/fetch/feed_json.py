"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently."""

import json
import re
from collections.abc import Iterator
from typing import Any

from schemas.feed import NotParsed, ParsedFeed
from tasks.clean.values import whole_number
from tasks.fetch.entries import Draft, clean, keyed, link, names, text_html, title_text
from tasks.fetch.prefilter import MOST_ITEMS

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


def parse_json(text: str, url: str) -> ParsedFeed | NotParsed:
    """Return the JSON Feed in a text, or that it is none; of one that breaks off the items that are whole."""
    try:
        feed, complete = _read(text)
    except RecursionError:
        return NotParsed(reason="parser_limit", detail="JSON nested too deep")
    except ValueError as error:
        return NotParsed(reason="not_a_feed", detail=f"JSON that cannot be read: {error}"[:200])
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not _is_feed(feed):
        return NotParsed(reason="not_a_feed", detail="JSON, but no JSON Feed")
    site = link(feed.get("home_page_url"), url)
    drafts = [_draft(item, feed, site or url) for item in items[:MOST_ITEMS] if isinstance(item, dict)]
    title = title_text(_text(feed.get("title")), markup=False)
    return ParsedFeed(kind="json", title=title, site_url=site, entries=keyed(drafts), complete=complete)


def _read(text: str) -> tuple[Any, bool]:
    """Return the value that the text holds and whether it is whole; ValueError when nothing of it can be used."""
    try:
        return json.loads(text, parse_int=whole_number, strict=False), True
    except json.JSONDecodeError as error:
        start = _ITEMS.search(text)
        if start is None:
            raise
        feed = json.loads(text[: start.end()] + "]}", parse_int=whole_number, strict=False)  # the feed as if it had no items
        return feed | {"items": list(_whole(text, start.end(), error.pos))}, False


def _whole(text: str, position: int, end: int) -> Iterator[Any]:
    """Give the items of a list that begins at `position`, as far as they are whole."""
    decoder = json.JSONDecoder(parse_int=whole_number, strict=False)
    for _ in range(MOST_ITEMS):
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]  # it also matches nothing
        if position >= end:
            return
        try:
            item, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            return
        yield item


def _is_feed(feed: dict[str, Any]) -> bool:
    return "jsonfeed" in str(feed.get("version"))[:200] or any(isinstance(feed.get(name), str) for name in ("home_page_url", "feed_url"))


def _draft(item: dict[str, Any], feed: dict[str, Any], base: str) -> Draft:
    guid = _text(item.get("id"))
    addresses = (item.get("url"), item.get("external_url"), guid if guid and guid.startswith(("http://", "https://")) else None)
    tags = item.get("tags")
    return Draft(
        guid=guid,
        url=next((found for address in addresses if (found := link(address, base))), None),
        title=title_text(_text(item.get("title")), markup=False),
        html=_html(item),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        authors=names(_authors(item) or _authors(feed)),
        language=_text(item.get("language")) or _text(feed.get("language")),
        section=next((text for tag in tags if (text := title_text(_text(tag)))), None) if isinstance(tags, list) else None,
        image_url=link(item.get("image"), base) or link(item.get("banner_image"), base),
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean(str(value))


def _html(item: dict[str, Any]) -> str | None:
    markup, text = _text(item.get("content_html")), _text(item.get("content_text"))
    summary = _text(item.get("summary"))
    return markup or (text_html(text) if text else None) or (text_html(summary) if summary else None)


def _authors(part: dict[str, Any]) -> list[str]:
    people = part.get("authors")
    people = people if isinstance(people, list) else [part.get("author")]
    return [name for each in people if isinstance(each, dict) and (name := _text(each.get("name")))]
