"""What a run tells about itself while it goes on."""

import pytest

from flows.progress import RunProgress
from schemas.arrival import Delivery
from schemas.run import RunCounts


@pytest.fixture(autouse=True)
def _every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.progress.LINE_EVERY", 0.0)


def told(capsys: pytest.CaptureFixture[str], progress: RunProgress, seen: int, *done: int) -> str:
    progress.advance(RunCounts(seen=seen, new=seen), [Delivery(done=at) for at in done])
    return capsys.readouterr().err


def test_a_run_is_as_far_as_the_bytes_it_has_read(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(1000) as progress:
        assert "1,200 documents" in (line := told(capsys, progress, 1200, 10, 400))
        assert "40 %, about 0:00:0" in line
        assert told(capsys, progress, 1300, 1000).endswith("100 %\n")


def test_what_an_earlier_run_has_done_is_not_this_runs_speed(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(1000) as progress:
        assert told(capsys, progress, 1, 900).endswith("90 %\n")
        assert "95 %, about" in told(capsys, progress, 2, 950)


def test_a_limit_counts_when_it_comes_sooner(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(1_000_000, limit=10) as progress:
        assert "50 %" in told(capsys, progress, 5, 1, 2)


def test_a_batch_of_which_nothing_is_left_tells_nothing_new(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(0) as progress:
        assert "0 documents" in told(capsys, progress, 0)
