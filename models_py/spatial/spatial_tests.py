"""Tests that choose between spatial models: Lagrange multipliers, Wald, likelihood ratios, Hausman and Mundlak.

Belongs here: the statistics. Does not belong here: fitting the models they compare (spatial_durbin.py).

LM: Anselin, Le Gallo and Jayet (2008) in their panel form, with e and s2 = e'e / NT of the model without space,
T_W = T tr(WW + W'W), D = (W X b)' M (W X b) / s2 + T_W:

    lm_lag = (e'Wy / s2)^2 / D              robust_lm_lag = (e'Wy / s2 - e'We / s2)^2 / (D - T_W)
    lm_error = (e'We / s2)^2 / T_W          robust_lm_error = (e'We / s2 - T_W/D e'Wy / s2)^2 / (T_W (1 - T_W/D))
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models_py.econometrics.chi_squared import chi_squared_rows, wald
from models_py.econometrics.result import EstimationError
from models_py.spatial.panel_data import Effects, SpatialPanel, spatial_panel
from models_py.spatial.weights import Islands

LM_TESTS = ("lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error")


def panel_lm_tests(
    df: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    entity: str,
    time: str,
    weights: pd.DataFrame,
    effects: Effects = "none",
    islands: Islands = "error",
) -> pd.DataFrame:
    """LM tests of a lag and of an error dependence, plain and robust, after least squares with `effects`.

    Returns the columns of `spec_test`: test, statistic, df (1 each), p_value (chi-squared). e is free of the effects;
    W X b is not freed of them again, as published (Elhorst 2014, Table 3.1). lm_lag + robust_lm_error equals
    lm_error + robust_lm_lag. Raises as `spatial_panel`.
    """
    panel = spatial_panel(df, outcome, regressors, entity, time, weights, effects=effects, islands=islands)
    return chi_squared_rows(list(zip(LM_TESTS, lm_statistics(panel), [1] * 4, strict=True)))


def lm_statistics(panel: SpatialPanel) -> tuple[float, ...]:
    """The four statistics, in the order of `LM_TESTS`."""
    w, x, (t, n) = panel.weights.matrix, panel.x_free, panel.shape
    y = panel.y_free.ravel()
    basis, _ = np.linalg.qr(x / np.linalg.norm(x, axis=0))
    fitted = basis @ (basis.T @ y)
    e = y - fitted
    s2 = float(e @ e) / (n * t)
    lag_fitted = panel.weights.lag(fitted.reshape(t, n)).ravel()
    trace = t * float(np.sum(w * w.T) + np.sum(w * w))
    if panel.effects == "none":  # the intercept is a regressor like the others
        lag_fitted = lag_fitted - lag_fitted.mean()
    rest = lag_fitted - basis @ (basis.T @ lag_fitted)
    d = float(rest @ rest) / s2 + trace
    of_lag = float(e @ panel.wy_free.ravel()) / s2
    of_error = float(e @ panel.weights.lag(e.reshape(t, n)).ravel()) / s2
    return (
        of_lag**2 / d,
        of_error**2 / trace,
        (of_lag - of_error) ** 2 / (d - trace),
        (of_error - trace / d * of_lag) ** 2 / (trace * (1 - trace / d)),
    )


def moran_of_residuals(panel: SpatialPanel) -> tuple[float, float]:
    """Moran's I of the residuals of least squares after the effects, and its z under normality.

    With P the projection on what the regressors and effects leave (Cliff and Ord 1981, section 8.3): for symmetric
    K = (W + W') / 2 over all periods, E(e'Ke / e'e) = tr(PK) / df and
    Var = 2 [tr(PKPK) df - tr(PK)^2] / (df^2 (df + 2)).
    """
    x, (t, n) = panel.x_free, panel.shape
    basis, _ = np.linalg.qr(x / np.linalg.norm(x, axis=0))
    y = panel.y_free.ravel()
    e = y - basis @ (basis.T @ y)
    k = (panel.weights.matrix + panel.weights.matrix.T) / 2
    df = t * n - panel.absorbed - x.shape[1]
    scale = n * t / (t * float(panel.weights.matrix.sum()))
    statistic = float(np.einsum("ti,ij,tj->", e.reshape(t, n), k, e.reshape(t, n), optimize=True) / (e @ e))
    first, second = _projected_traces(panel, k, basis)
    mean = first / df
    variance = 2 * (second * df - first**2) / (df**2 * (df + 2))
    return scale * statistic, (statistic - mean) / float(np.sqrt(variance))


def _projected_traces(panel: SpatialPanel, k: np.ndarray, basis: np.ndarray) -> tuple[float, float]:
    """tr(PK) and tr(PKPK) with P = M - QQ', M removing the effects and Q the basis of the regressors after them.

    M is a product of matrices on periods and on places, so that the traces without Q need no NT x NT matrix.
    """
    (t, n), q = panel.shape, basis.shape[1]
    on_time = np.eye(t) - (1 / t if panel.effects in ("two-way", "entity") else 0)
    on_place = np.eye(n) - (1 / n if panel.effects in ("two-way", "time") else 0)
    if panel.effects == "none":
        grand = float(k.sum()) / n
        squared = float(np.sum((k @ np.ones(n)) ** 2)) / n
        first = t * float(np.trace(k)) - grand
        second = t * float(np.sum(k * k)) - 2 * squared + grand**2
    else:
        inner = on_place @ k
        first = float(np.trace(on_time)) * float(np.trace(inner))
        second = float(np.trace(on_time)) * float(np.sum(inner * inner.T))
    cube = basis.reshape(t, n, q)
    lagged = panel.free(np.einsum("ij,tjq->tiq", k, cube, optimize=True)).reshape(-1, q)
    small = basis.T @ lagged
    return (
        first - float(np.trace(small)),
        second - 2 * float(np.sum(lagged * lagged)) + float(np.sum(small * small.T)),
    )


def hausman(first: np.ndarray, second: np.ndarray, difference: np.ndarray) -> float:
    """(b - b')' D^-1 (b - b') of two estimates, D the difference of their covariances.

    Raises EstimationError where D is not positive definite: the statistic is not defined then.
    """
    scale = np.sqrt(np.abs(np.diag(difference)))
    if not (np.diag(difference) > 0).all() or np.linalg.eigvalsh(difference / np.outer(scale, scale)).min() <= 1e-10:
        raise EstimationError("Hausman is not defined on this sample: the difference of covariances is not positive")
    return wald(first - second, difference)
