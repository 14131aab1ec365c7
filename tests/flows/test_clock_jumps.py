"""A store and a clock that do not fit each other: nothing is removed, and a person is told."""

from pathlib import Path

import duckdb
import pytest

from flows.maintain import Asked, maintain
from flows.options import Step
from schemas.settings import Settings
from tasks.store.writer import Writer
from tests.tasks.store.small import ARTICLES, small_store

RETENTION = Asked((Step.RETENTION,), frozenset({Step.RETENTION}))


def began(settings: Settings, when: str) -> None:
    """Have the only run of a store begun at another time."""
    with duckdb.connect(str(settings.writer_store)) as con:
        con.execute(f"UPDATE runs SET started_at = {when}, finished_at = {when}")


def test_articles_stay_when_the_clock_has_jumped(tmp_path: Path) -> None:
    settings = small_store(tmp_path, retention_days=1)  # filled long ago, as far as it knows
    began(settings, "now() - INTERVAL 400 DAY")
    [step] = maintain(settings, RETENTION).steps
    assert not step.done
    assert "may have jumped, so all articles stay" in step.detail
    began(settings, "now() - INTERVAL 1 DAY")
    assert maintain(settings, RETENTION).removed_articles == ARTICLES


def test_a_clock_that_was_set_back_is_said_and_the_run_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = small_store(tmp_path)
    began(settings, "now() + INTERVAL 400 DAY")
    with Writer(settings):
        pass
    [record] = caplog.records
    assert "but a run of this store began on" in record.getMessage()
