"""The command line: `wirehouse`. flows/commands.py says where the commands stand; errors end here, as one plain sentence."""

import atexit
import errno
import os
import signal
import sys
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from importlib.metadata import version
from types import FrameType
from typing import Annotated, NoReturn

import duckdb
import typer
from typer.exceptions import TyperException

from flows.commands import ByName
from flows.options import DAY, DAY_FORMATS, flag
from schemas.errors import StoreUnreadableError, WirehouseError

SENTENCES: dict[int, str] = {signal.SIGINT: "Interrupted", signal.SIGTERM: "Terminated"}
FULL = ("No space left", "File too large", "Disk quota exceeded")
"""What DuckDB says of a disk, or of a limit of the system, that lets no file grow."""
STANDS = "what was committed stands, and the same command goes on from there."


class Stopped(BaseException):
    """A signal told the process to stop; no handler of errors may take it for one."""


_signals: list[int] = []
"""The signals that came; a process has one command line."""


app = typer.Typer(
    name="wirehouse",
    cls=ByName,
    help="A news warehouse: archives and feeds in, one DuckDB file out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"wirehouse {version('wirehouse')}")
        raise typer.Exit


@app.callback()
def _general(
    debug: Annotated[bool, flag("--debug", help="Show the traceback of an error.")] = False,
    show_version: Annotated[bool, flag("--version", help="Show the version.", is_eager=True, callback=_version)] = False,
) -> None:
    """Keep a news warehouse: archives and feeds in, one DuckDB file out."""


def main() -> None:
    """Run the command line; ends the process with the exit codes of schemas/errors.py."""
    if debug := "--debug" in sys.argv:
        from flows.batch_log import log_in_words

        log_in_words()
    for number in SENTENCES:
        signal.signal(number, _stop)
    try:
        code = app([argument for argument in sys.argv[1:] if argument != "--debug"], prog_name="wirehouse", standalone_mode=False)
    except (Exception, Stopped) as error:
        if debug:
            raise
        code = explain(error)
    if _signals:  # whatever became of it on the way: DuckDB, for one, makes a RuntimeError of an interrupted query
        _say(f"{SENTENCES[_signals[0]]}; {STANDS}")
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
            sentence, code = _misused(error), error.exit_code
        case WirehouseError():
            sentence, code = str(error), error.exit_code
        case _ if _disk_is_full(error):
            sentence = f"The disk is full; {STANDS}"
        case duckdb.OutOfMemoryException():
            sentence = f"The database needs more memory than it may use; raise WIREHOUSE_STORE_MEMORY (megabytes): {STANDS}"
        case BrokenExecutor():
            sentence = f"The worker processes cannot be started, memory or disk may be full; {STANDS}"
        case duckdb.IOException():
            sentence, code = f"The store cannot be read, it may be damaged: {str(error).splitlines()[0]}.", StoreUnreadableError.exit_code
        case _:
            sentence = f"Something unexpected happened: {type(error).__name__}: {error}. Run again with --debug to see where."
    _say(sentence)
    return code


def _say(sentence: str) -> None:
    from flows.batch_log import say  # here, because most commands say nothing

    say(sentence, error=True)


def _misused(error: TyperException) -> str:
    """Return what is wrong with what was typed, and whose help says more."""
    message = (
        error.format_message().replace("Value error, ", "").replace(f"does not match the formats '{DAY_FORMATS[0]}'", f"is no day ({DAY})")
    )
    context = getattr(error, "ctx", None)  # of errors in one command
    command = context.command_path if context else "wirehouse"
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See: {command} --help"


def _disk_is_full(error: BaseException) -> bool:
    if isinstance(error, duckdb.Error):
        return any(said in str(error) for said in FULL)
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _stop(number: int, frame: FrameType | None) -> None:
    _signals.append(number)
    raise Stopped
