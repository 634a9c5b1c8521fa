"""Rows of `scenario_result`: assumptions, baseline, central case, sweeps, break-even and sampling of each scenario.

Belongs here: what a row says and in which unit. Does not belong here: the arithmetic (models_py/scenario).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from catalog.base import Text
from catalog.identity import variant_of
from catalog.parts.scenario import ANSWERS, INPUTS, NOT_AN_ESTIMATE, RESULTS, TARGET, Options
from models_py.parts.rows import as_table, note, together
from models_py.parts.scenario.assumptions import Assumptions, assumptions
from models_py.scenario import TriageResult, break_even, intervals, one_way, sampled, triage, two_way
from models_py.scenario.sweeps import BREAK_EVEN, LEVEL

if TYPE_CHECKING:
    import pandas as pd

    from models_py.scenario import BreakEven

TABLE = "scenario_result"
# How every note begins.
NOT = Text(en=f"{NOT_AN_ESTIMATE.en}.", zh=f"{NOT_AN_ESTIMATE.zh}。")
Rows = Iterator[dict[str, Any]]
OUTCOMES = {
    "reached": Text(en="The gap sought is reached.", zh="可达到目标差距。"),
    "already": Text(en="The gap is no wider than sought without any device.", zh="不采用设备时差距已不大于目标。"),
    "out_of_reach": Text(
        en="The gap sought cannot be reached, not even with every facility equipped.",
        zh="即使全部基层机构配备，也无法达到目标差距。",
    ),
    "wrong_way": Text(
        en="The gap sought cannot be reached: adoption widens the gap.",
        zh="无法达到目标差距：采用使差距扩大。",
    ),
    "no_effect": Text(
        en="The gap sought cannot be reached: adoption does not move the gap.", zh="无法达到目标差距：采用不改变差距。"
    ),
}


def scenario_rows(study: str, options: Options, imbalance: pd.DataFrame | None = None) -> pd.DataFrame:
    """Table `scenario_result` (all columns but data_kind) of one study: its scenario, and its what-if if it has one.

    `imbalance` and errors as in `assumptions`. Same options, same rows.
    """
    rows = [
        {"study": study, "scenario": given.name, "input": "", "second_input": "", **row}
        for given in assumptions(options, imbalance)
        for row in _of(given, options)
    ]
    return as_table(rows, TABLE)


def sampling_text(options: Options) -> Text:
    """How results were sampled."""
    shape = {"triangular": "三角分布", "uniform": "均匀分布"}[options.distribution]
    return Text(
        en=f"Sampled: median and {LEVEL:.0%} interval of {options.draws} draws, seed {options.seed}; every assumption "
        f"but adoption drawn independently from its range ({options.distribution}), adoption held at its value.",
        zh=f"抽样：{options.draws}次抽样的中位数与{LEVEL:.0%}区间，种子{options.seed}；除采用率外各假设在其范围内独立抽取（{shape}），"
        "采用率取定值。",
    )


def _of(given: Assumptions, options: Options) -> Rows:
    own, nobody = given.inputs, replace(given.inputs, adoption=0.0)
    yield from _inputs(given)
    yield from _results(given, "baseline", _baseline(given), Text(en="No device.", zh="无设备。"))
    yield from _results(
        given, "zero_adoption", triage(nobody), Text(en="Nobody adopts: the baseline.", zh="无人采用，即基线。")
    )
    yield from _results(given, "central", triage(own), Text(en="Every input at its value.", zh="各假设取中心值。"))
    for name, side, tried in one_way(own, given.ranges):
        text = Text(
            en=f"One input at the {side} end of its range.",
            zh=f"仅一项假设取范围{'下限' if side == 'low' else '上限'}。",
        )
        yield from _results(given, "one_way", tried.result, text, tried.changed, f"one_way: {name}={side}")
    seen = set()
    for grid in options.two_way:
        for tried in two_way(own, grid):
            run = f"two_way: {variant_of(dict(tried.changed))}"
            text = Text(en="Two inputs changed, the others at their value.", zh="变动两项假设，其余取中心值。")
            if run not in seen:
                yield from _results(given, "two_way", tried.result, text, tried.changed, run)
            seen.add(run)
    yield from _break_even(given, break_even(own, given.target_gap))
    yield from _sampled(given, options)


def _baseline(given: Assumptions) -> Mapping[str, float | None]:
    """The assumptions themselves, in the words of results: not by way of the formulas."""
    own = given.inputs
    total = own.visits_high + own.visits_primary
    return {
        "diverted": 0.0,
        "missed_serious": 0.0,
        "missed_per_10000": None,
        "up_referred": 0.0,
        "visits_high": own.visits_high,
        "visits_primary": own.visits_primary,
        "high_share": own.visits_high / total,
        "primary_share": own.visits_primary / total,
        "occupancy_high": own.occupancy_high,
        "occupancy_primary": own.occupancy_primary,
        "occupancy_gap": own.gap,
        "imbalance_change": 0.0,
        "high_capped": 0.0,
        "primary_capped": 0.0,
    }


def _row(given: Assumptions, kind: str, metric: str, value: Any, text: Text, **more: Any) -> dict[str, Any]:
    unit = RESULTS[metric].unit if metric in RESULTS else ANSWERS[metric].unit
    told = together([NOT, text, given.baseline])
    more = {"run": kind, "unit_en": unit.en, "unit_zh": unit.zh, **more}
    return {"kind": kind, "metric": metric, "value": value, **note(told.en, told.zh), **more}


def _inputs(given: Assumptions) -> Rows:
    for name, kind in INPUTS.items():
        low, high = given.ranges[name]
        told = together([NOT, given.sources[name]])
        yield {
            "run": "inputs",
            "kind": "inputs",
            "metric": name,
            "value": getattr(given.inputs, name),
            "low": low,
            "high": high,
            "unit_en": kind.unit_en,
            "unit_zh": kind.unit,
            **note(told.en, told.zh),
        }


def _results(
    given: Assumptions,
    kind: str,
    result: TriageResult | Mapping[str, float | None],
    text: Text,
    changed: Mapping[str, float] | None = None,
    run: str = "",
) -> Rows:
    """A row for each result of one set of inputs; `changed`: what sets it apart from the central one."""
    found = vars(result) if isinstance(result, TriageResult) else result
    [(first, value), (second, other)] = [*(changed or {}).items(), ("", None), ("", None)][:2]
    for metric in RESULTS:
        yield _row(
            given,
            kind,
            metric,
            found[metric],
            text,
            run=run or kind,
            input=first,
            input_value=value,
            second_input=second,
            second_value=other,
        )


def _break_even(given: Assumptions, even: BreakEven) -> Rows:
    text = OUTCOMES[even.outcome]
    answers = {
        TARGET: even.target_gap,
        BREAK_EVEN: even.adoption,
        "break_even_reached": float(even.outcome == "reached"),
        "gap_fully_equipped": even.gap_fully_equipped,
    }
    for metric, value in answers.items():
        yield _row(given, "break_even", metric, value, text)
    for metric in RESULTS:
        yield _row(given, "break_even", metric, None if even.result is None else getattr(even.result, metric), text)


def _sampled(given: Assumptions, options: Options) -> Rows:
    draws = sampled(
        given.inputs,
        given.uncertain,
        given.target_gap,
        distribution=options.distribution,
        draws=options.draws,
        seed=options.seed,
    )
    text = sampling_text(options)
    for metric, row in intervals(draws).iterrows():
        ends = {"low": row["low"], "high": row["high"]}
        # Of yes and no the share of draws is told, which has no interval.
        if str(metric).endswith("_capped"):
            yield _row(given, "sampled", str(metric), float(draws[metric].mean()), text)
        else:
            yield _row(given, "sampled", str(metric), row["value"], text, **ends)
    reached = float((draws[BREAK_EVEN] <= 1).mean())
    yield _row(given, "sampled", "break_even_reached", reached, text)
