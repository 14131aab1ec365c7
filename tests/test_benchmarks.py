"""docs/benchmarks.md: every tool is in it, and a bench rewrites its own section alone."""

from pathlib import Path

from tests.bench.peers import SYSTEMS
from tests.bench.report import PAGE, table, write_section


def test_every_measured_tool_is_on_the_page() -> None:
    told = PAGE.read_text("utf-8")
    assert [name for name in SYSTEMS if f"| {name}" not in told] == []
    assert [system.distribution for system in SYSTEMS.values() if f" {system.distribution} " not in told] == []


def test_a_section_is_replaced_where_it_stands(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    write_section("speed", "Speed", "first", page)
    write_section("language", "Language", "other", page)
    before = page.read_text("utf-8")
    write_section("speed", "Speed", "second\n", page)
    assert page.read_text("utf-8") == before.replace("first", "second")


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(["", "F1"], [["ours", "0.97"], ["x", "–"]]).splitlines() == [
        "|      |   F1 |",
        "| ---- | ---: |",
        "| ours | 0.97 |",
        "| x    |    – |",
    ]
