"""The marginal likelihood of a spatial panel model, for posterior odds over weights and models.

Belongs here: the integral over the parameters, and the probabilities that follow. Does not belong here: the likelihood
itself (likelihood.py), which weights and models are compared.

LeSage and Parent (2007), Geographical Analysis 39(3): beta ~ N(0, s2 (g X'X)^-1), Zellner's prior, p(s2) = 1 / s2,
rho uniform on the feasible interval. beta and s2 drop out in closed form; with y* = (I - rho W) y, all after effects,

    p(y | rho) = Gamma(n/2) pi^(-n/2) |J(rho)| (g / (1+g))^(k/2) [S(rho) / (1+g) + g Q(rho) / (1+g)]^(-n/2)

S squares of y* left after X, Q squares of y*. Error dependence: the same with y and X both filtered. n, |J| are what
the transformation of Lee and Yu leaves, so that no effect has a prior. The rest, over rho, is integrated numerically.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.integrate import quad
from scipy.special import gammaln, logsumexp

from models_py.spatial.likelihood import Likelihood

# Points at which the height and place of the integrand are looked for.
_GRID = 401


def unit_g(likelihood: Likelihood) -> float:
    """The benchmark prior of Fernandez, Ley and Steel (2001): 1 / max(n, k^2)."""
    return 1 / max(likelihood.counts.n, len(likelihood.panel.terms) ** 2)


def log_marginal(likelihood: Likelihood, g: float | None = None) -> float:
    """ln p(y | model), of SAR, SDM, SEM and SLX. Raises ValueError for a model with both dependences."""
    if likelihood.model == "sac":
        raise ValueError("the marginal likelihood is given for sar, sdm, sem and slx")
    prior = unit_g(likelihood) if g is None else g
    if likelihood.model == "slx":
        return log_given(likelihood, 0.0, prior)
    low, high = likelihood.searched
    points = low + (high - low) * (1 - np.cos(np.linspace(0, math.pi, _GRID + 2)[1:-1])) / 2
    heights = np.array([log_given(likelihood, float(one), prior) for one in points])
    best = int(heights.argmax())
    top, at = float(heights[best]), float(points[best])

    def density(rho: float) -> float:
        return math.exp(log_given(likelihood, rho, prior) - top)

    # Beyond where it has fallen by e^-40 nothing is added.
    near = points[heights > top - 40]
    step = float(np.diff(points).max())
    ends = max(low, float(near[0]) - step), min(high, float(near[-1]) + step)
    area = quad(density, *ends, points=[at], limit=200, epsabs=0, epsrel=1e-9)[0]
    return top + math.log(area) - math.log(high - low)


def log_given(likelihood: Likelihood, rho: float, g: float) -> float:
    """ln p(y | rho), rho being lambda in SEM."""
    error = likelihood.model == "sem"
    left, whole = _squares(likelihood, rho, error)
    n, k = likelihood.counts.n, len(likelihood.panel.terms)
    jacobian = float(likelihood.jacobian(np.asarray(rho))) if rho else 0.0
    mixed = (left + g * whole) / (1 + g)
    constant = float(gammaln(n / 2)) - n / 2 * math.log(math.pi)
    return constant + jacobian + k / 2 * math.log(g / (1 + g)) - n / 2 * math.log(mixed)


def _squares(likelihood: Likelihood, rho: float, error: bool) -> tuple[float, float]:
    """Squares of the filtered outcome, left after the regressors and in all."""
    panel = likelihood.panel
    y = panel.y_free - rho * panel.wy_free
    if error:
        moments, _ = likelihood.solved(rho)
        return float(moments[0, 0]), float(np.sum(y**2))
    moments, _ = likelihood.solved(0.0)
    return float(moments[0, 0] - 2 * rho * moments[0, 1] + rho**2 * moments[1, 1]), float(np.sum(y**2))


def posterior(log_marginals: Sequence[float]) -> np.ndarray:
    """Posterior probabilities of models that were equally likely before."""
    values = np.asarray(log_marginals, dtype="float64")
    return np.asarray(np.exp(values - logsumexp(values)))
