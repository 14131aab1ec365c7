"""Serve: the schedules of a store, with a Prefect server of their own, until told to stop.

server up | deployments served in a thread | written down beside the store | wait | runs end | server ends | nothing is left
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from flows.engine import VARIABLE, Serving, configured_api, find_serving, is_healthy, serving_path
from flows.prefect_server import PrefectServer
from flows.processes import end_all, started
from schemas.errors import StoreBusyError, UsageError, WirehouseError
from schemas.record import Record
from schemas.settings import Settings
from tasks.store.writer import Writer

ANCHOR = datetime(2020, 1, 1, tzinfo=UTC)
"""From here the intervals are counted, so that a quarter of an hour falls on :00, :15, :30 and :45. In UTC, because
schedules in a zone with summer time skip the hour that comes twice."""

MAINTAIN_AT = "03:30"
LOOK_EVERY = 1.0  # seconds between two looks whether all still run
RUNS_GRACE = 5.0  # seconds for runs to end by themselves; with the server's 2 that stays below the 10 a supervisor may expect
LOUD = {"PREFECT_LOGGING_LEVEL": "WARNING", "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO"}
"""What a run says of itself is shown; what Prefect says of its own work only when something is wrong."""


class Plan(Record):
    """What is to be served."""

    settings: Settings
    every: int
    """Minutes between two runs of ingest."""
    host: str = "127.0.0.1"
    port: int | None = None


def serve(plan: Plan) -> Iterator[str]:
    """Yield what there is to tell, line by line, while the schedules of a store run; ends when told to stop by SIGINT or SIGTERM.

    Uses the Prefect API that is configured, else starts a server. Raises UsageError when this store is served already,
    StoreUnreadableError before anything is started, WirehouseError when the server or what is served ends by itself.
    Nothing that was started outlives the end.
    """
    store = plan.settings.store
    if other := find_serving(store):
        raise UsageError(f"{store} is served already, by process {other.pid} with its server at {other.api.removesuffix('/api')}.")
    make_ready(plan.settings)
    with told_to_stop() as stop, ExitStack() as held:
        api, server = configured_api(), None
        if api is None:
            server = held.enter_context(PrefectServer(_home(store), plan.host, plan.port))
            yield f"Starting a Prefect server at {server.url} ..."
            server.wait_until_healthy(stop)
            os.environ["PREFECT_HOME"] = str(server.home)
            api = server.api
        elif not is_healthy(api):
            raise WirehouseError(
                f"The Prefect server at {api} does not answer; start it, or unset PREFECT_API_URL to have one started here."
            )
        if not stop.is_set():
            yield from _serve_on(api, plan, server, stop)
    yield "Stopped."


def _serve_on(api: str, plan: Plan, server: PrefectServer | None, stop: threading.Event) -> Iterator[str]:
    store = plan.settings.store
    # runs are child processes: they find store and API where we do
    os.environ |= {VARIABLE: api, "WIREHOUSE_STORE": str(store.absolute())}
    for name, value in LOUD.items():
        os.environ.setdefault(name, value)
    from flows.served import Served

    served = Served(plan.every, pause_at_end=server is None)
    with written_down(store, api):
        try:
            served.start()
            if served.wait_until_ready(stop) and (next_at := served.wait_until_scheduled(stop)):
                yield from _banner(plan, api, server, next_at)
            while not stop.wait(LOOK_EVERY):
                served.check()
                if server:
                    server.check()
        finally:
            # from here on a second signal changes nothing: the end is near, and certain
            runs = served.processes()
            served.stop()
            end_all(runs, RUNS_GRACE)
            served.join()


def _banner(plan: Plan, api: str, server: PrefectServer | None, next_at: datetime) -> Iterator[str]:
    ingest = f"ingest every {plan.every} minutes, next at {next_at:%H:%M} UTC"
    yield f"Serving {plan.settings.store}: {ingest}; maintain every day at {MAINTAIN_AT} UTC."
    beside = f" (its database and log are in {server.home})" if server else ""
    yield f"Runs and schedules: {api.removesuffix('/api')}{beside}"
    yield "Commands on this store may be used meanwhile; backfill and ingest show there too. Ctrl-C stops everything."


def make_ready(settings: Settings) -> None:
    """Make the store if there is none, and bring an older one up to date, so that its faults show now and not in the night."""
    with suppress(StoreBusyError), Writer(settings.model_copy(update={"lock_wait": 0.0})):
        pass  # whoever is writing it has found it in order


@contextmanager
def written_down(store: Path, api: str) -> Iterator[None]:
    """Say beside the store, while inside, that this process serves it; other commands look there."""
    path = serving_path(store)
    pid = os.getpid()
    draft = path.with_name(f"{path.name}.{pid}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(Serving(api=api, pid=pid, started=started(pid) or 0).model_dump_json(), encoding="utf-8")
    draft.replace(path)  # in one step: whoever reads finds all of it
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set while inside, in place of what they did before."""
    event = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        event.set()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _home(store: Path) -> Path:
    """Return where the server keeps its files: PREFECT_HOME when it is set, else `news.prefect` beside `news.duckdb`."""
    return Path(os.environ.get("PREFECT_HOME") or store.with_name(f"{store.stem}.prefect")).expanduser()
