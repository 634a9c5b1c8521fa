"""How much an event study's post coefficients withstand departures from parallel trends, as published rows.

Belongs here: which coefficients can be used, targets, breakdown values, words. Does not belong here: the intervals
themselves (parallel_trends.py).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.labels import year_words
from catalog.panels import PanelUnit
from catalog.parts.treatment_timing import Options, bound_term
from models_py.econometrics.result import CI_LEVEL, FEWEST_ENTITIES
from models_py.econometrics.timing.parallel_trends import (
    Interval,
    Path,
    Restriction,
    identified_set,
    relative_magnitudes_interval,
    smoothness_interval,
)
from models_py.parts.rows import as_table, note, of_model
from models_py.parts.treatment_timing.event_study import EventStudy

INTERVALS: dict[Restriction, tuple[str, Callable[[Path, float], Interval]]] = {
    "relative_magnitudes": ("honest_conservative", relative_magnitudes_interval),
    "smoothness": ("honest_flci", smoothness_interval),
}
WORDS: dict[Restriction, Text] = {
    "relative_magnitudes": Text(
        en="Relative magnitudes: from year to year after exposure the gap in trends moves by at most the value times "
        "its largest move before exposure. Interval: union of one-sided intervals, valid and conservative",
        zh="相对幅度约束：暴露后趋势差距的逐年变动不超过暴露前最大变动的给定倍数；区间为单侧区间之并，有效且偏保守",
    ),
    "smoothness": Text(
        en="Smoothness: the slope of the gap in trends changes by at most the value (units of the outcome a year) from "
        "year to year. Interval: fixed length, shortest around an affine estimator (FLCI)",
        zh="平滑约束：趋势差距的斜率逐年变化不超过给定值（结果变量单位/年）；区间为定长置信区间（FLCI）",
    ),
}


def honest_bounds(study: EventStudy, options: Options) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `estimate` and `spec_test`: intervals under bounded departures from parallel trends, breakdown values.

    Targets: `first_post`, the year of first exposure, and `average_post`, the mean of the consecutive years from it;
    only event terms of a single year are used, binned ends are not. For each value of options.relative_magnitudes and
    options.smoothness a row with the interval (method honest_conservative or honest_flci) and one with the bounds that
    hold if the coefficients were exact (method honest_bounds, no standard error). Breakdown: the smallest value whose
    interval contains zero. Rambachan and Roth (2023); t with clusters - 1 degrees of freedom in place of the normal.
    Without a lead of a single year next to the reference, resting on two entities or more, nothing can be bounded:
    no rows of `estimate`, and breakdown values that are empty with the reason.
    """
    data = study.data
    pre, post = _usable(study)
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for target, years in (("average_post", len(post)), ("first_post", min(len(post), 1))):
        path = _path(study, pre, post, years)
        for restriction in INTERVALS:
            for value in getattr(options, restriction):
                row = data.named(term=bound_term(target, restriction, value), effect="coef")
                estimates += [] if path is None else _rows(row, path, restriction, value)
            tests.append(
                data.named(
                    test=f"{restriction} breakdown",
                    subject=target,
                    **_breakdown(path, restriction, pre, post[:years], data.panel.unit),
                )
            )
    n_obs = None if study.joint is None else int(study.joint.fit["n_obs"])
    return of_model(as_table(estimates, "estimate"), data, n_obs), as_table(tests, "spec_test")


def _usable(study: EventStudy) -> tuple[list[str], list[str]]:
    """Leads (furthest first) and lags of a single year, consecutive from the year before exposure outwards, each with
    a standard error; none if that year is not the reference.
    """
    if -1 not in study.references:
        return [], []
    single = {
        span[0]: name
        for name, (span, entities) in study.covers.items()
        if len(span) == 1 and entities >= FEWEST_ENTITIES
    }
    pre: list[str] = []
    post: list[str] = []
    while (year := -2 - len(pre)) in single:
        pre.append(single[year])
    while (year := len(post)) in single:
        post.append(single[year])
    return pre[::-1], post


