"""The scenario as tables: its assumptions, and its results beside the baseline with missed serious cases among them.

Belongs here: rows and columns of the tables. Does not belong here: the numbers (rows.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts.scenario import ANSWERS, INPUTS, NOT_AN_ESTIMATE, RESULTS, Metric, Options
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number, stacked
from models_py.parts.scenario.assumptions import baseline_text
from models_py.parts.scenario.rows import NOT, sampling_text
from models_py.scenario.sweeps import BREAK_EVEN

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "baseline": Text(zh="基线", en="Baseline"),
    "zero_adoption": Text(zh="无人采用", en="Zero adoption"),
    "central": Text(zh="中心值", en="Central"),
}
_INPUTS: tuple[Cell, ...] = (
    Text(zh="取值", en="Value"),
    Text(zh="范围", en="Range"),
    Text(zh="单位", en="Unit"),
    Text(zh="来源或理由", en="Source or reason"),
)
_SAMPLED = Text(zh="抽样中位数 [90 %区间]", en="Sampled median [90 % interval]")
_NEVER = Text(zh="不可达", en="not reached")
Cells = Mapping[tuple[str, str, str], tuple[float, float, float]]


def results_table(rows: pd.DataFrame, options: Options, title: Text, synthetic: bool) -> ReportTable:
    """Results of every scenario of one study: baseline and zero adoption once, then each scenario.

    `rows`: table `scenario_result`, made with `options`.
    """
    scenarios = sorted(rows["scenario"].drop_duplicates(), key=lambda name: name != options.scenario)
    numbers = ["value", "low", "high"]
    keys = zip(rows["scenario"], rows["run"], rows["metric"], strict=True)
    cells: Cells = dict(zip(keys, map(tuple, rows[numbers].to_numpy(dtype="float64").tolist()), strict=True))
    header = [*(_COLUMNS[run] for run in ("baseline", "zero_adoption")), *_headers(scenarios, options.scenario)]
    body = [
        Row(_named(metric), _cells(cells, name, metric, scenarios), 0)
        for name, metric in RESULTS.items()
        if not name.endswith("_capped") or _binds(rows, name)
    ]
    body += [Row(_named(metric), _answers(cells, name, metric, scenarios), 1) for name, metric in ANSWERS.items()]
    notes = [
        Text(en=f"{NOT_AN_ESTIMATE.en}: arithmetic from assumptions.", zh=f"{NOT_AN_ESTIMATE.zh}：由假设推算而来。"),
        baseline_text(options),
        sampling_text(options),
        Text(
            en="A missed serious case is one the device sends to primary care though it needs the high tier. "
            f"{NOTHING}: none (nobody diverted, or not reached).",
            zh=f"漏判的重症：需高层级诊疗而被设备判给基层者。{NOTHING}：无（无人分流，或不可达）。",
        ),
    ]
    if not any(_binds(rows, name) for name in RESULTS if name.endswith("_capped")):
        notes.append(Text(en="The cap of 100 % binds nowhere here.", zh="使用率100%的上限在此未起作用。"))
    return ReportTable("scenario_results", title, (tuple(header),), tuple(body), tuple(notes), synthetic)


def inputs_table(rows: pd.DataFrame, title: Text, synthetic: bool, *, brief: bool = False) -> ReportTable:
    """Every assumption of a scenario with value, range, unit and where it comes from. `rows`: those of one scenario.

    `brief`: under the names by which they are set, without sources.
    """
    found = rows[rows["run"] == "inputs"].set_index("metric")
    body = []
    for name, kind in INPUTS.items():
        row = found.loc[name]
        unit = Text(zh=kind.unit, en=kind.unit_en)
        span = NOTHING if row["low"] == row["high"] else f"{row['low']:,.6g} – {row['high']:,.6g}"
        told = Text(zh=row["note_zh"].removeprefix(NOT.zh), en=row["note_en"].removeprefix(NOT.en).strip())
        cells = (f"{row['value']:,.6g}", span, unit, told)
        body.append(Row(name, cells[:-1]) if brief else Row(kind.label, cells))
    notes = (Text(en=f"{NOT_AN_ESTIMATE.en}. {NOTHING}: not swept.", zh=f"{NOT_AN_ESTIMATE.zh}。{NOTHING}：不变动。"),)
    if brief:
        return ReportTable("scenario_assumptions", title, (_INPUTS[:-1],), tuple(body), notes, synthetic)
    return ReportTable("scenario_assumptions", title, (_INPUTS,), tuple(body), notes, synthetic, text_columns=(3,))


def _headers(scenarios: list[str], own: str) -> list[Cell]:
    """Central and sampled column of each scenario; those of a what-if say what was changed."""
    changed = [scenario.removeprefix(own).removeprefix(": ") for scenario in scenarios]
    return [stacked(head, what) for what in changed for head in (_COLUMNS["central"], _SAMPLED)]


def _named(metric: Metric) -> Text:
    return Text(en=f"{metric.label.en} ({metric.unit.en})", zh=f"{metric.label.zh}（{metric.unit.zh}）")


def _binds(rows: pd.DataFrame, metric: str) -> bool:
    """Whether a cap binds in what the table shows."""
    shown = rows[(rows["metric"] == metric) & rows["run"].isin(["central", "sampled", "break_even"])]
    return bool((shown["value"] > 0).any())


def _cells(cells: Cells, name: str, metric: Metric, scenarios: list[str]) -> tuple[str, ...]:
    given = [_value(cells, (scenarios[0], run, name), metric) for run in ("baseline", "zero_adoption")]
    for scenario in scenarios:
        given += [_value(cells, (scenario, run, name), metric) for run in ("central", "sampled")]
    return tuple(given)


def _answers(cells: Cells, name: str, metric: Metric, scenarios: list[str]) -> tuple[Cell, ...]:
    given: list[str] = []
    for scenario in scenarios:
        given += [_value(cells, (scenario, run, name), metric) for run in ("break_even", "sampled")]
    never: Cell = _NEVER if name == BREAK_EVEN else NOTHING
    return (NOTHING, NOTHING, *(never if text == NOTHING else text for text in given))


def _value(cells: Cells, key: tuple[str, str, str], metric: Metric) -> str:
    """A number, with its interval if it has one; a dash for none."""
    value, *ends = cells.get(key, (math.nan, math.nan, math.nan))
    shown = number(value, metric.decimals)
    if math.isnan(ends[0]):
        return shown
    low, high = (number(end, metric.decimals) if not math.isnan(end) else "∞" for end in ends)
    return f"{shown}\n[{low}, {high}]"
