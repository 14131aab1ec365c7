"""Ingest and retry: what feeds bring, and what was refused before, into the store; directly or as a Prefect flow run."""

from collections.abc import Sequence
from pathlib import Path

from flows.engine import prefect_for
from schemas.errors import UsageError
from schemas.feed import Feed, feed_id
from schemas.run import Engine, RunReport
from schemas.settings import Settings
from tasks.clean.url import absolute_url
from tasks.fetch.intake import FeedIntake, RetryIntake
from tasks.fetch.opml import read_opml
from tasks.pipeline import Direct, Progress, run


def ingest(urls: Sequence[str], feeds_file: Path | None, settings: Settings, progress: Progress, engine: Engine = "direct") -> RunReport:
    """Return the report of a run over the feeds that are due or, when any are given, over these.

    Raises UsageError for what is no address and a file that is no feed list, and when public sites would be asked without
    a contact; StoreBusyError, StoreUnreadableError or BalanceError.
    """
    asked = asked_feeds(urls, feeds_file)
    if engine == "direct":
        return run(FeedIntake(settings, asked), settings, Direct(), progress)
    with prefect_for(settings.store, progress):
        from flows.ingest_flow import ingest as flow
        from flows.outcome import report_of

        return report_of(flow(list(urls), feeds_file, settings, return_state=True))


def retry(settings: Settings, progress: Progress) -> RunReport:
    """Return the report of a run over what was refused before; raises as `ingest` does."""
    return run(RetryIntake(settings), settings, Direct(), progress)


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
