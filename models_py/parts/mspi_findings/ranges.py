"""F-M9: whether the smallest and largest figures a paper prints can be those of the 31 provinces.

Belongs here: that comparison. Does not belong here: computing ranges (parts/regressions/summary.py) and judging a
file's figures for plausibility (expectations/).
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from catalog.base import Text
from catalog.papers import paper_named
from models_py.parts.comparison.printed import in_printed_unit
from models_py.parts.mspi_findings.inputs import PAPER, FindingInputs, Observation, observed

SIDES_ZH = {"min": "最小值", "max": "最大值"}


@dataclass(frozen=True)
class Bound:
    """A printed extreme in doubt: the contradiction is an own one `below`, or `above`, it."""

    row: str
    column: Literal["min", "max"]
    own: Literal["below", "above"]
    zh: str


# Domain section 4.1, F-M9: minima above Tibet's, a minimum no province comes down to, a maximum below Tibet's.
BOUNDS = (
    Bound("population_density", "min", "below", "人口密度"),
    Bound("urbanization_rate", "min", "below", "城镇化率"),
    Bound("gdp_per_capita", "min", "above", "人均地区生产总值"),
    Bound("fiscal_expenditure_per_capita", "max", "above", "人均财政支出"),
)
_WORDS_ZH = {"below": "低于论文所列", "above": "高于论文所列"}


def printed_ranges(inputs: FindingInputs) -> Observation:
    """F-M9. Holds when at least one extreme of these data lies more than half a printed unit on the side that
    contradicts the printed one (density and urbanization below the printed minimum, GDP per capita never as low as it,
    fiscal expenditure above the printed maximum): the printed sample is then not the 31 provinces at current prices.
    Does not hold when none does. Not testable on synthetic data, without a paper, or without any of the variables.
    """
    texts, contradictions = [], []
    for bound in BOUNDS:
        own = _own(inputs, bound)
        if own is None:
            continue
        figure = inputs.printed.get("Table 1", bound.column, bound.row)
        value, where = float(own[bound.column]), str(own[f"{bound.column}_at"])
        if figure is not None:
            place = f"Table 1, {bound.column}, {bound.row}"
            value = in_printed_unit(value, own["unit"], figure.unit, paper_named(PAPER).units, place)
        number = f"{value:,.{1 if figure is None or figure.decimals is None else figure.decimals}f}"
        mark = mark_zh = ""
        if figure is not None and inputs.data_kind == "real":
            gap = value - figure.value
            found = gap < -figure.half_unit if bound.own == "below" else gap > figure.half_unit
            contradictions.append(found)
            mark = f", {bound.own} the printed {figure}" if found else f", printed {figure}"
            mark_zh = f"，{_WORDS_ZH[bound.own]}{figure}" if found else f"，论文为{figure}"
        texts.append(
            Text(
                en=f"{bound.row.replace('_', ' ')}: {bound.column} {number} ({where}){mark}.",
                zh=f"{bound.zh}：{SIDES_ZH[bound.column]}{number}（{where}）{mark_zh}。",
            )
        )
    if not texts:
        return Observation(Text(en="None of the four variables is in the study.", zh="本研究不含这四个变量。"), None)
    return observed(texts, any(contradictions) if contradictions else None)


def _own(inputs: FindingInputs, bound: Bound) -> pd.Series | None:
    names, summary = paper_named(PAPER), inputs.summary_statistic
    table, variable = names.statistics["Table 1"], names.variables[bound.row]
    rows = summary[(summary["table_no"] == table) & (summary["variable"] == variable)]
    return None if rows.empty else rows.iloc[0]
