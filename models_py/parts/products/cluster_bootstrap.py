"""Two-way fixed-effects coefficients over resamples of whole entities, without refitting from rows.

Belongs here: how often each entity is drawn, and the coefficients given those counts. Does not belong here: what is
made of them (table.py).

An entity drawn m times enters as m entities with effects (and trends) of their own. With M_g the removal of those of
entity g, D_g its year dummies and Z_g its regressors and outcome, the cross products free of all effects are (Frisch
and Waugh 1933, on the sums over copies)

    S(m) = sum_g m_g Z_g'M_g Z_g - Q' C^+ Q,   Q = sum_g m_g D_g'M_g Z_g,   C = sum_g m_g D_g'M_g D_g,

exact for any panel, balanced or not. The sums over g are matrix products of all resamples at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models_py.econometrics.absorption import DEPENDENT
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError
from models_py.econometrics.sample import build_sample
from models_py.panel import ENTITY, KEYS

# Resamples worked on at once, so that the year-by-year arrays stay small.
_CHUNK = 256


def common_rows(models: Sequence[ModelData]) -> tuple[pd.DataFrame, int]:
    """Keys (entity_code, year) of the rows complete in every model, sorted, and how many other rows the models have.

    Raises EstimationError when there is none.
    """
    complete = [m.frame.dropna(subset=[*KEYS, m.time, m.outcome, *m.regressors])[KEYS] for m in models]
    common = complete[0]
    for other in complete[1:]:
        common = common.merge(other, on=KEYS)
    if common.empty:
        raise EstimationError("no row is complete in every model")
    every = pd.concat([m.frame[KEYS] for m in models]).drop_duplicates()
    return common.sort_values(KEYS, kind="stable").reset_index(drop=True), len(every) - len(common)


def entity_counts(n_entities: int, draws: int, seed: int) -> np.ndarray:
    """How often each entity stands in each resample of `n_entities` with replacement (draws x n_entities)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_entities, np.full(n_entities, 1 / n_entities), size=draws).astype(float)


class ResampledRegression:
    """The sums by entity that one model's coefficients in every resample follow from.

    `rows`: keys (entity_code, year) of the rows to use. Raises EstimationError as build_sample.
    """

    def __init__(self, data: ModelData, rows: pd.DataFrame) -> None:
        frame = data.frame.merge(rows[KEYS], on=KEYS)
        sample = build_sample(frame, data.outcome, list(data.regressors), ENTITY, data.time, [])
        self.terms = tuple(data.regressors)
        self.n_entities = int(sample.entity.max()) + 1
        values = np.column_stack([sample.regressors, sample.outcome])
        values = values - values.mean(axis=0)
        # Lengths within entities, so that what counts as rounding does not depend on units or levels.
        sizes = np.bincount(sample.entity)
        means = np.stack([np.bincount(sample.entity, weights=column) / sizes for column in values.T], axis=1)
        values = values - means[sample.entity]
        scale = np.linalg.norm(values, axis=0)
        self._scale = np.where(scale > 0, scale, 1.0)
        values = values / self._scale
        years = sample.keys[data.time].to_numpy(dtype="float64")
        dummies = np.eye(int(sample.time.max()) + 1)[sample.time]
        cross, by_year, year_year = [], [], []
        for code in range(self.n_entities):
            mine = sample.entity == code
            z, d, when = values[mine], dummies[mine], years[mine]
            own = np.column_stack([np.ones(len(when)), when - when.mean()][: 1 + data.trends])
            left, singular, _ = np.linalg.svd(own, full_matrices=False)
            basis = left[:, singular > 1e-9 * singular[0]]
            z, d = z - basis @ (basis.T @ z), d - basis @ (basis.T @ d)
            cross.append(z.T @ z)
            by_year.append(d.T @ z)
            year_year.append(d.T @ d)
        self._cross, self._by_year, self._year_year = (np.stack(x) for x in (cross, by_year, year_year))

    def coefficients(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Each regressor's coefficient per row of `counts` (B x entities); NaN where one is not identified."""
        k = len(self.terms)
        beta = np.full((len(counts), k), np.nan)
        for start in range(0, len(counts), _CHUNK):
            part = self._absorbed(counts[start : start + _CHUNK])
            length = np.sqrt(np.maximum(np.einsum("bii->bi", part), 0.0))
            unit = np.where(length > 0, length, 1.0)
            scaled = part / (unit[:, :, None] * unit[:, None, :])
            # A regressor without variation has a length of rounding; one that others explain, an eigenvalue of it.
            varies = (length[:, :k] > DEPENDENT).all(axis=1)
            fine = varies & (np.linalg.eigvalsh(scaled[:, :k, :k])[:, 0] > DEPENDENT**2)
            solved = np.linalg.solve(scaled[fine][:, :k, :k], scaled[fine][:, :k, k:])[:, :, 0]
            beta[start : start + _CHUNK][fine] = solved * length[fine, k, None] / length[fine, :k]
        scale = self._scale[k] / self._scale[:k]
        return {term: beta[:, place] * scale[place] for place, term in enumerate(self.terms)}

    def r2(self, terms: Sequence[str]) -> float:
        """Share of the outcome's variance after the effects that `terms` alone explain on the sample itself."""
        products = self._absorbed(np.ones((1, self.n_entities)))[0]
        places = [self.terms.index(term) for term in terms]
        x, xy, yy = products[np.ix_(places, places)], products[places, -1], products[-1, -1]
        return float(xy @ np.linalg.lstsq(x, xy, rcond=None)[0] / yy)

    def _absorbed(self, counts: np.ndarray) -> np.ndarray:
        cross, by_year, year_year = (
            np.einsum("bg,gij->bij", counts, sums, optimize=True)
            for sums in (self._cross, self._by_year, self._year_year)
        )
        inverse = np.linalg.pinv(year_year, rcond=1e-10, hermitian=True)
        return np.asarray(cross - by_year.transpose(0, 2, 1) @ inverse @ by_year)
