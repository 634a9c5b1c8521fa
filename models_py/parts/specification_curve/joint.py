"""Joint inference on a specification curve: paths of the term re-assigned among entities, every regression refitted.

Belongs here: the draws, the refits and the three statistics of Simonsohn, Simmons and Nelson (2020, Specification curve
analysis, Nature Human Behaviour 4, 1208-1214). Does not belong here: fitting the data as they are (engine.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models_py.econometrics.absorption import DEPENDENT
from models_py.econometrics.least_squares import ROUNDING
from models_py.parts.specification_curve.engine import Fits
from models_py.parts.specification_curve.groups import Grid, Group, without

STATISTICS = ("median_estimate", "share_significant", "stouffer_z")
ALPHA = 0.05
# Draws refitted at once: few enough for the processor's cache and for products on one thread.
_BATCH = 128


@dataclass(frozen=True)
class Joint:
    """`observed` and `p_value` by statistic; `draws` (draws x 3) the statistics of each re-assignment.

    `used`: specifications refitted; `with_gaps`: those left out because the path of the term has empty cells that a
    re-assignment would move; `undefined`: refits left out because the re-assigned term had no variation left.
    """

    observed: dict[str, float]
    p_value: dict[str, float]
    draws: np.ndarray
    used: int
    with_gaps: int
    undefined: int


def joint_inference(grid: Grid, fits: Fits, draws: int, seed: int) -> Joint:
    """Two-sided p-values of three statistics of the whole curve under re-assignment of the term's paths.

    One draw orders the entities at random; in each specification those it uses receive, in their own order, the paths
    of the same entities in the drawn order, so that every specification sees one assignment. Outcome and
    controls stay. Statistics: the median of the standardised estimates; the share of estimates that have the curve's
    more frequent sign and p < 0.05; Stouffer's sum of z / sqrt(specifications), z the signed normal quantile of the
    two-sided p-value. p = (1 + draws at least as large in size) / (1 + draws). The null is that paths are exchangeable
    between entities; refits keep the standard deviations of the data as they are.
    """
    rng = np.random.default_rng([seed, 1])
    orders = np.array([rng.permutation(int(grid.entity.max()) + 1) for _ in range(draws)])
    with_gaps = {number for group in fits.groups for number in _with_gaps(grid, group)}
    used = np.array([n for n in np.flatnonzero(~np.isnan(fits.estimate)).tolist() if n not in with_gaps], dtype=int)
    if not used.size:
        return Joint({}, {}, np.empty((0, 3)), 0, len(with_gaps), 0)
    t = fits.estimate / fits.std_error
    observed = _statistics((fits.estimate * fits.scale)[used, None], t[used, None], fits.df[used])[0]
    rows, undefined = [], 0
    for first in range(0, draws, _BATCH):
        estimate, statistic = refits(grid, fits, orders[first : first + _BATCH])
        estimate = (estimate * fits.scale[:, None])[used]
        undefined += int(np.isnan(estimate).sum())
        rows.append(_statistics(estimate, statistic[used], fits.df[used]))
    drawn = np.concatenate(rows)
    # Re-assignments that reproduce the data differ from them by rounding only.
    extreme = np.abs(drawn) >= np.abs(observed) * (1 - 1e-9)
    p_value = (1 + extreme.sum(axis=0)) / (1 + draws)
    return Joint(
        observed=dict(zip(STATISTICS, observed.tolist(), strict=True)),
        p_value=dict(zip(STATISTICS, p_value.tolist(), strict=True)),
        draws=drawn,
        used=len(used),
        with_gaps=len(with_gaps),
        undefined=undefined,
    )


def refits(grid: Grid, fits: Fits, orders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and t statistics (specifications x draws) under each order of the entities (draws x entities).

    NaN for a specification that cannot be estimated, has gaps in the term's path or loses all variation.
    """
    estimate = np.full((len(fits.estimate), len(orders)), np.nan)
    statistic = estimate.copy()
    for group in fits.groups:
        if not group.blocks:
            continue
        left_out = _with_gaps(grid, group)
        moved = _Moved(grid, group, orders)
        for term in sorted({int(term) for block in group.blocks for term in block.pairs[:, 2]}):
            pairs = [block.pairs[block.pairs[:, 2] == term] for block in group.blocks]
            if any(int(number) in left_out for chosen in pairs for number in chosen[:, 0]):
                continue
            absorbed = moved.absorbed(term)
            smallest = DEPENDENT**2 * np.einsum("ij,ij->j", absorbed, absorbed)
            for block, chosen in zip(group.blocks, pairs, strict=True):
                if not len(chosen):
                    continue
                x = absorbed - block.controls @ (block.controls.T @ absorbed)
                squares = np.add.reduceat(x * x, group.starts, axis=0)
                total = squares.sum(axis=0)
                total[total <= smallest] = np.nan
                for number, outcome, _ in chosen.tolist():
                    products = np.add.reduceat(x * block.outcomes[:, [outcome]], group.starts, axis=0)
                    beta = products.sum(axis=0) / total
                    scores = products - beta * squares
                    estimate[number] = beta
                    spread = np.einsum("ij,ij->j", scores, scores)
                    spread[spread <= ROUNDING * np.einsum("ij,ij->j", products, products)] = np.nan
                    statistic[number] = beta * total / np.sqrt(block.factor * spread)
    return estimate, statistic


