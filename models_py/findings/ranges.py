"""F-M9: whether the smallest and largest figures a paper prints can be those of the 31 provinces.

Belongs here: that comparison. Does not belong here: computing ranges (econometrics/summary.py) and judging a file's
figures for plausibility (expectations/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from models_py.findings.counterparts import COUNTERPARTS, MSPI_PAPER
from models_py.findings.inputs import Finding, FindingInputs, both, verdict
from models_py.findings.printed import Figure, in_printed_unit


@dataclass(frozen=True)
class Bound:
    """A printed extreme in doubt: the contradiction is an own one `below`, or `above`, it."""

    row: str
    column: Literal["min", "max"]
    own: Literal["below", "above"]


# Domain section 4.1, F-M9: a minimum above Tibet's, a maximum below it, a minimum no province comes down to.
BOUNDS = (
    Bound("population_density", "min", "below"),
    Bound("urbanization_rate", "min", "below"),
    Bound("gdp_per_capita", "min", "above"),
    Bound("fiscal_expenditure_per_capita", "max", "above"),
)
_WORDS = {
    ("min", "below"): Text(en="below the printed minimum", zh="低于论文最小值"),
    ("min", "above"): Text(en="above the printed minimum", zh="高于论文最小值"),
    ("max", "below"): Text(en="below the printed maximum", zh="低于论文最大值"),
    ("max", "above"): Text(en="above the printed maximum", zh="高于论文最大值"),
}


def printed_ranges(inputs: FindingInputs) -> Finding:
    """F-M9. Holds when at least one extreme of these data lies beyond half a printed unit on the side that contradicts
    the printed one (density and urbanization below the printed minimum, GDP per capita never as low as it, fiscal
    expenditure above the printed maximum): the printed sample is then not the 31 provinces at current prices. Does not
    hold when all four agree with what is printed. Not testable on synthetic data, without a paper, or without any of
    the four variables.
    """
    title = Text(
        en="Smallest and largest figures printed in Table 1 against the 31 provinces",
        zh="表1所列最小值、最大值与31个省份的对照",
    )
    places = [("Table 1", bound.column, bound.row) for bound in BOUNDS]
    printed = {bound: inputs.printed.get(*place) for bound, place in zip(BOUNDS, places, strict=True)}
    figures = {bound: found for bound, found in printed.items() if found is not None}
    published = implied = None
    if figures:
        listed = "; ".join(f"{bound.row} {bound.column} {figure}" for bound, figure in figures.items())
        published = both(listed, "；".join(f"{_label(inputs, b).zh}{_SIDE[b.column]}{f}" for b, f in figures.items()))
        implied = both(
            "Tibet lies outside, and no province came down to the GDP minimum: not 31 provinces at current prices",
            "西藏在该范围之外，且无省份低至该GDP最小值：并非31个省份的当年价数据",
        )
    english, chinese, contradictions = [], [], []
    for bound, figure in printed.items():
        own = _own(inputs, bound)
        if own is None:
            continue
        value, where = _value(bound, own, figure), str(own[f"{bound.column}_at"])
        label = _label(inputs, bound)
        number = f"{value:,.{(figure.decimals if figure is not None else None) or 1}f}"
        if figure is not None and inputs.data_kind == "real":
            gap = value - figure.value
            contradicts = gap < -figure.half_unit if bound.own == "below" else gap > figure.half_unit
            contradictions.append(contradicts)
            words = _WORDS[bound.column, bound.own]
            mark = f", {words.en} {figure}" if contradicts else f", printed {figure}"
            mark_zh = f"，{words.zh}{figure}" if contradicts else f"，论文为{figure}"
        else:
            mark = mark_zh = ""
        english.append(f"{label.en}: {bound.column} {number} ({where}){mark}.")
        chinese.append(f"{label.zh}：{_SIDE[bound.column]}{number}（{where}）{mark_zh}。")
    observed = Text(
        en=" ".join(english) or "None of the four variables is in the study.",
        zh="".join(chinese) or "本研究不含这四个变量。",
    )
    holds = any(contradictions) if contradictions else None
    return inputs.finding("F-M9", title, published, implied, observed, verdict(holds))


_SIDE = {"min": "最小值", "max": "最大值"}


def _own(inputs: FindingInputs, bound: Bound) -> pd.Series | None:
    names = COUNTERPARTS[MSPI_PAPER]
    summary = inputs.summary_statistic
    rows = summary[
        (summary["table_no"] == names.statistics["Table 1"]) & (summary["variable"] == names.variables[bound.row])
    ]
    return None if rows.empty else rows.iloc[0]


def _value(bound: Bound, own: pd.Series, figure: Figure | None) -> float:
    value = float(own[bound.column])
    if figure is None:
        return value
    return in_printed_unit(value, own["unit"], figure.unit, f"Table 1, {bound.column}, {bound.row}")


def _label(inputs: FindingInputs, bound: Bound) -> Text:
    variable = inputs.study.controls.variables.get(COUNTERPARTS[MSPI_PAPER].variables[bound.row])
    if variable is None:
        return Text(en=bound.row, zh=bound.row)
    label = load_registry().indicators[variable.indicator].label
    return Text(en=label.en, zh=label.zh)
