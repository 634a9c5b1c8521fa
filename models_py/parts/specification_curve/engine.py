"""Thousands of two-way fixed-effects regressions of one term each, numpy in and numpy out.

Belongs here: regressions that share rows and effects, with the effects absorbed once and every set of controls
projected once; which of them the data cannot carry, those `fit_two_way_fe` refuses and those with nothing of the
outcome left; coefficients and standard errors. By the theorem of Frisch, Waugh and Lovell the coefficient of the term
and its CR1 variance need only outcome and term after effects, trends and controls; the results are those of
`fit_two_way_fe`. Does not belong here: what a specification is (choices.py, columns.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from catalog.panels import PanelUnit
from models_py.econometrics.absorption import DEPENDENT, TwoWayEffects, independent_columns, trend_columns
from models_py.econometrics.least_squares import ROUNDING, term_fits
from models_py.econometrics.result import CI_LEVEL

# Why a regression cannot be estimated, in English and Chinese.
Reason = tuple[str, str]


@dataclass(frozen=True)
class Design:
    """One regression: columns of a Grid by position, and the effects beside those of entities."""

    outcome: int
    term: int
    controls: tuple[int, ...]
    region_years: bool = False
    trends: bool = False


@dataclass(frozen=True)
class Grid:
    """`columns` (N x m), NaN where a row has no figure, and per row entity code 0.., year, region x 10,000 + year.

    Rows are sorted by entity and year and every entity has every year. `names` labels the columns; `unit` is what
    the entities are called.
    """

    columns: np.ndarray
    names: tuple[str, ...]
    entity: np.ndarray
    year: np.ndarray
    region_year: np.ndarray
    unit: PanelUnit

    @property
    def n_years(self) -> int:
        """Years per entity."""
        return len(self.year) // (int(self.entity.max()) + 1)


@dataclass(frozen=True)
class Block:
    """Regressions that share rows, effects and controls.

    `basis` (n x q): orthonormal, trends and controls after the effects; `controls`: its columns of the controls alone.
    `outcomes` (n x o): after everything. `pairs`: (regression, column of `outcomes`, grid column of the term), one row
    each. `factor`: small-sample factor of the CR1 variance.
    """

    basis: np.ndarray
    controls: np.ndarray
    outcomes: np.ndarray
    pairs: np.ndarray
    factor: float


class Group:
    """Regressions on the same `rows` of the grid with the same effects.

    `members`: regressions with their numbers, by their controls. `entity` and `time`: codes 0.. of the kept
    `entities` and `times`; `starts`: first row of each entity. `residuals`: the columns used, after effects and
    trends; `position`: where a grid column stands in them; `lengths`: their norms after the effects alone; `sd`: their
    standard deviations (n - 1) before. `trends`: orthonormal, after the effects. `blocks`: what can be estimated;
    `reasons`: why the others cannot, by number.
    """

    def __init__(
        self,
        grid: Grid,
        rows: np.ndarray,
        region_years: bool,
        trends: bool,
        members: Mapping[tuple[int, ...], Sequence[tuple[int, Design]]],
    ) -> None:
        self.rows, self.region_years = rows, region_years
        self.blocks: list[Block] = []
        self._names = grid.names
        self.entities, self.entity = np.unique(grid.entity[rows], return_inverse=True)
        self.starts = np.flatnonzero(np.diff(self.entity, prepend=-1))
        levels = grid.region_year if region_years else grid.year
        self.times, self.time = np.unique(levels[rows], return_inverse=True)
        numbers = [number for pairs in members.values() for number, _ in pairs]
        one, many = grid.unit.one, grid.unit.many
        self.reasons: dict[int, Reason] = {}
        if len(self.entities) < 2:
            self.reasons = dict.fromkeys(numbers, (f"fewer than two {many.en} are left", f"剩余{many.zh}不足两个"))
            return
        self.effects = TwoWayEffects(self.entity, self.time)
        self.trends = np.empty((len(rows), 0))
        if trends:
            columns = trend_columns(self.entity, grid.year[rows].astype(float))
            _, self.trends = independent_columns(self.effects.residuals(columns), columns - columns.mean(axis=0))
            if not self.trends.shape[1]:
                self.reasons = dict.fromkeys(
                    numbers,
                    (
                        f"no {one.en} trend is identified: the panel is too short",
                        f"样本期过短，无法识别{one.zh}趋势",
                    ),
                )
                return
        used = sorted({c for pairs in members.values() for _, d in pairs for c in (d.outcome, d.term, *d.controls)})
        self.position = {column: place for place, column in enumerate(used)}
        raw = grid.columns[np.ix_(rows, np.array(used))]
        self.sd = raw.std(axis=0, ddof=1)
        absorbed = self.effects.residuals(raw)
        self.lengths = np.linalg.norm(absorbed, axis=0)
        self.residuals = without(self.trends, absorbed)
        self._constant = raw.max(axis=0) == raw.min(axis=0)
        self._absorbed = self.lengths <= 1e-9 * np.linalg.norm(raw - raw.mean(axis=0), axis=0)
        self._flat = self._absorbed | (np.linalg.norm(self.residuals, axis=0) <= DEPENDENT * self.lengths)
        for controls, pairs in members.items():
            self._add_block(controls, pairs)

    def _add_block(self, controls: tuple[int, ...], pairs: Sequence[tuple[int, Design]]) -> None:
        basis, dependent = self._basis(controls)
        n, k = len(self.rows), 1 + len(controls) + self.trends.shape[1]
        left = np.linalg.norm(without(basis, self.residuals), axis=0)
        none_left = f"{n} rows leave no degrees of freedom", f"{n}行观测没有剩余自由度"
        reasons = {
            number: self._refused(design)
            or dependent
            or self._explained(design, left)
            or (none_left if n - k - self.effects.rank <= 0 else None)
            for number, design in pairs
        }
        self.reasons |= {number: reason for number, reason in reasons.items() if reason is not None}
        kept = [(number, design) for number, design in pairs if reasons[number] is None]
        if not kept:
            return
        outcomes = list(dict.fromkeys(design.outcome for _, design in kept))
        g = len(self.entities)
        self.blocks.append(
            Block(
                basis=basis,
                controls=basis[:, self.trends.shape[1] :],
                outcomes=without(basis, self.residuals[:, [self.position[c] for c in outcomes]]),
                pairs=np.array([(number, outcomes.index(d.outcome), d.term) for number, d in kept]),
                # Effects of entities are nested in the clusters; those of years all count (fixest's convention).
                factor=g / (g - 1) * (n - 1) / (n - k - len(self.times)),
            )
        )

    def _refused(self, design: Design) -> Reason | None:
        regressors = [("", "", column, self._flat) for column in (design.term, *design.controls)]
        for said, said_zh, column, gone in [("the outcome ", "结果变量", design.outcome, self._absorbed), *regressors]:
            name, place = self._names[column], self.position[column]
            if self._constant[place]:
                return f"{said}{name} is constant", f"{said_zh}{name}为常数"
            if gone[place]:
                return f"{said}{name} has no variation left after the effects", f"{said_zh}{name}在固定效应后无变异"
        return None

    def _explained(self, design: Design, left: np.ndarray) -> Reason | None:
        """Whether trends and controls leave nothing of term or outcome; `left`: norms after them."""
        term, outcome = self.position[design.term], self.position[design.outcome]
        x, y = self._names[design.term], self._names[design.outcome]
        if left[term] <= DEPENDENT * self.lengths[term]:
            return f"{x} is collinear with the controls", f"{x}与控制变量共线"
        # An identity: what would be estimated is rounding.
        if left[outcome] <= 1e-9 * self.lengths[outcome]:
            return f"trends and controls explain the outcome {y} entirely", f"趋势与控制变量完全解释结果变量{y}"
        return None

    def _basis(self, controls: tuple[int, ...]) -> tuple[np.ndarray, Reason | None]:
        """Trends and controls as an orthonormal basis, or why the controls are none."""
        basis = self.trends
        for column in controls:
            place = self.position[column]
            if self._flat[place]:
                continue
            rest = without(basis, self.residuals[:, [place]] / self.lengths[place])
            length = np.linalg.norm(rest)
            if length <= DEPENDENT:
                name = self._names[column]
                return basis, (f"{name} is collinear with other controls", f"{name}与其他控制变量共线")
            basis = np.column_stack([basis, rest / length])
        return basis, None


def without(basis: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` (n x m) less their projection on an orthonormal `basis`; twice, against rounding."""
    for _ in range(2):
        values = values - basis @ (basis.T @ values)
    return values


def grouped(grid: Grid, designs: Sequence[Design]) -> list[Group]:
    """Regressions by the rows without an empty cell in any of their columns and by their effects."""
    present = np.isfinite(grid.columns)
    members: dict[tuple[bytes, bool, bool], dict[tuple[int, ...], list[tuple[int, Design]]]] = {}
    for number, design in enumerate(designs):
        rows = present[:, [design.outcome, design.term, *design.controls]].all(axis=1)
        same = members.setdefault((rows.tobytes(), design.region_years, design.trends), {})
        same.setdefault(design.controls, []).append((number, design))
    return [
        Group(grid, np.flatnonzero(np.frombuffer(rows, dtype=bool)), region_years, trends, own)
        for (rows, region_years, trends), own in members.items()
    ]


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
