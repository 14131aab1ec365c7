"""What the test site holds in a round: every path with its bytes."""

from datetime import datetime
from typing import NamedTuple

from tests.site import formats, pages
from tests.site.evolution import DATINGS, FLAVOURS, Edition, Evolution, cases
from tests.site.formats import Channel, Item
from tests.site.pages import Link
from tests.site.texts import Story, news

LATER = 6
"""So many articles come in the second and third round, three each."""
EDITED, ADDED = "bridge-inspection-cracks", "On Wednesday the army said that a pontoon could be ready within twelve days."
ATOM, JSON, RSS, XML, HTML = (
    "application/atom+xml",
    "application/feed+json",
    "application/rss+xml",
    "application/xml",
    "text/html; charset=utf-8",
)
ROBOTS = "User-agent: *\nDisallow: /drafts/\nDisallow: /share\n\nSitemap: {site}/sitemap-news.xml\n"
OPT_OUT = b'[{"location": "/culture/*", "tdm-reservation": 1}]'


class Content(NamedTuple):
    """What stands at a path."""

    body: bytes
    type: str
    feed: bool = False


def contents(edition: Edition) -> dict[str, Content]:
    """Return what the site has in a round, by path."""
    site, stories = edition.site, _released(edition)
    found = {
        "/": Content(pages.front(site, feeds(site), [Link(one.title, _link(site, one)) for one in stories]), HTML),
        "/robots.txt": Content(ROBOTS.format(site=site).encode(), "text/plain"),
        "/.well-known/tdmrep.json": Content(OPT_OUT, "application/json"),
        "/drafts/": Content(b"<!DOCTYPE html><title>Drafts</title><p>Not for you.", HTML),
        "/feeds.opml": Content(_opml(site), "text/x-opml"),
    }
    found |= {path: Content(body, type_, True) for path, (body, type_) in _feeds(site, stories).items()}
    found |= {path: Content(body, XML, True) for path, body in cases(edition).items()}
    for flavour in FLAVOURS:
        evolving = Evolution(flavour, edition)
        found |= {path: Content(body, XML, True) for path, body in evolving.feeds().items()}
        found |= {path: Content(body, HTML) for path, body in evolving.pages().items()}
    return found | _pages(site, stories)


def feeds(site: str) -> list[Link]:
    """Return the feeds that the front page names."""
    return [
        Link("Latest", f"{site}/feeds/latest.xml", RSS),
        Link("World", f"{site}/feeds/world.atom", ATOM),
        Link("Science", f"{site}/feeds/science.json", JSON),
        Link("Culture", f"{site}/feeds/culture.rdf", "application/rdf+xml"),
    ]


def _released(edition: Edition) -> list[Story]:
    """Return the articles of a round, the newest first; in the second one an older article is edited."""
    stories = news(edition.base)[max(0, LATER - 3 * (edition.round - 1)) :]
    return [_edited(story, edition.edited_at) if edition.round > 1 and story.slug == EDITED else story for story in stories]


def _edited(story: Story, edited_at: datetime) -> Story:
    title = f"{story.title}, army offers pontoon"
    return story._replace(title=title, paragraphs=(*story.paragraphs, ADDED), updated=edited_at)


def _feeds(site: str, stories: list[Story]) -> dict[str, tuple[bytes, str]]:
    world = [story for story in stories if story.section in ("world", "monde")]
    science, culture = ([story for story in stories if story.section == name] for name in ("science", "culture"))

    def channel(name: str, path: str, chosen: list[Story], full: bool, tracker: str = "") -> Channel:
        return Channel(f"{pages.NAME}: {name}", site, site + path, [_item(site, story, full, tracker) for story in chosen])

    return {
        "/feeds/latest.xml": (formats.rss(channel("Latest", "/feeds/latest.xml", stories, False, "?utm_source=rss&utm_medium=feed")), RSS),
        "/feeds/world.atom": (formats.atom(channel("World", "/feeds/world.atom", world, True)), ATOM),
        "/feeds/science.json": (formats.json_feed(channel("Science", "/feeds/science.json", science, True)), JSON),
        "/feeds/culture.rdf": (formats.rdf(channel("Culture", "/feeds/culture.rdf", culture, False)), XML),
        "/sitemap-news.xml": (formats.news_sitemap(channel("News", "/sitemap-news.xml", stories[:10], False)), XML),
    }


def _item(site: str, story: Story, full: bool, tracker: str) -> Item:
    link = _link(site, story)
    return Item(story, link + tracker, link, full)


def _opml(site: str) -> bytes:
    latest, *sections = ((feed.title, feed.url) for feed in feeds(site))
    return formats.opml("The feeds of the Courier", {"All": [latest], "Sections": sections})


def _pages(site: str, stories: list[Story]) -> dict[str, Content]:
    related = [Link(story.title, _link(site, story)) for story in stories]
    found = {}
    for number, story in enumerate(stories):
        near = related[number + 1 : number + 4] or related[:3]
        # by slug, so that a page does not change its form when newer articles come
        dating = DATINGS[len(story.slug) % len(DATINGS)]
        found[f"/{story.section}/{story.slug}.html"] = Content(pages.article(story, _link(site, story), dating, near), HTML)
    return found


def _link(site: str, story: Story) -> str:
    return f"{site}/{story.section}/{story.slug}.html"
