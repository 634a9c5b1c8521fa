"""How much one coefficient depends on single entities and single years.

Belongs here: refits without each entity and each year, and what they say. Does not belong here: the jackknife
standard error made of the same refits (fixed_effects.py).

Leave-one-cluster-out coefficients as in MacKinnon, Nielsen and Webb (2023, "Leverage, influence, and the jackknife in
clustered regression models", Stata Journal 23(4)); DFBETAS after Belsley, Kuh and Welsch (1980), section 2.1, with the
entity or year for the row and the CR1 standard error of the whole sample for the scale.
"""

import math

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from models_py.econometrics.fixed_effects import by_own_clusters, covariance_matrix, small_sample, standard_errors
from models_py.econometrics.least_squares import LeastSquares, least_squares
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError, IdentityError
from models_py.parts.rows import as_table, note

SIGNIFICANCE = 0.05
YEAR = "year"
_Test = tuple[str, float, str, str]  # test, statistic, note in English and in Chinese
_NONE = ("No leave-out can be estimated.", "剔除后均无法估计。")


def influence(data: ModelData, term: str) -> pd.DataFrame:
    """The coefficient of `term` without each entity in turn, then without each year: rows of table `influence`.

    `kind` is the id of the panel's unit, or year. Exact refits on the remaining rows, standard errors CR1 with G - 1
    degrees of freedom for the clusters that remain; `change` is the coefficient without it less that of the whole
    sample. Where what remains cannot be estimated (a regressor or the outcome no longer varies, one cluster is left),
    estimate, std_error, p_value and change are NaN.

    Raises EstimationError when the whole sample cannot be estimated and for a term the model does not have.
    """
    whole = data.solved
    with data.placed():
        estimate = _coefficient(whole, term)[0]  # refuses a sample whose refits would all be refused
    rows = [
        data.named(term=term, kind=kind, left_out=int(left_out), **_without(data, codes != left_out, term, estimate))
        for kind, codes in ((data.panel.unit.id, whole.sample.keys[ENTITY].to_numpy()), (YEAR, data.years))
        for left_out in np.unique(codes)
    ]
    return as_table(rows, "influence")


def influence_tests(data: ModelData, term: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `spec_test` about `rows`, the result of `influence`.

    Per kind (the unit, year): the smallest and largest coefficient, how many leave-outs turn its sign, how many move it
    across the 5 % level, the largest DFBETA (change / CR1 standard error of the whole sample, signed) and how many
    could not be estimated; the notes name them.
    """
    beta, error, p_value = _coefficient(data.solved, term)
    tests, unit = [], data.panel.unit
    for kind, en, zh, named in (
        (unit.id, unit.one.en, unit.one.zh, lambda code: data.panel.called([code])),
        (YEAR, YEAR, "年份", lambda year: Text(en=f"{year}", zh=f"{year}")),
    ):
        part = rows[rows["kind"] == kind]
        said = [named(int(code)) for code in part["left_out"]]
        part = part.assign(en=[one.en for one in said], zh=[one.zh for one in said])
        context = (
            f"Coefficient of {term}, {beta:.6g} on the whole sample (CR1 {error:.6g}), with each {en} left out in "
            f"turn ({len(part)} refits, CR1).",
            f"{term}的系数（全样本{beta:.6g}，CR1标准误{error:.6g}），逐一剔除{zh}（{len(part)}次重估，CR1）。",
        )
        least, most, moved = _extremes(part.dropna(subset=["estimate"]), error)
        counts = _counts(part, beta, p_value < SIGNIFICANCE)
        tests += [
            data.named(
                test=f"influence_{kind}_{test}",
                subject=term,
                statistic=statistic,
                **note(f"{context[0]} {english}", f"{context[1]}{chinese}"),
            )
            for test, statistic, english, chinese in [least, most, *counts, moved]
        ]
    return as_table(tests, "spec_test")


def _extremes(present: pd.DataFrame, error: float) -> list[_Test]:
    """The smallest and the largest coefficient, and the largest change; `error`: CR1 of the whole sample."""
    if present.empty:
        return [(test, math.nan, *_NONE) for test in ("min", "max", "largest_dfbeta")]
    ordered = present.sort_values("estimate", kind="stable")
    least, most = ordered.iloc[0], ordered.iloc[-1]
    moved = present.sort_values("change", key=np.abs, kind="stable").iloc[-1]
    count, bound = len(present), 2 / math.sqrt(len(present))
    return [
        ("min", float(least["estimate"]), f"Smallest: without {least['en']}.", f"最小：剔除{least['zh']}。"),
        ("max", float(most["estimate"]), f"Largest: without {most['en']}.", f"最大：剔除{most['zh']}。"),
        (
            "largest_dfbeta",
            float(moved["change"]) / error,
            f"Largest change in CR1 standard errors of the whole sample: without {moved['en']}; beyond "
            f"2/sqrt({count}) = {bound:.3f} in absolute value it is usually called influential.",
            f"以全样本CR1标准误计的最大变化：剔除{moved['zh']}；绝对值超过2/√{count}＝{bound:.3f}通常视为有影响。",
        ),
    ]


def _counts(part: pd.DataFrame, beta: float, significant: bool) -> list[_Test]:
    present = part.dropna(subset=["estimate"])
    turned = present[np.sign(present["estimate"]) != np.sign(beta)]
    crossed = present[(present["p_value"] < SIGNIFICANCE) != significant]
    lost = part[part["estimate"].isna()]
    state, zh = ("significant", "显著") if significant else ("not significant", "不显著")
    counted = (
        ("sign_changes", turned, "Leave-outs that turn its sign", "系数变号的剔除"),
        (
            "significance_changes",
            crossed,
            f"Leave-outs that move it across the 5 % level (the whole sample is {state})",
            f"使5%显著性改变的剔除（全样本{zh}）",
        ),
        ("not_estimated", lost, "Leave-outs after which the model cannot be estimated", "剔除后无法估计"),
    )
    return [
        (
            test,
            len(found),
            f"{english}: {', '.join(found['en']) or 'none'}.",
            f"{chinese}：{'、'.join(found['zh']) or '无'}。",
        )
        for test, found, english, chinese in counted
    ]


def _without(data: ModelData, rows: np.ndarray, term: str, whole: float) -> dict[str, float]:
    """The coefficient on `rows` of the sample, and its change; NaN where they cannot be estimated."""
    try:
        fit = least_squares(data.sample.only(rows), data.trends)
        refuse((fit.is_identity, f"an identity of {data.outcome!r}"), error=IdentityError)
        estimate, error, p_value = _coefficient(fit, term)
    except EstimationError:
        estimate = error = p_value = math.nan
    return {
        "estimate": estimate,
        "std_error": error,
        "p_value": p_value,
        "change": estimate - whole,
        "n_obs": int(rows.sum()),
    }


def _coefficient(fit: LeastSquares, term: str) -> tuple[float, float, float]:
    """Estimate, CR1 standard error and p-value of a term. Raises EstimationError where there is no error."""
    from scipy.special import stdtr

    covariance = by_own_clusters(fit)
    small = small_sample(fit, covariance)
    matrix = covariance_matrix(fit, covariance, small)
    estimate = float(fit.beta[fit.position(term)])
    error = float(standard_errors(fit, matrix, covariance.method, [term])[0])
    return estimate, error, float(2 * stdtr(small.df, -abs(estimate / error)))
