"""A run's report as people read it."""

from schemas.run import RunCounts, RunReport


def report_rows(report: RunReport) -> list[tuple[str, str]]:
    """Return the lines of a run's table: what, and its value."""
    counts = [(name.replace("_", " "), f"{getattr(report.counts, name):,}") for name in RunCounts.model_fields]
    rate = report.counts.seen / report.seconds if report.seconds else 0.0
    reasons = [(f"rejected: {reason}", f"{n:,}") for reason, n in report.reasons]
    fetches = [(what.replace(" ", "s: ", 1), f"{n:,}") for what, n in report.fetches]
    passed = [("passed over, outside the dates", f"{report.passed_over:,}")] if report.passed_over else []
    return [*counts, *passed, *fetches, *reasons, ("seconds", f"{report.seconds:.1f}"), ("documents per second", f"{rate:.1f}")]