class _Moved:
    """The paths of a group's terms after re-assignment, without the effects (rows x draws)."""

    def __init__(self, grid: Grid, group: Group, orders: np.ndarray) -> None:
        self._grid, self._group = grid, group
        donors = orders[np.isin(orders, group.entities)].reshape(len(orders), len(group.entities))
        self._years = np.unique(group.rows % grid.n_years)
        self._balanced = len(group.rows) == len(group.entities) * len(self._years)
        if self._balanced:
            places = np.searchsorted(group.entities, donors)
            self._source = (
                places.T[group.entity] * len(self._years)
                + np.tile(np.arange(len(self._years)), len(group.entities))[:, None]
            )
            regions = group.times[group.time[group.starts]] // 10_000
            self._regions = [np.flatnonzero(regions == region) for region in np.unique(regions)]
        else:
            families = ((group.entities, group.entity), (group.times, group.time))
            dummies = [np.eye(len(levels))[codes] for levels, codes in families]
            left, singular, _ = np.linalg.svd(np.column_stack([*dummies, group.trends]), full_matrices=False)
            self._effects = left[:, singular > 1e-8 * singular[0]]
            self._source = donors.T[group.entity] * grid.n_years + (group.rows % grid.n_years)[:, None]

    def absorbed(self, term: int) -> np.ndarray:
        path = self._grid.columns[:, term]
        if not self._balanced:
            moved = path.take(self._source)
            return without(self._effects, moved - moved.mean(axis=0))
        # Means and trends of entities move with the paths, so they come off before; what entities share, after.
        own = path.reshape(-1, self._grid.n_years)[np.ix_(self._group.entities, self._years)]
        own = own - own.mean(axis=1, keepdims=True)
        if self._group.trends.shape[1]:
            slope = self._years - self._years.mean()
            own = own - np.outer(own @ slope, slope) / (slope @ slope)
        moved = own.take(self._source).reshape(*own.shape, -1)
        for region in self._regions:
            moved[region] -= moved[region].mean(axis=0)
        return moved.reshape(len(self._source), -1)


def _with_gaps(grid: Grid, group: Group) -> set[int]:
    """Specifications whose term is empty in a kept entity in a year that any kept entity has."""
    n_years = grid.n_years
    cells = np.ix_(group.entities, np.unique(group.rows % n_years))
    gaps: set[int] = set()
    for block in group.blocks:
        for number, _, term in block.pairs.tolist():
            if not np.isfinite(grid.columns[:, term].reshape(-1, n_years)[cells]).all():
                gaps.add(number)
    return gaps


def _statistics(estimate: np.ndarray, t: np.ndarray, df: np.ndarray) -> np.ndarray:
    """The three statistics of each column of estimates (specifications x draws); columns as STATISTICS."""
    return np.array(list(_by_draw(estimate, t, df)))


def _by_draw(estimate: np.ndarray, t: np.ndarray, df: np.ndarray) -> Iterator[tuple[float, float, float]]:
    from scipy.special import ndtri, stdtr

    # Below it the normal quantile is minus infinity.
    tail = np.maximum(stdtr(df[:, None], -np.abs(t)), 1e-300)
    z = -np.sign(t) * ndtri(tail)
    for b, s, p in zip(estimate.T, z.T, 2 * tail.T, strict=True):
        defined = ~np.isnan(b)
        n = int(defined.sum())
        if not n:
            yield 0.0, 0.0, 0.0
            continue
        b, s, p = b[defined], s[defined], p[defined]
        sign = 1.0 if 2 * int((b > 0).sum()) >= n else -1.0
        yield (
            float(np.median(b)),
            float(np.mean((np.sign(b) == sign) & (p < ALPHA))),
            float(s.sum() / np.sqrt(n)),
        )
