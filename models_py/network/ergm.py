"""Exponential random graph models: the public function, what it reports and the record of how it was made.

Belongs here: which likelihood a model has, results and tests. Does not belong here: the likelihoods (logistic.py,
pairs.py), simulation (monte_carlo.py), terms (terms.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.chi_squared import chi_squared_rows, wald
from models_py.econometrics.result import CI_LEVEL, ESTIMATE_COLUMNS, interval_row
from models_py.network.graph import NetworkError, network_of
from models_py.network.logistic import fit_logistic, log_likelihood
from models_py.network.model import Model, model_of, of_dyads, refuse_unidentified
from models_py.network.monte_carlo import MonteCarlo, Sampling, fit_by_simulation
from models_py.network.newton import Height
from models_py.network.pairs import PairDesign

Estimator = Literal["likelihood", "pseudo"]


@dataclass(frozen=True)
class Solution:
    """Coefficients in units of the user, their covariance (None: none is given) and the log-likelihood (None likewise).

    `simulated`: what the sampler saw, None where nothing was sampled.
    """

    theta: np.ndarray
    cov: np.ndarray | None
    log_likelihood: float | None
    simulated: MonteCarlo | None = None


@dataclass(frozen=True)
class ErgmFit:
    """A fitted network model; `estimates`, `fit`, `tests`, `evidence` as of every estimator.

    `estimates`: a row a coefficient, named as statnet prints it, on the scale of the log-odds of a tie per unit of its
    covariate; offsets are rows without an error. `fit`: n_obs (observed dyads, ordered if directed: the n of BIC),
    log_likelihood with `log_likelihood_error` (standard error of simulation, 0 if exact), aic, bic, deviance,
    null_deviance, ties, density. `solution.simulated`: trace and diagnostics, None where nothing was simulated.
    """

    model: Model
    solution: Solution
    estimates: pd.DataFrame
    fit: Mapping[str, Any]
    evidence: Mapping[str, Any]

    @property
    def theta(self) -> np.ndarray:
        """Free coefficients, in the order of `model.names`."""
        return self.solution.theta

    @property
    def cov(self) -> np.ndarray | None:
        """Covariance of the free coefficients; None where none is given."""
        return self.solution.cov

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Wald and likelihood-ratio tests: `wald_terms` and `lr_terms`, all terms but edges; `lr_dependence`, the terms
        through which dyads depend on each other. A likelihood ratio is missing where no likelihood is known.
        """
        return _tests(self)


def fit_ergm(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    terms: Sequence[str],
    dyads: Mapping[str, pd.DataFrame] | None = None,
    directed: bool = True,
    observed: pd.DataFrame | None = None,
    seed: int = 0,
    *,
    offset_coefficients: Mapping[str, float] | None = None,
    estimator: Estimator = "likelihood",
    sampling: Sampling | None = None,
) -> ErgmFit:
    """Fit P(Y = y) proportional to exp(theta'g(y)) by maximum likelihood.

    `nodes`: a row a place, indexed by its label, attributes as columns. `edges`: columns origin, destination, a row a
    tie. `terms`: statnet's notation, for example "nodeicov('HTH')" (`TERMS` in terms.py lists them). `dyads`: n x n
    frames by name, matched by label. `observed`: origin, destination of the dyads that are known, all by default;
    others are unknown, not zero. `offset_coefficients`: a value for each offset(...), by its name as printed.

    Where dyads are independent this is a logistic regression, and where pairs are (mutual) a multinomial one: both
    exact, never simulated (Handcock and others 2008; Holland and Leinhardt 1981). Else it is Monte Carlo maximum
    likelihood (monte_carlo.py), with `sampling` and `seed`; results depend on the number of chains, not of threads.
    `estimator="pseudo"` stops at the pseudo-likelihood; its coefficients have no standard errors where dyads depend.

    Raises NetworkError naming the place, dyad, term or cell at fault, before anything is simulated; DegenerateError,
    with observed and simulated statistics, for a model that has no weight on networks like the one observed.
    """
    refuse(
        (estimator not in ("likelihood", "pseudo"), f"estimator is likelihood or pseudo, found {estimator!r}"),
        error=NetworkError,
    )
    model = model_of(network_of(nodes, edges, dyads, directed, observed), terms, offset_coefficients)
    return fit_model(model, seed, estimator, sampling)


