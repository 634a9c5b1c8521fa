"""Two-way fixed effects by least squares, with pyfixest's small-sample choices and covariances.

Belongs here: the estimator, its refusals, its fit statistics and its evidence.
Does not belong here: which regressions a study runs (panel_study.py).

Coefficients and one-way CR1 are this module's own: pyfixest removes the effects in the order of a set of strings, so
its last digits change from process to process, and published tables must not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models_py.econometrics.absorption import TwoWayEffects
from models_py.econometrics.covariance import (
    Covariance,
    describe_ssc,
    jackknife_covariance,
    read_ssc,
    read_vcov,
)
from models_py.econometrics.design import (
    absorbed_outcome,
    absorbed_regressors,
    absorbed_trends,
    kept_trends,
)
from models_py.econometrics.result import ESTIMATE_COLUMNS, TEST_COLUMNS, EstimationError, FitResult
from models_py.econometrics.sample import Sample, build_sample, plain

CI_LEVEL = 0.95
# A sum of squares this small beside what it is compared with is rounding.
ROUNDING = 1e-20


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
    small_sample = read_ssc(ssc)
    sample = build_sample(df, outcome, regressors, entity, time, covariance.clusters)
    for name, codes in sample.clusters.items():
        if codes.max() < 1:
            raise EstimationError(f"clustering by {name!r} needs at least 2 clusters, found 1")

    effects = TwoWayEffects(sample.entity, sample.time)
    trend = absorbed_trends(sample, time, effects) if trends else np.empty((len(sample.outcome), 0))
    y = absorbed_outcome(sample, outcome, effects)
    x = absorbed_regressors(sample, list(regressors), effects, trend, trends)
    n, k = len(y), x.shape[1] + trend.shape[1]
    if n - k - effects.rank <= 0:
        raise EstimationError(f"{n} rows leave no degrees of freedom for {k + effects.rank} coefficients")

    numbers = _pyfixest(sample, y, x, trend, covariance, small_sample)
    beta = numbers["beta"]
    if covariance.kind == "CRV3":
        jackknife = jackknife_covariance(
            beta,
            sample.outcome,
            sample.regressors,
            kept_trends(sample, time, effects) if trends else trend,
            sample.entity,
            sample.time,
            sample.clusters[covariance.clusters[0]],
            regressors,
        )
        variance = numbers["factor"] * np.diag(jackknife)
    else:
        variance = numbers["variance"]
    if not (variance > numbers["rounding"]).all():
        bad = [n for n, v, least in zip(regressors, variance, numbers["rounding"], strict=True) if not v > least]
        raise EstimationError(f"the {covariance.method} variance of {', '.join(bad)} is not positive")

    dof = float(numbers["df"])
    fit = _fit_statistics(sample, effects.rank + k, y, numbers["ssr"])
    estimates = _estimates(list(regressors), covariance, beta, np.sqrt(variance), dof)
    if fit["log_likelihood"] is None:
        estimates[["statistic", "p_value", "ci_low", "ci_high", "ci_level"]] = np.nan
    fit["estimator"] = "two-way fixed effects, least squares"
    fit["n_clusters"] = _n_clusters(sample)
    origin = f" + {entity} x ({time} - {sample.keys[time].min()})" if trends else ""
    fit["formula"] = f"{outcome} ~ {' + '.join(regressors)}{origin} | {entity} + {time}"
    return FitResult(
        estimates=estimates,
        fit={key: fit[key] for key in _FIT_ORDER},
        tests=pd.DataFrame(columns=list(TEST_COLUMNS)),
        evidence=_evidence(sample, entity, time, covariance, small_sample, numbers, trend.shape[1]),
    )


_FIT_ORDER = (
    "estimator",
    "n_obs",
    "n_dropped",
    "n_clusters",
    "r2",
    "r2_within",
    "r2_within_entity",
    "log_likelihood",
    "aic",
    "bic",
    "formula",
)


def _pyfixest(
    sample: Sample,
    y: np.ndarray,
    x: np.ndarray,
    trend: np.ndarray,
    covariance: Covariance,
    ssc: Mapping[str, Any],
) -> dict[str, Any]:
    """Coefficients, variances, factor and degrees of freedom of the user's regressors, in their own units.

    `rounding`: variances at or below it are none, as of two clusters, whose scores cancel.
    """
    import pyfixest

    # pyfixest stops its alternating projections at an absolute tolerance and tests collinearity on an
    # absolute scale. Columns already free of the effects and of unit length make both exact and independent
    # of units; safe names keep the users' out of its formula language.
    y_scale = float(np.sqrt(np.mean(y**2)))
    x_scale = np.sqrt(np.mean(x**2, axis=0))
    columns = np.column_stack([x / x_scale, trend])
    names = [f"x{i}" for i in range(columns.shape[1])]
    data = pd.DataFrame(columns, columns=names)
    data["y"] = y / y_scale
    data["unit"], data["period"] = sample.entity, sample.time
    clusters = []
    for i, codes in enumerate(sample.clusters.values()):
        data[f"cluster{i}"] = codes
        clusters.append(f"cluster{i}")
    fitted = pyfixest.feols(
        f"y ~ {' + '.join(names)} | unit + period",
        data,
        vcov={"CRV1": "+".join(clusters)} if clusters else covariance.kind,
        ssc=dict(ssc),
        fixef_rm="none",
        collin_tol=1e-10,
        copy_data=False,
        demeaner=pyfixest.MapDemeaner(fixef_tol=1e-10),
    )
    if list(map(str, fitted._coefnames)) != names:
        lost = sorted(set(names) - set(map(str, fitted._coefnames)))
        raise EstimationError(f"pyfixest dropped {lost} as collinear")
    k, factor = x.shape[1], float(np.ravel(fitted._ssc)[0])
    orthonormal, triangle = np.linalg.qr(columns)
    inverse = np.linalg.inv(triangle)
    beta = inverse @ (orthonormal.T @ (y / y_scale))
    residuals = y / y_scale - columns @ beta
    bread = inverse @ inverse.T
    if covariance.kind == "CRV1" and len(clusters) == 1:
        cluster = data["cluster0"].to_numpy()
        scores = np.stack([np.bincount(cluster, weights=column) for column in (columns * residuals[:, None]).T], axis=1)
        variance = factor * np.diag(bread @ (scores.T @ scores) @ bread)
    else:
        variance = np.diag(np.asarray(fitted._vcov, dtype=float))
    unit = (y_scale / x_scale) ** 2
    return {
        "beta": beta[:k] * y_scale / x_scale,
        "variance": variance[:k] * unit,
        "rounding": ROUNDING * float(np.mean(residuals**2)) * np.diag(bread)[:k] * unit,
        "factor": factor,
        "k": int(fitted._df_k),
        "df": int(fitted._df_t),
        "ssr": float(np.sum(residuals**2)) * y_scale**2,
    }


def _fit_statistics(sample: Sample, n_coefficients: int, y_within: np.ndarray, ssr: float) -> dict[str, Any]:
    y, n = sample.outcome, len(sample.outcome)
    centred = y - y.mean()
    means = np.bincount(sample.entity, weights=centred) / np.bincount(sample.entity)
    # With nothing but rounding left (an identity), the Gaussian likelihood has no value worth printing.
    defined = ssr > ROUNDING * float(np.sum(y_within**2))
    log_likelihood = -n / 2 * (math.log(2 * math.pi) + math.log(ssr / n) + 1) if defined else math.nan
    return {
        "n_obs": n,
        "n_dropped": len(sample.dropped_rows),
        "r2": 1 - ssr / float(np.sum(centred**2)),
        "r2_within": 1 - ssr / float(np.sum(y_within**2)),
        "r2_within_entity": 1 - ssr / float(np.sum((centred - means[sample.entity]) ** 2)),
        "log_likelihood": log_likelihood if defined else None,
        "aic": -2 * log_likelihood + 2 * n_coefficients if defined else None,
        "bic": -2 * log_likelihood + math.log(n) * n_coefficients if defined else None,
    }


def _n_clusters(sample: Sample) -> int | None:
    counts = [int(codes.max()) + 1 for codes in sample.clusters.values()]
    return min(counts) if counts else None


def _estimates(terms: list[str], covariance: Covariance, beta: np.ndarray, se: np.ndarray, dof: float) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    half = stdtrit(dof, 0.5 + CI_LEVEL / 2) * se
    frame = pd.DataFrame(
        {
            "term": terms,
            "effect": "coef",
            "method": covariance.method,
            "estimate": beta,
            "std_error": se,
            "statistic": beta / se,
            "p_value": 2 * stdtr(dof, -np.abs(beta / se)),
            "ci_low": beta - half,
            "ci_high": beta + half,
            "ci_level": CI_LEVEL,
            "df": dof,
        }
    )
    return frame[list(ESTIMATE_COLUMNS)]


def _evidence(
    sample: Sample,
    entity: str,
    time: str,
    covariance: Covariance,
    ssc: Mapping[str, Any],
    numbers: Mapping[str, Any],
    n_trends: int,
) -> dict[str, Any]:
    seen = sample.keys[entity].value_counts()
    times = sample.keys[time]
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
        "df": numbers["df"],
        "ssc": dict(ssc),
        "ssc_convention": describe_ssc(ssc, covariance),
        "ssc_factor": numbers["factor"],
        "ssc_k": numbers["k"],
        "n_trends": n_trends,
        "reference_case": "twfe_grunfeld",
        "seed": None,
    }
