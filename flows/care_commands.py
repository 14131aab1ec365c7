"""The commands that look after a store: status, doctor, init."""

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table
from schemas.errors import UsageError, WirehouseError
from tasks.store.browse import count_rows
from tasks.store.connection import open_reader
from tasks.store.health import check_store
from tasks.store.runs import fetch_runs

RUNS_SHOWN = 10

STARTER_SETTINGS = """# Settings of Wirehouse, read from the folder you are in. An environment variable WIREHOUSE_<NAME> overrules a line
# here, an option of a command overrules both. What is commented out shows the default.

# store = "news.duckdb"      # the published copy everybody reads; the writer's file stands beside it
# workers = 2                # processes that clean and label; default: the number of cores
# publish_every = 10.0       # minutes between two publications during a long run
# lock_wait = 30.0           # seconds a second writer waits
# sql_timeout = 60.0         # seconds a query may take
# assumed_zone = "UTC"       # IANA zone of dates that are printed without one, such as "Europe/Paris"
# document_timeout = 30.0    # seconds one document may take
# document_memory = 1024     # megabytes one worker may use
"""

STARTER_FEEDS = """<?xml version="1.0" encoding="UTF-8"?>
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
    """Show the last runs and the sizes of the store.

    Example: wirehouse status --json
    """
    path = make_settings(store=store).store
    con = open_reader(path)
    runs = fetch_runs(con, f"ORDER BY started_at DESC LIMIT {RUNS_SHOWN}")
    tables = count_rows(con)
    if as_json:
        print_json(
            {
                "store": str(path),
                "bytes": path.stat().st_size,
                "runs": [run.model_dump(mode="json") for run in runs],
                "tables": dict(tables),
            }
        )
        return
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
    print_table(columns, rows, title=f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    print_table(("table", "rows"), [(name, f"{count:,}") for name, count in tables if count])
    reasons = [(reason, count) for run in runs for reason, count in run.reasons]
    if reasons:
        print_table(("rejected because", "documents"), reasons)


def doctor(as_json: AsJson = False, store: StorePath = None) -> None:
    """Check the installation and the store, and say what to do about each fault.

    Example: wirehouse doctor
    """
    settings = make_settings(store=store)
    checks = check_store(settings.store, settings.writer_store)
    if as_json:
        print_json([check.model_dump() for check in checks])
    else:
        print_table(("check", "state", "detail"), [(check.name, "ok" if check.ok else "FAULT", check.detail) for check in checks])
    faults = sum(not check.ok for check in checks)
    if faults:
        raise WirehouseError(f"{faults} of {len(checks)} checks found a fault; see above.")


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
