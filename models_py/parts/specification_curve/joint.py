"""Joint inference on a specification curve: paths of the term re-assigned among entities, every regression refitted.

Belongs here: the draws, the refits and the three statistics of Simonsohn, Simmons and Nelson (2020, Specification curve
analysis, Nature Human Behaviour 4, 1208-1214). Does not belong here: fitting the data as they are (engine.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models_py.econometrics.absorption import DEPENDENT
from models_py.econometrics.least_squares import ROUNDING
from models_py.parts.specification_curve.engine import Block, Fits, Grid, Group, without

STATISTICS = ("median_estimate", "share_significant", "stouffer_z")
ALPHA = 0.05
# Draws refitted at once: bounds memory, not results.
_BATCH = 512


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


@dataclass(frozen=True)
class _Paths:
    """A term after re-assignment, without the effects: its sums of squares within entities (entities x draws), and what
    gives those of its products with columns (columns x entities x draws).
    """

    squares: np.ndarray
    products: Callable[[np.ndarray], np.ndarray]


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
    with_gaps = {
        number
        for group in fits.groups
        for gaps in [_with_gaps(grid, group)]
        for block in group.blocks
        for number, _, term in block.pairs.tolist()
        if term in gaps
    }
    used = np.array([n for n in np.flatnonzero(~np.isnan(fits.estimate)).tolist() if n not in with_gaps], dtype=int)
    if not used.size:
        return Joint({}, {}, np.empty((0, 3)), 0, len(with_gaps), 0)
    t, standardised = fits.estimate / fits.std_error, fits.estimate * fits.scale
    observed = _statistics(standardised[used, None], t[used, None], fits.df[used])[0]
    rows, undefined = [], 0
    for first in range(0, draws, _BATCH):
        estimate, statistic = refits(grid, fits, orders[first : first + _BATCH])
        estimate = (estimate * fits.scale[:, None])[used]
        undefined += int(np.isnan(estimate).sum())
        rows.append(_statistics(estimate, statistic[used], fits.df[used]))
    drawn = np.concatenate(rows)
    # Re-assignments that reproduce the data differ from them by rounding only.
    p_value = (1 + (np.abs(drawn) >= np.abs(observed) * (1 - 1e-9)).sum(axis=0)) / (1 + draws)
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
        same_years = len(group.rows) == len(group.entities) * len(np.unique(group.rows % grid.n_years))
        paths_of = (_balanced if same_years else _unbalanced)(grid, group, orders)
        left_out = _with_gaps(grid, group)
        for term, members in _by_term(group).items():
            if term in left_out:
                continue
            paths = paths_of(term)
            for block, pairs in members:
                estimate[pairs[:, 0]], statistic[pairs[:, 0]] = _refitted(group, block, pairs[:, 1], paths)
    return estimate, statistic


def _by_term(group: Group) -> dict[int, list[tuple[Block, np.ndarray]]]:
    """For every term, the blocks it occurs in and its pairs there."""
    found: dict[int, list[tuple[Block, np.ndarray]]] = {}
    for block in group.blocks:
        for term in np.unique(block.pairs[:, 2]).tolist():
            found.setdefault(term, []).append((block, block.pairs[block.pairs[:, 2] == term]))
    return found


def _refitted(group: Group, block: Block, outcomes: np.ndarray, paths: _Paths) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and t statistics (outcomes x draws) of one moved term on some outcomes of a block.

    Sums are those within entities (entities x draws), since CR1 wants them: with x the term less its projection on the
    controls c, x'x = a'a - 2 (a'c) g + g'(c'c) g and x'y = a'y - (y'c) g, where a is the moved term and g its
    coefficients on the controls.
    """
    controls, y = block.controls, block.outcomes[:, outcomes]
    k = controls.shape[1]
    crossed = paths.products(np.column_stack([controls, y]))
    with_controls, with_outcomes = crossed[:k], crossed[k:]
    gamma = with_controls.sum(axis=1)
    fitted = _within(group, controls, controls) @ gamma
    squares = paths.squares - np.einsum("kgd,kd->gd", 2 * with_controls - fitted, gamma)
    total = squares.sum(axis=0)
    total[total <= DEPENDENT**2 * paths.squares.sum(axis=0)] = np.nan
    products = with_outcomes - _within(group, y, controls) @ gamma
    beta = products.sum(axis=1) / total
    scores = products - beta[:, None] * squares
    spread = np.einsum("ogd,ogd->od", scores, scores)
    spread[spread <= ROUNDING * np.einsum("ogd,ogd->od", products, products)] = np.nan
    return beta, beta * total / np.sqrt(block.factor * spread)


