"""Two-way fixed effects by least squares, with fixest's small-sample choices and covariances.

Belongs here: the estimator, its fit statistics and its evidence; reading `cluster`, `vcov` and `ssc`; covariances
of the coefficients: iid, HC1, one-way and two-way CR1, the cluster jackknife CR3, and their small-sample factors. Does
not belong here: solving the regression (least_squares.py), spatial errors (models_py/spatial) and which regressions a
study runs (panel_study.py).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.absorption import TwoWayEffects, independent_columns
from models_py.econometrics.least_squares import ROUNDING, LeastSquares, kept_trends, least_squares
from models_py.econometrics.result import (
    CI_LEVEL,
    ESTIMATE_COLUMNS,
    TEST_COLUMNS,
    EstimationError,
    FitResult,
    interval_row,
)
from models_py.econometrics.sample import Sample, build_sample, plain, recoded

# Stata's and fixest's small-sample convention, and the one of the studies (domain section 4).
DEFAULT_SSC: Mapping[str, Any] = {"k_adj": True, "k_fixef": "nonnested", "G_adj": True, "G_df": "min"}
_K_FIXEF = {
    "nonnested": "regressors plus effects not nested in the clusters",
    "full": "regressors plus all effects",
    "none": "regressors alone",
}


@dataclass(frozen=True)
class Covariance:
    """`kind`: iid, hetero, CRV1 or CRV3; `clusters`: cluster columns, empty unless clustered."""

    kind: str
    clusters: tuple[str, ...]

    @property
    def method(self) -> str:
        """The name published in `estimate.method`."""
        return {"CRV1": "cr1", "CRV3": "cr3"}.get(self.kind, self.kind)


@dataclass(frozen=True)
class SmallSample:
    """`k`: coefficients counted; `df` of the t distribution; `factors`: one for each family of clusters.

    With two families the third factor is that of their intersection; without any there is one factor.
    """

    k: int
    df: int
    factors: tuple[float, ...]


def read_vcov(
    cluster: str | Sequence[str] | None,
    vcov: str | Mapping[str, str] | None,
    entity: str,
    columns: Sequence[str],
) -> Covariance:
    """The covariance asked for; entity-clustered CRV1 when nothing is. `vcov` overrides `cluster`.

    Raises EstimationError for anything else than iid, hetero (HC1), {"CRV1": "a"}, {"CRV1": "a+b"} and
    {"CRV3": "a"}.
    """
    if isinstance(vcov, str):
        known = vcov in ("iid", "hetero", "HC1")
        refuse((not known, f"vcov {vcov!r} is not offered; use iid, hetero, CRV1 or CRV3"), error=EstimationError)
        return Covariance("hetero" if vcov == "HC1" else vcov, ())
    if vcov is None:
        asked = (entity,) if cluster is None else (cluster,) if isinstance(cluster, str) else tuple(cluster)
        kind, names = "CRV1", asked
    else:
        refuse(
            (
                list(vcov) not in (["CRV1"], ["CRV3"]),
                f"vcov {dict(vcov)!r} is not offered; use CRV1 or CRV3 with a cluster column",
            ),
            error=EstimationError,
        )
        ((kind, text),) = vcov.items()
        names = (text,) if text in columns else tuple(part.strip() for part in text.split("+"))
    one_or_two = 1 <= len(names) <= 2 and len(set(names)) == len(names)
    refuse(
        (not one_or_two, f"clusters must be one or two different columns, found {names}"),
        (kind == "CRV3" and len(names) == 2, "CRV3 takes one cluster column"),
        error=EstimationError,
    )
    return Covariance(kind, names)


def read_ssc(ssc: Mapping[str, Any] | None) -> dict[str, Any]:
    """The small-sample choices, defaults filled in. Raises EstimationError for an unknown key or value."""
    chosen = {**DEFAULT_SSC, **(ssc or {})}
    unknown = set(chosen) - set(DEFAULT_SSC)
    allowed = {
        "k_adj": (True, False),
        "k_fixef": tuple(_K_FIXEF),
        "G_adj": (True, False),
        "G_df": ("min", "conventional"),
    }
    refuse(
        (unknown, f"unknown small-sample choices {sorted(unknown)}; known: {sorted(DEFAULT_SSC)}"),
        *(
            (chosen[key] not in values, f"the small-sample choice {key} must be one of {values}, found {chosen[key]!r}")
            for key, values in allowed.items()
        ),
        error=EstimationError,
    )
    return chosen


def describe_ssc(ssc: Mapping[str, Any], covariance: Covariance) -> str:
    """The small-sample factor in words."""
    parts = (
        ("G/(G-1)", ssc["G_adj"] and covariance.clusters),
        ("N/(N-k)" if covariance.kind == "hetero" else "(N-1)/(N-k)", ssc["k_adj"]),
    )
    factor = " x ".join(part for part, counts in parts if counts) or "1"
    words = f"{factor}, k = {_K_FIXEF[ssc['k_fixef']]}" if ssc["k_adj"] else factor
    if len(covariance.clusters) == 2 and ssc["G_adj"]:
        words += ", the smaller G" if ssc["G_df"] == "min" else ", each part its own G"
    return words


def by_own_clusters(fit: LeastSquares) -> Covariance:
    """CR1 by the clusters the sample was built with."""
    return Covariance("CRV1", tuple(fit.sample.clusters))


def small_sample(fit: LeastSquares, covariance: Covariance, ssc: Mapping[str, Any] = DEFAULT_SSC) -> SmallSample:
    """Factors and degrees of freedom as fixest counts them.

    Of the effects, all levels less one count in k; under `nonnested` those nested in clusters do not, but for one
    constant each.
    """
    n, families = len(fit.u_hat), _families(fit, covariance)
    levels = [int(codes.max()) + 1 for codes in (fit.sample.entity, fit.sample.time)]
    nested = [
        count
        for count, codes in zip(levels, (fit.sample.entity, fit.sample.time), strict=True)
        if any(len(_crossed(codes, cluster)[0]) == count for cluster in families)
    ]
    every = sum(levels) - 1
    counted = {"none": 0, "full": every, "nonnested": every - sum(nested) + len(nested)}
    k = fit.design.shape[1] + counted[ssc["k_fixef"]]
    adjusted = (n if covariance.kind == "hetero" else n - 1) / (n - k) if ssc["k_adj"] else 1.0
    if not families:
        return SmallSample(k, n - k, (adjusted,))
    groups = [int(codes.max()) + 1 for codes in families]
    used = groups if ssc["G_df"] == "conventional" else [min(groups)] * len(groups)
    factors = tuple(adjusted * (g / (g - 1) if ssc["G_adj"] else 1.0) for g in used)
    return SmallSample(k, min(groups) - 1, factors)


def covariance_matrix(fit: LeastSquares, covariance: Covariance, small: SmallSample) -> np.ndarray:
    """Covariance of the coefficients (K x K) in their own units.

    Liang and Zeger (1986) by cluster, with two families their sum less that of their intersection (Cameron, Gelbach and
    Miller 2011); White (1980) for hetero. Raises EstimationError naming the term that is not identified without one of
    the clusters of CRV3.
    """
    if covariance.kind == "CRV3":
        return small.factors[0] * _jackknife(fit, fit.sample.clusters[covariance.clusters[0]])
    if covariance.kind == "iid":
        return fit.in_units(small.factors[0] * float(np.sum(fit.u_hat**2)) / (len(fit.u_hat) - 1) * fit.bread)
    families = [np.arange(len(fit.u_hat))] if covariance.kind == "hetero" else _families(fit, covariance)
    signed = zip((1, 1, -1), small.factors, families, strict=False)
    return np.sum([sign * fit.sandwich(fit.meat(codes), factor) for sign, factor, codes in signed], axis=0)


def standard_errors(fit: LeastSquares, matrix: np.ndarray, method: str, terms: Sequence[str]) -> np.ndarray:
    """Roots of the variances of `terms` in a covariance matrix.

    Raises EstimationError naming terms whose variance is rounding, as of two clusters, whose scores cancel.
    """
    places = [fit.position(term) for term in terms]
    rounding = fit.in_units(ROUNDING * float(np.mean(fit.u_hat**2)) * fit.bread)
    variance, least = (np.diag(made)[places] for made in (matrix, rounding))
    refuse(
        (
            [term for term, fine in zip(terms, variance > least, strict=True) if not fine],
            f"the {method} variance of {{}} is not positive",
        ),
        error=EstimationError,
    )
    return np.sqrt(variance)


def _families(fit: LeastSquares, covariance: Covariance) -> list[np.ndarray]:
    """Codes of the clusters; of two families their intersection too."""
    families = [fit.sample.clusters[name] for name in covariance.clusters]
    return [*families, _crossed(*families)[1]] if len(families) == 2 else families


def _crossed(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of codes there are, and their numbers row by row."""
    pairs, codes = np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)
    return pairs, codes


