"""The command line: `wirehouse`. Commands stand in flows/*_commands.py; errors end here, as one plain sentence."""

import atexit
import errno
import os
import signal
import sys
from contextlib import suppress
from importlib.metadata import version
from types import FrameType
from typing import Annotated, NoReturn

import duckdb
import typer
from typer.exceptions import TyperException

from flows.care_commands import doctor, init, status
from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table
from flows.read_commands import article, sql, stories, story
from schemas.errors import StoreUnreadableError, StrictError, WirehouseError
from schemas.run import Engine, RunReport

SENTENCES: dict[int, str] = {signal.SIGINT: "Interrupted", signal.SIGTERM: "Terminated"}
STANDS = "what was committed stands, and the same command goes on from there."


class Stopped(BaseException):
    """A signal told the process to stop; no handler of errors may take it for one."""


_signals: list[int] = []
"""The signals that came; a process has one command line."""

app = typer.Typer(
    name="wirehouse",
    help="A news warehouse: archives and feeds in, one DuckDB file out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# a query may begin with a comment: what looks like an unknown option is then the query
app.command(context_settings={"ignore_unknown_options": True})(sql)
for command in (stories, story, article, status, doctor, init):
    app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"wirehouse {version('wirehouse')}")
        raise typer.Exit


@app.callback()
def _general(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)] = False,
) -> None:
    """Keep a news warehouse: archives and feeds in, one DuckDB file out."""


@app.command()
def backfill(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    paths: Annotated[list[str], typer.Argument(help="Files, folders, zips, or patterns such as 'dump/*.jsonl.gz'.")],
    engine: Annotated[Engine | None, typer.Option(help="Default: prefect when a Prefect API is configured or serve runs.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that clean and label.", show_default="all cores")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when a document was rejected.")] = False,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Take in archives: text, HTML, JSON Lines, zips and folders of them. Running it again changes nothing.

    Example: wirehouse backfill archive/ 'dumps/*.jsonl.gz'
    """
    from flows.backfill import backfill as run_backfill
    from flows.engine import default_engine
    from flows.progress import RunProgress
    from tasks.read.intake import ArchiveIntake

    settings = make_settings(store=store, workers=workers)
    with RunProgress(ArchiveIntake(paths).bytes_total) as progress:
        report = run_backfill(paths, settings, progress, engine or default_engine(settings.store))
    show_report(report, as_json=as_json)
    if not report.counts.seen:
        typer.echo("Nothing to read was found there: wirehouse takes .txt, .html, .jsonl, .zip and .gz of them.", err=True)
    if strict and report.counts.rejected:
        raise StrictError(f"{report.counts.rejected} documents were rejected; see: wirehouse sql 'from rejections'")


def show_report(report: RunReport, *, as_json: bool) -> None:
    """Write a run's report to stdout."""
    from flows.report import report_rows

    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        print_table(("run", report.state), report_rows(report))


def main() -> None:
    """Run the command line; ends the process with the exit codes of schemas/errors.py."""
    debug = "--debug" in sys.argv
    for number in SENTENCES:
        signal.signal(number, _stop)
    try:
        code = app([argument for argument in sys.argv[1:] if argument != "--debug"], standalone_mode=False)
    except (Exception, Stopped) as error:
        if debug:
            raise
        code = explain(error)
    if _signals:  # whatever became of it on the way: DuckDB, for one, makes a RuntimeError of an interrupted query
        typer.echo(f"Error: {SENTENCES[_signals[0]]}; {STANDS}", err=True)
        code = 128 + _signals[0]  # as a shell reports it
    end(code if isinstance(code, int) else 0)


def end(code: int) -> NoReturn:
    """End the process: exit handlers run, but Python is not taken apart.

    Prefect's threads and the frames of an error hold DuckDB's client longer than Python lives, and the client then
    reports all of itself as leaked on stderr.
    """
    with suppress(OSError, ValueError):  # a reader that has gone
        sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)


def explain(error: BaseException) -> int:
    """Return the exit code for an error, after saying on stderr in a plain sentence what happened."""
    code = 1
    match error:
        case _ if _signals:
            return code  # told to stop: that is all there is to say
        case BrokenPipeError():
            return 0  # the reader has had enough
        case TyperException() if not error.format_message():
            return error.exit_code  # the help was shown
        case TyperException():
            message = error.format_message()
            sentence, code = f"{message}{'' if message.endswith(('.', '?')) else '.'} See: wirehouse --help", error.exit_code
        case WirehouseError():
            sentence, code = str(error), error.exit_code
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            sentence = f"The disk is full; {STANDS}"
        case duckdb.Error() if "No space left" in str(error):
            sentence = f"The disk is full; {STANDS}"
        case duckdb.IOException():
            sentence, code = f"The store cannot be read, it may be damaged: {str(error).splitlines()[0]}.", StoreUnreadableError.exit_code
        case _:
            sentence = f"Something unexpected happened: {type(error).__name__}: {error}. Run again with --debug to see where."
    typer.echo(f"Error: {sentence}", err=True)
    return code


def _stop(number: int, frame: FrameType | None) -> None:
    _signals.append(number)
    raise Stopped
