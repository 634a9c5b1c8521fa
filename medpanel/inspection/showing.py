"""What reading found, printed in the terminal in both languages. Nothing is read or decided here."""

from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as RichText

from catalog import load_registry
from catalog.base import Text
from catalog.lake import LOADED, NOT_READ, PARTIAL, REFUSED
from catalog.messages import pointers, remarks
from ingestion import FileReading
from ingestion.problems import Problem
from ingestion.readers import EVERY_LAYOUT
from medpanel.inspection.proposing import Inspected
from medpanel.runs.files_read import files_line, rows_line

SHOWN_PROBLEMS, SHOWN_PLACES = 5, 8
_SHOWN = ["year", "raw_unit", "entity_level", "entity_code"]
_MARKS = {
    LOADED: ("✓ loads / 可载入", "green"),
    PARTIAL: ("! loads in part / 部分载入", "yellow"),
    REFUSED: ("✗ refused / 拒绝", "red"),
    NOT_READ: ("– not read / 不读取", "dim"),
}
_LEVELS = {"nation": "nation 全国", "province": "provinces 省", "city": "cities 市", "county": "counties 县"}


def show_overview(inspected: list[Inspected], console: Console) -> None:
    """A line for each file, and the totals."""
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(inspected)} files / 文件", title_justify="left")
    for header in ("file 文件", "layout 版式", "contents 内容"):
        table.add_column(header, overflow="fold")
    table.add_column("rows 行", justify="right")
    for one in inspected:
        reading, source = one.reading, one.reading.source_file
        mark, style = _mark(one)
        rows = f"{source['rows_loaded']} / {source['rows_read']}"
        table.add_row(f"{mark} {escape(source['path'])}", source["layout"] or "–", _brief(reading), rows, style=style)
    console.print(table)
    files = pd.DataFrame([one.reading.source_file for one in inspected])
    console.print(f"  {files_line(files)}; rows 行 {rows_line(files)}\n", highlight=False)


def show_details(inspected: Inspected, warned: list[Text], console: Console, indent: int = 2) -> None:
    """What one file is, what it holds, its first problems, what a run would warn of, and the entry it needs."""
    reading = inspected.reading
    source = reading.source_file
    layout = next((one for one in EVERY_LAYOUT if one.name == source["layout"]), None)
    mark, style = _mark(inspected)
    console.print()
    console.print(Rule(f"[bold]{escape(source['path'])}[/bold]  {mark}", style=style, align="left"))
    if inspected.undeclared is not None:
        _say(console, f"✗ {_without_path(inspected.undeclared.english(source['path']), source['path'])}", "red")
        _say(console, f"  {_without_path(inspected.undeclared.chinese(source['path']), source['path'])}", "red")
    title = f"{layout.title_en} / {layout.title_zh} ({layout.name})" if layout else "not recognised / 未识别"
    _say(console, f"layout / 版式:      {title}")
    if source["encoding"]:
        _say(console, f"encoding / 编码:    {source['encoding']}")
    _say(console, f"rows / 行:          {_rows(source)}")
    for name, records in _by_indicator(reading):
        label = load_registry().indicators[name].label
        _say(console, f"{name}  {label.zh} · {label.en}", "bold cyan")
        units = "、".join(records["raw_unit"].unique())
        what = (f"[{units}]", _span(records), _places(records), f"{len(records)} values 值")
        _say(console, f"    {' · '.join(what)}")
    for line in _other_contents(reading):
        _say(console, line, "bold cyan")
    if reading.missing_cell:
        _say(console, f"{len(reading.missing_cell)} empty cells / 空白单元格")
    _show_problems(reading, console)
    for text in warned:
        _say(console, f"! {text.en}", "yellow")
        _say(console, f"  {text.zh}", "yellow")
    if inspected.entry:
        _say(console, "sources.yaml entry to complete / 请补全后粘贴到 sources.yaml:", "bold")
        entry = f"{' ' * indent}- " + f"\n{' ' * indent}  ".join(inspected.entry)
        console.print(entry, markup=False, highlight=False, soft_wrap=True)


