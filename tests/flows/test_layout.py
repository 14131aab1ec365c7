"""Rows for people: nothing is lost at any width, and what cannot be folded stays whole."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from flows.layout import lay_out

COLUMNS = ("story", "title", "articles", "from")
ROWS = (
    ("4d342b37", "Sur le parvis de Notre-Dame, un soir de pluie et de fête", "5", "2024-12-07 21:15"),
    ("bfb5aa51", "Nobel Peace Prize goes to Japan's survivors of the bomb", "", "2024-10-11 10:02"),
)


def shown(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], width: int, title: str | None = None) -> str:
    console = Console(width=width, file=io.StringIO(), markup=False, highlight=False, color_system=None)
    console.print(lay_out(columns, rows, title, width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [30, 45, 60, 80, 200])
def test_ids_and_times_stay_whole(width: int) -> None:
    lines = [line.rstrip() for line in shown(COLUMNS, ROWS, width, "Stories").splitlines()]
    assert lines[0] == "Stories"
    assert max(map(len, lines)) <= width
    for row in ROWS:
        for cell in (row[0], row[3]):
            assert any(cell in line for line in lines), cell


def test_a_narrow_terminal_gets_blocks() -> None:
    assert [line.rstrip() for line in shown(COLUMNS, ROWS, 40).splitlines()] == [
        "  story 4d342b37",
        "  title Sur le parvis de Notre-Dame, un",
        "  soir de pluie et de fête",
        "  articles 5   from 2024-12-07 21:15",
        "",
        "  story bfb5aa51",
        "  title Nobel Peace Prize goes to",
        "  Japan's survivors of the bomb",
        "  from 2024-10-11 10:02",
        "",
    ]


def test_no_rows_are_a_heading_alone() -> None:
    assert shown(COLUMNS, (), 80).replace("─", "").split() == list(COLUMNS)


@given(st.lists(st.tuples(*[st.text("ab é漢", max_size=40)] * 3), max_size=4), st.integers(20, 120))
def test_no_character_is_lost(rows: list[tuple[str, str, str]], width: int) -> None:
    text = "".join(shown(("one", "two", "three"), tuple(rows), width).split())
    for character in "é漢":
        assert text.count(character) == sum(cell.count(character) for row in rows for cell in row)
