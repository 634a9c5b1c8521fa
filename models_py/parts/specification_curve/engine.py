"""Thousands of two-way fixed-effects regressions of one term each, numpy in and numpy out.

Belongs here: coefficients and standard errors. By the theorem of Frisch, Waugh and Lovell the coefficient of the term
and its CR1 variance need only outcome and term after effects, trends and controls; the results are those of
`fit_two_way_fe`. Does not belong here: absorbing and refusals (groups.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models_py.econometrics.least_squares import ROUNDING, term_fits
from models_py.econometrics.result import CI_LEVEL
from models_py.parts.specification_curve.groups import Design, Grid, Group, Reason, grouped, without

# Pairs of outcome and term fitted in one matrix operation: bounds memory, not results.
_BATCH = 2048


@dataclass(frozen=True)
class Fits:
    """One entry per regression, NaN where it cannot be estimated; `reasons` says why, by number.

    `scale`: standard deviation of the term over that of the outcome, over the rows used. `groups`: for joint.py.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    n_obs: np.ndarray
    scale: np.ndarray
    reasons: dict[int, Reason]
    groups: list[Group]


def fit(grid: Grid, designs: Sequence[Design]) -> Fits:
    """Coefficient of the term in every design, CR1 standard errors by entity, t with G - 1 degrees of freedom.

    Rows with an empty cell in any column of a design are left out of it. Small-sample factor
    G/(G-1) x (N-1)/(N-k), k counting regressors, trends and year effects, as `fit_two_way_fe`.
    """
    from scipy.special import stdtr, stdtrit

    groups = grouped(grid, designs)
    estimate, variance, scale, df = (np.full(len(designs), np.nan) for _ in range(4))
    n_obs = np.zeros(len(designs), dtype="int64")
    reasons: dict[int, Reason] = {}
    for group in groups:
        reasons |= group.reasons
        for block in group.blocks:
            for first in range(0, len(block.pairs), _BATCH):
                pairs = block.pairs[first : first + _BATCH]
                numbers = pairs[:, 0]
                terms = [group.position[term] for term in pairs[:, 2].tolist()]
                outcomes = [group.position[designs[number].outcome] for number in numbers.tolist()]
                y, x = block.outcomes[:, pairs[:, 1]], without(block.basis, group.residuals[:, terms])
                made = term_fits(x, y, partial(np.add.reduceat, indices=group.starts, axis=0))
                estimate[numbers] = made.beta
                meat = np.einsum("ij,ij->j", made.scores, made.scores)
                spread = block.factor * meat / made.squares**2
                # Scores that are rounding, as those of two entities always are, make no variance.
                rounding = ROUNDING * np.mean(made.u_hat**2, axis=0) / made.squares
                variance[numbers] = np.where(spread > rounding, spread, 0.0)
                df[numbers], n_obs[numbers] = len(group.entities) - 1, len(group.rows)
                scale[numbers] = group.sd[terms] / group.sd[outcomes]
    for number in np.flatnonzero(~np.isnan(estimate) & ~(variance > 0)).tolist():
        reasons[number] = ("the CR1 variance is not positive", "CR1方差不为正")
        estimate[number] = np.nan
    std_error = np.sqrt(np.where(np.isnan(estimate), np.nan, variance))
    half = stdtrit(df, 0.5 + CI_LEVEL / 2) * std_error
    return Fits(
        estimate=estimate,
        std_error=std_error,
        p_value=2 * stdtr(df, -np.abs(estimate / std_error)),
        ci_low=estimate - half,
        ci_high=estimate + half,
        df=df,
        n_obs=n_obs,
        scale=scale,
        reasons=dict(sorted(reasons.items())),
        groups=groups,
    )
