"""`medpanel inspect`: what a file is and what would become of it, without loading anything.

Belongs here: showing a reading. The reading is ingestion/.
"""

from __future__ import annotations

import datetime as dt
import glob
import json
import re
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from catalog import Source, Sources, load_registry, load_sources
from catalog.base import CatalogError
from ingestion import FileReading, read_file
from ingestion.conflicts import refuse_conflicts
from ingestion.lake import input_files, unused_entries
from ingestion.readers import LAYOUTS

SHOWN_PROBLEMS = 5


def _declaration(path: Path, sources_path: Path | None) -> tuple[Sources, Path, bool]:
    """(declaration, input folder, whether it is a stand-in because there is none)."""
    folder = path if path.is_dir() else path.parent
    candidates = [sources_path] if sources_path else [parent / "sources.yaml" for parent in (folder, *folder.parents)]
    for candidate in candidates:
        if candidate is not None and candidate.exists():
            sources, root = load_sources(candidate)
            return sources, root.resolve(), False
    if sources_path is not None:
        raise CatalogError(f"{sources_path}: no such file")
    stand_in = Source(
        match="*", vintage="undeclared", publisher="undeclared", licence="undeclared", accessed=dt.date.today()
    )
    return Sources(data_kind="real", studies=(), vintages=("undeclared",), files=(stand_in,)), folder.resolve(), True


def print_inspection(path: Path, sources_path: Path | None, console: Console) -> bool:
    """Print what each file is and its first problems; True when every file would load without a refusal.

    Of a folder the files a run would read are shown, with what they say against one another. A folder without any is
    no success.
    """
    sources, root, undeclared = _declaration(path, sources_path)
    path = path.resolve()
    base = root if path.is_relative_to(root) else path if path.is_dir() else path.parent
    files = [file for file in input_files(base, sources) if file.is_relative_to(path)] if path.is_dir() else [path]
    if not files:
        console.print(f"{path}: no input files / 没有输入文件", style="red", markup=False, highlight=False)
        return False
    readings = [read_file(base, file, sources, load_registry()) for file in files]
    refuse_conflicts(readings)
    for reading in readings:
        _print_reading(reading, console)
        if undeclared or reading.source_file["vintage"] is None:
            _print_entry(reading, console)
    if path == root and not undeclared:
        for match in unused_entries(root, files, sources):
            text = f"! sources.yaml: no file is read by the entry match: {match} / 没有文件由此条目读取"
            console.print(text, style="yellow", markup=False, highlight=False)
    return not any(reading.rejected_row for reading in readings)


def _print_reading(reading: FileReading, console: Console) -> None:
    source = reading.source_file
    layout = next((x for x in LAYOUTS if x.name == source["layout"]), None)
    title = f"{layout.title_en} / {layout.title_zh}" if layout else "not recognised / 未识别"
    console.print(f"\n[bold]{escape(source['path'])}[/bold]")
    console.print(f"  layout / 版式:      {title}")
    if source["encoding"]:
        console.print(f"  encoding / 编码:    {source['encoding']}")
    console.print(
        f"  rows / 行:          {source['rows_read']} read 读取 = {source['rows_loaded']} loaded 载入 "
        f"+ {source['rows_rejected']} rejected 拒绝 + {source['rows_set_aside']} set aside 搁置"
    )
    registry = load_registry()
    for indicator in dict.fromkeys(record["indicator"] for record in reading.observation):
        records = [r for r in reading.observation if r["indicator"] == indicator]
        years = sorted({r["year"] for r in records})
        units = len({r["entity_code"] for r in records if r["entity_level"] == "province"})
        label = registry.indicators[indicator].label
        console.print(
            f"  {indicator}: {label.en} / {label.zh} [{records[0]['raw_unit']}], "
            f"{years[0]}-{years[-1]}, {units} provinces 省, {len(records)} values 值",
            markup=False,
        )
    if reading.pilot:
        console.print(f"  {len(reading.pilot)} pilots / 试点单位")
    if reading.missing_cell:
        console.print(f"  {len(reading.missing_cell)} empty cells / 空白单元格")
    for record in reading.rejected_row[:SHOWN_PROBLEMS]:
        console.print(f"  ! {record['reason']}\n    {record['reason_zh']}", style="red", markup=False, highlight=False)
    more = len(reading.rejected_row) - SHOWN_PROBLEMS
    if more > 0:
        console.print(f"  … and {more} more / 另有{more}处")


def _pattern(path: str) -> str:
    """A pattern that matches this path only, as a YAML text."""
    pattern = glob.escape(path)
    return pattern if re.fullmatch(r"\w[\w./() -]*", pattern) else json.dumps(pattern, ensure_ascii=False)


def _print_entry(reading: FileReading, console: Console) -> None:
    needs_indicator = any(record["code"] in {"no_indicator", "no_unit"} for record in reading.rejected_row)
    lines = [
        "  sources.yaml entry to complete / 请补全后粘贴到 sources.yaml:",
        f"  - match: {_pattern(reading.source_file['path'])}",
        "    vintage: …      # edition or download date / 版本或下载日期",
        "    publisher: …    # 发布机构",
        "    licence: …      # 许可",
        f"    accessed: {dt.date.today().isoformat()}",
    ]
    if needs_indicator:
        lines += ["    indicator: …    # id in catalog/indicators.yaml / 指标", "    unit: …         # 单位"]
    console.print("\n".join(lines), markup=False, highlight=False)
