"""The commands around the feed list: `wirehouse feeds add/remove/list/import/export/check`."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table
from schemas.errors import UsageError
from tasks.store.connection import is_store_file, open_current

if TYPE_CHECKING:
    from tasks.fetch.check import Checked

NO_FEEDS = "There are no feeds yet; add one with: wirehouse feeds add URL, or many with: wirehouse feeds import FILE.opml"

app = typer.Typer(
    no_args_is_help=True,
    help="""The feed list: add (a site will do), remove, list, import, export, check.

    Example: wirehouse feeds add https://example.org/
    """,
)

Folder = Annotated[str | None, typer.Option(help="Folder of the feed list to put them in; folders in folders with '/'.")]


@app.command()
def add(
    urls: Annotated[list[str], typer.Argument(help="Feeds, or sites whose feed is to be found.")],
    folder: Folder = None,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Add feeds to the list; of a site, the first feed that it names and that can be read.

    Example: wirehouse feeds add https://example.org/ --folder World
    """
    from flows.feed_list import add_found, failure, told

    additions = add_found(urls, folder, make_settings(store=store))
    if as_json:
        print_json([one.model_dump(mode="json") for one in additions])
    else:
        for line in told(additions):
            typer.echo(line)
    failures = [failure(one) for one in additions if one.state == "failed"]
    for sentence in dict.fromkeys(failures):
        typer.echo(f"Error: {sentence}", err=True)
    if failures:
        raise typer.Exit(UsageError.exit_code)


@app.command()
def remove(
    feeds: Annotated[list[str], typer.Argument(help="Addresses of feeds, or the beginnings of their ids.")],
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Take feeds off the list; their articles stay.

    Example: wirehouse feeds remove https://example.org/feed.xml
    """
    from flows.feed_list import remove_meant

    removed = remove_meant(feeds, make_settings(store=store))
    if as_json:
        print_json([{"feed_id": feed, "url": url} for feed, url in removed.items()])
        return
    for url in removed.values():
        typer.echo(f"Removed: {url}")


@app.command("list")
def list_(as_json: AsJson = False, store: StorePath = None) -> None:
    """List the feeds, how they do and when they are polled next.

    Example: wirehouse feeds list --json
    """
    from tasks.store.feeds.listing import list_feeds

    with closing(open_current(make_settings(store=store).store)) as con:
        found = list_feeds(con)
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo(NO_FEEDS, err=True)
        return
    columns = ("feed", "folder", "title", "url", "health", "why", "next due (UTC)")
    rows = [
        (str(one["feed_id"])[:8], one["folder"], one["title"], one["url"], one["health"], one["why"], str(one["next_due_at"] or "")[:16])
        for one in found
    ]
    print_table(columns, rows)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A feed list as readers export it: OPML 1 or 2.")],
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Add the feeds of an OPML file to the list; none of them is asked yet.

    Example: wirehouse feeds import feeds.opml
    """
    from flows.feed_list import import_file

    read, added = import_file(file, make_settings(store=store))
    if as_json:
        print_json({"file": file, "read": read, "new": len(added), "added": [feed.url for feed in added]})
    else:
        typer.echo(f"{file}: {read:,} feeds, {len(added):,} of them new." if read else f"{file} names no feeds.")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="File to write.", show_default="stdout")] = None, store: StorePath = None
) -> None:
    """Write the feed list as OPML 2.0, for other readers or another store.

    Example: wirehouse feeds export feeds.opml
    """
    from tasks.fetch.opml import write_opml
    from tasks.store.feeds.polling import fetch_feeds

    path = make_settings(store=store).store
    if file is not None and is_store_file(file, path):
        raise UsageError(f"{file} belongs to the store; name another file.")
    with closing(open_current(path)) as con:
        document = write_opml([one.feed for one in fetch_feeds(con)], "Feeds of Wirehouse")
    if file is None:
        typer.echo(document, nl=False)
        return
    try:
        file.write_text(document, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error


@app.command()
def check(
    urls: Annotated[list[str] | None, typer.Argument(help="Feeds to ask.", show_default="those of the list")] = None,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Ask feeds now and say how they answer; nothing is stored, and the list stays as it is.

    Example: wirehouse feeds check https://example.org/feed.xml
    """
    from flows.feed_list import check_all

    checked = check_all(urls or [], make_settings(store=store))
    if as_json:
        print_json([one.model_dump(mode="json") for one in checked])
    elif checked:
        columns = ("url", "answer", "kind", "items", "title", "seconds", "detail")
        print_table(columns, [_checked_row(one) for one in checked])
    else:
        typer.echo(NO_FEEDS, err=True)


def _checked_row(one: "Checked") -> tuple[object, ...]:
    """Return the cells of a check; where it was led is told with whether for good."""
    led = f"moved for good to {one.moved_to}" if one.moved_to else f"led to {one.final_url}" if one.redirects else ""
    detail = "; ".join(filter(None, (one.detail, led)))
    return (one.url, one.reason, one.kind, one.items, one.title, round(one.seconds, 2), detail)
