"""Spatial panel models by maximum likelihood: SAR, SEM, SDM, SLX and SAC, static or dynamic.

Belongs here: the public function, what it reports and the record of how it was made. Does not belong here: the
likelihood (likelihood.py), variances (information.py), effects (effects.py), tests on models without space
(spatial_tests.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.chi_squared import chi_squared_rows, wald
from models_py.econometrics.result import CI_LEVEL, ESTIMATE_COLUMNS, EstimationError, interval_row
from models_py.spatial.effects import (
    KINDS,
    LONG_KINDS,
    averages,
    by_delta,
    draw,
    long_by_delta,
    long_place,
    slopes,
    stationary,
    unit_effects,
)
from models_py.spatial.information import Information, additive_correction, information, robust_covariance
from models_py.spatial.likelihood import MODELS, Correction, Likelihood, Model, Optimum, counted
from models_py.spatial.panel_data import Dynamic, Effects, SpatialPanel, spatial_panel
from models_py.spatial.weights import Islands

Vcov = Literal["ml", "cluster", "driscoll_kraay"]
CORRECTIONS = ("transformation", "lee_yu", "none")
# A place this near an end of the interval, as a share of it, is remarked on.
_NEAR_EDGE = 0.02


@dataclass(frozen=True)
class SpatialFit:
    """A fitted spatial model; `estimates`, `fit`, `tests`, `evidence` as of every estimator.

    `estimates`: a row for each coefficient (`rho` the lag's, `lambda` the error's), then direct, indirect and total
    effects of each regressor, with errors by the delta method and by simulation; of a dynamic model these are of the
    same period, and long_direct, long_indirect, long_total those of the long run, if there is one. `likelihood`,
    `optimum`, `cov`: what they were made from; `cov` is of the coefficients in the order of `names`.
    """

    estimates: pd.DataFrame
    fit: Mapping[str, Any]
    evidence: Mapping[str, Any]
    likelihood: Likelihood
    optimum: Optimum
    names: tuple[str, ...]
    cov: np.ndarray

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Wald and likelihood-ratio tests of an SDM against SAR (theta = 0) and SEM (theta + rho beta = 0)."""
        return _nested_tests(self)

    def value(self, name: str) -> float:
        """A coefficient, 0 for a term the model does not have."""
        rows = self.estimates[(self.estimates["effect"] == "coef") & (self.estimates["term"] == name)]
        return float(rows["estimate"].iloc[0]) if len(rows) else 0.0

    def effects_matrix(self, name: str) -> pd.DataFrame:
        """What one unit more of a regressor in the column's place adds to the outcome in the row's, all feedback
        included; the mean of its diagonal is the direct effect.

        Raises EstimationError for a name that is not a regressor.
        """
        panel = self.likelihood.panel
        own = panel.terms[: panel.own]
        refuse((name not in own, f"{name!r} is not a regressor; there are {', '.join(own)}"), error=EstimationError)
        made = unit_effects(panel.weights, self.optimum.rho, self.value(name), self.value(f"W_{name}"))
        places = pd.Index(panel.weights.names)
        return pd.DataFrame(made, index=places.rename("destination"), columns=places.rename("origin"))


def fit_spatial_durbin(
    df: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    entity: str,
    time: str,
    weights: pd.DataFrame,
    model: Model = "sdm",
    effects: Effects = "two-way",
    bias_correction: Correction = "transformation",
    lagged: Sequence[str] | None = None,
    islands: Islands = "error",
    vcov: Vcov = "ml",
    draws: int = 1000,
    seed: int = 0,
    dynamic: Dynamic | None = None,
) -> SpatialFit:
    """Fit y = rho W y + X beta + W X theta + effects + u by maximum likelihood; u = lambda W u + e in SEM and SAC.

    `weights`: square, labelled by entity, matched by label and used as given. `lagged`: the regressors with a spatial
    lag, all of them in SDM and SLX, none in SAR, SEM and SAC by default. `bias_correction`: the orthonormal
    transformation of Lee and Yu (2010), the additive form of Elhorst's toolbox ("lee_yu"), or none. `vcov`: from the
    information matrix, clustered by entity, or Driscoll and Kraay's. `dynamic` adds the outcome of the period before
    ("y"), its spatial lag ("wy") or both; the first period is given. Estimates of a dynamic model with entity effects
    have a bias of order 1/T that no option here removes; the evidence says so.

    Raises EstimationError (WeightsError) naming the column, place, period or option at fault.
    """
    refuse(
        (model not in MODELS, f"model must be one of {', '.join(MODELS)}, found {model!r}"),
        (
            bias_correction not in CORRECTIONS,
            f"bias_correction must be one of {', '.join(CORRECTIONS)}, found {bias_correction!r}",
        ),
        (draws < 2, f"draws must be at least 2, found {draws}"),
        error=EstimationError,
    )
    with_lag = (list(regressors) if model in ("sdm", "slx") else []) if lagged is None else list(lagged)
    panel = spatial_panel(
        df,
        outcome,
        regressors,
        entity,
        time,
        weights,
        effects=effects,
        lagged=with_lag,
        islands=islands,
        dynamic=dynamic,
    )
    return fit_panel(panel, model, bias_correction, vcov, draws, seed)


