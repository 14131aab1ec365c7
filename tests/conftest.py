"""The end of a test run: pytest's closing lines are the last ones."""

import os
import sys

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("untimed")

_status: list[int] = []


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
