"""The one door to feeds: bytes in, a feed or the reason why it is none out."""

from typing import NamedTuple

from schemas.feed import NotParsed, ParsedFeed
from tasks.costs import Watch
from tasks.fetch.charset import TooLargeError, feed_text, unpacked
from tasks.fetch.feed_json import parse_json
from tasks.fetch.feed_xml import parse_xml
from tasks.fetch.frame import framed
from tasks.fetch.prefilter import without_controls
from tasks.fetch.sitemap import parse_sitemap


class ToParse(NamedTuple):
    """A fetched body, where it came from and what the server called it."""

    body: bytes
    url: str
    content_type: str | None


def parse_feed(task: ToParse, watch: Watch) -> ParsedFeed | NotParsed:
    """Return the feed in a body, or why there is none; nothing that a body holds raises.

    The content decides what it is, not the server's name for it. Costs are counted as the stage `parse`.
    """
    with watch.stage("parse"):
        try:
            return _parse(task)
        except ImportError:
            raise  # a broken installation is no fault of the feed
        except TooLargeError as error:
            return NotParsed(reason="parser_limit", detail=str(error))
        except Exception as error:  # parsers fail on hostile bodies in ways of their own
            return NotParsed(reason="parser_limit", detail=f"{type(error).__name__}: {error}"[:200])


def _parse(task: ToParse) -> ParsedFeed | NotParsed:
    body = unpacked(task.body)
    if not body.strip():
        return NotParsed(reason="empty")
    text = without_controls(feed_text(body, task.content_type))
    if not text.strip():
        return NotParsed(reason="empty")
    if text.lstrip()[0] in "{[":
        return parse_json(text, task.url)
    document = framed(text)
    if isinstance(document, NotParsed):
        return document
    return parse_sitemap(document, task.url) if document.root in ("urlset", "sitemapindex") else parse_xml(document, task.url)
