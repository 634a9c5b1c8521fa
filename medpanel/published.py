"""The current publication on a screen: the rows of a query of the project's own, and any rows as tables that fit.

A query that somebody typed: querying.py. The summary after a run: summary.py. Writing one: medpanel/publishing/.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medpanel.publishing import resolve_current
from medpanel.publishing.history import find
from medpanel.runs.warehouse import connect
from medpanel.runs.workspace import Workspace
from medpanel.terminal import harmless

SHOWN_ROWS = 40
# Characters of a cell.
_LONGEST = 2000
# A wider column is folded to this share of the screen, so that a long text leaves room for its row's other cells.
_WIDEST = 0.5
# What a table takes beside its cells: two blanks and a line a column, and the last line.
_FRAME = 3


def database_of(workspace: Workspace, publication: str | None = None) -> Path:
    """The file of the current publication, or of the kept one named. Raises PublishError if there is none."""
    folder = resolve_current(workspace.root) if publication is None else find(workspace.root, publication).folder
    return folder / "medpanel.duckdb"


def run_query(
    workspace: Workspace, sql: str, publication: str | None = None, parameters: Iterable[object] = ()
) -> pd.DataFrame:
    """Rows of a query on the current publication, or on the kept one named.

    Raises PublishError if unpublished or not kept, duckdb.Error if it fails.
    """
    with connect(database_of(workspace, publication)) as connection:
        return connection.execute(sql, list(parameters)).df()


def _shown(value: object) -> str:
    """A cell for the screen: floats with 7 significant digits, very long texts cut; --csv keeps every character."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.7g}"
    text = "" if value is None or value is pd.NaT else str(value)
    return harmless(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)})")


@dataclass(frozen=True)
class _Shown:
    """A column on the screen: its cells as text, and how wide it is at most."""

    name: str
    cells: tuple[str, ...]
    width: int


def print_frame(frame: pd.DataFrame, console: Console) -> None:
    """Print a result as a table of its first rows; says so when rows are left out."""
    print_rows([str(name) for name in frame.columns], frame.head(SHOWN_ROWS).itertuples(index=False), console)
    if len(frame) > SHOWN_ROWS:
        console.print(f"{SHOWN_ROWS} of {len(frame)} rows shown; --csv writes all / 仅显示前{SHOWN_ROWS}行")


def print_first_rows(names: Sequence[str], rows: Iterable[Sequence[object]], console: Console) -> None:
    """The same of rows that are read as they are needed: how many there are in all is not known."""
    first = list(islice(rows, SHOWN_ROWS + 1))
    print_rows(names, first[:SHOWN_ROWS], console)
    if len(first) > SHOWN_ROWS:
        console.print(f"the first {SHOWN_ROWS} rows shown; --csv writes all / 仅显示前{SHOWN_ROWS}行，--csv 可导出全部")


def print_rows(names: Sequence[str], rows: Iterable[Sequence[object]], console: Console) -> None:
    """Print rows as a table; columns that do not fit beside each other as further tables of the same rows.

    Every further table begins with the number of the row.
    """
    cells = [[_shown(value) for value in row] for row in rows]
    texts = list(zip(*cells, strict=True)) if cells else [()] * len(names)
    columns = [_column(harmless(name), column, console.width) for name, column in zip(names, texts, strict=True)]
    blocks = list(_beside(columns, console.width))
    number = _column("#", tuple(str(n + 1) for n in range(len(cells))), console.width)
    for block in blocks:
        console.print(_table(block if len(blocks) == 1 else [number, *block]))


def _column(name: str, cells: Sequence[str], screen: int) -> _Shown:
    natural = max(cell_len(line) for text in (name, *cells) for line in text.split("\n"))
    return _Shown(name, tuple(cells), max(1, min(natural, int(screen * _WIDEST))))


def _beside(columns: Sequence[_Shown], screen: int) -> Iterator[list[_Shown]]:
    """Columns in groups that fit beside each other, in their order; room is left for the number of the row."""
    room = screen - 1
    if sum(column.width + _FRAME for column in columns) <= room:
        yield list(columns)
        return
    room -= len(str(SHOWN_ROWS)) + _FRAME
    block: list[_Shown] = []
    for column in columns:
        if block and sum(one.width + _FRAME for one in (*block, column)) > room:
            yield block
            block = []
        block.append(column)
    yield block


def _table(columns: Sequence[_Shown]) -> Table:
    table = Table()
    for column in columns:
        table.add_column(Text(column.name), overflow="fold", width=column.width)
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, cells))
    return table
