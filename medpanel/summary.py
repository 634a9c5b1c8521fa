"""The one-screen summary at the end of a run: of one that published, and of one that failed.

Belongs here: what stands in it, in which order, and how much of it. Does not belong here: the words about files
(runs/files_read.py), the lines of studies (changes/headlines.py), rows of a query (published.py).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as RichText

from catalog import Study
from catalog.panels import LATEST
from expectations.suite import NOTHING
from medpanel.changes.headlines import lines
from medpanel.program import command
from medpanel.publishing import resolve_current
from medpanel.publishing.against import NOTE
from medpanel.report.places import first_pages
from medpanel.runs.files_read import barred_line, files_line, lost_lines, rows_line
from medpanel.runs.warehouse import connect, quote
from medpanel.runs.workspace import DEFAULT_ROOT, REAL_ROOT, Workspace
from models_py.parts.registry import results_of
from models_py.parts.rows import typed
from models_py.windows import unused

SHOWN_CHECKS, SHOWN_EMPTY = 4, 8
# Of a failed run: causes, and lines of each; the log has the rest.
SHOWN_CAUSES, CAUSE_LINES, CAUSE_LETTERS = 4, 6, 600
_KINDS = {"synthetic": "SYNTHETIC: generated, not statistics / 合成数据，非统计数据"}
_YEARS = "select w.*, a.age_years from study_window as w join v_data_age as a using (study) order by study"
_EMPTY = "select distinct table_name from check_result where observed = ? order by table_name"
Rows = Iterable[tuple[str, str]]


def print_summary(workspace: Workspace, console: Console, log: Path | None = None) -> None:
    """Files, rows, checks, the headline estimates, where everything is. Raises PublishError if unpublished."""
    declared = list(workspace.studies().values())
    with connect(resolve_current(workspace.root) / "medpanel.duckdb") as connection:
        kind = connection.execute("select data_kind from run_manifest").fetchall()[0][0]
        last = dict(connection.execute("select study, last_year from study_window").fetchall())
        studies = [study.until(last[study.id]) for study in declared]
        rows = [
            ("Data / 数据", _KINDS.get(kind, "real / 真实数据")),
            *_files(connection.table("source_file").df(), _reused(workspace)),
            *_years(connection),
            ("Checks / 检查", _checks(connection)),
            *_empty(connection),
            *_changed(connection),
            *(("Estimate / 估计", line) for study in studies for line in _headlines(connection, study, kind)),
        ]
        start = _worth_asking(connection, studies)
    _panel(console, "medpanel", rows, "green")
    _below(console, [*_places(workspace, start), *_log(log)])


def print_failure(
    workspace: Workspace, console: Console, failures: Sequence[str], read: bool, log: Path | None = None
) -> None:
    """What a failed run read, what failed and why, what to do. `read`: whether it got through reading the files."""
    files = pd.read_parquet(workspace.lake / "source_file.parquet") if read else None
    named = "\n".join(failures)
    rows = [
        *(() if files is None else _files(files, None, named)),
        *(("Failed / 失败", _cut(failure)) for failure in failures[:SHOWN_CAUSES]),
        *_more(len(failures)),
        ("To do / 处理", "mend what is named above, then run again; the last publication is untouched"),
        ("", "请修正上述问题后重新运行；原有发布不受影响"),
    ]
    _panel(console, "medpanel: FAILED / 失败", rows, "red")
    again = ("Run again / 重新运行", workspace.again)
    look = ("Look / 检查文件", command("inspect", str(workspace.sources_path.parent)))
    _below(console, [look, again, *_log(log)])


def _panel(console: Console, title: str, rows: Rows, style: str) -> None:
    grid = Table.grid(padding=(0, 2))
    for label, text in rows:
        grid.add_row(RichText(label), RichText(text, overflow="fold"))
    console.print(Panel(grid, title=title, expand=False, border_style=style, box=box.ROUNDED))


def _below(console: Console, rows: Rows) -> None:
    """Paths and commands, which must not be broken into lines, so that they can be copied."""
    for label, text in rows:
        console.print(f"{label}: {text}", markup=False, highlight=False, soft_wrap=True)


def _files(files: pd.DataFrame, reused: int | None, told: str = "") -> Iterator[tuple[str, str]]:
    """The numbers of files and rows, and why the first were refused, or in part; not what is `told` elsewhere."""
    again = "" if reused is None else f"; {reused} unchanged, reused 未变沿用"
    yield "Files / 文件", f"{files_line(files)}{again}"
    yield "Rows / 行", rows_line(files)
    if barred := barred_line(files):
        yield "Licences / 许可", barred
    for label, why in lost_lines(files):
        if why not in told:
            yield f"  {label}", why


def _reused(workspace: Workspace) -> int:
    timings = json.loads(workspace.lake_summary.read_text(encoding="utf-8"))["timings"]
    return sum(1 for _, _, again in timings if again)


def _years(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """The years of each study, how old its data are today, and newer years it does not use."""
    rows = connection.execute(_YEARS).df().to_dict("records")
    years = [f"{row['study']} {row['first_year']}-{row['last_year']}{_age(row)}" for row in rows]
    yield "Years / 年份", "; ".join(years) or "no study is declared / 未声明研究"
    for row in rows:
        if row["unused_years"]:
            yield "  unused / 未采用", f"{row['study']}: {unused(row).en} / {unused(row).zh}"


def _age(row: Mapping[Any, Any]) -> str:
    if row["declared_last"] != LATEST:
        return ""
    return f" (latest: {row['age_years']} years ago / 最近完整年份，距今{row['age_years']}年)"


def _checks(connection: duckdb.DuckDBPyConnection) -> str:
    """How many checks passed, and the remarks: what did not pass and is published all the same, since none blocks."""
    passed, count, others = connection.execute(
        "select count(*) filter (passed), count(*), "
        "coalesce(list(distinct table_name || '.' || check_name order by table_name || '.' || check_name) "
        "filter (not passed), []) from check_result"
    ).fetchall()[0]
    if not others:
        return f"{passed} of {count} passed 通过"
    more = f" … + {len(others) - SHOWN_CHECKS}, see 见 check_result" if len(others) > SHOWN_CHECKS else ""
    what = "remark" if len(others) == 1 else "remarks"
    return (
        f"{passed} of {count} passed 通过; {len(others)} {what}, published {len(others)}项提示，不影响发布: "
        f"{', '.join(others[:SHOWN_CHECKS])}{more}"
    )


def _empty(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """The tables whose checks had nothing to judge."""
    tables = [str(name) for (name,) in connection.execute(_EMPTY, [NOTHING]).fetchall()]
    if tables:
        more = f" … + {len(tables) - SHOWN_EMPTY}" if len(tables) > SHOWN_EMPTY else ""
        yield "  empty / 空表", f"{', '.join(tables[:SHOWN_EMPTY])}{more}"


def _places(workspace: Workspace, table: str) -> Iterator[tuple[str, str]]:
    """Where the database and the report are and what to do next, with a table to start from."""
    root = workspace.root
    ui = command("ui", *workspace.named())
    yield "Database / 数据库", str(root / "medpanel.duckdb")
    for page in _pages(root):
        yield "Report / 报告", str(page)
    yield "Query / 查询", command("query", *workspace.named(sources=False), f"from {table}")
    yield "UI / 界面", {DEFAULT_ROOT: "make ui", REAL_ROOT: "make ui-real"}.get(root, ui)


def _pages(root: Path) -> list[Path]:
    """The page to begin with, or those of the studies."""
    report = root / "report"
    report = report if report.is_dir() else resolve_current(root) / "report"
    return first_pages(report)


def _log(log: Path | None) -> Rows:
    return [] if log is None or not log.is_file() else [("Log / 日志", str(log))]


def _more(count: int) -> Rows:
    rest = count - SHOWN_CAUSES
    return [("", f"… + {rest} more, see the log / 另有{rest}项，见日志")] if rest > 0 else []


def _cut(text: str) -> str:
    """The first lines of a cause; a screen has room for no more."""
    shown = text.split("\n")[:CAUSE_LINES]
    cut = "\n".join(shown)
    whole = len(shown) == len(text.split("\n")) and len(cut) <= CAUSE_LETTERS
    return cut if whole else f"{cut[:CAUSE_LETTERS]} … (see the log / 见日志)"


def _worth_asking(connection: duckdb.DuckDBPyConnection, studies: Iterable[Study]) -> str:
    """A table with rows to start from: estimates, else the first results of a study, else the figures read."""
    results = [table for study in studies for table in results_of(study)]
    return next((table for table in ("estimate", *results) if _has_rows(connection, table)), "observation")


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(connection.execute(f"from {quote(table)} limit 1").fetchall())


def _headlines(connection: duckdb.DuckDBPyConnection, study: Study, kind: str) -> list[str]:
    """A one-line summary of each part of a study, from the published rows."""

    def rows(table: str) -> pd.DataFrame:
        return typed(connection.execute(f"select * from {quote(table)} where study = ?", [study.id]).df(), table)

    return [f"{line} ({kind})" for line in lines(study, rows).values()]


def _changed(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """What run_manifest says of the difference from the publication before."""
    notes = connection.execute("select coalesce(notes, '') from run_manifest").fetchall()[0][0].split("\n")
    yield from (("Changed / 变化", note.removeprefix(NOTE)) for note in notes if note.startswith(NOTE))
