"""The commands that fill a store, and that go through what is in it again: backfill, ingest, retry, reclean, relabel."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flows.batch_log import log_as_json, say
from flows.options import DAY, DAY_FORMATS, AsJson, StorePath, flag, make_settings
from flows.output import print_json, print_table
from schemas.choice import Choice, Period
from schemas.errors import StrictError, UsageError
from schemas.run import Engine, RunReport
from tasks.label.version import Kind
from tasks.store.connection import check_there

if TYPE_CHECKING:
    from tasks.pipeline import Progress

app = typer.Typer()

WhichEngine = Annotated[Engine | None, typer.Option(help="Default: prefect when a Prefect API is configured or serve runs.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes that clean and label.", show_default="all cores")]
LogJson = Annotated[bool, flag("--log-json", help="Write a JSON line a batch on stderr, in place of the progress.")]
Strict = Annotated[bool, flag("--strict", help="Exit with 3 when a document was rejected.")]

Until = Annotated[datetime | None, typer.Option(formats=DAY_FORMATS, metavar=DAY, help="... and on this day (UTC) or before.")]
CapturedSince = Annotated[
    datetime | None,
    typer.Option(
        formats=DAY_FORMATS, metavar=DAY, help="Only documents that were fetched on this day (UTC) or later; web archives say when."
    ),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Stop after so many documents.")]
Window = Annotated[
    Literal["90", "all"] | None,
    typer.Option(
        help="Days around its publication in which copies of an article are looked for; all: in the whole store, which takes longer."
    ),
]
Source = Annotated[str | None, typer.Option(help="Source of the articles that name none themselves.", show_default="the file's name")]
Since = Annotated[
    datetime | None,
    typer.Option(formats=DAY_FORMATS, metavar=DAY, help="Only articles published on this day (UTC) or later; not those without a date."),
]


@app.command()
def backfill(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    paths: Annotated[list[str], typer.Argument(help="Files, folders, zips, or patterns such as 'dump/*.jsonl.gz'.")],
    since: Since = None,
    until: Until = None,
    captured_since: CapturedSince = None,
    captured_until: Until = None,
    limit: Limit = None,
    source: Source = None,
    dedupe_window: Window = None,
    engine: WhichEngine = None,
    workers: Workers = None,
    strict: Strict = False,
    log_json: LogJson = False,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Take in archives: text, HTML, JSON, WARC, Parquet, zips and folders of them. Running it again changes nothing.

    Example: wirehouse backfill archive/ 'dumps/*.warc.gz' --since 2024-06-01
    """
    from flows.backfill import backfill as run_backfill
    from flows.engine import default_engine
    from flows.progress import RunProgress
    from tasks.read.exported import is_export
    from tasks.read.intake import ArchiveIntake

    settings = make_settings(store=store, workers=workers, dedupe_window=dedupe_window)
    published, captured = period_of(since, until, "--since"), period_of(captured_since, captured_until, "--captured-since")
    choice = Choice(published=published, captured=captured, limit=limit, source=source)
    with told(RunProgress(ArchiveIntake(paths).bytes_total, limit), log_json=log_json) as progress:
        report = run_backfill(paths, settings, progress, engine or default_engine(settings.store), choice)
    show_report(report, as_json=as_json)
    if report.passed_over:
        say(f"{report.passed_over:,} documents are outside the dates, or name none; they were passed over.")
    elif restored := sum(cost.documents for cost in report.per_stage if cost.stage == "restore"):
        say(f"{restored:,} articles were taken over as they stood in the exported store, with all that hangs on them.")
    elif not report.counts.seen and any(is_export(Path(path)) for path in paths):
        say("All that this export holds is in the store already.")
    elif not report.counts.seen:
        say("Nothing to read was found there: wirehouse takes .txt, .html, .json, .jsonl, .warc, .parquet, .zip and .gz of them.")
    check_strict(report, strict=strict)


