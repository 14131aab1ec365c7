"""The commands that look after a store: status, doctor, init."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table
from schemas.errors import UsageError, WirehouseError
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.store.browse import Found, count_rows, feed_outlook
from tasks.store.connection import open_current, open_reader
from tasks.store.feed_list import outlook
from tasks.store.health import Check, check_store
from tasks.store.runs import fetch_runs

RUNS_SHOWN = 10

STARTER_SETTINGS = """# Settings of Wirehouse, read from the folder you are in. An environment variable WIREHOUSE_<NAME> overrules a line
# here, an option of a command overrules both. What is commented out shows the default.

# store = "news.duckdb"      # the published copy everybody reads; the writer's file stands beside it
# workers = 2                # processes that clean and label; default: the number of cores
# publish_every = 10.0       # minutes between two publications during a long run
# lock_wait = 30.0           # seconds a second writer waits
# dedupe_window = "90"       # days around its publication in which copies of an article are looked for, or "all"
# sql_timeout = 60.0         # seconds a query may take
# retention_days = 730       # days after which wirehouse maintain removes an article for good; default: all are kept
# assumed_zone = "UTC"       # IANA zone of dates that are printed without one, such as "Europe/Paris"
# document_timeout = 30.0    # seconds one document may take
# document_memory = 1024     # megabytes one worker may use

# What a person has to set before public sites are asked: a name for your collection with an address or mail where you
# can be reached. Sites see it with every request, and many refuse or block who does not say it.
# user_agent = "my-news/1.0 (+https://example.org/bot; bot@example.org)"

# host_delay = 1.0           # seconds between two requests to one host; its robots.txt may ask for more
# fetch_timeout = 60.0       # seconds that one fetch may take on the network
# min_poll_minutes = 10.0    # minutes that lie at least between two polls of a feed
# allow_networks = []        # networks of your own that may be asked although they are not public, such as ["192.168.0.0/16"]
# topic_model = "news.topics.npz"  # a model of topics made by wirehouse label train-topics; default: none
# entity_engine = "own"      # what finds names: "own", or an extra: "spacy" (pip install 'wirehouse[spacy]') or "gliner"
# entity_model = "xx_ent_wiki_sm"  # the extra's model: for spaCy a package or a folder, for GLiNER a folder; default: this one

# Topics of your own, at the end of this file; an article has one when all that it asks for holds. What is stored is tagged by
# wirehouse relabel.
# [[topics]]
# id = "user:harbour"
# name = "Harbours"
# words = ["harbour", "port*", "container ship"]   # one of them; case and accents do not count, * stands for any ending
# entities = ["Rotterdam", "org:hapag-lloyd"]      # one of them, by any of its names or by its id
# languages = ["en", "fr"]
# where = "section = 'Economy' and word_count > 100"
"""

STARTER_FEEDS = """<?xml version="1.0" encoding="UTF-8"?>
<!-- A feed list, as readers exchange it. To take its feeds into the store, and to poll them:
       wirehouse feeds import feeds.opml
       wirehouse ingest
     Or both at once: wirehouse ingest with the option feeds, which is this file.
     A single feed or site needs no list: wirehouse feeds add https://example.org/ -->
<opml version="2.0">
  <head><title>Feeds for Wirehouse</title></head>
  <body>
    <outline text="News">
      <!-- one line a feed, such as
      <outline type="rss" text="Name" xmlUrl="https://example.org/feed.xml" htmlUrl="https://example.org/"/> -->
    </outline>
  </body>
