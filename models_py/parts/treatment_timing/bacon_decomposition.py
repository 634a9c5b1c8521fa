"""The comparisons of cohorts a two-way fixed-effects coefficient of a binary exposure averages (Goodman-Bacon 2021).

Belongs here: the decomposition into two-by-two comparisons and its summary.
Does not belong here: weights of single entities and years (twfe_weights.py), estimators that avoid some comparisons.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.panels import PanelUnit
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.rows import note
from models_py.parts.treatment_timing.adoption import ALWAYS, NEVER, UNKNOWN, codes

TREATED, CONTROL, KIND, WEIGHT, ESTIMATE = "treated", "control", "kind", "weight", "estimate"


def kinds_of(unit: PanelUnit) -> dict[str, Text]:
    """Kinds of comparison, each with what it compares."""
    many, zh = unit.many.en, unit.one.zh
    return {
        "earlier_vs_later": Text(
            en="first exposed earlier against later, before the later begin", zh="较早暴露对尚未暴露的较晚组"
        ),
        "later_vs_earlier": Text(
            en="first exposed later against earlier, already exposed: a comparison that misleads when associations "
            "change with time since exposure",
            zh="较晚暴露对已暴露的较早组（关联随暴露时间变化时有误导性）",
        ),
        "versus_never": Text(en=f"against {many} never exposed", zh=f"对从未暴露{zh}"),
        "versus_always": Text(
            en=f"against {many} exposed throughout: misleading in the same way", zh=f"对始终暴露{zh}（同样可能误导）"
        ),
    }


def bacon_decomposition(data: ModelData, adoption: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """Every two-by-two comparison: treated, control (first years, or never / always), kind, weight, estimate.

    The binary exposure is 1 from the first year of exposure on (0 never, 1 always); no controls, no trends, effects
    of entities and years. Weights sum to one and weight x estimate sums to that model's coefficient exactly, which
    needs every entity in every year: those with an empty outcome or unknown first exposure are left out (second value).
    Formulas: Goodman-Bacon (2021), theorem 1, entities exposed throughout treated like those never exposed.

    Raises EstimationError when no complete entity is seen both before and after exposure, or no two groups differ.
    """
    wide = data.frame.pivot(index=ENTITY, columns="year", values=data.outcome)
    out = sorted({*map(int, wide.index[wide.isna().any(axis=1)]), *codes(adoption, UNKNOWN)} & set(wide.index))
    wide = wide.drop(index=out)
    years = wide.columns.to_numpy()
    groups = {code: _group(adoption, code) for code in wide.index}
    sizes = pd.Series(groups).value_counts()
    paths = {group: wide[[groups[c] == group for c in wide.index]].mean().to_numpy() for group in sizes.index}
    share = {group: sizes[group] / len(wide) for group in sizes.index}
    starts = sorted(group for group in sizes.index if isinstance(group, int))
    rows: list[dict[str, Any]] = []
    for k in starts:
        after = years >= k
        d = after.mean()
        rows += [
            _row(k, control, kind, share[k] * share[control] * d * (1 - d), paths, after, ~after)
            for kind, control in (("versus_never", NEVER), ("versus_always", ALWAYS))
            if control in share
        ]
        for later in (group for group in starts if group > k):
            before, between, since = years < k, (years >= k) & (years < later), years >= later
            a, m, z = before.mean(), between.mean(), since.mean()
            pair = share[k] * share[later]
            rows.append(_row(k, later, "earlier_vs_later", pair * a * m, paths, between, before))
            rows.append(_row(later, k, "later_vs_earlier", pair * m * z, paths, since, between))
    table = pd.DataFrame(rows, columns=[TREATED, CONTROL, KIND, WEIGHT, ESTIMATE])
    if not len(table):
        many = data.panel.unit.many.en
        raise EstimationError(f"no two groups of {many} with different first exposure to compare")
    table[WEIGHT] /= table[WEIGHT].sum()
    return table, out


def _group(adoption: pd.DataFrame, code: int) -> int | str:
    status, first = adoption["status"][code], adoption["first_year"][code]
    return str(status) if status in (ALWAYS, NEVER) else int(first)


def _row(
    treated: int,
    control: int | str,
    kind: str,
    weight: float,
    paths: dict[Any, np.ndarray],
    after: np.ndarray,
    before: np.ndarray,
) -> dict[str, Any]:
    change = {group: paths[group][after].mean() - paths[group][before].mean() for group in (treated, control)}
    return {
        TREATED: str(treated),
        CONTROL: str(control),
        KIND: kind,
        WEIGHT: float(weight),
        ESTIMATE: float(change[treated] - change[control]),
    }


def comparison_tests(data: ModelData, table: pd.DataFrame, out: list[int]) -> list[dict[str, Any]]:
    """Rows of `spec_test`: weight and mean estimate of each kind of comparison, and the coefficient they add up to."""
    weights, estimates, kinds = (table[name].to_numpy() for name in (WEIGHT, ESTIMATE, KIND))
    total = float(weights @ estimates)
    unit = data.panel.unit
    base = Text(
        en="Goodman-Bacon (2021) decomposition of the two-way fixed-effects coefficient of exposed or not (from first "
        f"exposure on), without controls: {total:.6g} in all, {len(table)} comparisons. "
        f"{unit.many.en.capitalize()} left out for gaps: {data.panel.named(out)}. Associations, not effects. "
        "Seed: none.",
        zh=f"对二元暴露（首次暴露起为1）无控制变量的双向固定效应系数{total:.6g}的Goodman-Bacon分解，共{len(table)}个比较；"
        f"因缺失剔除：{data.panel.named(out)}。",
    )
    rows = []
    for kind, words in kinds_of(unit).items():
        part = kinds == kind
        weight = float(weights[part].sum())
        mean = float(weights[part] @ estimates[part]) / weight if weight else math.nan
        remark = note(f"{unit.many.en.capitalize()} {words.en}. {base.en}", f"{words.zh}。{base.zh}")
        rows.append(data.named(test="weight of comparisons", subject=kind, statistic=weight, **remark))
        rows.append(data.named(test="mean of comparisons", subject=kind, statistic=mean, **remark))
    remark = note(base.en, base.zh)
    return [*rows, data.named(test="coefficient of exposed or not", subject="", statistic=total, **remark)]