def fit_model(
    model: Model, seed: int = 0, estimator: Estimator = "likelihood", sampling: Sampling | None = None
) -> ErgmFit:
    """The same from a model already made."""
    refuse_unidentified(model)
    if estimator == "pseudo" and model.level != "dyads":
        solution, method = pseudo_likelihood(model), "pseudo"
    elif model.level == "network":
        solution, method = _by_simulation(model, sampling or Sampling(), seed), "mcmc"
    else:
        solution, method = exact(model), "ml"
    return ErgmFit(model, solution, _rows(model, solution, method), _summary(model, solution, method),
                   _evidence(model, solution, method, seed))  # fmt: skip


def exact(model: Model) -> Solution:
    """The maximum of a likelihood that is known, of dyads or of pairs. Raises NetworkError where there is none."""
    if model.level == "dyads":
        place, here = fit_logistic(model.design)
        return _solution(place, here, model.design.scaling.back, np.arange(len(place)))
    design, free = model.part(of_dyads).design, any(one.mutual for one in model.free)
    fixed = sum(value for one, value in zip(model.offsets, model.fixed, strict=True) if one.mutual)
    pairs, k = PairDesign(design, free, fixed), design.k
    start = fit_logistic(design)[0] if k else np.zeros(0)
    place, here = pairs.fit(np.append(start, 0.0) if free else start)
    back = np.eye(len(place))
    if k:
        back[:k, :k] = design.scaling.back
    # Mutual is last inside; the order of the terms is the user's.
    order = np.argsort(np.argsort([one.mutual for one in model.free], kind="stable"), kind="stable")
    return _solution(place, here, back, order)


def _solution(place: np.ndarray, here: Height, back: np.ndarray, order: np.ndarray) -> Solution:
    """In units of the user, in the order of the terms."""
    cov = back @ np.linalg.inv(here.information) @ back.T
    return Solution((back @ place)[order], cov[np.ix_(order, order)], here.value)


def pseudo_likelihood(model: Model) -> Solution:
    """The maximum of the pseudo-likelihood. No covariance: the curvature says far too little about the error."""
    model.design.refuse_collinear()
    place, _ = fit_logistic(model.design)
    return Solution(model.design.scaling.back @ place, None, None)


def _by_simulation(model: Model, sampling: Sampling, seed: int) -> Solution:
    """Monte Carlo maximum likelihood, from the pseudo-likelihood and from the part of the model that is exact."""
    inner = model.part(lambda one: not one.tables)
    base = exact(inner) if inner.free else None
    anchor = np.zeros(len(model.free))
    if base is not None:
        anchor[[not one.tables for one in model.free]] = base.theta
    try:
        start: np.ndarray | None = pseudo_likelihood(model).theta
    except NetworkError:  # it may have no maximum where the likelihood has one
        start = None
    known = base.log_likelihood if base is not None else _fixed(inner)
    assert known is not None
    made = fit_by_simulation(model, start, anchor, known, sampling, seed)
    return Solution(made.theta, made.cov, made.log_likelihood, made)


def _fixed(model: Model) -> float:
    """The log-likelihood of a model without free coefficients, whose offsets are of dyads and pairs."""
    rho = sum(value for one, value in zip(model.offsets, model.fixed, strict=True) if one.mutual)
    design, nothing = model.part(of_dyads).design, np.zeros(0)
    known = PairDesign(design, False, rho).likelihood(nothing) if rho else log_likelihood(design, nothing)
    return known.value


def _log_count(model: Model) -> float:
    """The log-likelihood of a model without any term: every network as likely as another."""
    return -model.network.n_dyads * float(np.log(2))