def _show_problems(reading: FileReading, console: Console) -> None:
    """The first problem of each kind in full, and the places of the others; rows that only point at it are left out."""
    path = reading.source_file["path"]
    told = [record for record in reading.rejected_row if record["code"] not in pointers()] or reading.rejected_row
    codes = dict.fromkeys(record["code"] for record in told)
    kinds = {code: [record for record in told if record["code"] == code] for code in codes}
    for code, records in list(kinds.items())[:SHOWN_PROBLEMS]:
        first = records[0]
        sign, style = ("!", "yellow") if code in remarks() else ("✗", "red")
        _say(console, f"{sign} {_without_path(first['reason'], path)}", style)
        _say(console, f"  {_without_path(first['reason_zh'], path)}", style)
        if len(records) > 1:
            places = [" ".join(filter(None, (r["sheet"], r["cell"] or f"row {r['row']}"))) for r in records[1:]]
            rest = len(places) - SHOWN_PLACES
            more = f" and {rest} more / 另有{rest}处" if rest > 0 else ""
            _say(console, f"  also at / 同类问题: {', '.join(places[:SHOWN_PLACES])}{more}", style)
    if more_kinds := list(kinds)[SHOWN_PROBLEMS:]:
        _say(console, f"… and / 另有: {', '.join(f'{len(kinds[code])} {code}' for code in more_kinds)}", "red")


def _without_path(reason: str, path: str) -> str:
    """The message without the file's name, which stands above."""
    return reason.removeprefix(path).lstrip(",:： ")


def show_head(lines: list[str], console: Console) -> None:
    """How a sources.yaml begins, where there is none."""
    _say(console, "there is no sources.yaml yet; write above the entries / 尚无 sources.yaml，请在条目之前写:", "bold")
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _say(console: Console, text: str, style: str = "") -> None:
    """A line below the file's name; continuation lines are indented too."""
    console.print(Padding(RichText(text, style=style), (0, 0, 0, 2)))


def show_unused(entries: list[Problem], console: Console) -> None:
    """Entries of the declaration that match no file."""
    for problem in entries:
        for text in (f"! {problem.english('sources.yaml')}", f"  {problem.chinese('sources.yaml')}"):
            console.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _mark(inspected: Inspected) -> tuple[str, str]:
    if inspected.undeclared is not None:
        return "✗ not declared / 未声明", "red"
    if inspected.unfilled:
        return "! nothing filled in / 未填写", "yellow"
    return _MARKS[inspected.reading.source_file["status"]]


def _rows(counts: Any) -> str:
    return (
        f"{counts['rows_read']} read 读取 = {counts['rows_loaded']} loaded 载入 "
        f"+ {counts['rows_rejected']} rejected 拒绝 + {counts['rows_set_aside']} set aside 搁置"
    )


def _span(records: pd.DataFrame) -> str:
    first, last = records["year"].min(), records["year"].max()
    gaps = last - first + 1 - records["year"].nunique()
    return "-".join(map(str, dict.fromkeys((first, last)))) + (f" ({gaps} years absent 缺)" if gaps else "")


def _places(records: pd.DataFrame) -> str:
    places = records.groupby("entity_level")["entity_code"].nunique()
    return ", ".join(f"{places[level]} {text}" for level, text in _LEVELS.items() if level in places)


def _by_indicator(reading: FileReading) -> list[tuple[str, pd.DataFrame]]:
    records = pd.DataFrame(reading.observation, columns=["indicator", *_SHOWN])
    return [(str(name), group) for name, group in records.groupby("indicator", sort=False)]


def _brief(reading: FileReading) -> str:
    groups = _by_indicator(reading)
    first = [f"{name} {_span(records)}" for name, records in groups[:2]]
    more = [f"+ {len(groups) - 2}"] if len(groups) > 2 else []
    return "; ".join([*first, *more, *_other_contents(reading)])


def _other_contents(reading: FileReading) -> list[str]:
    """What a file contains besides figures of places and years."""
    lines = [f"{len(reading.pilot)} pilots / 试点单位"] if reading.pilot else []
    return lines + [f"{len(table)} {name} rows / 行" for name, table in sorted(reading.tables.items()) if len(table)]
