"""What the tables and figures of inequality are called, and what its numbers do and do not say.

Belongs here: names, classes of the Gini, sentences made from published rows. Does not belong here: drawing, computing.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from models_py.panel import Panel

PER = {
    "population": Text(en="by population", zh="按人口"),
    "area": Text(en="by area", zh="按面积"),
}
# Upper ends of the classes customary in this literature; the last has none.
_CLASSES = (
    (0.2, Text(en="near equal", zh="高度均等")),
    (0.3, Text(en="relatively equal", zh="相对均等")),
    (0.4, Text(en="reasonable", zh="比较合理")),
    (0.5, Text(en="large gap", zh="差距较大")),
    (1.01, Text(en="severe gap", zh="差距悬殊")),
)


def interval_note(panel: Panel) -> Text:
    """What the intervals are, and what they are not where the panel's units are all there are."""
    unit = panel.unit
    alone = (
        Text(en=" These are all there are, so it is no sampling error.", zh="单位为全部而非样本，故并非抽样误差。")
        if unit.complete
        else Text(en="", zh="")
    )
    return Text(
        en=f"Intervals: jackknife over {unit.many.en}; they show how much a figure hangs on single ones.{alone.en}",
        zh=f"区间：逐一剔除{unit.one.zh}的刀切法，反映数值对个别{unit.one.zh}的依赖。{alone.zh}",
    )


def description_note(panel: Panel) -> Text:
    """That this describes a distribution, and which."""
    unit = panel.unit
    return Text(
        en=f"A description of how resources are spread between {unit.many.en}, not within them; no effect of anything.",
        zh=f"仅描述资源在各{unit.one.zh}之间的分布，不反映其内部差异，亦不表示任何因素的效应。",
    )


def resource_name(resource: str) -> Text:
    """The registry's label of a resource."""
    return load_registry().indicators[resource].label


def gini_class(gini: float) -> Text:
    """The customary class of a Gini coefficient: below 0.2, 0.3, 0.4, 0.5 and above."""
    return next(text for end, text in _CLASSES if gini < end)


def steps_of(rows: pd.DataFrame) -> tuple[int, int]:
    """How many year-to-year steps of a Gini coefficient fall, and how many steps there are. `rows`: year, gini."""
    steps = rows.dropna(subset=["gini"]).sort_values("year")["gini"].diff().dropna()
    return int((steps < 0).sum()), len(steps)


def trend(gini: pd.DataFrame, change: Mapping[Any, Any] | None) -> Text:
    """What "falling since the first year" says of one series and what it does not. `gini`: year, gini of one resource
    and basis; `change`: the row gini_change of the last year.
    """
    known = gini.dropna(subset=["gini"]).sort_values("year")
    if len(known) < 2:
        return Text(en="No two years to compare.", zh="不足两年，无从比较。")
    first, last = known.iloc[0], known.iloc[-1]
    falls, steps = steps_of(known)
    lower = bool(last["gini"] < first["gini"])
    english, chinese = ("lower", "低于") if lower else ("not lower", "不低于")
    held = change is not None and pd.notna(change["low"]) and (change["high"] < 0 or change["low"] > 0)
    beyond = Text(en="", zh="")
    if change is not None and pd.notna(change["low"]):
        beyond = (
            Text(en="; the interval of the change leaves out zero", zh="；变化的区间不含零")
            if held
            else Text(en="; the interval of the change holds zero", zh="；变化的区间含零")
        )
    return Text(
        en=f"{int(last['year'])} is {english} than {int(first['year'])}, and {falls} of {steps} years fall{beyond.en}.",
        zh=f"{int(last['year'])}年{chinese}{int(first['year'])}年，{steps}个逐年变化中{falls}个下降{beyond.zh}。",
    )
