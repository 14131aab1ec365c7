"""A look at a feed, without storing anything: what it answers, and what could be read in it."""

from datetime import UTC, datetime

from schemas.feed import Feed, FeedState, NotParsed, ParsedFeed, Reason
from schemas.record import Record
from tasks.fetch.asking import Asker
from tasks.fetch.feeds import ToParse, parse_feed
from tasks.fetch.poll import poll
from tasks.workers import Failure


class Checked(Record):
    """How a feed answered, and what it is."""

    url: str
    reason: Reason
    detail: str = ""
    status: int | None = None
    kind: str | None = None
    title: str | None = None
    items: int = 0
    bytes: int = 0
    redirects: int = 0
    final_url: str
    moved_to: str | None = None
    """Where permanent redirects lead."""
    seconds: float = 0.0
    """Spent on the network."""


async def check_feed(feed: Feed, asker: Asker) -> Checked:
    """Return how a feed answers when it is asked for whole, whatever earlier polls have taught about it.

    Raises UsageError when a public address would be asked without saying who asks.
    """

    async def parse(task: ToParse) -> ParsedFeed | NotParsed:
        read = await asker.read(parse_feed, task)
        return NotParsed(reason="parser_limit", detail=read.detail) if isinstance(read, Failure) else read

    with asker.seated() as get:
        polled = await poll(feed, FeedState(feed_id=feed.feed_id), datetime.now(UTC), get, parse)
    answer, parsed = polled.received.answer, polled.parsed
    checked = Checked(
        url=feed.url,
        reason=parsed.reason if isinstance(parsed, NotParsed) else answer.reason,
        detail=parsed.detail if isinstance(parsed, NotParsed) else answer.detail,
        status=answer.status,
        bytes=polled.received.size,
        redirects=answer.hops,
        final_url=answer.final_url,
        moved_to=answer.moved_to,
        seconds=answer.seconds,
    )
    if not isinstance(parsed, ParsedFeed):
        return checked
    return checked.model_copy(update={"kind": parsed.kind, "title": parsed.title, "items": len(parsed.entries)})
