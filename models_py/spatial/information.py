"""Variances of the parameters of a spatial panel model: by the information matrix, and robust ones.

Belongs here: information matrix, scores, sandwich, the additive bias correction. Does not belong here: what is
reported (spatial_durbin.py), effects (effects.py).

Information (Anselin 1988, chapter 6; Lee and Yu 2010), with A = I - rho W, B = I - lambda W, G = B W A^-1 B^-1,
H = W B^-1, z = B W A^-1 (the outcome's mean), all after the effects, for (beta, rho, lambda, sigma2):

    beta beta: X'X / s2       beta rho: X'z / s2        rho rho: m tr(GG + G'G) + z'z / s2     rho s2: m tr G / s2
    rho lambda: m tr(HG + H'G)     lambda lambda: m tr(HH + H'H)     lambda s2: m tr H / s2      s2 s2: n / (2 s2^2)

X is after B. Where the transformation removes time effects, G and H are J G J and J H J, J = I - 11'/N.
"""

from dataclasses import dataclass

import numpy as np

from models_py.econometrics.result import EstimationError
from models_py.spatial.likelihood import Likelihood, Optimum
from models_py.spatial.panel_data import SpatialPanel


@dataclass(frozen=True)
class Information:
    """`matrix`: information of (beta, rho, lambda, sigma2), those of the model alone; `names`: what they are."""

    matrix: np.ndarray
    names: tuple[str, ...]

    @property
    def covariance(self) -> np.ndarray:
        """Its inverse, scaled first so that units do not matter."""
        scale = np.sqrt(np.abs(np.diag(self.matrix)))
        return np.asarray(np.linalg.inv(self.matrix / np.outer(scale, scale)) / np.outer(scale, scale))


@dataclass(frozen=True)
class _Operators:
    """G and H (n x n), and z (N T) after the effects; `x`: the regressors after B and the effects (N T x K)."""

    g: np.ndarray
    h: np.ndarray
    z: np.ndarray
    x: np.ndarray


def _operators(likelihood: Likelihood, at: Optimum, toolbox: bool) -> _Operators:
    panel, w = likelihood.panel, likelihood.panel.weights.matrix
    one, n = np.eye(len(w)), len(w)
    inverse = np.linalg.inv(one - at.rho * w) if at.rho else one
    b = one - at.lam * w
    g, h = w @ inverse, (w @ np.linalg.inv(b) if at.lam else w)
    if at.lam:
        g = b @ g @ np.linalg.inv(b)
    x = panel.x - at.lam * panel.weights.lag(panel.x) if at.lam else panel.x
    x = panel.free(x)
    if toolbox:
        mean = (panel.x_free @ at.beta).reshape(panel.shape)
        z = mean @ g.T
    else:
        # B (I - rho W) y - e is the mean of the filtered outcome, effects included.
        outcome = panel.y - at.rho * panel.wy
        outcome = outcome - at.lam * panel.weights.lag(outcome) if at.lam else outcome
        z = panel.free((outcome - at.residuals) @ g.T)
    if likelihood.counts.r is not None:
        centre = one - 1 / n
        g, h = centre @ g @ centre, centre @ h @ centre
    return _Operators(g, h, z.ravel(), x.reshape(-1, x.shape[2]))


def information(likelihood: Likelihood, at: Optimum, toolbox: bool = False) -> Information:
    """The information matrix at a point.

    `toolbox`: the convention of Elhorst's toolbox and SDPDmod, which do not remove the effects from G X beta again.
    """
    s2, m, n = at.sigma2, likelihood.counts.m, likelihood.counts.n
    made = _operators(likelihood, at, toolbox)
    k, g, h, z, x = made.x.shape[1], made.g, made.h, made.z, made.x
    full = np.zeros((k + 3, k + 3))
    full[:k, :k] = x.T @ x / s2
    full[:k, k] = full[k, :k] = x.T @ z / s2
    full[k, k] = m * (np.sum(g * g.T) + np.sum(g * g)) + z @ z / s2
    full[k, k + 1] = full[k + 1, k] = m * (np.sum(h * g.T) + np.sum(h * g))
    full[k + 1, k + 1] = m * (np.sum(h * h.T) + np.sum(h * h))
    full[k, k + 2] = full[k + 2, k] = m * np.trace(g) / s2
    full[k + 1, k + 2] = full[k + 2, k + 1] = m * np.trace(h) / s2
    full[k + 2, k + 2] = n / (2 * s2**2)
    kept = kept_parameters(likelihood, k)
    names = (*likelihood.panel.terms, "rho", "lambda", "sigma2")
    return Information(full[np.ix_(kept, kept)], tuple(names[place] for place in kept))


