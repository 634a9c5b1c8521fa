"""Restricted wild cluster bootstrap-t of one coefficient, with its interval by test inversion.

Belongs here: the statistics of the draws from sums by cluster, p-values and intervals. Does not belong here: the
published rows (models_py/parts).

With the null imposed (WCR), a draw multiplies the restricted residuals u = y - b x - ... of every cluster by one
random v_g and re-estimates the whole model. Write d for the term after effects, trends and the other regressors, M
for the removal of those, a_g = d_g'u_g, c_g = d_g'd_g and D = sum of c. Then (Roodman, MacKinnon, Nielsen and Webb
2019, "Fast and wild", Stata Journal 19(1); MacKinnon 2023, Econometrics and Statistics 26)

    t*(v) = sum_g a_g v_g / sqrt(sum_g s_g(v)^2),   s(v) = S v,   S_gh = d_g'[M (u 1_h)]_g - c_g a_h / D,

whose CR1 small-sample factor is that of t and cancels. With e the residuals of the full model, u = e - (b - b^) d,
so a and S are linear in the null b: one product of the draws with two G x G matrices serves every null.

The p-value is symmetric and two-sided. The sample itself counts as one of the draws and a tie as exceeding: that keeps
p above zero, and rejecting at p <= alpha is exact when alpha (draws + 1) is whole (Davidson and MacKinnon 2000).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from catalog.base import refuse
from models_py.econometrics.least_squares import ROUNDING
from models_py.econometrics.model_data import ModelData, Partialled, partial_out
from models_py.econometrics.result import EstimationError

Weights = Literal["rademacher", "webb"]
POINTS: dict[Weights, np.ndarray] = {
    "rademacher": np.array([-1.0, 1.0]),
    # Webb (2023, Canadian Journal of Economics 56): six points of mean 0 and variance 1, each with probability 1/6.
    "webb": np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)]),
}
# A variance this small beside the draws' largest is rounding.
DEGENERATE = 1e-14


@dataclass(frozen=True)
class Scores:
    """The pieces of t and t* of a term, by cluster: `a` and `s` at the estimate, `c` and `s_slope` per unit of null.

    At the null b, with g = b - estimate, the numerator's weights are a - g c and the scores (s - g s_slope) v.
    """

    estimate: float
    a: np.ndarray
    c: np.ndarray
    s: np.ndarray
    s_slope: np.ndarray

    def t(self, null: float) -> float:
        """t of the sample without the small-sample factor: (estimate - null) D / sqrt(sum a_g^2)."""
        return (self.estimate - null) * float(self.c.sum()) / float(np.linalg.norm(self.a))

    def statistics(self, v: np.ndarray) -> Callable[[float], np.ndarray]:
        """For draws `v` (B x G): null -> t* (B), without the small-sample factor, infinite where degenerate."""
        top, top_slope = v @ self.a, v @ self.c
        at, slope = v @ self.s.T, v @ self.s_slope.T
        # Equal signs cancel d out of the scores exactly; rounding, times a far null, would break their tie with t.
        size = (slope**2).sum(axis=1)
        slope[size <= ROUNDING * size.max(initial=0.0)] = 0.0
        square, cross, curve = ((p * q).sum(axis=1) for p, q in ((at, at), (at, slope), (slope, slope)))

        def of(null: float) -> np.ndarray:
            gap = null - self.estimate
            variance = square - 2 * gap * cross + gap**2 * curve
            flat = variance <= DEGENERATE * float((square + gap**2 * curve).max())
            # Rounding of a zero variance must not make a finite statistic of it.
            return np.where(flat, np.inf, (top - gap * top_slope) / np.sqrt(np.where(flat, 1.0, variance)))

        return of


def scores(model: Partialled) -> Scores:
    """The G-vectors and G x G matrices of the module's formula."""
    d, estimate = model.regressor, model.estimate
    e = model.outcome - estimate * d
    rows = np.arange(len(d))
    blocks = np.zeros((len(d), len(model.clusters.sizes)))
    blocks[rows, model.clusters.codes] = d
    removed = model.residuals(blocks)  # M is symmetric, so d_g'[M (u 1_h)]_g = (M (d 1_g))_h'u_h
    a, c = (model.clusters.sums((d * values)[:, None])[:, 0] for values in (e, d))
    s, s_slope = (model.clusters.sums(removed * values[:, None]).T for values in (e, d))
    return Scores(estimate, a, c, s - np.outer(c, a) / c.sum(), s_slope - np.outer(c, c) / c.sum())


