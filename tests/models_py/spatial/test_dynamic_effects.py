"""Short- and long-run effects of a dynamic model against the dense matrices and numeric derivatives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from models_py.spatial import SpatialFit, fit_spatial_durbin
from models_py.spatial.effects import stationary
from models_py.spatial.weights import Weights
from tests.models_py.spatial.panels import ring, simulated


def dynamic_panel(weights: pd.DataFrame, periods: int, rho: float, tau: float, eta: float) -> pd.DataFrame:
    """The static panel's regressors, with an outcome that follows on that of the period before."""
    data = simulated(weights, periods, 0.0, seed=9)
    w, n = weights.to_numpy(), len(weights)
    drive = data["y"].to_numpy().reshape(periods, n)
    y = np.zeros((periods, n))
    before = np.zeros(n)
    for t in range(periods):
        before = y[t] = np.linalg.solve(np.eye(n) - rho * w, tau * before + eta * w @ before + drive[t])
    return data.assign(y=y.ravel())


def fitted(dynamic: str | None, model: str = "sdm", **options: object) -> tuple[SpatialFit, pd.DataFrame]:
    weights = ring(15)
    data = dynamic_panel(weights, 20, 0.3, 0.4, -0.1)
    fit = fit_spatial_durbin(
        data, "y", ["x1", "x2"], "place", "year", weights, model=model, dynamic=dynamic, draws=4000, **options
    )
    return fit, weights


def dense(values: dict[str, float], w: np.ndarray, long: bool) -> list[float]:
    """direct, indirect and total of x1 from the matrices."""
    one = np.eye(len(w))
    tau, eta = (values.get("lag_y", 0.0), values.get("lag_W_y", 0.0)) if long else (0.0, 0.0)
    left = (1 - tau) * one - (values.get("rho", 0.0) + eta) * w
    s = np.linalg.inv(left) @ (values["x1"] * one + values.get("W_x1", 0.0) * w)
    direct, total = np.trace(s) / len(w), s.sum() / len(w)
    return [direct, total - direct, total]


@pytest.mark.parametrize(("dynamic", "model"), list(product(["y", "wy", "both"], ["sdm", "sar", "sem", "slx"])))
def test_effects_are_those_of_the_matrices(dynamic: str, model: str) -> None:
    fit, weights = fitted(dynamic, model)
    rows = fit.estimates.set_index(["term", "effect", "method"])["estimate"]
    values = dict(zip(fit.names, [fit.value(name) for name in fit.names], strict=True))
    for lead, long in (("", False), ("long_", True)):
        expected = dense(values, weights.to_numpy(), long)
        for method in ("delta", "simulation"):
            found = [rows["x1", f"{lead}{kind}", method] for kind in ("direct", "indirect", "total")]
            assert found == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("dynamic", ["y", "both"])
def test_delta_errors_are_those_of_numeric_derivatives(dynamic: str) -> None:
    fit, weights = fitted(dynamic)
    at = np.array([fit.value(name) for name in fit.names])

    def effects(values: np.ndarray) -> np.ndarray:
        return np.array(dense(dict(zip(fit.names, values, strict=True)), weights.to_numpy(), True))

    steps = np.eye(len(at)) * 1e-6
    gradient = np.stack([(effects(at + step) - effects(at - step)) / 2e-6 for step in steps], axis=1)
    expected = np.sqrt(np.einsum("ij,jk,ik->i", gradient, fit.cov, gradient))
    rows = fit.estimates.set_index(["term", "effect", "method"])["std_error"]
    # The long run is far from linear in tau: drawn values scatter more than a straight line says.
    for method, tolerance in (("delta", 1e-6), ("simulation", 0.2)):
        found = [rows["x1", f"long_{kind}", method] for kind in ("direct", "indirect", "total")]
        assert found == pytest.approx(expected.tolist(), rel=tolerance)


def test_the_long_run_is_larger_and_near_the_truth() -> None:
    rows = fitted("both")[0].estimates.set_index(["term", "effect", "method"])["estimate"]
    # True: beta 1, theta 0.3, rho 0.3, tau 0.4, eta -0.1, rows of W sum to 1.
    assert rows["x1", "total", "delta"] == pytest.approx(1.3 / 0.7, rel=0.1)
    assert rows["x1", "long_total", "delta"] == pytest.approx(1.3 / (1 - 0.4 - 0.2), rel=0.15)


def test_a_static_model_has_no_long_run() -> None:
    fit, _ = fitted(None)
    assert not fit.estimates["effect"].str.startswith("long").any()


def test_an_explosive_model_has_no_long_run() -> None:
    weights = ring(15)
    data = simulated(weights, 12, 0.0, seed=9)
    growth = 1.3 ** (data["year"] - 2000) * data["place"].map(dict(enumerate(np.linspace(-3, 3, 15))))
    fit = fit_spatial_durbin(
        data.assign(y=data["y"] * 0.1 + growth), "y", ["x1", "x2"], "place", "year", weights, dynamic="y"
    )
    assert fit.value("lag_y") > 1
    assert not fit.estimates["effect"].str.startswith("long").any()


def test_stationarity_is_that_of_the_companion_matrix() -> None:
    w = ring(9).to_numpy()
    weights, random = Weights(tuple(range(9)), w), np.random.default_rng(0)
    rho, tau, eta = (random.uniform(-1.2, 1.2, 200) for _ in range(3))
    found = stationary(weights, rho, tau, eta)
    for one, (r, t, e) in enumerate(zip(rho, tau, eta, strict=True)):
        roots = np.linalg.eigvals(np.linalg.solve(np.eye(9) - r * w, t * np.eye(9) + e * w))
        assert found[one] == (np.abs(roots).max() < 1)
    assert 0 < found.sum() < 200
