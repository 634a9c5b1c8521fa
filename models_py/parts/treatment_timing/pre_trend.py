"""What the years before first exposure show, and how little they can show.

Belongs here: the joint test of the leads of an event study. Does not belong here: estimating them (event_study.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.base import Text
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import CI_LEVEL, FEWEST_ENTITIES, FitResult
from models_py.parts.rows import note

# For each event term: years relative to first exposure that it covers, and entities seen there.
Covers = dict[str, tuple[tuple[int, ...], int]]
TESTS = ("pre-trend F", "pre-trend chi2", "pre-trend smallest detectable lead")


def pre_trend_tests(data: ModelData, joint: FitResult, covers: Covers, power: float) -> list[dict[str, Any]]:
    """Rows of `spec_test`: the Wald test that all leads are zero, and the lead the design could have found.

    F = W/q with (q, clusters - 1) degrees of freedom and chi2 = W with q, W = b' V^-1 b with the CR1 covariance V of
    the q leads. Smallest detectable lead: (t quantile of the test + t quantile of the `power`) x the smallest standard
    error (the usual normal-theory power formula, with t). Empty where no lead is identified or V is singular.
    """
    from scipy.special import chdtrc, fdtrc, stdtrit

    seen = {name: covers[name][1] for name in covers if name.startswith("event_-")}
    leads = [name for name, entities in seen.items() if entities >= FEWEST_ENTITIES]
    if not leads:
        return [data.named(test=test, subject="", **_untested(data, seen)) for test in TESTS]
    beta, cov = joint.subset(leads)
    q = len(leads)
    se = np.sqrt(np.diag(cov))
    detectable = float((stdtrit(joint.df, 0.5 + CI_LEVEL / 2) + stdtrit(joint.df, power)) * se.min())
    weak = _weak(data, seen, q, detectable, power)

    def row(position: int, words: Text | None = None, **columns: float) -> dict[str, Any]:
        remark = weak if words is None else Text(en=f"{words.en} {weak.en}", zh=f"{words.zh}{weak.zh}")
        return data.named(test=TESTS[position], subject="", **columns, **note(remark.en, remark.zh))

    smallest = row(2, statistic=detectable, df=joint.df)
    # A covariance from few clusters can be singular: then no joint test exists.
    scale = se if (se > 0).all() else np.ones(q)
    if np.linalg.matrix_rank(cov / np.outer(scale, scale), tol=1e-8) < q:
        none = Text(
            en="The covariance of the leads is singular: too few clusters.", zh="前置系数协方差奇异：聚类过少。"
        )
        return [row(0, none), row(1, none), smallest]
    wald = float(beta @ np.linalg.solve(cov, beta))
    how = Text(
        en=f"All {q} lead(s) zero, Wald with the CR1 covariance: F({q}, {joint.df:g}), that is clusters less one.",
        zh=f"全部{q}个前置系数为零的Wald检验（CR1协方差）：F({q}, {joint.df:g})，分母自由度为聚类数减一。",
    )
    asymptotic = Text(
        en=f"The same Wald statistic read as chi2({q}), too often significant with {joint.df + 1:g} clusters.",
        zh=f"同一Wald统计量按chi2({q})判断；聚类仅{joint.df + 1:g}个时过度拒绝。",
    )
    return [
        row(0, how, statistic=wald / q, df=joint.df, p_value=float(fdtrc(q, joint.df, wald / q))),
        row(1, asymptotic, statistic=wald, df=q, p_value=float(chdtrc(q, wald))),
        smallest,
    ]


def _untested(data: ModelData, seen: dict[str, int]) -> dict[str, str]:
    """Why nothing can be tested. `seen`: entities behind each lead."""
    unit = data.panel.unit
    why = f"no {unit.one.en} is seen two years or more before first exposure"
    why_zh = f"无{unit.one.zh}在首次暴露前可观测两年及以上"
    if seen:
        why = f"{', '.join(seen)} rests on a single {unit.one.en}, whose own noise no clustered standard error contains"
        why_zh = f"{'、'.join(seen)}仅依赖一个{unit.one.zh}，聚类标准误不含其自身噪声"
    return note(
        f"Not tested: {why}. These data cannot speak about trends before exposure.",
        f"未检验：{why_zh}，数据无法检验暴露前趋势。",
    )


def _weak(data: ModelData, seen: dict[str, int], q: int, detectable: float, power: float) -> Text:
    """What not rejecting is worth."""
    panel, unit = data.panel, data.panel.unit
    behind = ", ".join(f"{name} rests on {panel.count(number)}" for name, number in seen.items())
    behind_zh = "，".join(f"{name}依赖{number}个{unit.one.zh}" for name, number in seen.items())
    return Text(
        en=f"{q} lead(s) tested: {behind}. Not rejecting is weak evidence: a lead had to reach {detectable:.4g} (units "
        f"of the outcome) to be found with power {power:g} at {1 - CI_LEVEL:.0%}, and with a standard error from "
        f"so few {unit.many.en} even that is optimistic (Roth 2022).",
        zh=f"前置期{q}个：{behind_zh}。不拒绝只是弱证据：前置系数须达{detectable:.4g}（结果变量单位）才能以{power:g}"
        f"的功效被发现，且{unit.one.zh}过少时标准误偏小，该值仍偏乐观。",
    )
