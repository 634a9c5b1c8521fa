"""The table of summary statistics, in natural units.

Belongs here: which columns it prints. Does not belong here: the statistics (summary.py).
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from catalog import Study, load_registry
from catalog.base import Text
from catalog.labels import variable_label
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.table import NOTHING, ReportTable, Row, number, stacked
from models_py.panel import Panel

# An entity's two names, its code, the year; how many rows have the same value.
_PLACE = re.compile(r"(\S+) (.+) \(\d{6}\) (\d{4})(?: (\(\+\d+\)))?")
_SUMMARY = (
    "单位\nUnit",
    "观测数\nN",
    "均值\nMean",
    "标准差\nSD",
    "最小值\nMin",
    "最大值\nMax",
    "最小值所在\nMin at",
    "最大值所在\nMax at",
)
_WORDS = {"standard deviations": Text(zh="标准差", en="SD"), "share": Text(zh="占比", en="share")}


def summary_table(rows: pd.DataFrame, study: Study, panel: Panel, table_no: str, synthetic: bool) -> ReportTable:
    """Summary statistics (rows of `summary_statistic` of one table) in natural units."""
    body = [_row(row, study) for row in rows.sort_values("position").to_dict("records")]
    first, last = study.years
    unit = panel.unit.one
    short = "省" if panel.unit.id == "province" else unit.zh
    return ReportTable(
        stem=stem_of(table_no),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.title.zh}：描述性统计",
            en=f"{table_no}. {study.title.en}: summary statistics",
        ),
        header=(_SUMMARY,),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"{first}—{last}年，{short}年观测，自然单位；标准差除数为 n−1。",
                en=f"{unit.en.capitalize()}-years of {first}-{last}, natural units; SD divides by n − 1.",
            ),
        ),
        synthetic=synthetic,
    )


def _row(row: dict[Any, Any], study: Study) -> Row:
    label = variable_label(study, row["variable"], transformed=False)
    decimals = 0 if abs(row["max"]) >= 10_000 else 1 if abs(row["max"]) >= 100 else 3
    # The mean of a standardised variable is zero but for rounding.
    numbers = [
        number(0.0 if abs(row[name]) < 1e-9 * row["sd"] else float(row[name]), decimals)
        for name in ("mean", "sd", "min", "max")
    ]
    cells = (_unit(row["unit"]), number(float(row["n"]), 0), *numbers, _place(row["min_at"]), _place(row["max_at"]))
    return Row(stacked(label), cells)


def _unit(unit: Any) -> str:
    if pd.isna(unit):
        return NOTHING
    known = load_registry().units.get(str(unit))
    text = _WORDS.get(str(unit), Text(zh=str(unit), en=known.en if known is not None else str(unit)))
    return stacked(text)


def _place(text: Any) -> str:
    if pd.isna(text):
        return NOTHING
    place = _PLACE.fullmatch(str(text))
    if place is None:
        return str(text)
    return f"{place[1]}\n{place[2]} {place[3]}" + (f" {place[4]}" if place[4] else "")
