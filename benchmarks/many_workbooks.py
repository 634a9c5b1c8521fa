"""A folder of 1,000 yearbook workbooks: read by this process, by one with bounds, by one for each core, and not at all
the second time.

Run as a module: python -m benchmarks.many_workbooks [--workbooks N]. Writes docs/evidence/many_workbooks.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import io
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import openpyxl

from catalog import Source, Sources, load_provinces
from ingestion import build_lake
from ingestion.build.worker_pool import Done, Task, Work, cores
from ingestion.problems import Problem
from ingestion.schemas import SHOWN
from medpanel import __version__

REPORT = Path(__file__).parent.parent / "docs" / "evidence" / "many_workbooks.md"
WORKBOOKS = 1000
SHEETS = 4
# Reading within bounds may take this many times as long as without.
MOST_TIMES = 1.2
_PAGE = """\
# A folder of many workbooks 大量工作簿的读取

Written by `python -m benchmarks.many_workbooks`: {workbooks:,} generated yearbook workbooks ({megabytes:.0f} MB,
{sheets} sheets each, {figures:,} figures in all), read into the lake. The lakes are equal to the byte.

| way 方式 | seconds 秒 | workbooks a second 每秒 | against one process 与单进程之比 |
|---|---|---|---|
| this process, without bounds 本进程，无上限 | {plain:.1f} | {plain_rate:.0f} | {plain_ratio:.2f} times as fast 倍速 |
| one process 单进程 | {one:.1f} | {one_rate:.0f} | 1 |
| {cores} processes 多进程 | {many:.1f} | {many_rate:.0f} | {ratio:.2f} times as fast 倍速 |
| again, nothing changed 未变文件 | {again:.1f} | {again_rate:.0f} | {again_ratio:.1f} times as fast 倍速 |

Reading in a process of its own, whose memory and time are watched, takes {bounded:.2f} times as long as reading in this
one (at most {most} 不超过). 在受监视的独立进程中读取，用时为本进程内读取的 {bounded:.2f} 倍。

The seconds include hashing every file and writing the lake, which one process does.

| | |
|---|---|
| medpanel | {version} |
| Python | {python} |
| cores 核数 | {cores} |
| peak memory of the process that writes 主进程峰值内存 | {peak:.0f} MiB |
| identical bytes 字节一致 | {identical} |
| load of the computer before (0 is idle) 测量前系统负载 | {load} |
"""


@dataclass(frozen=True)
class Run:
    """Seconds a run took, figures loaded, files re-used and the hash over the lake."""

    seconds: float
    figures: int
    reused: int
    digest: str


def workbook(number: int) -> bytes:
    """A yearbook of one vintage of its own: bilingual merged headers, spaced names, notes, formulas with results."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for part in range(SHEETS):
        sheet = book.create_sheet(f"8-{part + 1}")
        sheet["A1"] = f"8-{part + 1} 各地区门诊服务情况 ({2010 + part}年)"
        sheet["D3"] = "单位：万人次"
        sheet["A4"], sheet["B4"] = "地区\nRegion", "医疗服务"
        for column, text in enumerate(("诊疗人次数", "急诊病死率(%)", "产前检查率(%)"), start=2):
            sheet.cell(5, column, text)
        sheet.merge_cells("A4:A5")
        sheet.merge_cells("B4:D4")
        for row, province in enumerate(load_provinces(), start=6):
            sheet.cell(row, 1, "  ".join(province.short_zh) if len(province.short_zh) == 2 else province.short_zh)
            sheet.cell(row, 2, 1000 + row + number % 97 + part / 10)
            sheet.cell(row, 3, round(0.1 + (row + number) % 50 / 100, 2))
            sheet.cell(row, 4, round(60 + (row * 7 + number) % 380 / 10, 1))
        sheet.cell(38, 1, "注：①含村卫生室。")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def declaration(workbooks: int) -> Sources:
    """One vintage for each workbook, so that none contradicts another."""
    names = tuple(f"v{number:05d}" for number in range(workbooks))
    files = tuple(
        Source(
            match=f"{name}.xlsx",
            vintage=name,
            publisher="benchmark",
            licence="CC0-1.0",
            accessed=dt.date(2026, 1, 1),
            neutral_groups=("医疗服务",),
        )
        for name in names
    )
    return Sources(data_kind="synthetic", studies=(), vintages=names, files=files)


def run(root: Path, lake: Path, sources: Sources, processes: int) -> Run:
    """Read the folder into a lake."""
    lake.mkdir(exist_ok=True)
    began = time.perf_counter()
    summary = build_lake(root, sources, lake, lambda line: print(f"  {line}", flush=True), processes=processes)
    seconds = time.perf_counter() - began
    digest = hashlib.sha256()
    for name in SHOWN:
        digest.update((lake / f"{name}.parquet").read_bytes())
    return Run(seconds, summary.rows["observation"], summary.reused, digest.hexdigest())


def made_here(work: Work, tasks: Sequence[Task], processes: int, done: Done, *_: object) -> dict[Task, Problem]:
    """In place of make_bounded: the same work in this process, as it was done before there were bounds."""
    for task in tasks:
        done(task, work.make(work.shared, task))
    return {}


def main() -> int:
    """Measure and write the page; 1 when the lakes differ, unchanged files were read again, or bounds cost too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workbooks", type=int, default=WORKBOOKS)
    # With others at work on the same cores the comparison says little.
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown 未知"
    workbooks: int = parser.parse_args().workbooks
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "raw"
        root.mkdir()
        print(f"writing {workbooks} workbooks", flush=True)
        for number in range(workbooks):
            (root / f"v{number:05d}.xlsx").write_bytes(workbook(number))
        megabytes = sum(path.stat().st_size for path in root.iterdir()) / 1e6
        sources = declaration(workbooks)
        with patch("ingestion.build.worker_pool.make_bounded", made_here):
            plain = run(root, Path(folder) / "plain", sources, 1)
        one = run(root, Path(folder) / "one", sources, 1)
        many = run(root, Path(folder) / "many", sources, max(2, cores()))
        again = run(root, Path(folder) / "many", sources, max(2, cores()))
    identical = plain.digest == one.digest == many.digest == again.digest
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    text = _PAGE.format(
        plain=plain.seconds, plain_rate=workbooks / plain.seconds, plain_ratio=one.seconds / plain.seconds,
        bounded=one.seconds / plain.seconds, most=MOST_TIMES, workbooks=workbooks,
        megabytes=megabytes, sheets=SHEETS, figures=one.figures, one=one.seconds,
        one_rate=workbooks / one.seconds, many=many.seconds, many_rate=workbooks / many.seconds,
        ratio=one.seconds / many.seconds, again=again.seconds, again_rate=workbooks / again.seconds,
        again_ratio=one.seconds / again.seconds, cores=cores(), version=__version__,
        python=platform.python_version(), peak=peak, load=load, identical="yes 是" if identical else "NO 否",
    )  # fmt: skip
    REPORT.write_text(text, encoding="utf-8")
    print(text)
    return int(not identical or again.reused != workbooks or one.seconds > MOST_TIMES * plain.seconds)


if __name__ == "__main__":
    sys.exit(main())