def _rows(model: Model, solution: Solution, method: str) -> pd.DataFrame:
    errors = np.full(len(model.free), np.nan) if solution.cov is None else np.sqrt(np.diag(solution.cov))
    rows = [
        interval_row({}, name, method, float(value), float(error), float("inf"), CI_LEVEL)
        for name, value, error in zip(model.names, solution.theta, errors, strict=True)
    ]
    rows += [
        {"term": one.name, "effect": "coef", "method": "fixed", "estimate": value}
        for one, value in zip(model.offsets, model.fixed, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(ESTIMATE_COLUMNS))


def _summary(model: Model, solution: Solution, method: str) -> dict[str, Any]:
    """Figures of the fit; n of BIC is the number of observed dyads, ordered if the network is directed."""
    network, k, value = model.network, len(model.free), solution.log_likelihood
    simulated = solution.simulated
    error = 0.0 if simulated is None else simulated.log_likelihood_error
    return {
        "estimator": "ergm",
        "n_obs": network.n_dyads,
        "n_nodes": network.n,
        "n_ties": network.n_ties,
        "density": network.density,
        "log_likelihood": value,
        "log_likelihood_error": None if value is None else error,
        "aic": None if value is None else 2 * k - 2 * value,
        "bic": None if value is None else k * float(np.log(network.n_dyads)) - 2 * value,
        "deviance": None if value is None else -2 * value,
        "null_deviance": -2 * _log_count(model),
        "formula": " + ".join((*model.names, *(one.name for one in model.offsets))),
    }


_MADE = {
    ("dyads", "ml"): "exact: logistic regression over dyads",
    ("pairs", "ml"): "exact: four-state multinomial over pairs",
    ("network", "mcmc"): "Monte Carlo maximum likelihood",
}


def _evidence(model: Model, solution: Solution, method: str, seed: int) -> dict[str, Any]:
    """How the fit was made."""
    network = model.network
    pseudo = "pseudo-likelihood; no standard errors, since those of its curvature are far too small"
    found = {
        "directed": network.directed,
        "places": network.n,
        "dyads": network.n * (network.n - 1) // (1 if network.directed else 2),
        "observed_dyads": network.n_dyads,
        "drops": 0,
        "seed": seed,
        "likelihood": _MADE.get((model.level, method), pseudo),
        "conventions": (
            "columns are scaled inside and scaled back",
            "n of BIC: observed dyads",
            "shared partners are not cut off; decay is fixed",
        ),
        "offsets": dict(zip((one.name for one in model.offsets), model.fixed, strict=True)),
        "statistics": dict(zip(model.names, model.statistics.tolist(), strict=True)),
        "reference": "ergm_288_dyad_independent, ergm_288_mutual, ergm_small_published",
    }
    return found | ({} if solution.simulated is None else solution.simulated.record())


def wald_test(fit: ErgmFit, names: Sequence[str]) -> pd.DataFrame:
    """Wald test that the coefficients `names` are all zero, as a row of `spec_test`.

    Raises NetworkError for a name that is no coefficient and for a fit without covariance.
    """
    absent = [name for name in names if name not in fit.model.names]
    refuse(
        (absent or not names, f"no coefficients {', '.join(absent)}; there are {', '.join(fit.model.names)}"),
        (fit.solution.cov is None, "a fit of the pseudo-likelihood has no covariance to test with"),
        error=NetworkError,
    )
    at = [fit.model.names.index(name) for name in names]
    assert fit.solution.cov is not None
    return chi_squared_rows([("wald", wald(fit.theta[at], fit.solution.cov[np.ix_(at, at)]), len(at))])


def likelihood_ratio(small: ErgmFit, large: ErgmFit) -> pd.DataFrame:
    """Likelihood-ratio test of a model against one that contains it, as a row of `spec_test`.

    Raises NetworkError unless both are of the same ties and observed dyads, the terms of `small` are some of `large`,
    and both have a log-likelihood; and where the error of a simulated one is as large as the statistic.
    """
    one, other = small.model, large.model
    same = np.array_equal(one.network.ties, other.network.ties) and np.array_equal(
        one.network.eligible, other.network.eligible
    )
    extra = set(other.names) - set(one.names)
    values = [fit.solution.log_likelihood for fit in (small, large)]
    refuse(
        (not same, "the models are of different networks"),
        ([name for name in one.names if name not in other.names], "the larger model lacks {}"),
        (not extra, "the models have the same terms"),
        (None in values, "a fit of the pseudo-likelihood has no likelihood to compare"),
        error=NetworkError,
    )
    statistic = 2 * (float(values[1] or 0) - float(values[0] or 0))
    error = 2 * float(np.hypot(*(fit.fit["log_likelihood_error"] for fit in (small, large))))
    refuse(
        (error > 0 and statistic <= error, f"the ratio {statistic:.3g} is within its error of simulation {error:.2g}"),
        error=NetworkError,
    )
    return chi_squared_rows([("lr", statistic, len(extra))])


def _tests(fit: ErgmFit) -> pd.DataFrame:
    model, made = fit.model, []
    others = [name for name in model.names if name != "edges"]
    if others and fit.solution.cov is not None:
        row = wald_test(fit, others).iloc[0]
        made.append(("wald_terms", float(row["statistic"]), len(others)))
    value = fit.solution.log_likelihood
    if value is None:
        return chi_squared_rows(made)
    smaller = {
        "lr_terms": model.part(lambda one: one.name == "edges" or one.offset),
        "lr_dependence": model.part(lambda one: of_dyads(one) or one.offset),
    }
    for name, small in smaller.items():
        if small.free and small.level != "network" and small.names != model.names:
            statistic = 2 * (value - float(exact(small).log_likelihood or 0))
            made.append((name, statistic, len(model.free) - len(small.free)))
    return chi_squared_rows(made)
