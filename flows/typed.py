"""What a person types for a feed or a list of feeds; nothing here needs the network."""

from collections.abc import Sequence
from pathlib import Path

from schemas.errors import UsageError
from schemas.feed import Feed, feed_id
from tasks.clean.url import absolute_url
from tasks.fetch.opml import read_opml


def asked_feeds(urls: Sequence[str], feeds_file: Path | None) -> list[Feed] | None:
    """Return the feeds that a person asks for, by address or in an OPML file; None when nothing is asked for in particular."""
    if not urls and feeds_file is None:
        return None
    return [*map(feed_at, urls), *(read_feeds(feeds_file) if feeds_file else ())]


def feed_at(url: str) -> Feed:
    """Return the feed at an address; UsageError when it is no web address."""
    address = absolute_url(url if "://" in url else f"https://{url}")
    if address is None:
        raise UsageError(f"'{url}' is no web address; give one such as https://example.org/feed.xml")
    return Feed(feed_id=feed_id(address), url=address)


def read_feeds(path: Path) -> list[Feed]:
    """Return the feeds of an OPML file; UsageError when it cannot be read as one."""
    try:
        return read_opml(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