def _path(study: EventStudy, pre: list[str], post: list[str], years: int) -> Path | None:
    """None if there is nothing to bound: a year missing, or leads and target that vary together exactly."""
    if study.joint is None or not pre or not post:
        return None
    beta, cov = study.joint.subset([*pre, *post])
    weights = np.zeros(len(post))
    weights[:years] = 1 / years
    used = np.vstack([np.eye(len(pre), len(beta)), np.concatenate([np.zeros(len(pre)), weights])])
    joint = used @ cov @ used.T
    scale = np.sqrt(np.maximum(np.diag(joint), 1e-300))
    if np.linalg.matrix_rank(joint / np.outer(scale, scale), tol=1e-8) < len(joint):
        return None
    return Path(beta[: len(pre)], beta[len(pre) :], cov, weights, df=study.joint.df, level=CI_LEVEL)


def _rows(row: dict[str, Any], path: Path, restriction: Restriction, value: float) -> list[dict[str, Any]]:
    method, interval = INTERVALS[restriction]
    found, (low, high) = interval(path, value), identified_set(path, restriction, value)
    numbers = {"estimate": found.estimate, "std_error": found.std_error, "ci_low": found.low, "ci_high": found.high}
    return [
        {**row, "method": method, **numbers, "ci_level": path.level, "df": path.df},
        {**row, "method": "honest_bounds", "estimate": path.target, "ci_low": low, "ci_high": high},
    ]


def _breakdown(
    path: Path | None, restriction: Restriction, pre: list[str], post: list[str], unit: PanelUnit
) -> dict[str, Any]:
    words = WORDS[restriction]
    if path is None:
        return note(
            "Not computed: no lead of a single year next to the reference year, or no single year after exposure, "
            f"rests on {FEWEST_ENTITIES} {unit.many.en} or more, or their covariance is singular. {words.en}.",
            f"无法计算：紧邻参照期的单年前置期或暴露后单年系数不足{FEWEST_ENTITIES}个{unit.one.zh}，或协方差奇异。{words.zh}。",
        )
    leads, after = (_listed(terms) for terms in (pre, post))
    how = note(
        f"Smallest value at which the {path.level:.0%} interval contains zero; 0 means it does under parallel trends "
        f"(relative magnitudes) or a linear difference in trends (smoothness) already. {words.en}; t with {path.df:g} "
        f"degrees of freedom. Leads used: {leads.en}; years after: {after.en}; binned ends not used. "
        "Rambachan and Roth (2023). It is only as good as the covariance from these clusters. Seed: none.",
        f"使{path.level:.0%}区间包含零的最小取值；为0表示在平行（或线性）趋势下已包含零。{words.zh}；t分布自由度{path.df:g}。"
        f"使用的前置期：{leads.zh}；暴露后：{after.zh}；合并的端点不用。",
    )
    return {"statistic": breakdown_value(path, restriction), "df": path.df, **how}


def _listed(terms: list[str]) -> Text:
    said = [year_words(term) for term in terms]
    return Text(en=", ".join(one.en for one in said), zh="、".join(one.zh for one in said))


def breakdown_value(path: Path, restriction: Restriction) -> float:
    """The smallest bound whose interval contains zero, to six digits.

    The first crossing on a fine geometric grid, then bisection: fixed-length intervals are not nested.
    """
    interval = INTERVALS[restriction][1]

    def covers(bound: float) -> bool:
        return interval(path, bound).contains_zero

    if covers(0.0):
        return 0.0
    unit = 1.0 if restriction == "relative_magnitudes" else max(path.std_error(np.zeros(len(path.pre))), 1e-300)
    low = 0.0
    for high in map(float, unit * np.geomspace(1e-4, 1e6, 101)):
        if covers(high):
            while high - low > 1e-7 * high:
                middle = (low + high) / 2
                low, high = (low, middle) if covers(middle) else (middle, high)
            return high
        low = high
    return math.inf
