"""Reading the published database, read-only. Writing it: medpanel/publishing/."""

import math

import duckdb
import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from medpanel.publishing import PublishError, resolve_current
from medpanel.runs.warehouse import connect
from medpanel.runs.workspace import Workspace

SHOWN_ROWS = 40


class QueryError(ValueError):
    """There is nothing to query, or the query is wrong; the message says what to do."""


def run_query(workspace: Workspace, sql: str) -> pd.DataFrame:
    """Rows of a query on the current publication. Raises QueryError."""
    try:
        database = resolve_current(workspace.root) / "medpanel.duckdb"
    except PublishError as error:
        raise QueryError(f"{error}; run `medpanel demo` or `medpanel run` first / 尚无发布内容") from None
    try:
        with connect(database) as connection:
            return connection.execute(sql).df()
    except duckdb.Error as error:
        raise QueryError(str(error)) from None


def _shown(value: object) -> str:
    """A cell as people read it: floats in 7 significant digits; --csv keeps every digit."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.7g}"
    return "" if value is None or value is pd.NaT else str(value)


def print_frame(frame: pd.DataFrame, console: Console) -> None:
    """Print a result as a table, or, where that is wider than the screen, one record below another.

    Says so when rows are left out.
    """
    shown = [[_shown(value) for value in row] for row in frame.head(SHOWN_ROWS).itertuples(index=False)]
    names = [str(name) for name in frame.columns]
    widths = [max(cell_len(text) for text in (name, *column)) for name, *column in zip(names, *shown, strict=True)]
    if sum(widths) + 3 * len(widths) + 1 <= console.width:
        table = Table(*names)
        for cells in shown:
            table.add_row(*(escape(text) for text in cells))
        console.print(table)
    else:
        label = max(map(len, names), default=0)
        for number, cells in enumerate(shown, start=1):
            console.print(f"[bold]── {number} ──[/bold]")
            for name, text in zip(names, cells, strict=True):
                console.print(f"{name:<{label}}  {text}", markup=False, highlight=False, soft_wrap=True)
    if len(frame) > SHOWN_ROWS:
        console.print(f"{SHOWN_ROWS} of {len(frame)} rows shown; --csv writes all / 仅显示前{SHOWN_ROWS}行")
