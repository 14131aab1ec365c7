import subprocess
import sys
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.settings import Settings
from tasks.workers import Failure, Workers
from tests.tasks.hostile import do


def reasons(results: list[str | Failure]) -> list[str]:
    return [result.reason if isinstance(result, Failure) else result for result in results]


def test_results_come_in_order_and_costs_are_added_up() -> None:
    words = [f"word {n}" for n in range(100)]
    with Workers(Settings(workers=2)) as workers:
        mapped = workers.map(do, words)
    assert mapped.results == [word.upper() for word in words]
    (cost,) = mapped.watch.costs
    assert (cost.stage, cost.documents) == ("work", 100)


def test_a_poison_item_costs_its_own_failure_and_nothing_else() -> None:
    words = ["one", "hang", "two", "crash", "three", "raise", "four", "eat", "five"]
    with Workers(Settings(workers=2, document_timeout=2, document_memory=256)) as workers:
        first = workers.map(do, words)
        second = workers.map(do, ["still", "there"])
    assert reasons(first.results) == ["ONE", "timeout", "TWO", "crash", "THREE", "error", "FOUR", "memory", "FIVE"]
    assert second.results == ["STILL", "THERE"]


def test_stopping_cancels_what_is_waited_for() -> None:
    with Workers(Settings(workers=1)) as workers, ThreadPoolExecutor(1) as other:
        assert workers.map(do, ["ready"]).results == ["READY"]
        waiting = other.submit(workers.map, do, ["hang"])
        workers.stop()
        with pytest.raises(CancelledError):
            waiting.result(timeout=20)


def test_no_work_starts_no_process() -> None:
    with Workers(Settings(workers=2)) as workers:
        assert workers.map(do, []).results == []
        assert workers._pool is None


def test_workers_that_are_stopped_while_they_start_say_nothing() -> None:
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-m", "tests.tasks.stopping"], cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
