"""What the feed commands do that need the network or the writer: the network comes first, the store is held only to write."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from flows.typed import feed_at, read_feeds
from schemas.errors import UsageError
from schemas.feed import Feed, Reason
from schemas.record import Record
from schemas.settings import Settings
from tasks.fetch.asking import ask_all
from tasks.fetch.check import Checked, check_feed
from tasks.fetch.find import Found, NotFound, find_feed
from tasks.store.connection import open_current
from tasks.store.feeds.listing import known_hosts, meant_feed
from tasks.store.feeds.polling import add_feeds, fetch_feeds, remove_feeds
from tasks.store.writer import Writer

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
OTHERS_TOLD = 8  # feeds of a site that are named to a person; --json has all


class Link(Record):
    """Another feed that a site names."""

    url: str
    title: str | None


class Addition(Record):
    """What became of an address that was to be added."""

    asked: str
    state: Literal["added", "known", "failed"]
    url: str | None = None
    title: str | None = None
    site_url: str | None = None
    kind: str | None = None
    items: int | None = None
    others: tuple[Link, ...] = ()
    reason: Reason | None = None
    detail: str = ""


def add_found(urls: Sequence[str], folder: str | None, settings: Settings) -> list[Addition]:
    """Return what became of each address, after the feeds that were found have been added to the list.

    Raises UsageError for what is no web address, before anything is asked.
    """
    asked = list(dict.fromkeys(feed_at(url).url for url in urls))
    there = _addresses(settings)
    new = [url for url in asked if url not in there]
    results = dict(zip(new, ask_all(settings, known_hosts(settings), new, find_feed), strict=True)) if new else {}
    found = [one.feed.model_copy(update={"folder": folder}) for one in results.values() if isinstance(one, Found)]
    added = {feed.url for feed in _write(found, settings)} if found else set()
    return [_addition(url, results.get(url), added) for url in asked]


def _addresses(settings: Settings) -> set[str]:
    """Return the addresses of the published list; of a store that does not exist yet none."""
    if not settings.store.exists():
        return set()
    with closing(open_current(settings.store)) as con:
        return {url for row in con.execute("SELECT url, moved_from FROM feeds").fetchall() for url in row if url}


def _write(feeds: Iterable[Feed], settings: Settings) -> list[Feed]:
    """Return those of the feeds that were not in the list before."""
    with Writer(settings) as store:
        added = add_feeds(store.con, feeds, store.now())
        if added:
            store.publish()
        return added


def _addition(asked: str, result: Found | NotFound | None, added: set[str]) -> Addition:
    match result:
        case None:
            return Addition(asked=asked, state="known", url=asked)
        case NotFound():
            return Addition(asked=asked, state="failed", reason=result.reason, detail=result.detail)
        case Found():
            feed = result.feed
            return Addition(
                asked=asked,
                state="added" if feed.url in added else "known",
                url=feed.url,
                title=feed.title,
                site_url=feed.site_url,
                kind=result.kind,
                items=result.items,
                others=tuple(Link(url=url, title=title) for url, title in result.others),
            )


def told(additions: Iterable[Addition]) -> Iterator[str]:
    """Yield lines for people on what was added, what was there already and what else there is."""
    for one in additions:
        if one.state == "added":
            name = f"{one.title}, {one.url}" if one.title else one.url
            yield f"Added: {name} ({one.kind}, {one.items} item{'s' * (one.items != 1)})"
        elif one.state == "known":
            yield f"In the list already: {one.url}"
        if one.others:
            more = len(one.others) - OTHERS_TOLD
            yield f"  {one.asked} names other feeds too; add those that you want:"
            yield from (f"    {other.url}{f'  {other.title}' if other.title else ''}" for other in one.others[:OTHERS_TOLD])
            if more > 0:
                yield f"    and {more} more, see --json"


def failure(one: Addition) -> str:
    """Return in a sentence why an address could not be added, and what to do where something can be done."""
    match one.reason:
        case None:
            return one.detail
        case "blocked_address":
            return (
                f"{one.asked} is not asked, because {one.detail}; open a network of your own with allow_networks in wirehouse.toml"
                " or WIREHOUSE_ALLOW_NETWORKS, such as 192.168.0.0/16."
            )
        case "not_a_feed":
            return f"No feed was found at {one.asked}: {one.detail}."
        case _:
            return f"{one.asked} could not be read ({one.reason.replace('_', ' ')}): {one.detail or 'nothing more is known'}."


def remove_meant(typed: Iterable[str], settings: Settings) -> dict[UUID, str]:
    """Return ids and addresses of the feeds that were meant, after taking them off the list.

    Raises UsageError when one of them cannot be told; then none is removed.
    """
    if not settings.store.exists():
        raise UsageError(f"There is no store at {settings.store}, so there are no feeds to remove.")
    with Writer(settings) as store:
        meant = dict(meant_feed(store.con, one, _address(one)) for one in typed)
        remove_feeds(store.con, list(meant))
        store.publish()
    return meant


def _address(typed: str) -> str | None:
    try:
        return feed_at(typed).url
    except UsageError:
        return None


def import_file(path: Path, settings: Settings) -> tuple[int, list[Feed]]:
    """Return how many feeds an OPML file names, and those that were new; UsageError when it cannot be read."""
    feeds = read_feeds(path)
    return len(feeds), _write(feeds, settings) if feeds else []


def check_all(urls: Sequence[str], settings: Settings) -> list[Checked]:
    """Return how each of these feeds answers now, or each of the list when none is named; nothing is stored.

    Raises UsageError for what is no web address, and when a public one would be asked without saying who asks.
    """
    feeds = [feed_at(url) for url in urls] or _polled(settings)
    if not feeds:
        return []
    console = Console(stderr=True)
    with Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("asking", total=len(feeds))
        return ask_all(settings, known_hosts(settings), feeds, check_feed, lambda: progress.advance(bar))


def _polled(settings: Settings) -> list[Feed]:
    with closing(open_current(settings.store)) as con:
        return [one.feed for one in fetch_feeds(con, "WHERE f.duplicate_of IS NULL")]
