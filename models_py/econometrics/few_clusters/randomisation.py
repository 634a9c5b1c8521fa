"""Randomisation inference on the assignment of a treatment: its whole paths exchanged among entities.

Belongs here: the re-assignments, the coefficient and t of each, their p-values.
Does not belong here: reducing the model (model_data.py) and the published rows (models_py/parts).

The null is sharp: every entity's outcomes would be what they are whatever path it had. Under it, and if the entities
are exchangeable in their paths given controls and effects, the statistic seen is one of the re-assignments drawn at
random (Fisher 1935; for few clusters MacKinnon and Webb 2020, Journal of Econometrics 218). Exchangeability is an
assumption, not a finding: what was not drawn by lot may follow the entities' traits. `within="region"` assumes it only
within the regions of the panel.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.least_squares import term_fits
from models_py.econometrics.model_data import ENTITY, ModelData, Partialled, partial_out
from models_py.econometrics.result import EstimationError

# |statistic*| and |statistic| closer than this (relative) are a tie: entities can have the same path.
TIE = 1e-10
# Treatment left after effects and controls, as a share of its sum of squares, below which a re-assignment has none.
NOTHING_LEFT = 1e-10
# Re-assignments worked on at once: few enough for the processor's cache and for products on one thread.
_BATCH = 32


@dataclass(frozen=True)
class RandomisationResult:
    """Re-assignments of a treatment: p = (1 + #{|stat*| >= |stat|}) / (1 + permutations), two-sided.

    `estimate`, `p_value`: the coefficient; `statistic` (t, CR1 without its small-sample factor, which cancels) and
    `p_value_t`. `coefficients` and `statistics` (permutations) are those of the re-assignments; degenerate ones, with
    nothing left of the treatment, are infinite and counted as exceeding. `fixed`: entities whose path has empty cells
    and which kept it; `distinct_paths`: different paths among the others; `movable`: entities that have another one to
    exchange with.
    """

    estimate: float
    statistic: float
    p_value: float
    p_value_t: float
    coefficients: np.ndarray
    statistics: np.ndarray
    degenerate: int
    fixed: tuple[int, ...]
    movable: int
    distinct_paths: int


def randomisation_inference(
    data: ModelData,
    treatment: str,
    *,
    permutations: int = 1999,
    seed: int = 0,
    within: Literal["region"] | None = None,
) -> RandomisationResult:
    """Re-assign the paths of `treatment` among the entities and refit each time; controls stay with their entity.

    A path is an entity's values over every year of the sample, also those in which its own row was dropped for
    another column. `within="region"` exchanges only within a region of the panel.

    Raises EstimationError as the model's fit does, for a treatment it does not have, when fewer than two entities
    have a whole path or all whole paths are the same, and within regions when an entity has none; IdentityError for an
    identity.
    """
    refuse((permutations < 1, f"permutations must be at least 1, found {permutations}"), error=EstimationError)
    model = partial_out(data, treatment)
    paths, year = _paths(data, treatment)
    entities = data.sample.keys[ENTITY].unique()
    whole = ~np.isnan(paths).any(axis=1)
    groups = _groups(entities, whole, within, data)
    kinds = [len(np.unique(paths[group], axis=0)) for group in groups]
    what = f"no two {data.panel.unit.many.en} with a whole path of {treatment!r} differ"
    what += f"{' within a region' if within else ''}, so nothing can be re-assigned"
    refuse((max(kinds, default=0) < 2, f"{data.identity.place}: {what}"), error=EstimationError)
    order = np.tile(np.arange(len(entities)), (permutations, 1))
    random = np.random.default_rng(seed)
    for group in groups:
        order[:, group] = random.permuted(order[:, group], axis=1)

    batches = np.array_split(order.T[data.sample.entity], -(-permutations // _BATCH), axis=1)
    moved = [_refit(model, paths[donors, year[:, None]]) for donors in batches]
    coefficients, statistics = (np.concatenate(parts) for parts in zip(*moved, strict=True))
    (estimate,), (statistic,) = _refit(model, data.sample.regressors[:, [data.regressors.index(treatment)]])
    return RandomisationResult(
        estimate=float(estimate),
        statistic=float(statistic),
        p_value=_p_value(coefficients, estimate),
        p_value_t=_p_value(statistics, statistic),
        coefficients=coefficients,
        statistics=statistics,
        degenerate=int(np.isinf(coefficients).sum()),
        fixed=tuple(int(code) for code in entities[~whole]),
        movable=sum(len(group) for group in groups if len(group) > 1),
        distinct_paths=len(np.unique(paths[whole], axis=0)),
    )


def _paths(data: ModelData, treatment: str) -> tuple[np.ndarray, np.ndarray]:
    """Entities x years of the sample, NaN where the data have none, and each row's column in it.

    Years, not the values of `time`: a region's years are its own, and a path can go to another region.
    """
    entities, (columns, place) = data.sample.keys[ENTITY].unique(), np.unique(data.years, return_inverse=True)
    rows = data.frame[data.frame[ENTITY].isin(entities) & data.frame["year"].isin(columns)]
    paths = np.full((len(entities), len(columns)), np.nan)
    cells = np.searchsorted(entities, rows[ENTITY]), np.searchsorted(columns, rows["year"])
    paths[cells] = rows[treatment].to_numpy(dtype="float64", na_value=np.nan)
    return paths, place


def _groups(entities: np.ndarray, whole: np.ndarray, within: str | None, data: ModelData) -> list[np.ndarray]:
    """Positions of the entities that exchange paths with each other."""
    if within is None:
        return [np.flatnonzero(whole)]
    where = data.identity.place
    known = {entity.code: entity.region for entity in data.panel.entities if entity.region}
    unknown = [int(code) for code in entities if int(code) not in known]
    refuse(
        (within != "region", f"{where}: within {within!r} is not offered; use region or None"),
        (not known, f"{where}: no region is known for any {data.panel.unit.one.en}"),
        (len(unknown), f"{where}: no region is known for {data.panel.named(unknown)}"),
        error=EstimationError,
    )
    regions = pd.Series([known[int(code)] for code in entities])
    return [np.flatnonzero(whole & (regions == name).to_numpy()) for name in sorted(regions.unique())]


def _refit(model: Partialled, treatments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficient and t of each column of `treatments` (n x m) in the term's place; infinite where none is left."""
    fits = term_fits(
        model.residuals(treatments), np.broadcast_to(model.outcome[:, None], treatments.shape), model.clusters.sums
    )
    none = fits.squares <= NOTHING_LEFT * len(treatments) * treatments.var(axis=0)
    spread = np.linalg.norm(fits.scores, axis=0)
    flat = none | ~(spread > 0)
    t = np.where(flat, np.inf, fits.beta * fits.squares / np.where(flat, 1.0, spread))
    return np.where(none, np.inf, fits.beta), t


def _p_value(drawn: np.ndarray, seen: float) -> float:
    """Share at least as far from zero, with the actual assignment counted as one of the draws."""
    return (1 + int((np.abs(drawn) >= abs(float(seen)) * (1 - TIE)).sum())) / (1 + len(drawn))
