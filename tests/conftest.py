"""The end of a test run: pytest's closing lines are the last ones."""

import os
import sys

import pytest
from hypothesis import settings

# A busy machine is no fault of the code, and a suite that judges a change must not fail by the luck of the draw: the examples are
# the same in every run. `make fuzz` draws new ones; what it finds becomes an @example.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None, derandomize=False)
settings.load_profile("same")

_status: list[int] = []


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """The name of the argument for bytes: archives hold the time they were made, and all workers of a run must give a test one name."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    _status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """End without taking Python apart: pytest keeps tracebacks, they hold connections of DuckDB, and those would be reported as leaked."""
    if _status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