def fit_panel(
    panel: SpatialPanel, model: Model, correction: Correction, vcov: Vcov = "ml", draws: int = 1000, seed: int = 0
) -> SpatialFit:
    """The same from a panel already made."""
    additive = correction == "lee_yu"
    likelihood = Likelihood(panel, model, counted(panel, correction))
    _refuse_perfect(panel)
    at = likelihood.optimum()
    if additive:
        at = additive_correction(likelihood, at)
    found = information(likelihood, at, toolbox=additive)
    covariance = found.covariance if vcov == "ml" else robust_covariance(likelihood, at, vcov)
    k = len(found.names) - 1  # sigma2 is last
    names, covariance = found.names[:k], covariance[:k, :k]
    rows = _coefficients(found, at, covariance, vcov)
    shown, redrawn = _effects(likelihood, at, names, covariance, draws, seed)
    estimates = pd.DataFrame([*rows, *shown], columns=list(ESTIMATE_COLUMNS))
    record = _evidence(likelihood, at, correction, vcov, draws, seed, redrawn)
    return SpatialFit(estimates, _summary(likelihood, at, k), record, likelihood, at, names, covariance)


def _values(at: Optimum, names: Sequence[str], terms: Sequence[str]) -> np.ndarray:
    known = {**dict(zip(terms, at.beta, strict=True)), "rho": at.rho, "lambda": at.lam}
    return np.array([known[name] for name in names])


def _coefficients(found: Information, at: Optimum, covariance: np.ndarray, vcov: str) -> list[dict[str, Any]]:
    names = found.names[:-1]
    terms = [name for name in names if name not in ("rho", "lambda")]
    errors = np.sqrt(np.diag(covariance))
    values = _values(at, names, terms)
    return [
        interval_row({}, name, vcov, float(value), float(error), float("inf"), CI_LEVEL)
        for name, value, error in zip(names, values, errors, strict=True)
    ]


def _effects(
    likelihood: Likelihood, at: Optimum, names: Sequence[str], covariance: np.ndarray, draws: int, seed: int
) -> tuple[list[dict[str, Any]], int]:
    """Rows of the effects of each regressor, by the delta method and by simulation, and how many draws were redrawn."""
    panel, determinant = likelihood.panel, likelihood.determinant
    position = {name: place for place, name in enumerate(names)}
    rho = position.get("rho")
    mean = _values(at, names, panel.terms)
    drawn = draw(mean, covariance, rho, panel.weights.interval, draws, seed)
    many = drawn.values[:, rho] if rho is not None else np.zeros(draws)
    here = averages(panel.weights, determinant, np.array([at.rho]))
    there, slope = averages(panel.weights, determinant, many), slopes(panel.weights, determinant, at.rho)
    rows = []
    for name in panel.terms[: panel.own]:
        lag = position.get(f"W_{name}")
        beta, theta = mean[position[name]], 0.0 if lag is None else float(mean[lag])
        value = here.effects(np.array([beta]), np.array([theta]))[:, 0]
        places = [place for place in (position[name], lag, rho) if place is not None]
        own = covariance[np.ix_(places, places)]
        delta = by_delta(here, slope, float(beta), None if lag is None else theta, own)
        made = there.effects(drawn.values[:, position[name]], 0.0 * many if lag is None else drawn.values[:, lag])
        for kind, one, error, values in zip(KINDS, value, delta, made, strict=True):
            rows.append(_of_effect(name, kind, "delta", float(one), float(error)))
            rows.append(_simulated(name, kind, float(one), values))
    if panel.dynamic is not None:
        rows += _long_run(likelihood, mean, position, covariance, drawn.values)
    return rows, drawn.redrawn


