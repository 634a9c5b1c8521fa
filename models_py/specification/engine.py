"""Thousands of two-way fixed-effects regressions of one term each: effects absorbed once, controls projected once.

Belongs here: the linear algebra, numpy in and numpy out. By Frisch, Waugh and Lovell the coefficient of the term, and by
the sandwich formula its CR1 standard error, need only outcome and term after effects, trends and controls. Equal to
`fit_two_way_fe`, refusals included. Does not belong here: what a specification is (choices.py, columns.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models_py.econometrics.absorption import DEPENDENT, TwoWayEffects, independent_columns, trend_columns
from models_py.econometrics.fixed_effects import CI_LEVEL

Reason = tuple[str, str]
_NO_TREND = ("no province trend is identified: the panel is too short", "样本期过短，无法识别省份趋势")
# Pairs of outcome and term fitted in one matrix operation: bounds memory, not results.
_BATCH = 2048


@dataclass(frozen=True)
class Design:
    """One regression: columns of a Grid by position, and the effects beside those of provinces."""

    outcome: int
    term: int
    controls: tuple[int, ...]
    region_years: bool = False
    trends: bool = False


@dataclass(frozen=True)
class Grid:
    """`columns` (N x m), NaN where a row has no figure, and per row province code 0.., year, region x 10,000 + year.

    Rows are sorted by province and year and every province has every year. `names` labels the columns.
    """

    columns: np.ndarray
    names: tuple[str, ...]
    entity: np.ndarray
    year: np.ndarray
    region_year: np.ndarray


@dataclass(frozen=True)
class Block:
    """Specifications that share rows, effects and controls.

    `basis` (n x q): orthonormal, trends and controls after the effects; `controls` its last columns, those of the
    controls. `outcomes` (n x o): after everything. `pairs`: (specification, column of `outcomes`, grid column of the
    term), one row each. `factor`: small-sample factor of the variance.
    """

    basis: np.ndarray
    controls: np.ndarray
    outcomes: np.ndarray
    pairs: np.ndarray
    factor: float


@dataclass
class Group:
    """Specifications on the same `rows` of the grid with the same effects, which are absorbed here once.

    `entity`: codes 0.. of the kept `provinces`; `starts`: first row of each. `residuals`: the columns used, after
    effects and trends; `position`: where a grid column stands in them. `df`: degrees of freedom of the t distribution.
    """

    grid: Grid
    rows: np.ndarray
    region_years: bool
    with_trends: bool
    members: dict[tuple[int, ...], list[tuple[int, Design]]]
    blocks: list[Block] = field(default_factory=list)

    def absorb(self) -> dict[int, Reason]:
        """Absorb effects and trends, form the blocks; returns why a specification cannot be estimated, by number."""
        designs = [pair for pairs in self.members.values() for pair in pairs]
        self.provinces, self.entity = np.unique(self.grid.entity[self.rows], return_inverse=True)
        self.starts = np.flatnonzero(np.diff(self.entity, prepend=-1))
        if len(self.provinces) < 2:
            return dict.fromkeys((s for s, _ in designs), ("fewer than two provinces are left", "剩余省份不足两个"))
        year = self.grid.region_year if self.region_years else self.grid.year
        self.times, self.time = np.unique(year[self.rows], return_inverse=True)
        self.effects = TwoWayEffects(self.entity, self.time)
        self.trends = np.empty((len(self.rows), 0))
        if self.with_trends:
            columns = trend_columns(self.entity, self.grid.year[self.rows].astype(float))
            _, self.trends = independent_columns(self.effects.residuals(columns), columns - columns.mean(axis=0))
            if not self.trends.shape[1]:
                return dict.fromkeys((s for s, _ in designs), _NO_TREND)
        used = sorted({c for _, d in designs for c in (d.outcome, d.term, *d.controls)})
        self.position = {column: place for place, column in enumerate(used)}
        raw = self.grid.columns[np.ix_(self.rows, np.array(used))]
        self.sd = raw.std(axis=0, ddof=1)
        absorbed = self.effects.residuals(raw)
        self.lengths = np.linalg.norm(absorbed, axis=0)
        self.residuals = without(self.trends, absorbed)
        self.constant = raw.max(axis=0) == raw.min(axis=0)
        self.absorbed = self.lengths <= 1e-9 * np.linalg.norm(raw - raw.mean(axis=0), axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            left = np.linalg.norm(self.residuals, axis=0) / self.lengths
        self.flat = self.absorbed | ~(left > DEPENDENT)
        self.df = len(self.provinces) - 1
        reasons: dict[int, Reason] = {}
        for controls, pairs in self.members.items():
            reasons |= self._block(controls, pairs)
        return reasons

    def _block(self, controls: tuple[int, ...], pairs: list[tuple[int, Design]]) -> dict[int, Reason]:
        reasons: dict[int, Reason] = {}
        k = 1 + len(controls) + self.trends.shape[1]
        n = len(self.rows)
        basis, dependent = self._controls(controls)
        for number, design in pairs:
            reason = self._refused(design) or dependent
            if reason is None and n - k - self.effects.rank <= 0:
                reason = (f"{n} rows leave no degrees of freedom", f"{n}行观测没有剩余自由度")
            if reason is None:
                place = self.position[design.term]
                if np.linalg.norm(without(basis, self.residuals[:, [place]])) <= DEPENDENT * self.lengths[place]:
                    name = self.grid.names[design.term]
                    reason = (f"{name} is collinear with the controls", f"{name}与控制变量共线")
            if reason is not None:
                reasons[number] = reason
        kept = [(number, design) for number, design in pairs if number not in reasons]
        if kept:
            outcomes = list(dict.fromkeys(design.outcome for _, design in kept))
            g = len(self.provinces)
            self.blocks.append(
                Block(
                    basis=basis,
                    controls=basis[:, self.trends.shape[1] :],
                    outcomes=without(basis, self.residuals[:, [self.position[c] for c in outcomes]]),
                    pairs=np.array([(s, outcomes.index(d.outcome), d.term) for s, d in kept]),
                    # Effects of provinces are nested in the clusters; those of years all count (fixest's convention).
                    factor=g / (g - 1) * (n - 1) / (n - k - len(self.times)),
                )
            )
        return reasons

    def _refused(self, design: Design) -> Reason | None:
        name = self.grid.names[design.outcome]
        place = self.position[design.outcome]
        if self.constant[place]:
            return f"the outcome {name} is constant", f"结果变量{name}为常数"
        if self.absorbed[place]:
            return f"the outcome {name} has no variation left after the effects", f"结果变量{name}在固定效应后无变异"
        for column in (design.term, *design.controls):
            name, place = self.grid.names[column], self.position[column]
            if self.constant[place]:
                return f"{name} is constant", f"{name}为常数"
            if self.flat[place]:
                return f"{name} has no variation left after the effects", f"{name}在固定效应后无变异"
        return None

    def _controls(self, controls: tuple[int, ...]) -> tuple[np.ndarray, Reason | None]:
        """Trends and controls as an orthonormal basis, or why the controls are no basis."""
        basis = self.trends
        for column in controls:
            place = self.position[column]
            if self.flat[place]:
                continue
            rest = without(basis, self.residuals[:, [place]] / self.lengths[place])
            length = np.linalg.norm(rest)
            if length <= DEPENDENT:
                name = self.grid.names[column]
                return basis, (f"{name} is collinear with other controls", f"{name}与其他控制变量共线")
            basis = np.column_stack([basis, rest / length])
        return basis, None


@dataclass(frozen=True)
class Fits:
    """One entry per specification, NaN where it cannot be estimated; `reasons` says why, in English and Chinese.

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


