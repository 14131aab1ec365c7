"""How rows are laid out for people: a table with folded texts or, where the terminal is too narrow for one, a block a row."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WHOLE = 22
"""Characters: a time, an id, a count, a name. Broken over lines they could not be read, so only what is longer is folded."""
FOLDED = 16  # characters that a folded text has at least: below, it is a word a line
FRAME = 3  # characters beside the text of a column
INDENT = 2
GAP = "   "  # between two cells of a block on one line


def lay_out(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None, width: int) -> RenderableType:
    """Return the rows as a table, or as blocks when its columns do not fit into `width` characters."""
    needed = [_needed(name, [row[at] for row in rows]) for at, name in enumerate(columns)]
    if rows and sum(needed) + FRAME * len(needed) > width:
        return _blocks(columns, rows, title, width)
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name, least in zip(columns, needed, strict=True):
        table.add_column(name, overflow="fold", min_width=least)
    for row in rows:
        table.add_row(*row)
    return table


def _needed(name: str, cells: Sequence[str]) -> int:
    """Return the least width of a column in which it can be read."""
    longest = max(map(cell_len, cells), default=0)
    return max(longest if longest <= WHOLE else FOLDED, *map(cell_len, name.split() or [""]))


def _blocks(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None, width: int) -> RenderableType:
    """Return a block for each row: its cells that hold something, each behind the name of its column."""
    told = (Text("\n").join(_lines(columns, row, width - INDENT)) for row in rows)
    heading = [Text(title, "italic")] if title else []
    return Group(*heading, *(Padding(block, (0, 0, 1, INDENT)) for block in told))


def _lines(columns: Sequence[str], row: Sequence[str], width: int) -> Iterator[Text]:
    """Yield the lines of a block: as many cells on one as have room, and texts on lines of their own."""
    line = Text()
    for name, cell in zip(columns, row, strict=True):
        if not cell:
            continue
        told = Text.assemble((name, "dim"), " ", cell)
        if line and line.cell_len + len(GAP) + told.cell_len <= width:
            line.append(GAP).append_text(told)
        else:
            if line:
                yield line
            line = told
    yield line
