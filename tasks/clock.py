"""The clock of a run, which only goes forward, and what shows that the machine's is wrong.

Machines without a battery begin in 1970, virtual ones wake up days late, and time servers set both right in the middle of a run.
"""

import time
from datetime import UTC, datetime, timedelta

from schemas.errors import WirehouseError

STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts seconds whatever happens to the time of day; where it can be had, the one that goes on while the machine sleeps."""
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""A clock that says less was never set: machines without a battery begin in 1970, 1980 or 2000, and nothing this runs on is so old."""
BEHIND = timedelta(days=1)
"""A clock may be so far behind the last run before a word is said: nothing is lost by a few hours."""


class SteadyClock:
    """Says what time it is by the moment at which it was started and the seconds since; it never jumps."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began = start, time.clock_gettime(STEADY)

    def __call__(self) -> datetime:
        """Return the time, in UTC."""
        return self._start + timedelta(seconds=time.clock_gettime(STEADY) - self._began)


def check_clock(now: datetime) -> None:
    """Raise WirehouseError when the machine's clock cannot be right: dates of news are judged by it, and retention counts from it."""
    if now < EARLIEST:
        raise WirehouseError(f"The clock of this machine says {now:%Y-%m-%d}, which cannot be; set it right, then do this again.")


def behind(now: datetime, last_run: datetime | None) -> str | None:
    """Return what to tell people when the clock is behind the last run of a store, None when it is not."""
    if last_run is None or last_run - now < BEHIND:
        return None
    return (
        f"The clock says {now:%Y-%m-%d %H:%M}, but a run of this store began on {last_run:%Y-%m-%d %H:%M} (UTC): one of the two is wrong. "
        "What is taken in with a wrong clock keeps its times."
    )