</opml>
"""


def status(as_json: AsJson = False, store: StorePath = None) -> None:
    """Show the last runs, how the feeds do, and the sizes of the store.

    Example: wirehouse status --json
    """
    path = make_settings(store=store).store
    with closing(open_current(path)) as con:
        runs = fetch_runs(con, f"ORDER BY started_at DESC LIMIT {RUNS_SHOWN}")
        tables = count_rows(con)
        feeds = outlook(con)
        polled = fetch_runs(con, "WHERE flow = 'ingest' ORDER BY started_at DESC LIMIT 1")
    if as_json:
        last = {"run_id": polled[0].run_id, "started_at": polled[0].started_at, "fetches": dict(polled[0].fetches)} if polled else None
        print_json(
            {
                "store": str(path),
                "bytes": path.stat().st_size,
                "runs": [run.model_dump(mode="json") for run in runs],
                "feeds": feeds | {"last_ingest": last},
                "tables": dict(tables),
            }
        )
        return
    _show_runs(runs, f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    _show_feeds(feeds, polled)
    print_table(("table", "rows"), [(name, f"{count:,}") for name, count in tables if count])
    reasons = [(reason, count) for run in runs for reason, count in run.reasons]
    if reasons:
        print_table(("rejected because", "documents"), reasons)


def _show_runs(runs: Sequence[RunReport], title: str) -> None:
    columns = ("started", "flow", "state", "seen", "new", "new versions", "sightings", "unchanged", "rejected", "seconds")
    rows = [
        (
            f"{run.started_at:%Y-%m-%d %H:%M}",
            run.flow,
            run.state,
            run.counts.seen,
            run.counts.new,
            run.counts.new_versions,
            run.counts.sightings,
            run.counts.unchanged,
            run.counts.rejected,
            round(run.seconds, 1),
        )
        for run in runs
    ]
    print_table(columns, rows, title=title)


def _show_feeds(feeds: Found, polled: Sequence[RunReport]) -> None:
    """Show how the feeds do, those that do worst, and what the last ingest met; nothing of a store without feeds."""
    pages, due = feeds["pages"], feeds["next_due_at"]
    numbers = [
        *feeds["states"].items(),
        ("pages to be asked for now", pages["due"]),
        ("pages to be asked for later", pages["waiting"] - pages["due"]),
        ("pages given up, see: wirehouse retry", pages["given_up"]),
    ]
    rows = [(name, f"{count:,}") for name, count in numbers if count]
    if feeds["count"]:
        print_table(("feeds", f"{feeds['count']:,}"), [*rows, ("the next one is due", f"{due:%Y-%m-%d %H:%M} UTC")] if due else rows)
    if feeds["worst"]:
        worst = [(one["health"], one["title"], one["url"], one["why"], str(one["last_good_at"] or "never")[:16]) for one in feeds["worst"]]
        print_table(("health", "feed", "url", "why", "last good (UTC)"), worst)
    if polled and polled[0].fetches:
        print_table(("last ingest asked for", "times"), [(what.replace(" ", ": ", 1), f"{n:,}") for what, n in polled[0].fetches])


def doctor(as_json: AsJson = False, store: StorePath = None) -> None:
    """Check the installation and the store, and say what to do about each fault.

    Example: wirehouse doctor
    """
    settings = make_settings(store=store)
    checks = [*check_store(settings.store, settings.writer_store), *_contact(settings)]
    if as_json:
        print_json([check.model_dump() for check in checks])
    else:
        print_table(("check", "state", "detail"), [(check.name, "ok" if check.ok else "FAULT", check.detail) for check in checks])
    faults = sum(not check.ok for check in checks)
    if faults:
        raise WirehouseError(f"{faults} of {len(checks)} checks found a fault; see above.")


def _contact(settings: Settings) -> list[Check]:
    """Return a note when there are feeds and nobody can be reached: no fault, because one's own network may be asked all the same."""
    if settings.reachable or not settings.store.exists():
        return []
    try:
        with closing(open_reader(settings.store)) as con:
            count, _ = feed_outlook(con)
    except (WirehouseError, duckdb.Error):
        return []  # which is said already
    detail = "user_agent names no address or mail, so public sites are not asked; set it in wirehouse.toml or WIREHOUSE_USER_AGENT"
    return [Check(name="contact", ok=True, detail=detail)] if count else []


def init(folder: Annotated[Path, typer.Argument(help="Where; made when missing.")] = Path()) -> None:
    """Write a commented wirehouse.toml and a starter feed list; files that are there already stay.

    Example: wirehouse init my-news
    """
    written: dict[str, Any] = {"wirehouse.toml": STARTER_SETTINGS, "feeds.opml": STARTER_FEEDS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in written.items():
            path = folder / name
            if path.exists():
                typer.echo(f"{path} is there already and stays as it is.")
                continue
            path.write_text(content, encoding="utf-8")
            typer.echo(f"{path} written.")
    except OSError as error:
        raise UsageError(f"{folder} cannot be used: {error.strerror}.") from error
