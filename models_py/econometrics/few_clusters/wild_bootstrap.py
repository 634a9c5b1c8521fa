"""Restricted wild cluster bootstrap-t of one coefficient, with its interval by test inversion.

Belongs here: p-values and intervals. Does not belong here: the statistics of the draws and their formula
(wild_scores.py), and the published rows (models_py/parts).

The p-value is symmetric and two-sided. The sample itself counts as one of the draws and a tie as exceeding: that keeps
p above zero, and rejecting at p <= alpha is exact when alpha (draws + 1) is whole (Davidson and MacKinnon 2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models_py.econometrics.few_clusters.fwl import partial_out
from models_py.econometrics.few_clusters.wild_scores import Scores, Weights, draw_weights, scores
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError

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

    term: str
    weights: Weights
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_strict: float
    p_with_ties: float
    ci_low: float
    ci_high: float
    ci_level: float
    draws: int
    enumerated: bool
    degenerate: int
    n_clusters: int
    seed: int


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
    if not 0 < level < 1:
        raise EstimationError(f"level must lie between 0 and 1, found {level}")
    model = partial_out(data, term)
    v, enumerated = draw_weights(weights, model.n_clusters, draws, seed)
    std_error = float(data.fit().estimates["std_error"].to_numpy()[data.regressors.index(term)])
    return bootstrap_result(scores(model), v, enumerated, term, weights, std_error, seed, level)


def bootstrap_result(
    pieces: Scores,
    v: np.ndarray,
    enumerated: bool,
    term: str,
    weights: Weights,
    std_error: float,
    seed: int,
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
        term=term,
        weights=weights,
        estimate=pieces.estimate,
        std_error=std_error,
        statistic=pieces.estimate / std_error,
        p_value=p_value,
        p_strict=p_strict,
        p_with_ties=p_with_ties,
        ci_low=low,
        ci_high=high,
        ci_level=level,
        draws=count,
        enumerated=enumerated,
        degenerate=int(np.isinf(statistics(0.0)).sum()),
        n_clusters=v.shape[1],
        seed=seed,
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