def _long_run(
    likelihood: Likelihood, mean: np.ndarray, position: Mapping[str, int], covariance: np.ndarray, drawn: np.ndarray
) -> list[dict[str, Any]]:
    """Rows of the long-run effects of a dynamic model; none if it does not return to a long run. Draws that do not are
    left out of the simulation.
    """
    panel, determinant = likelihood.panel, likelihood.determinant
    names = ("rho", f"lag_{panel.outcome}", f"lag_W_{panel.outcome}")

    def dynamics(values: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(values[:, position[one]] if one in position else np.zeros(len(values)) for one in names)

    here, fine = dynamics(mean[None, :]), stationary(panel.weights, *dynamics(drawn))
    if not stationary(panel.weights, *here).all() or fine.sum() < 2:
        return []
    kept, kappa, tau = drawn[fine], long_place(*here), float(here[1][0])
    many = dynamics(kept)
    at, slope = averages(panel.weights, determinant, kappa), slopes(panel.weights, determinant, float(kappa[0]))
    there = averages(panel.weights, determinant, long_place(*many))
    rows = []
    for name in panel.terms[: panel.own]:
        lag = position.get(f"W_{name}")
        beta, theta = float(mean[position[name]]), 0.0 if lag is None else float(mean[lag])
        places = [position[name], lag, *(position.get(one) for one in names)]
        held = [at_ for at_, place in enumerate(places) if place is not None]
        used = [place for place in places if place is not None]
        gradient = long_by_delta(at, slope, beta, theta, (float(kappa[0]), tau), np.eye(5)[:, held])
        delta = np.sqrt(np.einsum("ij,jk,ik->i", gradient, covariance[np.ix_(used, used)], gradient))
        value = at.effects(np.array([beta]), np.array([theta]))[:, 0] / (1 - tau)
        own_lag = np.zeros(len(kept)) if lag is None else kept[:, lag]
        made = there.effects(kept[:, position[name]], own_lag) / (1 - many[1])
        for kind, one, error, values in zip(LONG_KINDS, value, delta, made, strict=True):
            rows.append(_of_effect(name, kind, "delta", float(one), float(error)))
            rows.append(_simulated(name, kind, float(one), values))
    return rows


def _of_effect(name: str, kind: str, method: str, value: float, error: float) -> dict[str, Any]:
    return interval_row({}, name, method, value, error, float("inf"), CI_LEVEL) | {"effect": kind}


def _simulated(name: str, kind: str, value: float, values: np.ndarray) -> dict[str, Any]:
    """Standard deviation and quantiles of the draws; the p-value is twice the smaller share on one side of zero."""
    row = _of_effect(name, kind, "simulation", value, float(values.std(ddof=1)))
    if "std_error" not in row:
        return row
    low, high = np.quantile(values, [(1 - CI_LEVEL) / 2, (1 + CI_LEVEL) / 2])
    return row | {"ci_low": float(low), "ci_high": float(high)}


def _refuse_perfect(panel: SpatialPanel) -> None:
    y, design = panel.y_free.ravel(), np.column_stack([panel.wy_free.ravel(), panel.x_free])
    basis, _ = np.linalg.qr(design / np.linalg.norm(design, axis=0).clip(1e-300))
    exact = float(np.sum((y - basis @ (basis.T @ y)) ** 2)) <= 1e-20 * float(y @ y)
    refuse((exact, f"the regressors reproduce {panel.outcome!r} exactly: no residual is left"), error=EstimationError)


def _summary(likelihood: Likelihood, at: Optimum, k: int) -> dict[str, Any]:
    """Figures of the fit. r2: 1 - e'e / squares of the outcome around its mean, effects counted as explained (Elhorst
    2014); r2_within: the same after the effects. AIC and BIC count coefficients, rho or lambda and sigma2.
    """
    panel = likelihood.panel
    squares, count = float(np.sum(at.residuals**2)), k + 1
    centred = panel.y - panel.y.mean()
    log_likelihood = at.log_likelihood
    return {
        "estimator": likelihood.model,
        "n_obs": panel.y.size,
        "n_dropped": 0,
        "n_clusters": panel.weights.n,
        "n_counted": likelihood.counts.n,
        "sigma2": at.sigma2,
        "r2": 1 - squares / float(np.sum(centred**2)),
        "r2_within": 1 - squares / float(np.sum(panel.y_free**2)),
        "r2_within_entity": None,
        "log_likelihood": log_likelihood,
        "aic": 2 * count - 2 * log_likelihood,
        "bic": count * float(np.log(likelihood.counts.n)) - 2 * log_likelihood,
        "formula": _formula(likelihood),
    }


def _formula(likelihood: Likelihood) -> str:
    panel = likelihood.panel
    right = [*(["rho W " + panel.outcome] if likelihood.model in ("sar", "sdm", "sac") else []), *panel.terms]
    error = "; u = lambda W u + e" if likelihood.model in ("sem", "sac") else ""
    return f"{panel.outcome} = {' + '.join(right)} + effects ({panel.effects}){error}"


def _evidence(
    likelihood: Likelihood, at: Optimum, correction: str, vcov: str, draws: int, seed: int, redrawn: int
) -> dict[str, Any]:
    panel, weights = likelihood.panel, likelihood.panel.weights
    return {
        "model": likelihood.model,
        "effects": panel.effects,
        "bias_correction": correction,
        "vcov": vcov,
        "places": weights.n,
        "periods": len(panel.times),
        "first_period": panel.times[0],
        "last_period": panel.times[-1],
        "dropped_rows": 0,
        "counted": likelihood.counts.n,
        "absorbed": panel.absorbed,
        "draws": draws,
        "redrawn": redrawn,
        "seed": seed,
        "interval": weights.interval,
        "row_sums": (float(weights.row_sums.min()), float(weights.row_sums.max())),
        "components": weights.components,
        "islands": tuple(map(str, weights.islands)),
        "remarks": _remarks(likelihood, at),
        "conventions": "lags first, effects removed afterwards; weights as given; normal distribution of estimates",
    }


def _remarks(likelihood: Likelihood, at: Optimum) -> tuple[str, ...]:
    """What a reader must know of this estimate."""
    panel, weights = likelihood.panel, likelihood.panel.weights
    (low, high), (first, last) = weights.interval, likelihood.searched
    found = at.rho if likelihood.model != "sem" else at.lam
    near = min(found - first, last - found) < _NEAR_EDGE * (last - first)
    said = {
        "no convergent series: |rho| is at least 1 / the largest modulus of an eigenvalue of W, so that I + rho W + "
        "rho^2 W^2 + ... diverges although the inverse exists": abs(found) * weights.radius >= 1,
        f"the estimate lies near an end of the interval searched ({first:.4g}, {last:.4g})": near,
        f"no bound of rho on one side: W has no real eigenvalue there; searched to {first:.4g} and {last:.4g}": not (
            np.isfinite(low) and np.isfinite(high)
        ),
        f"{weights.components} groups of places no weight connects": weights.components > 1,
        f"no neighbours: {', '.join(map(str, weights.islands))}": bool(weights.islands),
        "a dynamic model with entity effects has a bias of order 1/T, not corrected": panel.dynamic is not None
        and panel.effects in ("two-way", "entity"),
    }
    return tuple(text for text, holds in said.items() if holds)


def _nested_tests(fit: SpatialFit) -> pd.DataFrame:
    """Tests of a spatial Durbin model against the models it contains; none for another model."""
    panel, names = fit.likelihood.panel, list(fit.names)
    lagged = [name for name in panel.lagged if name in names]
    if fit.likelihood.model != "sdm" or not lagged:
        return chi_squared_rows([])
    values = _values(fit.optimum, names, panel.terms)
    beta, theta = ([names.index(f"{lead}{name}") for name in lagged] for lead in ("", "W_"))
    rho = names.index("rho")
    gradient = np.zeros((len(lagged), len(names)))
    for row, (own, lag) in enumerate(zip(beta, theta, strict=True)):
        gradient[row, [own, lag, rho]] = values[rho], 1.0, values[own]
    common = values[theta] + values[rho] * values[beta]
    tests = [
        ("wald_sar", wald(values[theta], fit.cov[np.ix_(theta, theta)])),
        ("wald_sem", wald(common, gradient @ fit.cov @ gradient.T)),
    ]
    if fit.evidence["bias_correction"] != "lee_yu":
        small = replace(panel, x=panel.x[:, :, _without_lags(panel)], terms=_kept_terms(panel), lagged=())
        for name, model in (("lr_sar", "sar"), ("lr_sem", "sem")):
            other = Likelihood(small, model, fit.likelihood.counts).optimum()  # type: ignore[arg-type]
            tests.append((name, 2 * (fit.optimum.log_likelihood - other.log_likelihood)))
    return chi_squared_rows([(name, statistic, len(lagged)) for name, statistic in tests])


def _without_lags(panel: SpatialPanel) -> list[int]:
    gone = {f"W_{name}" for name in panel.lagged}
    return [place for place, term in enumerate(panel.terms) if term not in gone]


def _kept_terms(panel: SpatialPanel) -> tuple[str, ...]:
    return tuple(panel.terms[place] for place in _without_lags(panel))