def _within(group: Group, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Sums of products within entities of every two columns (columns of `left` x entities x columns of `right`)."""
    return np.add.reduceat(left.T[:, :, None] * right, group.starts, axis=1)


def _balanced(grid: Grid, group: Group, orders: np.ndarray) -> Callable[[int], _Paths]:
    """The paths of a term where every entity has the same years.

    A draw then changes nothing but whose path stands with whose outcome and controls: products of every entity's
    columns with every entity's path are made once, and each draw takes its own among them.
    """
    years, donors, n = np.unique(group.rows % grid.n_years), _donors(group, orders), len(group.entities)
    places = np.arange(n)[:, None] * n + donors
    regions = group.times[group.time[group.starts]] // 10_000
    members = [np.flatnonzero(regions == region) for region in np.unique(regions)]
    # With one region its means do not depend on the draw: they come off the paths beforehand.
    means = [(own, _shares(donors, own)) for own in members] if len(members) > 1 else []
    slope = years - years.mean()

    def paths(term: int) -> _Paths:
        # Means and trends of entities move with the paths, so they come off before.
        own = grid.columns[:, term].reshape(-1, grid.n_years)[np.ix_(group.entities, years)]
        own = own - own.mean(axis=1, keepdims=True)
        if group.trends.shape[1]:
            own = own - np.outer(own @ slope, slope) / (slope @ slope)
        own = own - own.mean(axis=0)
        every = own @ own.T
        squares = np.diag(every)[donors]
        for region, shares in means:
            with_mean = every @ shares
            squares[region] -= 2 * np.take_along_axis(with_mean, donors[region], axis=0)
            squares[region] += np.einsum("gd,gd->d", shares, with_mean)

        def products(columns: np.ndarray) -> np.ndarray:
            every = columns.T.reshape(-1, n, len(years)) @ own.T
            made = every.reshape(len(every), -1).take(places, axis=1)
            for region, shares in means:
                made[:, region] -= every[:, region] @ shares
            return made

        return _Paths(squares, products)

    return paths


def _shares(donors: np.ndarray, region: np.ndarray) -> np.ndarray:
    """The weight of each entity's path in the mean of a region, by draw (entities x draws)."""
    shares = np.zeros(donors.shape)
    np.put_along_axis(shares, donors[region], 1 / len(region), axis=0)
    return shares


def _unbalanced(grid: Grid, group: Group, orders: np.ndarray) -> Callable[[int], _Paths]:
    """The paths of a term where entities lack years of each other: a path is cut to those of its receiver."""
    dummies = [np.eye(len(group.entities))[group.entity], np.eye(len(group.times))[group.time]]
    left, singular, _ = np.linalg.svd(np.column_stack([*dummies, group.trends]), full_matrices=False)
    effects = left[:, singular > 1e-8 * singular[0]]
    donors = group.entities[_donors(group, orders)]
    source = donors[group.entity] * grid.n_years + (group.rows % grid.n_years)[:, None]

    def paths(term: int) -> _Paths:
        moved = grid.columns[:, term].take(source)
        absorbed = without(effects, moved - moved.mean(axis=0))

        def products(columns: np.ndarray) -> np.ndarray:
            return np.add.reduceat(columns.T[:, :, None] * absorbed, group.starts, axis=1)

        return _Paths(np.add.reduceat(absorbed * absorbed, group.starts, axis=0), products)

    return paths


def _donors(group: Group, orders: np.ndarray) -> np.ndarray:
    """Whose path each kept entity receives, by place among the kept ones (entities x draws)."""
    drawn = orders[np.isin(orders, group.entities)].reshape(len(orders), len(group.entities))
    return np.searchsorted(group.entities, drawn).T


def _with_gaps(grid: Grid, group: Group) -> set[int]:
    """Terms that are empty in a kept entity in a year that any kept entity has."""
    cells = np.ix_(group.entities, np.unique(group.rows % grid.n_years))
    paths = grid.columns.T.reshape(-1, int(grid.entity.max()) + 1, grid.n_years)
    return {term for term in _by_term(group) if not np.isfinite(paths[term][cells]).all()}


def _statistics(estimate: np.ndarray, t: np.ndarray, df: np.ndarray) -> np.ndarray:
    """The three statistics of each column of estimates (specifications x draws); columns as STATISTICS.

    Of a draw without any estimate they are 0.
    """
    from scipy.special import ndtri, stdtr

    # Below it the normal quantile is minus infinity.
    tail = np.maximum(stdtr(df[:, None], -np.abs(t)), 1e-300)
    # A draw a row: sums over neighbours in memory are the most exact.
    b, z, p = (np.ascontiguousarray(values.T) for values in (estimate, -np.sign(t) * ndtri(tail), 2 * tail))
    defined = ~np.isnan(b)
    n = np.maximum(defined.sum(axis=1), 1)
    b = np.where(defined.any(axis=1, keepdims=True), b, 0.0)
    sign = np.where(2 * (b > 0).sum(axis=1, keepdims=True) >= n[:, None], 1.0, -1.0)
    share = ((np.sign(b) == sign) & (p < ALPHA)).sum(axis=1) / n
    stouffer = np.where(defined, z, 0.0).sum(axis=1) / np.sqrt(n)
    return np.column_stack([np.nanmedian(b, axis=1), share, stouffer])
