"""The one-screen summary after a run, read from the publication itself."""

from __future__ import annotations

import json
from collections.abc import Iterable

import duckdb
import pandas as pd
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from catalog import Study
from medpanel.publishing import resolve_current
from medpanel.runs.warehouse import connect, quote
from medpanel.runs.workspace import DEFAULT_ROOT, REAL_ROOT, Workspace
from models_py.parts.registry import parts_of, results_of

SHOWN_CHECKS = 4
_NOT_READ = "file_id in (select file_id from rejected_row where code = 'not_read')"
_REFUSED = f"status = 'refused' and not {_NOT_READ}"


def print_summary(workspace: Workspace, console: Console) -> None:
    """Files, rows, checks, the headline estimates, where the database is. Raises PublishError if unpublished."""
    folder = resolve_current(workspace.root)
    timings = json.loads(workspace.lake_summary.read_text(encoding="utf-8"))["timings"]
    reused = sum(1 for _, _, again in timings if again)
    with connect(folder / "medpanel.duckdb") as connection:
        kind = connection.execute("select data_kind from run_manifest").fetchall()[0][0]
        grid = Table.grid(padding=(0, 2))
        grid.add_row("Data / 数据", _kind(kind))
        files = connection.execute(
            f"select count(*), count(*) filter ({_REFUSED}), sum(rows_read), sum(rows_loaded), sum(rows_rejected), "
            f"sum(rows_set_aside), count(*) filter ({_NOT_READ}) from source_file"
        ).fetchall()[0]
        left = f", {files[6]} declared as not to read 声明不读" if files[6] else ""
        grid.add_row(
            "Files / 文件",
            f"{files[0]} offered 提供, {files[1]} refused 拒绝{left}; {reused} unchanged, re-used 未变沿用",
        )
        grid.add_row(
            "Rows / 行", f"{files[2]} = {files[3]} loaded 载入 + {files[4]} rejected 拒绝 + {files[5]} set aside 搁置"
        )
        for path, problem in connection.execute(
            f"select path, problem from source_file where {_REFUSED} order by path limit 3"
        ).fetchall():
            grid.add_row("  refused / 拒绝", problem.split(";")[0] if problem else path)
        checks = connection.execute(
            "select count(*) filter (passed), count(*), "
            "coalesce(list(distinct table_name || '.' || check_name order by table_name || '.' || check_name) "
            "filter (not passed), []) from check_result"
        ).fetchall()[0]
        shown = ", ".join(checks[2][:SHOWN_CHECKS])
        more = f" … + {len(checks[2]) - SHOWN_CHECKS}, see 见 check_result" if len(checks[2]) > SHOWN_CHECKS else ""
        warned = f"; not passed 未通过: {shown}{more}" if checks[2] else ""
        grid.add_row("Checks / 检查", f"{checks[0]} of {checks[1]} passed 通过{warned}")
        for study in workspace.studies().values():
            for line in _headlines(connection, study, kind):
                grid.add_row("Estimate / 估计", line)
        table = _worth_asking(connection, workspace.studies().values())
    root = workspace.root
    option = "" if root == DEFAULT_ROOT else f' --data "{root}"'
    ui = {DEFAULT_ROOT: "make ui", REAL_ROOT: "make ui-real"}.get(
        root, f'medpanel ui --data "{root}" --sources "{workspace.sources_path}"'
    )
    grid.add_row("Database / 数据库", str(root / "medpanel.duckdb"))
    grid.add_row("Query / 查询", f'medpanel query{option} "from {table}"')
    grid.add_row("UI / 界面", ui)
    console.print(Panel(grid, title="medpanel", expand=False))


def _kind(kind: str) -> str:
    if kind == "synthetic":
        return "SYNTHETIC: generated, not statistics / 合成数据，非统计数据"
    return "real / 真实数据"


def _worth_asking(connection: duckdb.DuckDBPyConnection, studies: Iterable[Study]) -> str:
    """A published table to begin with: estimates, else the first results of a study, else the figures read."""
    published = {str(row[0]) for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
    results = [table for study in studies for table in results_of(study)]
    return next((table for table in ("estimate", *results) if table in published), "observation")


def _headlines(connection: duckdb.DuckDBPyConnection, study: Study, kind: str) -> list[str]:
    """What each part of a study says of itself in one line, from the published rows."""
    lines = []
    for one in parts_of(study):
        if one.part.headline is not None:
            tables = {table: _rows(connection, study, table) for table in one.part.makes}
            lines.append(f"{one.part.headline(study, tables, one.options)} ({kind})")
    return lines


def _rows(connection: duckdb.DuckDBPyConnection, study: Study, table: str) -> pd.DataFrame:
    return connection.execute(f"select * from {quote(table)} where study = ?", [study.id]).df()
