"""A clock that never jumps, and one that cannot be right."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.errors import WirehouseError
from tasks.clock import EARLIEST, SteadyClock, behind, check_clock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AN_HOUR, A_YEAR = timedelta(hours=1), timedelta(days=365)


def test_it_goes_forward_from_where_it_was_started() -> None:
    clock = SteadyClock(NOW)
    moments = [NOW, *(clock() for _ in range(1_000))]
    assert moments == sorted(moments)
    assert moments[-1] - NOW < AN_HOUR


def test_a_clock_from_before_there_was_wirehouse_is_refused() -> None:
    for wrong in (datetime(1970, 1, 1, tzinfo=UTC), EARLIEST - AN_HOUR):
        with pytest.raises(WirehouseError, match=r"^The clock of this machine says .*; set it right"):
            check_clock(wrong)
    for possible in (EARLIEST, NOW, NOW + 90 * A_YEAR):
        check_clock(possible)


@pytest.mark.parametrize(
    ("last", "said"), [(None, False), (NOW - A_YEAR, False), (NOW + AN_HOUR, False), (NOW + timedelta(days=2), True), (NOW + A_YEAR, True)]
)
def test_a_clock_behind_the_last_run_is_said(last: datetime | None, said: bool) -> None:
    found = behind(NOW, last)
    assert (found is not None) == said
    assert last is None or found is None or f"{last:%Y-%m-%d}" in found
