"""`wirehouse status`: runs, what they cost, what was rejected, the feeds, sources that have gone quiet, sizes."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from flows.options import AsJson, StorePath, flag, make_settings
from flows.output import print_json, print_table
from flows.report import STAGE_COLUMNS, rate, stage_rows
from schemas.errors import UsageError
from schemas.run import RunReport
from schemas.settings import Settings
from tasks.store.care.volume import Volume, fetch_volumes
from tasks.store.connection import is_store_file, open_current
from tasks.store.feeds.listing import outlook
from tasks.store.metrics import metrics_text, write_metrics
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found, count_rows
from tasks.store.runs import add_costs, fetch_runs

app = typer.Typer()

RUNS_SHOWN = 10
QUIET_SHOWN = 20

Metrics = Annotated[bool, flag("--metrics", help="Write OpenMetrics text instead, to stdout or to FILE.")]
MetricsFile = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="With --metrics: replaced in one step.", show_default=False)]


class Standing(NamedTuple):
    """How a store stands."""

    runs: list[RunReport]
    rejections: list[tuple[str, str, int]]
    """Stage, reason, and how many documents, over all runs."""
    feeds: Found
    polled: list[RunReport]
    """The last ingest, if there was one."""
    volumes: list[Volume]
    tables: list[tuple[str, int]]

    @classmethod
    def of(cls, con: Connection, now: datetime) -> "Standing":
        """Return how an open store stands."""
        reasons = con.execute("SELECT stage, reason, count(*) FROM rejections GROUP BY ALL ORDER BY 3 DESC, 1, 2").fetchall()
        return cls(
            runs=fetch_runs(con, f"ORDER BY started_at DESC LIMIT {RUNS_SHOWN}"),
            rejections=reasons,
            feeds=outlook(con),
            polled=fetch_runs(con, "WHERE flow = 'ingest' ORDER BY started_at DESC LIMIT 1"),
            volumes=fetch_volumes(con, now),
            tables=count_rows(con),
        )


@app.command()
def status(metrics: Metrics = False, file: MetricsFile = None, as_json: AsJson = False, store: StorePath = None) -> None:
    """Show the last runs, how the feeds do, which sources have gone quiet, and the sizes of the store.

    Example: wirehouse status --json
    """
    settings = make_settings(store=store)
    now = datetime.now(UTC)
    if file and not metrics:
        raise UsageError(f"'{file}' is where metrics go; say --metrics too.")
    with closing(open_current(settings.store)) as con:
        if metrics:
            _give(metrics_text(con, settings, now), file, settings)
            return
        standing = Standing.of(con, now)
    if as_json:
        print_json(_as_json(standing, settings.store))
    else:
        _show(standing, settings.store)


def _give(text: str, file: Path | None, settings: Settings) -> None:
    if file is None:
        typer.echo(text, nl=False)
    elif is_store_file(file, settings.store):
        raise UsageError(f"{file} belongs to the store; choose another file.")
    else:
        write_metrics(file, text)


def _as_json(standing: Standing, path: Path) -> dict[str, Any]:
    last = [{"run_id": one.run_id, "started_at": one.started_at, "fetches": dict(one.fetches)} for one in standing.polled]
    return {
        "store": str(path),
        "bytes": path.stat().st_size,
        "runs": [run.model_dump(mode="json") | {"documents_per_second": round(rate(run), 1)} for run in standing.runs],
        "stages": [cost.model_dump() for cost in add_costs((), _costs(standing.runs))],
        "rejections": [{"stage": stage, "reason": reason, "documents": count} for stage, reason, count in standing.rejections],
        "feeds": standing.feeds | {"last_ingest": last[0] if last else None},
        "volumes": [volume.model_dump(mode="json") for volume in standing.volumes],
        "tables": dict(standing.tables),
    }


def _costs(runs: Sequence[RunReport]) -> list[Any]:
    return [cost for run in runs for cost in run.per_stage]


def _show(standing: Standing, path: Path) -> None:
    _show_runs(standing.runs, f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if costs := add_costs((), _costs(standing.runs)):
        print_table(STAGE_COLUMNS, stage_rows(costs))
    _show_feeds(standing.feeds, standing.polled)
    _show_volumes(standing.volumes)
    print_table(("table", "rows"), [(name, f"{count:,}") for name, count in standing.tables if count])
    if standing.rejections:
        print_table(("rejected in", "because", "documents"), [(stage, reason, f"{n:,}") for stage, reason, n in standing.rejections])


def _show_volumes(volumes: Sequence[Volume]) -> None:
    """Show the sources that have gone quiet; a word when there are sources and none has."""
    quiet = [one for one in volumes if one.quiet]
    if quiet:
        rows = [(one.source, one.language, f"{one.weekday} {one.day}", one.articles, f"{one.usual:g}") for one in quiet[:QUIET_SHOWN]]
        print_table(("QUIET source", "language", "day", "articles", "usual"), rows)
    elif volumes:
        typer.echo(f"  None of {len(volumes):,} sources was quieter than usual on {volumes[0].weekday}, {volumes[0].day}.\n")


def _show_runs(runs: Sequence[RunReport], title: str) -> None:
    columns = ("started", "flow", "state", "seen", "new", "new versions", "sightings", "unchanged", "rejected", "seconds", "a second")
    rows = [
        (
            f"{run.started_at:%Y-%m-%d %H:%M}",
            run.flow,
            run.state,
            run.counts.seen or None,
            run.counts.new or None,
            run.counts.new_versions or None,
            run.counts.sightings or None,
            run.counts.unchanged or None,
            run.counts.rejected or None,
            round(run.seconds, 1),
            round(rate(run), 1) or None,
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
