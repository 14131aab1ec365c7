"""A run's report as people read it."""

from collections.abc import Iterable, Sequence

from flows.output import markdown_lines
from schemas.run import RunCounts, RunReport, StageCost

MILLISECONDS = 1000


def report_rows(report: RunReport) -> list[tuple[str, str]]:
    """Return the lines of a run's table: what, and its value."""
    counts = [(name.replace("_", " "), f"{getattr(report.counts, name):,}") for name in RunCounts.model_fields]
    reasons = [(f"rejected: {reason}", f"{n:,}") for reason, n in report.reasons]
    fetches = [(what.replace(" ", "s: ", 1), f"{n:,}") for what, n in report.fetches]
    passed = [("passed over, outside the dates", f"{report.passed_over:,}")] if report.passed_over else []
    restored = [("restored from an export", f"{cost.documents:,}") for cost in report.per_stage if cost.stage == "restore"]
    return [
        *counts,
        *restored,
        *passed,
        *fetches,
        *reasons,
        ("seconds", f"{report.seconds:.1f}"),
        ("documents per second", f"{rate(report):.1f}"),
    ]


def rate(report: RunReport) -> float:
    """Return how many documents a run saw in a second; 0 for one that has no time behind it."""
    return report.counts.seen / report.seconds if report.seconds else 0.0


def stage_rows(costs: Iterable[StageCost]) -> list[tuple[str, str, str, str]]:
    """Return a line for each stage: its documents, its CPU seconds, and the milliseconds of CPU that a document takes."""
    return [
        (
            cost.stage,
            f"{cost.documents:,}",
            f"{cost.seconds:.1f}",
            f"{cost.seconds / cost.documents * MILLISECONDS:.1f}" if cost.documents else "",
        )
        for cost in costs
    ]


STAGE_COLUMNS = ("stage", "documents", "CPU seconds", "ms a document")


def report_markdown(report: RunReport) -> str:
    """Return a run's report as Markdown: what became of its documents, and what each stage took."""
    counts = markdown_table((f"{report.flow}, {report.state}", ""), report_rows(report))
    return f"{counts}\n{markdown_table(STAGE_COLUMNS, stage_rows(report.per_stage))}"


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as Markdown."""
    return "".join(markdown_lines(columns, rows))
