"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently."""

import json
from typing import Any

from schemas.feed import NotParsed, ParsedFeed
from tasks.clean.values import whole_number
from tasks.fetch.entries import Draft, clean, keyed, link, names, text_html, title_text
from tasks.fetch.prefilter import MOST_ITEMS


def parse_json(text: str, url: str) -> ParsedFeed | NotParsed:
    """Return the JSON Feed in a text, or that it is none."""
    try:
        feed = json.loads(text, parse_int=whole_number)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError):
            return NotParsed(reason="parser_limit", detail="JSON nested too deep")
        return NotParsed(reason="not_a_feed", detail=f"JSON that cannot be read: {error}"[:200])
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not _is_feed(feed):
        return NotParsed(reason="not_a_feed", detail="JSON, but no JSON Feed")
    site = link(feed.get("home_page_url"), url)
    drafts = [_draft(item, feed, site or url) for item in items[:MOST_ITEMS] if isinstance(item, dict)]
    return ParsedFeed(kind="json", title=title_text(_text(feed.get("title")), markup=False), site_url=site, entries=keyed(drafts))


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
