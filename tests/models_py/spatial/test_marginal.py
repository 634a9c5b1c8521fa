"""The marginal likelihood against one integrated without closed forms, on data transformed explicitly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from models_py.spatial.likelihood import Likelihood, counted
from models_py.spatial.marginal import log_marginal, posterior, unit_g
from models_py.spatial.panel_data import spatial_panel
from tests.models_py.spatial.panels import ring, simulated


def likelihood(model: str, rho: float = 0.4, n: int = 7, periods: int = 4) -> Likelihood:
    weights = ring(n)
    data = simulated(weights, periods, rho, seed=5)
    lagged = ["x1", "x2"] if model in ("sdm", "slx") else []
    panel = spatial_panel(data, "y", ["x1", "x2"], "place", "year", weights, lagged=lagged)
    return Likelihood(panel, model, counted(panel, "transformation"))


def kept(size: int) -> np.ndarray:
    """Orthonormal columns orthogonal to the constant."""
    centre = np.eye(size) - 1 / size
    values, vectors = np.linalg.eigh(centre)
    return vectors[:, values > 0.5]


def dense(of: Likelihood, g: float) -> float:
    """The same integral over beta, sigma2 and rho: a normal density with the coefficients' variance in it, numerically
    integrated over ln sigma2 and rho.
    """
    panel = of.panel
    (t, n), w = panel.shape, panel.weights.matrix
    years, places = kept(t), kept(n)
    small = places.T @ w @ places

    def turned(cube: np.ndarray) -> np.ndarray:
        return (
            np.einsum("ts,tn...,nm->sm...", years, cube, places)
            if cube.ndim == 2
            else np.stack([turned(cube[:, :, column]) for column in range(cube.shape[2])], axis=2)
        )

    y, x = turned(panel.y), turned(panel.x)

    def given(rho: float) -> float:
        a = np.eye(n - 1) - rho * small
        outcome = (y @ a.T).ravel()
        design = (np.einsum("ij,tjk->tik", a, x) if of.model == "sem" else x).reshape(len(outcome), -1)
        shape = np.eye(len(outcome)) + design @ np.linalg.inv(g * design.T @ design) @ design.T
        quadratic = float(outcome @ np.linalg.solve(shape, outcome))
        constant = (t - 1) * np.linalg.slogdet(a)[1] - np.linalg.slogdet(shape)[1] / 2
        m = len(outcome)

        def density(log_s2: float) -> float:
            return constant - m / 2 * (math.log(2 * math.pi) + log_s2) - quadratic / 2 * math.exp(-log_s2)

        mode = math.log(quadratic / m)
        area = quad(lambda one: math.exp(density(one) - density(mode)), mode - 15, mode + 15, epsrel=1e-11, limit=400)
        return density(mode) + math.log(area[0])

    if of.model == "slx":
        return given(0.0)
    low, high = panel.weights.interval
    top = max(given(rho) for rho in np.linspace(low, high, 41)[1:-1])
    area = quad(lambda rho: math.exp(given(rho) - top), low + 1e-9, high - 1e-9, epsrel=1e-8, limit=200)
    return top + math.log(area[0]) - math.log(high - low)


@pytest.mark.parametrize("model", ["sdm", "sar", "sem", "slx"])
def test_the_closed_form_is_the_integral(model: str) -> None:
    of = likelihood(model)
    assert log_marginal(of, 0.05) == pytest.approx(dense(of, 0.05), abs=1e-6)


def test_the_default_prior_is_the_benchmark() -> None:
    of = likelihood("sdm")
    assert unit_g(of) == 1 / max(of.counts.n, 16)
    assert log_marginal(of) == log_marginal(of, unit_g(of))


def test_the_model_that_made_the_data_is_the_likeliest() -> None:
    found = {model: log_marginal(likelihood(model, rho=0.6, n=25, periods=8)) for model in ("sdm", "sar", "sem", "slx")}
    assert max(found, key=found.__getitem__) == "sdm"
    probabilities = posterior(list(found.values()))
    assert probabilities.sum() == pytest.approx(1) and probabilities[0] > 0.95
    assert posterior([-2000.0, -2000.0 + math.log(3)]) == pytest.approx([0.25, 0.75])


def test_both_dependences_are_refused() -> None:
    with pytest.raises(ValueError, match="sar, sdm, sem and slx"):
        log_marginal(likelihood("sac"))