def kept_parameters(likelihood: Likelihood, k: int) -> list[int]:
    """Places of the model's parameters among (beta, rho, lambda, sigma2)."""
    spatial = {"sar": [k], "sdm": [k], "sem": [k + 1], "slx": [], "sac": [k, k + 1]}[likelihood.model]
    return [*range(k), *spatial, k + 2]


def scores(likelihood: Likelihood, at: Optimum) -> np.ndarray:
    """Scores of each period and place (T x n x parameters), which sum to the gradient.

    e'Ge pairs the errors of places i and j; each pair is given to the later one, so that the scores of places are
    martingale differences and their products estimate the variance (Kelejian and Prucha 2001).
    """
    made, panel = _operators(likelihood, at, False), likelihood.panel
    (t, n), s2, e = panel.shape, at.sigma2, at.residuals
    k = made.x.shape[1]
    out = np.empty((t, n, k + 3))
    out[:, :, :k] = made.x.reshape(t, n, k) * e[:, :, None] / s2
    for place, operator, mean in ((k, made.g, made.z.reshape(t, n)), (k + 1, made.h, np.zeros((t, n)))):
        pairs = e @ np.tril(operator + operator.T, -1).T
        diagonal = np.diag(operator)
        out[:, :, place] = (e * (mean + pairs) + diagonal * (e**2 - s2)) / s2
    out[:, :, k + 2] = (e**2 - s2) / (2 * s2**2)
    return out[:, :, kept_parameters(likelihood, k)]


def robust_covariance(likelihood: Likelihood, at: Optimum, kind: str) -> np.ndarray:
    """Sandwich of the information matrix around scores summed by place ("cluster"), or by period with correlation
    between periods ("driscoll_kraay": Bartlett weights up to lag floor(4 (T/100)^(2/9)), Driscoll and Kraay 1998).

    Raises EstimationError for another kind.
    """
    bread = information(likelihood, at).covariance
    each = scores(likelihood, at)
    t, n = likelihood.panel.shape
    if kind == "cluster":
        sums = each.sum(axis=0)
        meat = sums.T @ sums * n / (n - 1)
    elif kind == "driscoll_kraay":
        sums = each.sum(axis=1)
        meat, lags = sums.T @ sums, int(4 * (t / 100) ** (2 / 9))
        for lag in range(1, min(lags, t - 1) + 1):
            cross = sums[lag:].T @ sums[:-lag]
            meat = meat + (1 - lag / (lags + 1)) * (cross + cross.T)
    else:
        raise EstimationError(f"vcov must be ml, cluster or driscoll_kraay, found {kind!r}")
    return np.asarray(bread @ meat @ bread)


def additive_correction(likelihood: Likelihood, at: Optimum) -> Optimum:
    """The correction of Lee and Yu (2010) as Elhorst (2014, section 3.3.3) adds it to the maximum.

    Both effects: parameters + (information / N T)^-1 (0, 1 / (1 - rho), 1 / (2 sigma2)) / N, then sigma2 T / (T - 1).
    Entity effects: sigma2 T / (T - 1); time effects: sigma2 N / (N - 1). Rows of the weights are taken to sum to 1.
    """
    panel: SpatialPanel = likelihood.panel
    t, n = panel.shape
    if panel.effects != "two-way":
        factor = {"entity": t / (t - 1), "time": n / (n - 1), "none": 1.0}[panel.effects]
        return Optimum(at.beta, at.rho, at.lam, at.sigma2 * factor, at.log_likelihood, at.residuals)
    found = information(likelihood, at, toolbox=True)
    value = {**dict(zip(panel.terms, at.beta, strict=True)), "rho": at.rho, "lambda": at.lam, "sigma2": at.sigma2}
    bias = {"rho": 1 / (1 - at.rho), "lambda": 1 / (1 - at.lam), "sigma2": 1 / (2 * at.sigma2)}
    shift = np.linalg.solve(found.matrix / (n * t), [bias.get(name, 0.0) for name in found.names]) / n
    value |= {name: value[name] + float(change) for name, change in zip(found.names, shift, strict=True)}
    beta = np.array([value[name] for name in panel.terms])
    return Optimum(beta, value["rho"], value["lambda"], value["sigma2"] * t / (t - 1), at.log_likelihood, at.residuals)
