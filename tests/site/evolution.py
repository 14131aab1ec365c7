"""Feeds that change between two rounds the way feeds do, and feeds with one trap each.

`/evolution/full/` has the whole texts in the feeds and no pages, `/evolution/summary/` has summaries and pages.
Truth of each of the two, after both rounds: six articles, A with two versions, D met in two feeds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from tests.site.formats import Channel, Item, atom, rss
from tests.site.pages import Dating, article
from tests.site.texts import Story, case

Flavour = Literal["full", "summary"]
FLAVOURS: tuple[Flavour, ...] = ("full", "summary")
FUTURE = timedelta(days=400)
LATE = timedelta(days=4)
DATINGS: tuple[Dating, ...] = ("json-ld", "meta", "time")
GONE = {"/cases/gone.xml"}
"""Answers 410 from the second round on."""
MOVED = {"/cases/moved.xml": "/cases/new-address.xml"}
"""Redirects for good from the second round on."""


class Edition(NamedTuple):
    """A round of the site: its address, the moment before which all was published, its number, and when edits are made."""

    site: str
    base: datetime
    round: int
    edited_at: datetime


class Evolution:
    """Both feeds of a flavour in a round, and its pages."""

    def __init__(self, flavour: Flavour, edition: Edition) -> None:
        self.flavour, self.site, self.base = flavour, f"{edition.site}/evolution/{flavour}", edition.base
        self.second, self.edited_at = edition.round > 1, edition.edited_at
        self.stories = dict(self._stories())

    def _stories(self) -> Iterator[tuple[str, Story]]:
        hours = {"a": 2, "c": 5, "d": 7}
        for name in "abcdh":
            date = self.base - timedelta(hours=hours[name]) if name in hours else None
            yield name, case(self.flavour, name, self.base + FUTURE if name == "h" else date)
        if self.second:
            yield "e", case(self.flavour, "e", self.base - LATE)
            edited = case(self.flavour, "a_edited", self.base - timedelta(hours=2), "story-a")
            yield "a", edited._replace(updated=self.edited_at)

    def feeds(self) -> dict[str, bytes]:
        """Return the documents of the two feeds by path."""
        one = self._channel("one.xml", self._first())
        two = self._channel("two.xml", [self._item("d", "elsewhere-4"), self._item("h", "elsewhere-5")])
        return {self._path("one.xml"): rss(one), self._path("two.xml"): atom(two)}

    def _first(self) -> list[Item]:
        """Return the items of the first feed: in the second round C has another guid, D stands there twice, and E comes late."""
        if not self.second:
            return [self._item(name, f"tag-{name}") for name in "abcd"]
        again = self._item("d", "tag-d-again", "?utm_source=newsletter&utm_medium=rss&xtor=RSS-16")
        return [again, self._item("c", "tag-c-new"), *(self._item(name, f"tag-{name}") for name in "abde")]

    def _item(self, name: str, guid: str, query: str = "") -> Item:
        return Item(self.stories[name], self.link(name) + query, guid, self.flavour == "full")

    def link(self, name: str) -> str:
        """Return the address of an article's page."""
        return f"{self.site}/{self.stories[name].slug}.html"

    def pages(self) -> dict[str, bytes]:
        """Return the pages by path; there are none where the feeds have the whole texts."""
        if self.flavour == "full":
            return {}
        dated = zip(self.stories.items(), DATINGS * 2, strict=False)
        return {self._path(f"{story.slug}.html"): article(story, self.link(name), dating, []) for (name, story), dating in dated}

    def _channel(self, name: str, items: list[Item]) -> Channel:
        return Channel(f"Evolving, {self.flavour}, {name}", self.site, f"{self.site}/{name}", items)

    def _path(self, name: str) -> str:
        return f"/evolution/{self.flavour}/{name}"


def cases(edition: Edition) -> dict[str, bytes]:
    """Return the feeds with one trap each, by path; all have whole texts and no pages."""
    site, base, number, _ = edition
    second = number > 1
    found = {
        "gone.xml": _feed(site, base, "gone.xml", {"gone_one": "g1", "gone_two": "g2"}),
        "moved.xml": _feed(site, base, "moved.xml", {"moved_one": "m1", "moved_two": "m2"}),
        "new-address.xml": _feed(site, base, "new-address.xml", {"moved_one": "m1", "moved_two": "m2"}),
        "twins-one.xml": _feed(site, base, "twins-one.xml", {"twins_one": "1"}),
        "twins-two.xml": _feed(site, base, "twins-two.xml", {"twins_two": "1"}),
        "reused.xml": _feed(site, base, "reused.xml", {"reused_two" if second else "reused_one": "post-7"}),
        "guids.xml": _feed(site, base, "guids.xml", {name: f"{name}-{number}" for name in ("guids_one", "guids_two")}),
        "dates.xml": _feed(site, base + timedelta(minutes=10 * (number - 1)), "dates.xml", {"dates_one": "d1", "dates_two": "d2"}),
    }
    found["malformed.xml"] = malformed(_feed(site, base, "malformed.xml", {"malformed_one": "x1", "malformed_two": "x2"}))
    return {f"/cases/{name}": body for name, body in found.items()}


def _feed(site: str, base: datetime, name: str, guids: dict[str, str]) -> bytes:
    items = [
        Item(story := case("cases", key, base - timedelta(hours=9 + number)), f"{site}/cases/{story.slug}.html", guid, True)
        for number, (key, guid) in enumerate(guids.items())
    ]
    return rss(Channel(f"Case {name}", site, f"{site}/cases/{name}", items))


def malformed(feed: bytes) -> bytes:
    """Return the feed as careless software writes it: bare ampersands, an undeclared entity, a tag that is not closed."""
    return feed.replace(b"&amp;", b"&").replace(b"<category>region</category>", b"<category>region&nbsp;<br></category>")
