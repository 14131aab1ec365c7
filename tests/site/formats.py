"""Feeds in the formats of the world: RSS 2.0, RSS 1.0 (RDF), Atom, JSON Feed, news sitemap; and OPML."""

import json
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from tests.site.texts import Story

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Item(NamedTuple):
    """An article as a feed offers it."""

    story: Story
    link: str
    guid: str
    full: bool
    """Whether the feed carries the whole text, else a summary only."""


class Channel(NamedTuple):
    """A feed: its name, the site it belongs to, where it stands and what it holds."""

    title: str
    site: str
    url: str
    items: list[Item]


def rss(channel: Channel) -> bytes:
    """Return RSS 2.0."""
    return _document(
        f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f"<channel><title>{escape(channel.title)}</title><link>{channel.site}/</link><description>{escape(channel.title)}</description>\n"
        f"{''.join(map(_rss_item, channel.items))}</channel></rss>"
    )


def _rss_item(item: Item) -> str:
    story = item.story
    date = f"<pubDate>{format_datetime(story.published, usegmt=True)}</pubDate>" if story.published else ""
    full = f"<content:encoded><![CDATA[{story.html}]]></content:encoded>" if item.full else ""
    return (
        f'<item><title>{escape(story.title)}</title><link>{escape(item.link)}</link><guid isPermaLink="false">{escape(item.guid)}</guid>'
        f"{date}<dc:creator>{escape(story.author)}</dc:creator><category>{story.section}</category>\n"
        f"<description>{escape(story.summary)}</description>{full}</item>\n"
    )


def rdf(channel: Channel) -> bytes:
    """Return RSS 1.0."""
    listed = "".join(f"<rdf:li rdf:resource={quoteattr(item.guid)}/>" for item in channel.items)
    return _document(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">\n'
        f"<channel rdf:about={quoteattr(channel.url)}><title>{escape(channel.title)}</title><link>{channel.site}/</link>"
        f"<description>{escape(channel.title)}</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        f"{''.join(map(_rdf_item, channel.items))}</rdf:RDF>"
    )


def _rdf_item(item: Item) -> str:
    story = item.story
    full = f"<content:encoded><![CDATA[{story.html}]]></content:encoded>" if item.full else ""
    return (
        f"<item rdf:about={quoteattr(item.guid)}><title>{escape(story.title)}</title><link>{escape(item.link)}</link>"
        f"<description>{escape(story.summary)}</description>{full}<dc:creator>{escape(story.author)}</dc:creator>"
        f"<dc:date>{_iso(story.published)}</dc:date></item>\n"
    )


def atom(channel: Channel) -> bytes:
    """Return Atom 1.0; an article without a date has no `updated`, which the standard does not allow and the world does."""
    return _document(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(channel.title)}</title><id>{channel.url}</id>'
        f'<link rel="alternate" href="{channel.site}/"/><link rel="self" href="{channel.url}"/>\n'
        f"{''.join(map(_atom_entry, channel.items))}</feed>"
    )


def _atom_entry(item: Item) -> str:
    story = item.story
    published = f"<published>{_iso(story.published)}</published>" if story.published else ""
    updated = f"<updated>{_iso(story.updated or story.published)}</updated>" if story.published else ""
    full = f'<content type="html">{escape(story.html)}</content>' if item.full else ""
    return (
        f'<entry><title>{escape(story.title)}</title><link rel="alternate" href={quoteattr(item.link)}/><id>{escape(item.guid)}</id>'
        f"{published}{updated}<author><name>{escape(story.author)}</name></author><summary>{escape(story.summary)}</summary>{full}</entry>\n"
    )


def json_feed(channel: Channel) -> bytes:
    """Return JSON Feed 1.1."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": channel.title, "home_page_url": f"{channel.site}/"}
    return json.dumps(head | {"feed_url": channel.url, "items": [*map(_json_item, channel.items)]}, ensure_ascii=False, indent=1).encode()


def _json_item(item: Item) -> dict[str, object]:
    story = item.story
    text = {"content_html": story.html} if item.full else {"content_text": story.summary}
    date = {"date_published": _iso(story.published)} if story.published else {}
    names = {"id": item.guid, "url": item.link, "title": story.title, "summary": story.summary, "language": story.language}
    return names | text | date | {"authors": [{"name": story.author}], "tags": [story.section]}


def news_sitemap(channel: Channel) -> bytes:
    """Return a news sitemap."""
    entries = "".join(
        f"<url><loc>{escape(item.link)}</loc><news:news><news:publication><news:name>{escape(channel.title)}</news:name>"
        f"<news:language>{item.story.language}</news:language></news:publication>"
        f"<news:publication_date>{_iso(item.story.published)}</news:publication_date>"
        f"<news:title>{escape(item.story.title)}</news:title></news:news></url>\n"
        for item in channel.items
    )
    names = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return _document(f"<urlset {names}>\n{entries}</urlset>")


def opml(title: str, folders: dict[str, Iterable[tuple[str, str]]]) -> bytes:
    """Return a feed list: folders with the titles and addresses of their feeds, each outline with an attribute that is nobody's."""
    outlines = "".join(
        f"<outline text={quoteattr(folder)}>"
        + "".join(f'<outline type="rss" text={quoteattr(name)} xmlUrl={quoteattr(url)} shelf="B-12"/>' for name, url in feeds)
        + "</outline>\n"
        for folder, feeds in folders.items()
    )
    return _document(f'<opml version="2.0"><head><title>{escape(title)}</title></head><body>\n{outlines}</body></opml>')


def _document(root: str) -> bytes:
    return (DECLARATION + root + "\n").encode()


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