def without(basis: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` (n x m) less their projection on an orthonormal `basis`; twice, against rounding."""
    for _ in range(2):
        values = values - basis @ (basis.T @ values)
    return values


def fit(grid: Grid, designs: Sequence[Design]) -> Fits:
    """Coefficient of the term in every design, with CR1 standard errors by province and t with G - 1 degrees of freedom.

    Rows with an empty cell in any column of a design are left out of it. Small-sample factor
    G/(G-1) x (N-1)/(N-k), k counting regressors, trends and year effects, as `fit_two_way_fe`.
    """
    from scipy.special import stdtr, stdtrit

    groups = _groups(grid, designs)
    estimate, variance, scale, df = (np.full(len(designs), np.nan) for _ in range(4))
    n_obs = np.zeros(len(designs), dtype="int64")
    reasons: dict[int, Reason] = {}
    for group in groups:
        reasons |= group.absorb()
        for block in group.blocks:
            for first in range(0, len(block.pairs), _BATCH):
                pairs = block.pairs[first : first + _BATCH]
                numbers = pairs[:, 0]
                places = np.array([group.position[term] for term in pairs[:, 2].tolist()])
                y, x = block.outcomes[:, pairs[:, 1]], without(block.basis, group.residuals[:, places])
                squares = np.einsum("ij,ij->j", x, x)
                beta = np.einsum("ij,ij->j", x, y) / squares
                scores = np.add.reduceat(x * (y - x * beta), group.starts, axis=0)
                estimate[numbers] = beta
                variance[numbers] = block.factor * np.einsum("ij,ij->j", scores, scores) / squares**2
                df[numbers], n_obs[numbers] = group.df, len(group.rows)
                outcomes = [group.position[designs[number].outcome] for number in numbers.tolist()]
                scale[numbers] = group.sd[places] / group.sd[outcomes]
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


def _groups(grid: Grid, designs: Sequence[Design]) -> list[Group]:
    present = np.isfinite(grid.columns)
    groups: dict[tuple[bytes, bool, bool], Group] = {}
    for number, design in enumerate(designs):
        rows = present[:, [design.outcome, design.term, *design.controls]].all(axis=1)
        key = (rows.tobytes(), design.region_years, design.trends)
        if key not in groups:
            groups[key] = Group(grid, np.flatnonzero(rows), design.region_years, design.trends, {})
        groups[key].members.setdefault(design.controls, []).append((number, design))
    return list(groups.values())
