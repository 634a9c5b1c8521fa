"""The current publication on a screen: the rows of a query, read-only, and the one-screen summary after a run.

Writing it: medpanel/publishing/.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb
import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from catalog import Study
from catalog.panels import LATEST
from medpanel.changes.headlines import lines
from medpanel.publishing import resolve_current
from medpanel.publishing.against import NOTE
from medpanel.publishing.history import find
from medpanel.runs.warehouse import connect, quote
from medpanel.runs.workspace import DEFAULT_ROOT, REAL_ROOT, Workspace
from models_py.parts.registry import results_of
from models_py.parts.rows import typed
from models_py.windows import unused

SHOWN_ROWS, SHOWN_CHECKS = 40, 4
_KINDS = {"synthetic": "SYNTHETIC: generated, not statistics / 合成数据，非统计数据"}
_NOT_READ = "file_id in (select file_id from rejected_row where code = 'not_read')"
_YEARS = "select w.*, a.age_years from study_window as w join v_data_age as a using (study) order by study"
_REFUSED = f"status = 'refused' and not {_NOT_READ}"


def run_query(
    workspace: Workspace, sql: str, publication: str | None = None, parameters: Iterable[object] = ()
) -> pd.DataFrame:
    """Rows of a query on the current publication, or on the kept one named.

    Raises PublishError if unpublished or not kept, duckdb.Error if it fails.
    """
    folder = resolve_current(workspace.root) if publication is None else find(workspace.root, publication).folder
    with connect(folder / "medpanel.duckdb") as connection:
        return connection.execute(sql, list(parameters)).df()


def _shown(value: object) -> str:
    """A cell for the screen: floats with 7 significant digits; --csv keeps every digit."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.7g}"
    return "" if value is None or value is pd.NaT else str(value)


def print_frame(frame: pd.DataFrame, console: Console) -> None:
    """Print a result as a table or, if that is wider than the screen, one record below another.

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


def print_summary(workspace: Workspace, console: Console) -> None:
    """Files, rows, checks, the headline estimates, where the database is. Raises PublishError if unpublished."""
    declared = list(workspace.studies().values())
    grid = Table.grid(padding=(0, 2))
    with connect(resolve_current(workspace.root) / "medpanel.duckdb") as connection:
        kind = connection.execute("select data_kind from run_manifest").fetchall()[0][0]
        last = dict(connection.execute("select study, last_year from study_window").fetchall())
        studies = [study.until(last[study.id]) for study in declared]
        for row in (
            ("Data / 数据", _KINDS.get(kind, "real / 真实数据")),
            *_files(connection, workspace),
            *_years(connection),
            ("Checks / 检查", _checks(connection)),
            *_changed(connection),
            *(("Estimate / 估计", line) for study in studies for line in _headlines(connection, study, kind)),
            *_places(workspace, _worth_asking(connection, studies)),
        ):
            grid.add_row(*row)
    console.print(Panel(grid, title="medpanel", expand=False))


def _files(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> Iterator[tuple[str, str]]:
    """The numbers of files and rows, and the first files that were refused."""
    offered, refused, read, loaded, rejected, aside, not_read = connection.execute(
        f"select count(*), count(*) filter ({_REFUSED}), sum(rows_read), sum(rows_loaded), sum(rows_rejected), "
        f"sum(rows_set_aside), count(*) filter ({_NOT_READ}) from source_file"
    ).fetchall()[0]
    timings = json.loads(workspace.lake_summary.read_text(encoding="utf-8"))["timings"]
    reused = sum(1 for _, _, again in timings if again)
    left = f", {not_read} declared not to be read 声明不读" if not_read else ""
    yield (
        "Files / 文件",
        f"{offered} offered 提供, {refused} refused 拒绝{left}; {reused} unchanged, reused 未变沿用",
    )
    yield "Rows / 行", f"{read} = {loaded} loaded 载入 + {rejected} rejected 拒绝 + {aside} set aside 搁置"
    for path, problem in connection.execute(
        f"select path, problem from source_file where {_REFUSED} order by path limit 3"
    ).fetchall():
        yield "  refused / 拒绝", problem.split(";")[0] if problem else path


def _years(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """The years of each study, how old its data are today, and newer years it does not use."""
    rows = connection.execute(_YEARS).df().to_dict("records")
    years = [f"{row['study']} {row['first_year']}-{row['last_year']}{_age(row)}" for row in rows]
    yield "Years / 年份", "; ".join(years)
    for row in rows:
        if row["unused_years"]:
            yield "  unused / 未采用", f"{row['study']}: {unused(row).en} / {unused(row).zh}"


def _age(row: Mapping[Any, Any]) -> str:
    if row["declared_last"] != LATEST:
        return ""
    return f" (latest: {row['age_years']} years ago / 最近完整年份，距今{row['age_years']}年)"


def _checks(connection: duckdb.DuckDBPyConnection) -> str:
    """How many checks passed, and which did not."""
    passed, count, others = connection.execute(
        "select count(*) filter (passed), count(*), "
        "coalesce(list(distinct table_name || '.' || check_name order by table_name || '.' || check_name) "
        "filter (not passed), []) from check_result"
    ).fetchall()[0]
    more = f" … + {len(others) - SHOWN_CHECKS}, see 见 check_result" if len(others) > SHOWN_CHECKS else ""
    warned = f"; not passed 未通过: {', '.join(others[:SHOWN_CHECKS])}{more}" if others else ""
    return f"{passed} of {count} passed 通过{warned}"


def _places(workspace: Workspace, table: str) -> Iterator[tuple[str, str]]:
    """Where the database is and what to do next, with a table to start from."""
    root = workspace.root
    option = "" if root == DEFAULT_ROOT else f' --data "{root}"'
    ui = f'medpanel ui --data "{root}" --sources "{workspace.sources_path}"'
    yield "Database / 数据库", str(root / "medpanel.duckdb")
    yield "Query / 查询", f'medpanel query{option} "from {table}"'
    yield "UI / 界面", {DEFAULT_ROOT: "make ui", REAL_ROOT: "make ui-real"}.get(root, ui)


def _worth_asking(connection: duckdb.DuckDBPyConnection, studies: Iterable[Study]) -> str:
    """A published table to start from: estimates, else the first results of a study, else the figures read."""
    published, results = _published(connection), [table for study in studies for table in results_of(study)]
    return next((table for table in ("estimate", *results) if table in published), "observation")


def _published(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {str(row[0]) for row in connection.execute("select table_name from duckdb_tables()").fetchall()}


def _headlines(connection: duckdb.DuckDBPyConnection, study: Study, kind: str) -> list[str]:
    """A one-line summary of each part of a study, from the published rows; a table without any is not published."""
    published = _published(connection)

    def rows(table: str) -> pd.DataFrame:
        if table not in published:
            return typed(pd.DataFrame(), table)
        return connection.execute(f"select * from {quote(table)} where study = ?", [study.id]).df()

    return [f"{line} ({kind})" for line in lines(study, rows).values()]


def _changed(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """What run_manifest says of the difference from the publication before."""
    notes = connection.execute("select coalesce(notes, '') from run_manifest").fetchall()[0][0].split("\n")
    yield from (("Changed / 变化", note.removeprefix(NOTE)) for note in notes if note.startswith(NOTE))
