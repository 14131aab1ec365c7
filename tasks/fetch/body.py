"""A body that may be a feed, or a page that names one: what a worker process makes of it."""

from typing import NamedTuple

from schemas.feed import NotParsed, ParsedFeed
from tasks.costs import Watch
from tasks.fetch.discover import feed_links
from tasks.fetch.feeds import ToParse, parse_feed

Link = tuple[str, str | None]
"""Address and title."""


class Page(NamedTuple):
    """A body that is no feed, why not, and the feeds that it names."""

    fault: NotParsed
    links: tuple[Link, ...]


def read_body(task: ToParse, watch: Watch) -> ParsedFeed | Page:
    """Return the feed in a body, or what it says of feeds elsewhere."""
    parsed = parse_feed(task, watch)
    return Page(parsed, tuple(feed_links(task.body, task.url))) if isinstance(parsed, NotParsed) else parsed
