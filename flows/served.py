"""The deployments that `serve` serves, in a thread: the main one is for signals."""

import asyncio
import multiprocessing
import threading
from datetime import datetime, timedelta

from prefect import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runner import Runner
from prefect.schedules import Cron, Interval

from flows.ingest_flow import ingest
from flows.maintain_flow import maintain
from flows.processes import descendants, started
from flows.serve import ANCHOR, MAINTAIN_AT
from schemas.errors import WirehouseError

LOOK_EVERY = 0.1  # seconds
PLANNED_WITHIN = 60.0  # seconds; the server looks for new schedules every 5
LAST_WORDS = 1.0  # seconds to tell the server how the runs ended
POLL_EVERY = 5.0  # seconds between two questions whether a run is due


class Served:
    """Takes the runs of both deployments as they fall due, one at a time, each in a process of its own."""

    def __init__(self, every: int, *, pause_at_end: bool) -> None:
        self._every = every
        # one at a time: the store has one writer, and two runs would only wait for each other
        self._runner = Runner(name="wirehouse", limit=1, query_seconds=POLL_EVERY, pause_on_shutdown=pause_at_end)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="served", daemon=True)
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait_until_ready(self, stop: threading.Event) -> bool:
        """Return whether runs are taken now; False when told to stop before."""
        while not self._runner.started:
            self.check()
            if stop.wait(LOOK_EVERY):
                return False
        return True

    def wait_until_scheduled(self, stop: threading.Event) -> datetime | None:
        """Return when the server will have ingest run next; None when told to stop before.

        Raises WirehouseError when it plans nothing: a schedule without runs would look like a quiet day.
        """
        for _ in range(int(PLANNED_WITHIN / POLL_EVERY)):
            if found := asyncio.run_coroutine_threadsafe(self._next_run(), self._loop).result():
                return found
            self.check()
            if stop.wait(POLL_EVERY):
                return None
        raise WirehouseError(f"The Prefect server has planned no run within {PLANNED_WITHIN:.0f} seconds; look into its log.")

    def check(self) -> None:
        """Raise WirehouseError when nothing is served any more."""
        if not self._thread.is_alive():
            raise WirehouseError(f"The schedules ended by themselves: {self._failure or 'without a word'}.")

    def processes(self) -> dict[int, int]:
        """Return the processes of the runs and what stems from them, each with when it started."""
        runs = [child.pid for child in multiprocessing.active_children() if child.pid]
        return {pid: begun for run in runs for pid, begun in (descendants(run) | {run: started(run)}).items() if begun is not None}

    def stop(self) -> None:
        """Ask the runs to end, and take no new ones."""
        if self._runner.started:
            asyncio.run_coroutine_threadsafe(self._runner.astop(), self._loop)

    def join(self) -> None:
        """Wait a little for the thread to end, after its runs have."""
        self._thread.join(LAST_WORDS)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # this thread must not end silently
            self._failure = error

    async def _next_run(self) -> datetime | None:
        async with get_client() as client:
            runs = await client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[self._ingest])),
                flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))),
                sort=FlowRunSort.EXPECTED_START_TIME_ASC,
                limit=1,
            )
        return runs[0].expected_start_time if runs else None

    async def _serve(self) -> None:
        hour, minute = MAINTAIN_AT.split(":")
        interval = Interval(timedelta(minutes=self._every), anchor_date=ANCHOR, timezone="UTC")
        self._ingest = await self._runner.aadd_flow(ingest, name="ingest", schedule=interval, paused=False)
        daily = Cron(f"{int(minute)} {int(hour)} * * *", timezone="UTC")
        # not paused: on a server that stays, the serve before this one has left them so
        await self._runner.aadd_flow(maintain, name="maintain", schedule=daily, paused=False)
        await self._runner.start()
