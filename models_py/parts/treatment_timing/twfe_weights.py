"""What a two-way fixed-effects coefficient averages: exposed entities and years, and comparisons of cohorts.

Belongs here: the weights under a continuous treatment, with the model's controls, the comparisons behind a binary one
(Goodman-Bacon 2021), and what both say. Does not belong here: estimators that avoid some comparisons (staggered.py).
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.panels import PanelUnit
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.rows import note, of_entities
from models_py.parts.treatment_timing.event_study import ALWAYS, NEVER, UNKNOWN, codes

_SLOPES = (
    ("sd of slopes for a zero average", "an average slope of zero", "平均斜率为零"),
    ("sd of slopes for the opposite sign everywhere", "every slope of the opposite sign", "所有斜率反号"),
)


def fixed_effect_weights(data: ModelData, treatment: str) -> pd.DataFrame:
    """Rows of `twfe_weight`: one per entity and year with a treatment other than zero; the weights sum to one.

    w_pt = D_pt e_pt / sum of D e over all rows, e the residual of the treatment D on the model's effects, trends and
    other regressors. If an outcome moves by b_pt for each unit of D_pt, the coefficient is sum of w_pt b_pt exactly: a
    weight below zero turns the sign of what happens there. de Chaisemartin and D'Haultfoeuille (2020), theorem 1, in
    the form for treatments that are not binary (their web appendix on fuzzy designs) and with controls.

    Units of `treatment`: those of D. Raises EstimationError as the model's own fit does.
    """
    refuse(
        (treatment not in data.regressors, f"{data.identity.place}: the treatment {treatment!r} is not a regressor"),
        error=EstimationError,
    )
    fit, place = data.solved, data.regressors.index(treatment)
    residual, values = fit.alone(place), fit.sample.regressors[:, place]
    rows = fit.sample.keys.assign(treatment=values, weight=residual * values / float(residual @ values))
    if data.time != "year":
        rows = rows.merge(
            data.frame[[ENTITY, data.time, "year"]].drop_duplicates(), on=[ENTITY, data.time], validate="one_to_one"
        )
    rows = rows.loc[rows["treatment"] != 0, [ENTITY, "year", "treatment", "weight"]].sort_values([ENTITY, "year"])
    return of_entities(rows.assign(**data.identity.columns), "twfe_weight", data.panel)


def weight_tests(data: ModelData, weights: pd.DataFrame, coefficient: float) -> list[dict[str, Any]]:
    """Rows of `spec_test` on the weights: how many are negative, their sum, and how different associations must be.

    Smallest standard deviation of the slopes b_pt, weighted by the treatment, with which the same coefficient is
    compatible with an average slope of zero: |coefficient| / sd of the ratios W_pt = w_pt / (D_pt / sum of D), weighted
    alike; and with which every slope can have the opposite sign. de Chaisemartin and D'Haultfoeuille (2020),
    corollary 1. NULL where a treatment is negative, and the second where no weight is.
    """
    weight, treatment = weights["weight"].to_numpy(), weights["treatment"].to_numpy()
    negative = weight < 0
    unit = data.panel.unit.one
    count = note(
        "Weights of the two-way fixed-effects coefficient (de Chaisemartin and D'Haultfoeuille 2020): "
        f"{int(negative.sum())} of {len(weight)} exposed {unit.en}-years weigh below zero. Controls, effects and "
        "trends of the model taken out of the exposure. Association per unit of exposure from zero. Seed: none.",
        f"双向固定效应系数的权重：{len(weight)}个受暴露的{unit.zh}—年份中{int(negative.sum())}个权重为负；"
        "暴露度已剔除控制变量、固定效应与趋势。",
    )
    rows = {
        "negative weights": (negative.sum(), count),
        "share of negative weights": (negative.mean(), count),
        "sum of negative weights": (weight[negative].sum(), count),
    }
    for (test, english, chinese), spread in zip(_SLOPES, _spreads(weight, treatment, coefficient), strict=True):
        words = note(
            f"Smallest standard deviation of slopes, over exposed {unit.en}-years weighted by exposure, with which "
            f"the coefficient {coefficient:.4g} is compatible with {english} (corollary 1). Small beside the "
            "coefficient: fragile.",
            f"在按暴露度加权的受暴露{unit.zh}—年份中，斜率标准差至少为此值时，系数{coefficient:.4g}才可能对应{chinese}；"
            "相对系数越小越脆弱。",
        )
        rows[test] = (spread, words)
    return [data.named(test=test, subject="", statistic=float(value), **words) for test, (value, words) in rows.items()]


def _spreads(weight: np.ndarray, treatment: np.ndarray, coefficient: float) -> tuple[float, float]:
    if (treatment < 0).any():
        return math.nan, math.nan
    mass = treatment / treatment.sum()
    order = np.argsort(-(weight / mass), kind="stable")
    mass, ratio = mass[order], (weight / mass)[order]
    variance = float(mass @ (ratio - 1) ** 2)
    zero = abs(coefficient) / math.sqrt(variance) if variance > 1e-20 else math.inf
    if not (ratio < 0).any():
        return zero, math.nan
    # Sums from each position to the end, of mass, mass x ratio and mass x ratio squared.
    p, s, t = (np.cumsum((mass * ratio**power)[::-1])[::-1] for power in (0, 1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = ratio < -s / (1 - p)
    first = int(inside[1:].argmax()) + 1
    return zero, abs(coefficient) / math.sqrt(t[first] + s[first] ** 2 / (1 - p[first]))


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
    groups = wide.index.map({code: _group(row) for code, row in adoption.iterrows()})
    paths = {group: wide[groups == group].mean().to_numpy() for group in groups.unique()}
    share = {group: float((groups == group).mean()) for group in paths}
    rows = [
        {
            "treated": str(treated),
            "control": str(control),
            "kind": kind,
            "weight": float(weight),
            "estimate": _change(paths[treated], after, before) - _change(paths[control], after, before),
        }
        for treated, control, kind, weight, after, before in _comparisons(share, wide.columns.to_numpy())
    ]
    many = data.panel.unit.many.en
    refuse((not rows, f"no two groups of {many} with different first exposure to compare"), error=EstimationError)
    table = pd.DataFrame(rows)
    return table.assign(weight=table["weight"] / table["weight"].sum()), out


Comparison = tuple[int, int | str, str, float, np.ndarray, np.ndarray]


def _comparisons(share: dict[Any, float], years: np.ndarray) -> Iterator[Comparison]:
    """Treated and control group, kind, weight before scaling, the years after and those before."""
    starts = sorted(group for group in share if isinstance(group, int))
    for k in starts:
        after = years >= k
        d = after.mean()
        for control in (NEVER, ALWAYS):
            if control in share:
                yield k, control, f"versus_{control}", share[k] * share[control] * d * (1 - d), after, ~after
        for later in (group for group in starts if group > k):
            before, between, since = years < k, after & (years < later), years >= later
            pair, middle = share[k] * share[later], between.mean()
            yield k, later, "earlier_vs_later", pair * before.mean() * middle, between, before
            yield later, k, "later_vs_earlier", pair * middle * since.mean(), since, between


def _group(row: pd.Series) -> int | str | None:
    """First year of exposure, or never or always; None where it is unknown."""
    if row["status"] == UNKNOWN:
        return None
    return str(row["status"]) if row["status"] in (ALWAYS, NEVER) else int(row["first_year"])


def _change(path: np.ndarray, after: np.ndarray, before: np.ndarray) -> float:
    return float(path[after].mean() - path[before].mean())


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


def comparison_tests(data: ModelData, table: pd.DataFrame, out: list[int]) -> list[dict[str, Any]]:
    """Rows of `spec_test`: weight and mean estimate of each kind of comparison, and the coefficient they add up to."""
    weights, estimates, kinds = (table[name].to_numpy() for name in ("weight", "estimate", "kind"))
    total = float(weights @ estimates)
    unit = data.panel.unit
    base = Text(
        en="Goodman-Bacon (2021) decomposition of the two-way fixed-effects coefficient of exposed or not (from first "
        f"exposure on), without controls: {total:.6g} in all, {len(table)} comparisons. "
        f"{unit.many.en.capitalize()} left out for gaps: {data.panel.called(out).en}. Associations, not effects. "
        "Seed: none.",
        zh=f"对二元暴露（首次暴露起为1）无控制变量的双向固定效应系数{total:.6g}的Goodman-Bacon分解，共{len(table)}个比较；"
        f"因缺失剔除：{data.panel.called(out).zh}。",
    )
    rows = []
    for kind, words in kinds_of(unit).items():
        part = kinds == kind
        weight = float(weights[part].sum())
        mean = float(weights[part] @ estimates[part]) / weight if weight else math.nan
        remark = note(f"{unit.many.en.capitalize()} {words.en}. {base.en}", f"{words.zh}。{base.zh}")
        figures = {"weight of comparisons": weight, "mean of comparisons": mean}
        rows += [data.named(test=test, subject=kind, statistic=value, **remark) for test, value in figures.items()]
    return [
        *rows,
        data.named(test="coefficient of exposed or not", subject="", statistic=total, **note(base.en, base.zh)),
    ]