@app.command()
def ingest(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    urls: Annotated[list[str] | None, typer.Argument(help="Feeds to poll now, due or not.", show_default="those that are due")] = None,
    feeds: Annotated[Path | None, typer.Option(help="An OPML file: its feeds are added to the list and polled now.")] = None,
    engine: WhichEngine = None,
    workers: Workers = None,
    strict: Strict = False,
    log_json: LogJson = False,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Poll the feeds that are due, fetch what is new in them, load it.

    Example: wirehouse ingest --feeds feeds.opml
    """
    from flows.engine import default_engine
    from flows.feed_progress import FeedProgress
    from flows.ingest import ingest as run_ingest

    settings = make_settings(store=store, workers=workers)
    with told(FeedProgress(), log_json=log_json) as progress:
        report = run_ingest(urls or [], feeds, settings, progress, engine or default_engine(settings.store))
    show_report(report, as_json=as_json)
    if not report.fetches:
        explain_silence(settings.store, asked=bool(urls or feeds))
    check_strict(report, strict=strict)


@app.command()
def retry(strict: Strict = False, workers: Workers = None, as_json: AsJson = False, store: StorePath = None) -> None:
    """Put rejected documents through again, and ask once more for pages that were given up.

    Example: wirehouse retry
    """
    from flows.feed_progress import FeedProgress
    from flows.ingest import retry as run_retry

    settings = make_settings(store=store, workers=workers)
    check_there(settings)
    with FeedProgress() as progress:
        report = run_retry(settings, progress)
    show_report(report, as_json=as_json)
    if not report.counts.seen:
        say("Nothing that was rejected is kept; see: wirehouse sql 'from rejections'")
    check_strict(report, strict=strict)


@app.command()
def reclean(
    where: Annotated[
        str | None,
        typer.Option(help="Condition over the table articles, such as \"source = 'lemonde.fr'\".", show_default="what other rules made"),
    ] = None,
    strict: Strict = False,
    workers: Workers = None,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Put stored articles through today's cleaning rules again, without the network. What changed stands in the table rule_changes.

    Example: wirehouse reclean --where "text_share < 0.2"
    """
    from flows.progress import RunProgress
    from flows.reclean import count_changed, outdated_articles
    from flows.reclean import reclean as run_reclean

    settings = make_settings(store=store, workers=workers)
    ids = outdated_articles(settings, where)
    with RunProgress(len(ids)) as progress:
        report = run_reclean(ids, settings, progress)
    show_report(report, as_json=as_json)
    changed = count_changed(settings, report)
    say(f"{changed:,} of {len(ids):,} articles read otherwise by today's rules; see: wirehouse sql 'from rule_changes'")
    check_strict(report, strict=strict)


@app.command()
def relabel(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    stage: Annotated[Kind | None, typer.Option(help="Only these labels.", show_default="both")] = None,
    where: Annotated[
        str | None,
        typer.Option(help="Condition over the table articles, such as \"language = 'fr'\".", show_default="what other rules labelled"),
    ] = None,
    strict: Strict = False,
    workers: Workers = None,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Label stored articles by today's rules again, without the network: topics, those of wirehouse.toml included, and entities.

    Example: wirehouse relabel --stage topics
    """
    from flows.progress import RunProgress
    from flows.relabel import wanted_labels
    from tasks.relabel import PARTS, relabel_articles

    settings = make_settings(store=store, workers=workers)
    check_there(settings)
    wanted = wanted_labels(stage, where, settings)
    with RunProgress(PARTS) as progress:
        report = relabel_articles(wanted, settings, progress)
    show_report(report, as_json=as_json)
    check_strict(report, strict=strict)


def told(shown: AbstractContextManager["Progress"], *, log_json: bool) -> AbstractContextManager["Progress"]:
    """Return what is told how a run goes on: the progress that people see, or nobody when every batch writes its line."""
    if not log_json:
        return shown
    from tasks.pipeline import Quiet

    log_as_json()
    return nullcontext(Quiet())


def period_of(since: datetime | None, until: datetime | None, name: str) -> Period:
    """Return the days that two options name; UsageError when the first, called `name`, lies after the last."""
    if since and until and since > until:
        raise UsageError(f"{name} {since:%Y-%m-%d} is after {name.replace('since', 'until')} {until:%Y-%m-%d}.")
    return Period(since=since and since.date(), until=until and until.date())


def show_report(report: RunReport, *, as_json: bool) -> None:
    """Write a run's report to stdout."""
    from flows.report import report_rows

    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        print_table(("run", report.state), report_rows(report))


def explain_silence(store: Path, *, asked: bool) -> None:
    """Say on stderr why nothing was polled."""
    from tasks.store.connection import open_current
    from tasks.store.reading.browse import feed_outlook

    count, due = feed_outlook(open_current(store))
    if not count:
        say("There are no feeds yet; add one with: wirehouse feeds add URL, or many with: wirehouse feeds import FILE.opml")
    elif asked:
        say("None of these feeds was polled: parked, or their host asked to be left alone; see: wirehouse feeds check")
    elif due:
        say(f"None of the {count} feeds is due; the next one is at {due:%Y-%m-%d %H:%M} UTC.")
    else:
        say(f"None of the {count} feeds is polled; see: wirehouse sql 'from feed_health'")


def check_strict(report: RunReport, *, strict: bool) -> None:
    """Raise StrictError when somebody wants to know of rejections by the exit code, and there were some."""
    if strict and report.counts.rejected:
        rejected = f"{report.counts.rejected:,} document{'s were' if report.counts.rejected > 1 else ' was'} rejected"
        raise StrictError(f"{rejected}; see: wirehouse sql 'from rejections'")
