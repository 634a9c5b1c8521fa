"""A balanced panel as arrays, with its spatial lags and its effects removed.

Belongs here: from a DataFrame to what the likelihood is made of; everything a spatial panel refuses about its data.
Does not belong here: estimation (likelihood.py), weights (weights.py).

Lags are taken first and effects removed afterwards: demeaned data lagged again would be another model where time
effects are present, since (I - J) W (I - J) = (I - J) W does not hold the other way round.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.absorption import independent_columns
from models_py.econometrics.result import EstimationError
from models_py.panel import first_few, lacking
from models_py.spatial.weights import Islands, Weights, weights_of

Effects = Literal["two-way", "entity", "time", "none"]
Dynamic = Literal["y", "wy", "both"]
EFFECTS = ("two-way", "entity", "time", "none")
_ABSORBED = {
    "two-way": "the entity and time effects",
    "entity": "the entity effects",
    "time": "the time effects",
    "none": "the intercept",
}
_WAYS_OUT = "fill it by a declared rule, leave out the year, or leave out the place and weight the others again"


@dataclass(frozen=True)
class SpatialPanel:
    """`y` (T x n); `x` (T x n x K), regressors, then spatial lags of `lagged`, then lags in time (`dynamic`); `terms`
    their names. `own`: number of regressors that are no lag. `times`: the periods used.
    """

    weights: Weights
    effects: Effects
    outcome: str
    y: np.ndarray
    x: np.ndarray
    terms: tuple[str, ...]
    own: int
    lagged: tuple[str, ...]
    times: tuple[Hashable, ...]
    dynamic: Dynamic | None = None
    dropped: tuple[str, ...] = field(default=())

    @property
    def shape(self) -> tuple[int, int]:
        """Periods and places."""
        return self.y.shape[0], self.y.shape[1]

    def free(self, values: np.ndarray) -> np.ndarray:
        """`values` (T x n x ...) after the effects."""
        return demeaned(values, self.effects)

    @cached_property
    def y_free(self) -> np.ndarray:
        """The outcome after the effects (T x n)."""
        return self.free(self.y)

    @cached_property
    def wy(self) -> np.ndarray:
        """W y (T x n), before the effects are removed."""
        return self.weights.lag(self.y)

    @cached_property
    def wy_free(self) -> np.ndarray:
        """W y after the effects (T x n)."""
        return self.free(self.wy)

    @cached_property
    def x_free(self) -> np.ndarray:
        """The regressors after the effects (T n x K)."""
        return self.free(self.x).reshape(-1, self.x.shape[2])

    @property
    def absorbed(self) -> int:
        """Independent effects removed."""
        t, n = self.shape
        return {"two-way": n + t - 1, "entity": n, "time": t, "none": 1}[self.effects]


def demeaned(values: np.ndarray, effects: Effects) -> np.ndarray:
    """`values` (T x n x ...) less the means over time, places, both, or all; exact in a balanced panel."""
    if effects == "none":
        return np.asarray(values - values.mean(axis=(0, 1), keepdims=True))
    out = values
    # A second pass removes the rounding the first leaves where effects dwarf the rest.
    for _ in range(2):
        out = out - out.mean(axis=0, keepdims=True) if effects in ("two-way", "entity") else out
        out = out - out.mean(axis=1, keepdims=True) if effects in ("two-way", "time") else out
    return np.asarray(out)


def spatial_panel(
    df: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    entity: str,
    time: str,
    weights: pd.DataFrame,
    *,
    effects: Effects = "two-way",
    lagged: Sequence[str] = (),
    islands: Islands = "error",
    dynamic: Dynamic | None = None,
) -> SpatialPanel:
    """The panel of a spatial model; `lagged`: the regressors whose spatial lags are regressors too.

    Raises EstimationError naming the column, place or period: absent or empty cells, a place without some period, one
    period alone, an outcome that does not vary, regressors that the effects absorb or that are collinear, too few
    rows; WeightsError as `weights_of`.
    """
    names = list(regressors)
    refuse(
        (effects not in EFFECTS, f"effects must be one of {', '.join(EFFECTS)}, found {effects!r}"),
        (lacking(df, [entity, time, outcome, *names]), "the data lack the columns {}"),
        ([name for name in lagged if name not in names], "only regressors can be lagged, not {}"),
        ([name for name in set(names) if names.count(name) > 1], "the regressor {} stands twice"),
        error=EstimationError,
    )
    cube, places, times = _cube(df, [outcome, *names], entity, time)
    used = weights_of(weights, places, islands)
    y, own = cube[:, :, 0], cube[:, :, 1:]
    which = [names.index(name) for name in lagged]
    x, terms = [own, used.lag(own[:, :, which])], [*names, *(f"W_{name}" for name in lagged)]
    if dynamic is not None:
        before = {"y": [y], "wy": [used.lag(y)], "both": [y, used.lag(y)]}[dynamic]
        lags = {"y": ["lag"], "wy": ["lag_W"], "both": ["lag", "lag_W"]}[dynamic]
        x = [part[1:] for part in x] + [part[:-1, :, None] for part in before]
        y, times, terms = y[1:], times[1:], [*terms, *(f"{lag}_{outcome}" for lag in lags)]
    made = SpatialPanel(
        used, effects, outcome, y, np.concatenate(x, axis=2), tuple(terms), len(names), tuple(lagged), times, dynamic
    )
    _refuse_unidentified(made)
    return made


def _cube(
    df: pd.DataFrame, columns: list[str], entity: str, time: str
) -> tuple[np.ndarray, tuple[Hashable, ...], tuple[Hashable, ...]]:
    """Columns as T x n x m, with places and periods in order."""
    keys = df[[entity, time]]
    twice = keys[keys.duplicated()]
    refuse(
        (keys.isna().any(axis=None), f"a row has no {entity} or no {time}"),
        ([f"{place} {when}" for place, when in twice.itertuples(index=False)][:3], "the panel has {} twice"),
        error=EstimationError,
    )
    places, times = sorted(df[entity].unique()), sorted(df[time].unique())
    whole = pd.MultiIndex.from_product([times, places])
    held = df.set_index([time, entity])[columns].reindex(whole)
    values = held.to_numpy(dtype="float64", na_value=np.nan)
    gone = np.argwhere(~np.isfinite(values))
    told = [f"{columns[column]} of {whole[row][1]} in {whole[row][0]}" for row, column in gone]
    refuse(
        (len(times) < 2, f"one period alone, {times[0]}: a panel needs two"),
        (told, f"the panel is not balanced; no finite value for {first_few(told)}. For each, {_WAYS_OUT}"),
        error=EstimationError,
    )
    return values.reshape(len(times), len(places), len(columns)), tuple(places), tuple(times)


def _refuse_unidentified(panel: SpatialPanel) -> None:
    """Raise EstimationError for an outcome or regressor the effects absorb, collinear ones, and too few rows."""
    t, n = panel.shape
    absorbed, k = _ABSORBED[panel.effects], len(panel.terms)
    y, total = panel.y_free, panel.y - panel.y.mean()
    refuse(
        (np.ptp(panel.y) == 0, f"the outcome {panel.outcome!r} is constant at {float(panel.y[0, 0])!r}"),
        (
            np.linalg.norm(y) <= 1e-9 * np.linalg.norm(total),
            f"the outcome {panel.outcome!r} has no variation left after {absorbed}",
        ),
        (
            t * n <= k + panel.absorbed + 2,
            f"{t * n} rows leave no degrees of freedom for {k} coefficients and {panel.absorbed} effects",
        ),
        error=EstimationError,
    )
    free = panel.x_free
    centred = panel.x.reshape(-1, k)
    centred = centred - centred.mean(axis=0)
    kept, _ = independent_columns(free, centred)
    alone = [place for place in range(k) if not independent_columns(free[:, [place]], centred[:, [place]])[0]]
    dependent = [panel.terms[place] for place in range(k) if place not in kept and place not in alone]
    refuse(
        ([panel.terms[place] for place in alone], f"absorbed by {absorbed}: {{}} has no variation of its own left"),
        (dependent, f"collinear with the regressors before it after {absorbed}: {{}}"),
        error=EstimationError,
    )
