"""The assumptions of one scenario: those of the study file, its baseline from table `imbalance` if asked, and what is
changed in a what-if.

Belongs here: putting them together, and where each comes from. Does not belong here: what follows from them (rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalog.base import Text, refuse
from catalog.parts.scenario import BASELINE, TARGET, TIERS, Options
from models_py.panel import lacking
from models_py.scenario import ScenarioError, TriageInputs

if TYPE_CHECKING:
    import pandas as pd

# Columns of table `imbalance` by the beginning of the inputs they give: visits in 10^4, occupancy in %.
_COLUMNS = {"visits": "visits", "occupancy": "bed_occupancy"}
_SET = Text(en="Set for this what-if, not in the study's scenario.", zh="为本次假设推演所设，非本研究设定。")


@dataclass(frozen=True)
class Assumptions:
    """Everything one scenario rests on.

    `ranges`: low and high of every input, one point where nothing is swept; `sources`: where each comes from.
    """

    name: str
    inputs: TriageInputs
    ranges: Mapping[str, tuple[float, float]]
    sources: Mapping[str, Text]
    target_gap: float
    baseline: Text

    @property
    def uncertain(self) -> dict[str, tuple[float, float]]:
        """What is drawn at random: every input but adoption, which is a decision."""
        return {name: ends for name, ends in self.ranges.items() if name != "adoption"}


def baseline_text(options: Options) -> Text:
    """Which figures a scenario starts from."""
    en, zh = ("table imbalance", "数据表imbalance") if options.from_table else ("figures declared", "研究文件所列数值")
    scope = {"nation": "全国"}.get(options.scope, options.scope)
    return Text(en=f"Baseline: {en}, {options.scope} {options.year}.", zh=f"基线：{zh}（{scope}，{options.year}年）。")


def assumptions(options: Options, imbalance: pd.DataFrame | None) -> list[Assumptions]:
    """The study's own scenario and, if something is to be changed, the what-if beside it.

    `imbalance`: rows of that table of this study (scope, year, facility_type, visits, bed_occupancy), read if
    `options.from_table`. Raises ScenarioError for a row or figure that is not there, and for impossible inputs.
    """
    values = {name: spec.value for name, spec in options.inputs.items()}
    ranges = {name: (spec.low, spec.high) for name, spec in options.inputs.items()}
    sources = {name: spec.source for name, spec in options.inputs.items()}
    if options.from_table:
        read = _from_table(options, imbalance)
        values, sources = {**values, **read}, {**sources, **dict.fromkeys(read, baseline_text(options))}
        ranges = {**ranges, **{name: (value, value) for name, value in read.items()}}
    own = Assumptions(
        options.scenario, TriageInputs(**values), ranges, sources, options.target_gap, baseline_text(options)
    )
    return [own, _changed(own, options)] if options.what_if else [own]


def _changed(own: Assumptions, options: Options) -> Assumptions:
    """What is set is taken as given: it has no range, and no source but the one who set it."""
    changed = {name: value for name, value in options.what_if.items() if name != TARGET}
    return replace(
        own,
        name=options.called,
        inputs=replace(own.inputs, **changed),
        ranges={**own.ranges, **{name: (value, value) for name, value in changed.items()}},
        sources={**own.sources, **dict.fromkeys(options.what_if, _SET)},
        target_gap=options.what_if.get(TARGET, own.target_gap),
    )


def _from_table(options: Options, imbalance: pd.DataFrame | None) -> dict[str, float]:
    """Visits and occupancies of both tiers from the rows of the scope and year."""
    import pandas as pd

    frame = pd.DataFrame() if imbalance is None else imbalance
    absent = lacking(frame, ["scope", "year", "facility_type", *_COLUMNS.values()])
    refuse(
        (frame.empty, "the baseline is read from table imbalance, which has no row; run the study's part imbalance"),
        (absent, "table imbalance lacks the columns {}"),
        error=ScenarioError,
    )
    rows = frame[(frame["scope"] == options.scope) & (frame["year"] == options.year)]
    found = {}
    for name in BASELINE:
        kind, tier = name.split("_")
        cells = rows.loc[rows["facility_type"] == TIERS[tier], _COLUMNS[kind]].dropna()
        where = f"table imbalance, {options.scope} {options.year}, {TIERS[tier]}"
        there = ", ".join(
            sorted({f"{scope} {year}" for scope, year in zip(frame["scope"], frame["year"], strict=True)})
        )
        refuse(
            (len(cells) != 1, f"{where}: {len(cells)} figures of {_COLUMNS[kind]}, expected one; there is {there}"),
            error=ScenarioError,
        )
        found[name] = float(cells.iloc[0])
    return found