@lru_cache(maxsize=4)
def draw_weights(weights: Weights, n_clusters: int, draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """B x G multipliers and whether they are every possible combination: those, when no more than `draws` exist.

    Models with as many clusters share them, so they must not be written to.
    """
    refuse(
        (weights not in POINTS, f"weights {weights!r} are not offered; use {', '.join(POINTS)}"),
        (draws < 1, f"draws must be at least 1, found {draws}"),
        error=EstimationError,
    )
    points = POINTS[weights]
    if len(points) ** n_clusters <= draws:
        return points[np.indices([len(points)] * n_clusters).reshape(n_clusters, -1).T], True
    return points[np.random.default_rng(seed).integers(0, len(points), size=(draws, n_clusters))], False


# |t*| and |t| closer than this (relative) are a tie: the sample itself is among the enumerated draws.
TIE = 1e-10
_DOUBLINGS = 40
_HALVINGS = 60


@dataclass(frozen=True)
class WildResult:
    """One coefficient's bootstrap.

    `std_error` and `statistic` are CR1's (the statistic is t for the null 0). `p_value` counts the sample itself among
    the draws: exceeding draws and ties over all of them when enumerated, (1 + those) / (1 + draws) when drawn.
    `p_strict` and `p_with_ties` are the bare shares of draws with |t*| > |t| and |t*| >= |t|. An infinite bound of the
    interval means that no null on that side is rejected. `degenerate`: draws whose variance is zero, counted as
    exceeding.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_strict: float
    p_with_ties: float
    ci_low: float
    ci_high: float
    draws: int
    enumerated: bool
    degenerate: int
    n_clusters: int


def wild_cluster_bootstrap(
    data: ModelData,
    term: str,
    *,
    weights: Weights,
    draws: int = 9999,
    seed: int = 0,
    level: float = 0.95,
) -> WildResult:
    """Restricted wild cluster bootstrap-t of `term`, clusters those of the model, symmetric two-sided.

    The interval holds the nulls whose p-value exceeds 1 - `level`, found from the estimate outwards by doubling and
    bisection; all nulls share the draws. Same data and seed, same result.

    Raises EstimationError as the model's fit does, for a term it does not have, IdentityError for an identity.
    """
    refuse((not 0 < level < 1, f"level must lie between 0 and 1, found {level}"), error=EstimationError)
    model = partial_out(data, term)
    v, enumerated = draw_weights(weights, len(model.clusters.sizes), draws, seed)
    std_error = float(data.fit().estimates["std_error"].to_numpy()[data.regressors.index(term)])
    return bootstrap_result(scores(model), v, enumerated, std_error, level)


def bootstrap_result(
    pieces: Scores,
    v: np.ndarray,
    enumerated: bool,
    std_error: float,
    level: float,
) -> WildResult:
    """p-values and interval from the pieces of t* and the draws `v`; `std_error` is CR1's."""
    statistics, count = pieces.statistics(v), len(v)

    def shares(null: float) -> tuple[float, float, float]:
        size, drawn = abs(pieces.t(null)), np.abs(statistics(null))
        strict, ties = int((drawn > size * (1 + TIE)).sum()), int((drawn >= size * (1 - TIE)).sum())
        return strict / count, ties / count, ties / count if enumerated else (1 + ties) / (1 + count)

    alpha = round(1 - level, 12)
    low, high = (_bound(lambda null: shares(null)[2] > alpha, pieces.estimate, side * std_error) for side in (-1, 1))
    p_strict, p_with_ties, p_value = shares(0.0)
    return WildResult(
        estimate=pieces.estimate,
        std_error=std_error,
        statistic=pieces.estimate / std_error,
        p_value=p_value,
        p_strict=p_strict,
        p_with_ties=p_with_ties,
        ci_low=low,
        ci_high=high,
        draws=count,
        enumerated=enumerated,
        degenerate=int(np.isinf(statistics(0.0)).sum()),
        n_clusters=v.shape[1],
    )


def _bound(kept: Callable[[float], bool], estimate: float, step: float) -> float:
    """The outermost null kept on the side of `step`; infinite when none is rejected within 2^40 steps."""
    inside, outside = 0.0, 1.0
    for _ in range(_DOUBLINGS):
        if not kept(estimate + outside * step):
            break
        inside, outside = outside, 2 * outside
    else:
        return float(np.copysign(np.inf, step))
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if outside - inside <= 1e-9 * outside:
            break
        inside, outside = (middle, outside) if kept(estimate + middle * step) else (inside, middle)
    return estimate + inside * step
