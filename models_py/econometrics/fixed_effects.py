"""Two-way fixed effects by least squares, with fixest's small-sample choices and covariances.

Belongs here: the estimator, its fit statistics and its evidence. Does not belong here: solving the regression
(least_squares.py), covariances (covariance.py) and which regressions a study runs (panel_study.py).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models_py.econometrics.covariance import (
    Covariance,
    SmallSample,
    covariance_matrix,
    describe_ssc,
    read_ssc,
    read_vcov,
    small_sample,
    standard_errors,
)
from models_py.econometrics.least_squares import LeastSquares, least_squares
from models_py.econometrics.result import CI_LEVEL, ESTIMATE_COLUMNS, TEST_COLUMNS, FitResult, interval_row
from models_py.econometrics.sample import Sample, build_sample, plain


def fit_two_way_fe(
    df: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    entity: str,
    time: str,
    cluster: str | Sequence[str] | None = None,
    trends: bool = False,
    vcov: str | Mapping[str, str] | None = None,
    ssc: Mapping[str, Any] | None = None,
) -> FitResult:
    """Least squares of `outcome` on `regressors` with entity and time effects. An association, not an effect.

    `df` is long, one row per entity and time; columns may have any name. Rows with an empty cell are dropped,
    counted and listed in the evidence; entities seen once stay in the sample and are listed.
    `cluster`: column(s) of the clustered standard errors, default `entity`. `vcov` overrides it: "iid",
    "hetero", {"CRV1": "a"}, {"CRV1": "a+b"}, {"CRV3": "a"}. `ssc`: pyfixest's small-sample choices; default
    G/(G-1) x (N-1)/(N-k), effects nested in the clusters not counted in k, t with G-1 degrees of freedom
    (Stata's and fixest's convention). `trends` adds one linear trend per entity, those collinear with the
    effects left out, each counted in k.

    AIC and BIC count every coefficient, dummies included, not the variance. Matched on reference case
    twfe_grunfeld (fixest 0.12.1). Nothing is random. Where the regressors reproduce the outcome exactly (an identity),
    standard errors are rounding: there is no statistic, p-value, interval or likelihood.

    Raises EstimationError for absent, non-numeric or infinite columns, entity-time rows that stand twice, an
    outcome or regressor without variation after the effects, collinear regressors (named), fewer than two
    clusters, no degrees of freedom left, and a covariance that is not offered.
    """
    covariance = read_vcov(cluster, vcov, entity, list(df.columns))
    choices = read_ssc(ssc)
    sample = build_sample(df, outcome, regressors, entity, time, covariance.clusters)
    return fit_result(least_squares(sample, trends), covariance, choices)


def fit_result(fit: LeastSquares, covariance: Covariance, ssc: Mapping[str, Any]) -> FitResult:
    """The solved regression under one covariance, as `fit_two_way_fe` returns it."""
    small = small_sample(fit, covariance, ssc)
    matrix = covariance_matrix(fit, covariance, small)
    errors = standard_errors(fit, matrix, covariance.method, fit.terms)
    estimates = _estimates(fit, covariance, errors, float(small.df))
    if fit.is_identity:
        estimates[["statistic", "p_value", "ci_low", "ci_high", "ci_level"]] = np.nan
    return FitResult(
        estimates=estimates,
        fit=_fit_statistics(fit),
        tests=pd.DataFrame(columns=list(TEST_COLUMNS)),
        evidence=_evidence(fit, covariance, ssc, small),
        cov=matrix,
    )


def _fit_statistics(fit: LeastSquares) -> dict[str, Any]:
    sample, ssr = fit.sample, fit.ssr
    y, n = sample.outcome, len(sample.outcome)
    centred = y - y.mean()
    means = np.bincount(sample.entity, weights=centred) / np.bincount(sample.entity)
    # With nothing but rounding left (an identity), the Gaussian likelihood has no value worth printing.
    defined = not fit.is_identity
    log_likelihood = -n / 2 * (math.log(2 * math.pi) + math.log(ssr / n) + 1) if defined else math.nan
    n_coefficients = fit.effects.rank + fit.design.shape[1]
    counts = [int(codes.max()) + 1 for codes in sample.clusters.values()]
    return {
        "estimator": "two-way fixed effects, least squares",
        "n_obs": n,
        "n_dropped": len(sample.dropped_rows),
        "n_clusters": min(counts) if counts else None,
        "r2": 1 - ssr / float(np.sum(centred**2)),
        "r2_within": 1 - ssr / float(np.sum(fit.y**2)),
        "r2_within_entity": 1 - ssr / float(np.sum((centred - means[sample.entity]) ** 2)),
        "log_likelihood": log_likelihood if defined else None,
        "aic": -2 * log_likelihood + 2 * n_coefficients if defined else None,
        "bic": -2 * log_likelihood + math.log(n) * n_coefficients if defined else None,
        "formula": _formula(fit),
    }


def _formula(fit: LeastSquares) -> str:
    entity, time = fit.sample.keys.columns
    origin = f" + {entity} x ({time} - {fit.sample.keys[time].min()})" if fit.n_trends else ""
    return f"{fit.sample.outcome_name} ~ {' + '.join(fit.terms)}{origin} | {entity} + {time}"


def _estimates(fit: LeastSquares, covariance: Covariance, se: np.ndarray, dof: float) -> pd.DataFrame:
    rows = [
        interval_row({}, term, covariance.method, estimate, error, dof, CI_LEVEL)
        for term, estimate, error in zip(fit.terms, fit.beta.tolist(), se.tolist(), strict=True)
    ]
    return pd.DataFrame(rows)[list(ESTIMATE_COLUMNS)]


def _evidence(fit: LeastSquares, covariance: Covariance, ssc: Mapping[str, Any], small: SmallSample) -> dict[str, Any]:
    sample: Sample = fit.sample
    entities, times = (sample.keys[name] for name in sample.keys.columns)
    seen = entities.value_counts()
    return {
        "sample": {
            "n_obs": len(sample.keys),
            "n_entities": int(sample.entity.max()) + 1,
            "n_times": int(sample.time.max()) + 1,
            "first_time": plain(times.iloc[int(sample.time.argmin())]),
            "last_time": plain(times.iloc[int(sample.time.argmax())]),
        },
        "n_dropped": len(sample.dropped_rows),
        "dropped_by_column": dict(sample.dropped_by_column),
        "dropped_rows": list(sample.dropped_rows),
        "singletons": sorted(seen[seen == 1].index.tolist()),
        "clusters": {name: int(codes.max()) + 1 for name, codes in sample.clusters.items()},
        "method": covariance.method,
        "df": small.df,
        "ssc": dict(ssc),
        "ssc_convention": describe_ssc(ssc, covariance),
        "ssc_factor": small.factors[0],
        "ssc_k": small.k,
        "n_trends": fit.n_trends,
        "reference_case": "twfe_grunfeld",
        "seed": None,
    }
