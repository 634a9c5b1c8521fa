"""Reading the published database, read-only. Writing it: medpanel/publishing/."""

from __future__ import annotations

import duckdb
import pandas as pd
from rich.console import Console
from rich.table import Table

from medpanel.publishing import PublishError, resolve_current
from medpanel.warehouse import connect
from medpanel.workspace import Workspace

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


def print_frame(frame: pd.DataFrame, console: Console) -> None:
    """Print a result as a table; says so when it is cut."""
    table = Table(show_lines=False)
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    for row in frame.head(SHOWN_ROWS).itertuples(index=False):
        table.add_row(*("" if pd.isna(value) else str(value) for value in row))
    console.print(table)
    if len(frame) > SHOWN_ROWS:
        console.print(f"{SHOWN_ROWS} of {len(frame)} rows shown; --csv writes all / 仅显示前{SHOWN_ROWS}行")
