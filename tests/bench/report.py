"""docs/benchmarks.md: a page of sections between marks, each of which its own bench rewrites and leaves the others alone."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`, on the machine and the day that each section names. Seconds of one machine say little about another: read the
ratios. Sections of data that is not part of the repository stay as they are where that data is missing.
"""
ABSENT = "not installed"


def write_section(name: str, title: str, text: str, page: Path = PAGE) -> None:
    """Put the section of a bench into the page: in the place where it stands, or at the end."""
    first, last = f"<!-- bench: {name} -->", f"<!-- end: {name} -->"
    section = f"{first}\n## {title}\n\n{text.strip()}\n{last}\n"
    told = page.read_text("utf-8") if page.exists() else HEAD
    before, mark, rest = told.partition(first)
    _, _, after = rest.partition(f"{last}\n")
    page.write_text(before + section + after if mark else f"{told.rstrip()}\n\n{section}", encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns are as wide as they must be; all but the first are set to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    drawn = [" | ".join(_cell(line[n], width, n) for n, width in enumerate(widths)) for line in lines]
    rule = " | ".join("-" * (width - 1) + ("-" if n == 0 else ":") for n, width in enumerate(widths))
    return "\n".join(f"| {line} |" for line in (drawn[0], rule, *drawn[1:]))


def _cell(text: str, width: int, column: int) -> str:
    return text.rjust(width) if column else text.ljust(width)


def installed(distribution: str) -> str:
    """Return the version of a distribution, or that it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ABSENT


def circumstances(distributions: Iterable[str]) -> str:
    """Return when, where and with what versions something was measured, as one paragraph."""
    today = datetime.now(UTC)
    versions = ", ".join(f"{name} {installed(name)}" for name in distributions)
    where = (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"
    )
    return f"Measured on {today.day} {today:%B %Y} with {where}; wirehouse {installed('wirehouse')}, {versions}."


def per_cent(share: float) -> str:
    """Return a share in per cent, as it stands in tables."""
    return f"{share * 100:.2f}"
