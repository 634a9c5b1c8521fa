"""Tables that list rows: summary statistics and estimates that are no columns of a regression table.

Belongs here: which columns they print. Does not belong here: regressions side by side (regression.py), design and curve
(evidence.py).
"""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from catalog import Study, load_registry
from catalog.base import Text
from catalog.labels import effect_label, inner, load_labels, method_label, model_label, variable_label
from models_py.figures.names import stem_of
from medpanel.report.regression import term_label
from models_py.figures.table import (
    NOTHING,
    ReportTable,
    Row,
    both,
    chinese_number,
    number,
    p_number,
    stacked,
    stars,
)

# A province's two names, its code, the year; how many rows have the same value.
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
_ESTIMATES = (
    "模型\nModel",
    "方法\nMethod",
    "估计值\nEstimate",
    "标准误\nSE",
    "置信区间\nInterval",
    "p值\np",
    "自由度\ndf",
)


def summary_table(rows: pd.DataFrame, study: Study, table_no: str, synthetic: bool) -> ReportTable:
    """Summary statistics (rows of `summary_statistic` of one table) in natural units."""
    body = []
    for row in rows.sort_values("position").to_dict("records"):
        label = variable_label(study, row["variable"], transformed=False)
        decimals = 0 if abs(row["max"]) >= 10_000 else 1 if abs(row["max"]) >= 100 else 3
        # The mean of a standardised variable is zero but for rounding.
        numbers = [
            number(0.0 if abs(row[name]) < 1e-9 * row["sd"] else float(row[name]), decimals)
            for name in ("mean", "sd", "min", "max")
        ]
        where = (_place(row["min_at"]), _place(row["max_at"]))
        cells = (_unit(row["unit"]), number(float(row["n"]), 0), *numbers, *where)
        body.append(Row(stacked(label), tuple(cells)))
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
                zh=f"{study.years[0]}—{study.years[1]}年，省年观测，自然单位；标准差除数为 n−1。",
                en=f"Province-years of {study.years[0]}-{study.years[1]}, natural units; SD divides by n − 1.",
            ),
        ),
        synthetic=synthetic,
    )


def _unit(unit: Any) -> str:
    if pd.isna(unit):
        return NOTHING
    known = load_registry().units.get(str(unit))
    words = {"standard deviations": Text(zh="标准差", en="SD"), "share": Text(zh="占比", en="share")}
    text = words.get(str(unit), Text(zh=str(unit), en=known.en if known is not None else str(unit)))
    return stacked(text)


def _place(text: Any) -> str:
    if pd.isna(text):
        return NOTHING
    place = _PLACE.fullmatch(str(text))
    if place is None:
        return str(text)
    return f"{place[1]}\n{place[2]} {place[3]}" + (f" {place[4]}" if place[4] else "")


def estimates_table(rows: pd.DataFrame, study: Study, table_no: str, synthetic: bool) -> ReportTable:
    """Estimates that are no columns of a regression table: one row each, with method, interval and p-value."""
    body = []
    for row in rows.to_dict("records"):
        label = both(term_label(study, row["term"]))
        effect = "" if row["effect"] == "coef" else f"\n{both(effect_label(row['effect']))}"
        interval = f"[{number(row['ci_low'])}, {number(row['ci_high'])}]" if pd.notna(row["ci_low"]) else NOTHING
        cells = (
            stacked(model_label(row["model"])),
            stacked(method_label(row["method"])),
            f"{number(row['estimate'])}{stars(row['p_value'])}",
            number(row["std_error"]),
            interval,
            p_number(row["p_value"]),
            number(row["df"], 0),
        )
        body.append(Row(f"{label}{effect}", cells))
    levels = sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})
    share = "、".join(levels) or NOTHING
    mediation = study.mediation is not None and table_no == study.mediation.table_no
    notes = [
        Text(
            zh=f"区间水平 {share}；* p < 0.10，** p < 0.05，*** p < 0.01；–：该方法不给出。结果为关联，非因果效应。",
            en=f"Intervals: {share}; * p < 0.10, ** p < 0.05, *** p < 0.01; –: not given by the method. "
            "Associations, not effects.",
        )
    ]
    if mediation:
        notes.append(
            Text(
                zh="系数乘积：各分指数是总指数的组成部分，乘积只是分解，不构成机制或中介。",
                en="Products of coefficients: the sub-indices are parts of the index, so the products decompose it; "
                "nothing here is a mechanism or mediation.",
            )
        )
    return ReportTable(
        stem=stem_of(table_no),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.title.zh}：" + ("系数乘积" if mediation else "估计值与推断方法"),
            en=f"{table_no}. {study.title.en}: " + ("products of coefficients" if mediation else "estimates by method"),
        ),
        header=(_ESTIMATES,),
        rows=tuple(body),
        notes=tuple(notes),
        synthetic=synthetic,
    )


def inference_table(rows: pd.DataFrame, study: Study, table_no: str, synthetic: bool) -> ReportTable | None:
    """The headline's term in every model of a table under every method of inference: p-value over interval.

    None unless some model has more than one method. Rows of `estimate`.
    """
    term = study.headline.term
    rows = rows[(rows["term"] == term) & (rows["effect"] == "coef")]
    known = list(load_labels().methods)
    methods = sorted(set(rows["method"]), key=lambda m: (known.index(m) if m in known else len(known), m))
    if len(methods) < 2:
        return None
    body = []
    for model, part in rows.groupby("model", sort=False):
        found = part.set_index("method")[["estimate", "p_value", "ci_low", "ci_high"]].astype("float64")
        cells = [number(float(found["estimate"].iloc[0]))]
        for method in methods:
            if method not in found.index:
                cells.append(NOTHING)
                continue
            p_value, low, high = found.loc[method, ["p_value", "ci_low", "ci_high"]].tolist()
            interval = f"[{number(low)}, {number(high)}]" if math.isfinite(low) else NOTHING
            cells.append(f"{p_number(p_value)}\n{interval}")
        body.append(Row(stacked(model_label(str(model))), tuple(cells)))
    levels = sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})
    label = variable_label(study, term)
    return ReportTable(
        stem=stem_of(table_no, "inference"),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.title.zh}：{label.zh}系数的推断",
            en=f"{table_no}. {study.title.en}: inference on {inner(label.en)}",
        ),
        header=(("系数\nCoefficient", *(stacked(method_label(method)) for method in methods)),),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"上为双侧p值，下为{'、'.join(levels)}区间；–：未计算或该方法不给出。"
                "抽样次数、种子与做法见数据表 spec_test。关联，非因果效应。",
                en=f"Two-sided p-value over the {', '.join(levels)} interval; –: not computed, or not given by the "
                "method. Draws, seeds and conventions: table spec_test. Associations, not effects.",
            ),
        ),
        synthetic=synthetic,
    )