def _jackknife(fit: LeastSquares, cluster: np.ndarray) -> np.ndarray:
    """Sum over clusters of (b_g - b)(b_g - b)', b_g estimated without cluster g; no small-sample factor yet.

    pyfixest's own loop drops to a loose tolerance and cannot leave out a cluster that carries a trend, hence
    this exact one. Raises EstimationError naming the term that is not identified without a cluster.
    """
    sample, terms = fit.sample, fit.terms
    trends = kept_trends(sample, fit.effects) if fit.n_trends else np.empty((len(cluster), 0))
    total = np.zeros((len(terms), len(terms)))
    for group in range(int(cluster.max()) + 1):
        rows = cluster != group
        effects = TwoWayEffects(recoded(sample.entity[rows]), recoded(sample.time[rows]))
        design = np.column_stack([trends[rows], sample.regressors[rows]])
        residuals = effects.residuals(design)
        kept, _ = independent_columns(residuals, design - design.mean(axis=0))
        lost = [repr(term) for position, term in enumerate(terms) if trends.shape[1] + position not in kept]
        refuse((lost[:1], "CRV3: without one of the clusters {} is not identified"), error=EstimationError)
        target = effects.residuals(sample.outcome[rows, None])[:, 0]
        scale = np.linalg.norm(residuals[:, kept], axis=0)
        solution = np.linalg.lstsq(residuals[:, kept] / scale, target, rcond=None)[0] / scale
        gap = solution[-len(terms) :] - fit.beta
        total += np.outer(gap, gap)
    return total


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

    Raises EstimationError for absent, non-numeric or infinite columns, entity-time rows that occur twice, an
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
    estimates = _estimates(fit, covariance, standard_errors(fit, matrix, covariance.method, fit.terms), float(small.df))
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
    return pd.DataFrame(
        [
            interval_row({}, term, covariance.method, estimate, error, dof, CI_LEVEL)
            for term, estimate, error in zip(fit.terms, fit.beta.tolist(), se.tolist(), strict=True)
        ]
    )[list(ESTIMATE_COLUMNS)]


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
