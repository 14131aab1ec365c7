"""The whole line on generated articles: `python -m tests.bench.pipeline [--documents 5000] [--workers 2]`.

Prints documents per second, and the CPU seconds and share of each stage, from the run's own report.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from schemas.run import RunReport
from schemas.settings import Settings
from tasks.pipeline import Direct, Quiet, run
from tasks.read.intake import ArchiveIntake
from tests.bench.generate import write


def measure(documents: int, workers: int, folder: Path) -> RunReport:
    """Return the report of a backfill of so many generated articles into an empty store."""
    archive = folder / "articles.jsonl"
    write(archive, documents)
    return run(ArchiveIntake([str(archive)]), Settings(store=folder / "news.duckdb", workers=workers), Direct(), Quiet())


def stage_table(report: RunReport) -> Table:
    """Return the CPU of each stage: seconds, milliseconds a document, share of all stages."""
    table = Table("stage", "documents", "CPU s", "ms a document", "share")
    for column in table.columns[1:]:
        column.justify = "right"
    total = sum(cost.seconds for cost in report.per_stage) or 1.0
    for cost in report.per_stage:
        documents = cost.documents or report.counts.seen  # reading does not know beforehand how many it will find
        each = f"{1000 * cost.seconds / documents:.2f}" if documents else ""
        table.add_row(cost.stage, f"{documents:,}", f"{cost.seconds:.2f}", each, f"{100 * cost.seconds / total:.1f} %")
    return table


def main() -> None:
    """Run the benchmark and print its table."""
    options = argparse.ArgumentParser(description="Measure the whole line on generated articles.")
    options.add_argument("--documents", type=int, default=5000)
    options.add_argument("--workers", type=int, default=Settings().workers)
    given = options.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        report = measure(given.documents, given.workers, Path(folder))
        wall = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).glob("news*.duckdb"))
    own = resource.getrusage(resource.RUSAGE_SELF)
    console.print(stage_table(report))
    console.print(f"{report.counts.seen / wall:.1f} documents/s: {report.counts.seen:,} in {wall:.1f} s with {given.workers} workers")
    console.print(
        f"{sum(cost.seconds for cost in report.per_stage):.1f} s CPU in all stages; the main process grew to {own.ru_maxrss / 1024:.0f} MB"
    )
    console.print(f"{report.counts.model_dump()}")
    console.print(f"both store files together {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
