"""What is asked for of an archive: dates, a number, a name; and what that does to counts and cursors."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from schemas.arrival import Delivery
from schemas.choice import Choice, Period
from schemas.run import RunCounts, RunReport
from schemas.settings import Settings
from tasks.pipeline import Direct, Progress, Quiet, run
from tasks.read.intake import ArchiveIntake
from tasks.store.writer import Writer
from tasks.workers import Workers

JUNE = Choice(published=Period(since=date(2024, 6, 1), until=date(2024, 6, 30)))


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tasks.stages.BATCH", 5)


def backfill(choice: Choice, progress: Progress | None = None) -> RunReport:
    return run(ArchiveIntake(["d.jsonl"], choice), Settings(store=Path("news.duckdb"), workers=1), Direct(), progress or Quiet())


def found(report: RunReport) -> dict[str, int]:
    counts = {name: count for name, count in report.counts.model_dump().items() if count}
    return counts | {"passed_over": report.passed_over}


def ask(query: str) -> list[tuple[object, ...]]:
    with duckdb.connect("news.writer.duckdb", read_only=True) as con:
        return con.execute(query).fetchall()


@pytest.fixture
def year() -> None:
    """Twelve articles, one a month, and one that does not say when."""
    rows = [{"text": f"Le conseil de la ville {n} a voté le budget {n}.", "published_at": f"2024-{n:02}-15"} for n in range(1, 13)]
    Path("d.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"text": "Une brève sans date."}])))


class Killed(Quiet):
    """Ends a run after so many batches."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def advance(self, counts: RunCounts, deliveries: Sequence[Delivery]) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("since", "until", "moment", "holds"),
    [
        (None, None, None, True),
        ("2024-06-01", None, None, False),
        ("2024-06-01", None, "2024-06-01T00:00:00+00:00", True),
        ("2024-06-01", None, "2024-06-01T01:00:00+02:00", False),
        (None, "2024-06-30", "2024-06-30T23:59:59+00:00", True),
        (None, "2024-06-30", "2024-07-01T00:00:00+00:00", False),
    ],
)
def test_a_period_is_whole_days_in_utc(since: str | None, until: str | None, moment: str | None, holds: bool) -> None:
    assert Period.model_validate({"since": since, "until": until}).holds(datetime.fromisoformat(moment) if moment else None) is holds


@pytest.mark.usefixtures("year")
def test_articles_outside_the_dates_are_counted_apart() -> None:
    assert found(backfill(JUNE)) == {"seen": 1, "new": 1, "passed_over": 12}
    assert found(backfill(JUNE)) == {"seen": 1, "unchanged": 1, "passed_over": 12}
    assert found(backfill(Choice())) == {"seen": 13, "new": 12, "unchanged": 1, "passed_over": 0}


@pytest.mark.usefixtures("year")
def test_a_run_cut_short_goes_on_and_hides_nothing_from_a_run_that_asks_for_more() -> None:
    with pytest.raises(KeyboardInterrupt):
        backfill(JUNE, Killed(2))
    assert ask("SELECT path, position FROM internal.cursors") == [("", 10)]
    assert found(backfill(Choice(), Quiet())) == {"seen": 13, "new": 12, "unchanged": 1, "passed_over": 0}
    assert found(backfill(JUNE)) == {"seen": 3, "unchanged": 3, "passed_over": 0}
    assert ask("SELECT * FROM internal.cursors") == []


@pytest.mark.usefixtures("year")
def test_a_limited_run_reads_the_first_documents_and_leaves_other_cursors_alone() -> None:
    with pytest.raises(KeyboardInterrupt):
        backfill(Choice(), Killed(1))
    assert found(backfill(Choice(limit=7))) == {"seen": 7, "new": 2, "unchanged": 5, "passed_over": 0}
    assert ask("SELECT position FROM internal.cursors") == [(5,)]
    assert found(backfill(Choice())) == {"seen": 8, "new": 6, "unchanged": 2, "passed_over": 0}


@pytest.mark.usefixtures("year")
def test_a_name_stands_in_for_the_files() -> None:
    backfill(Choice(source="dump-2024", limit=3))
    assert ask("SELECT DISTINCT source FROM articles") == [("dump-2024",)]


def captured(number: int, text: str = "") -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>{text or f'Page {number}'}</p></html>"
    about = f"WARC-Target-URI: https://paper{number}.example/council\r\nWARC-Date: 2024-06-{number:02}T12:00:00Z\r\n"
    head = f"WARC/1.0\r\nWARC-Type: response\r\n{about}Content-Length: {len(block)}\r\n\r\n"
    return gzip.compress(f"{head}{block}\r\n\r\n".encode())


def test_only_what_was_captured_in_time_is_cleaned(tmp_path: Path) -> None:
    Path("a.warc.gz").write_bytes(b"".join(map(captured, range(1, 11))))
    Path("b.txt").write_text("Nobody knows when this was fetched.")
    choice = Choice(captured=Period(since=date(2024, 6, 4), until=date(2024, 6, 6)))
    intake = ArchiveIntake(["a.warc.gz", "b.txt"], choice)
    assert intake.sources == [f"{tmp_path}/{name}?captured=2024-06-04..2024-06-06" for name in ("a.warc.gz", "b.txt")]
    settings = Settings(store=Path("news.duckdb"))
    with Writer(settings) as store, Workers(settings) as workers:
        deliveries = list(intake.deliver(store, workers))
    assert [one.item.fetched_at for one in deliveries if one.item] == [datetime(2024, 6, day, 12, tzinfo=UTC) for day in (4, 5, 6)]  # type: ignore[union-attr]
    assert sum(one.passed_over for one in deliveries) == 8
    assert deliveries[-1].done == intake.bytes_total == Path("a.warc.gz").stat().st_size + 35
    assert [one.done for one in deliveries] == sorted(one.done for one in deliveries)


def test_copies_in_a_web_archive_count_although_they_were_captured_long_ago() -> None:
    text = " ".join(f"In ward {n} of the harbour town {n * 7} people voted for bridge number {n * n} on Thursday." for n in range(12))
    Path("d.warc.gz").write_bytes(captured(1, text) + captured(2, f"{text} It opens in May."))
    report = run(ArchiveIntake(["d.warc.gz"]), Settings(store=Path("news.duckdb"), workers=1), Direct(), Quiet())
    assert found(report) == {"seen": 2, "new": 2, "duplicates": 1, "passed_over": 0}
    assert ask("SELECT DISTINCT first_seen_at::DATE::VARCHAR FROM articles ORDER BY 1") == [("2024-06-01",), ("2024-06-02",)]
