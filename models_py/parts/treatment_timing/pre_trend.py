"""What the years before first exposure show, and how little they can show.

Belongs here: the joint test of the leads of an event study. Does not belong here: estimating them (event_study.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.study_evidence import TimingSpec
from models_py.econometrics.fixed_effects import CI_LEVEL
from models_py.econometrics.timing.cluster_covariance import JointEstimate
from models_py.parts.rows import FEWEST_PROVINCES, both

# For each event term: years relative to first exposure that it covers, and provinces seen there.
Covers = dict[str, tuple[tuple[int, ...], int]]


def pre_trend_tests(
    label: dict[str, str], joint: JointEstimate, covers: Covers, spec: TimingSpec
) -> list[dict[str, Any]]:
    """Rows of `spec_test`: the Wald test that all leads are zero, and the lead the design could have found.

    F = W/q with (q, clusters - 1) degrees of freedom and chi2 = W with q, W = b' V^-1 b with the CR1 covariance V of
    the q leads. Smallest detectable lead: (t quantile of the test + t quantile of the power) x the smallest standard
    error (the usual normal-theory power formula, with t). Empty where no lead is identified or V is singular.
    """
    from scipy.special import chdtrc, fdtrc, stdtrit

    seen = {name: covers[name][1] for name in covers if name.startswith("event_-")}
    leads = [name for name, provinces in seen.items() if provinces >= FEWEST_PROVINCES]
    tests = ("pre-trend F", "pre-trend chi2", "pre-trend smallest detectable lead")
    if not leads:
        why, why_zh = (
            "no province is seen two years or more before first exposure",
            "无省份在首次暴露前可观测两年及以上",
        )
        if seen:
            why = f"{', '.join(seen)} rests on a single province, whose own noise no clustered standard error contains"
            why_zh = f"{'、'.join(seen)}仅依赖一个省份，聚类标准误不含其自身噪声"
        note = both(
            f"Not tested: {why}. These data cannot speak about trends before exposure.",
            f"未检验：{why_zh}，数据无法检验暴露前趋势。",
        )
        return [{**label, "test": test, "note": note} for test in tests]
    beta, cov = joint.subset(leads)
    q = len(leads)
    behind = ", ".join(f"{name} rests on {count} province(s)" for name, count in seen.items())
    behind_zh = "，".join(f"{name}依赖{count}个省份" for name, count in seen.items())
    se = np.sqrt(np.diag(cov))
    detectable = float((stdtrit(joint.df, 0.5 + CI_LEVEL / 2) + stdtrit(joint.df, spec.power)) * se.min())
    weak = both(
        f"{q} lead(s) tested: {behind}. Not rejecting is weak evidence: a lead had to reach {detectable:.4g} (units "
        f"of the outcome) to be found with power {spec.power:g} at {1 - CI_LEVEL:.0%}, and with a standard error from "
        "so few provinces even that is optimistic (Roth 2022).",
        f"前置期{q}个：{behind_zh}。不拒绝只是弱证据：前置系数须达{detectable:.4g}（结果变量单位）才能以{spec.power:g}"
        "的功效被发现，且省份过少时标准误偏小，该值仍偏乐观。",
    )
    rows = [{**label, "test": tests[2], "statistic": detectable, "df": joint.df, "note": weak}]
    # A covariance from few clusters can be singular: then no joint test exists.
    scale = se if (se > 0).all() else np.ones(q)
    if np.linalg.matrix_rank(cov / np.outer(scale, scale), tol=1e-8) < q:
        note = both("The covariance of the leads is singular: too few clusters.", "前置系数协方差奇异：聚类过少。")
        return [{**label, "test": test, "note": f"{note} {weak}"} for test in tests[:2]] + rows
    wald = float(beta @ np.linalg.solve(cov, beta))
    how = both(
        f"All {q} lead(s) zero, Wald with the CR1 covariance: F({q}, {joint.df:g}), that is clusters less one.",
        f"全部{q}个前置系数为零的Wald检验（CR1协方差）：F({q}, {joint.df:g})，分母自由度为聚类数减一。",
    )
    asymptotic = both(
        f"The same Wald statistic read as chi2({q}), too often significant with {joint.df + 1:g} clusters.",
        f"同一Wald统计量按chi2({q})判断；聚类仅{joint.df + 1:g}个时过度拒绝。",
    )
    return [
        {
            **label,
            "test": tests[0],
            "statistic": wald / q,
            "df": joint.df,
            "p_value": float(fdtrc(q, joint.df, wald / q)),
            "note": f"{how} {weak}",
        },
        {
            **label,
            "test": tests[1],
            "statistic": wald,
            "df": q,
            "p_value": float(chdtrc(q, wald)),
            "note": f"{asymptotic} {weak}",
        },
        *rows,
    ]
