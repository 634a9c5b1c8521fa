"""Names and sentences of convergence, made from published rows.

Belongs here: words. Does not belong here: drawing, computing.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from catalog.base import Text
from models_py.figures.table import number, p_number

FORM = {"absolute": Text(en="absolute", zh="绝对"), "conditional": Text(en="conditional", zh="条件")}
NOT_SHOWN = Text(
    en="An association between start and growth: errors in the first year and regression to the mean make the slope "
    "negative even where nothing converges, so the spread (sigma) is what to look at first.",
    zh="仅为初始水平与增长的关联：首年误差与均值回归即可使斜率为负，应先看离散程度（σ）。",
)
BANDS = Text(
    en="Bands: jackknife over places; they show how much a figure hangs on single ones.",
    zh="色带：逐一剔除地区的刀切法区间，反映数值对个别地区的依赖。",
)


def sigma_reading(rows: pd.DataFrame) -> Text:
    """How the coefficient of variation went from the first to the last year. `rows`: one variable and region."""
    known = rows.dropna(subset=["cv"]).sort_values("year")
    if len(known) < 2:
        return Text(en="No two years to compare.", zh="不足两年，无从比较。")
    first, last = known.iloc[0], known.iloc[-1]
    falls, steps = int((known["cv"].diff().dropna() < 0).sum()), len(known) - 1
    lower = bool(last["cv"] < first["cv"])
    apart = bool(last["cv_high"] < first["cv_low"] or last["cv_low"] > first["cv_high"])
    word = Text(en="fell", zh="下降") if lower else Text(en="rose", zh="上升")
    clear = Text(en="their intervals do not meet", zh="两者区间不重叠")
    unclear = Text(en="their intervals overlap", zh="两者区间重叠")
    said = clear if apart else unclear
    ends = [number(float(one["cv"])) for one in (first, last)]
    return Text(
        en=f"The coefficient of variation {word.en} from {ends[0]} to {ends[1]} ({falls} of {steps} steps fall); "
        f"{said.en}.",
        zh=f"变异系数由{ends[0]}{word.zh}至{ends[1]}（{steps}步中{falls}步下降）；{said.zh}。",
    )


def beta_reading(row: Mapping[Any, Any]) -> Text:
    """What one slope says, in years."""
    if pd.isna(row["estimate"]):
        return Text(en=str(row["note_en"]), zh=str(row["note_zh"]))
    p = p_number(float(row["p_value"]))
    if row["ci_low"] < 0 < row["ci_high"]:
        return Text(en=f"No clear association (p {p}): the interval holds zero.", zh=f"无明确关联（p {p}）：区间含零。")
    if row["estimate"] > 0:
        return Text(en=f"Places that started higher grew faster (p {p}).", zh=f"初始高者增长更快（p {p}）。")
    half = number(float(row["half_life"]), 0)
    return Text(
        en=f"Places that started lower grew faster (p {p}); at this rate half of a gap is gone in {half} years.",
        zh=f"初始低者增长更快（p {p}）；照此速度差距减半需{half}年。",
    )
