"""Local projections of the outcome on the beginning of exposure, by pyfixest.

Belongs here: which horizons the rows allow, and pyfixest's estimates of them. Does not belong here: who is compared
and the rows published (staggered.py).
"""

import warnings
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import pandas as pd

from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import FEWEST_ENTITIES, EstimationError, TermEstimate
from models_py.panel import refuse


@dataclass(frozen=True)
class LocalProjections:
    """`terms`: `exposed` (mean over the horizons after exposure) and event_k; `gaps`: codes of entities left out."""

    terms: dict[str, TermEstimate]
    gaps: tuple[int, ...]


def local_projections(data: ModelData, first_year: pd.Series, leads: int, lags: int) -> LocalProjections:
    """Change of the outcome from the year before exposure to each horizon, against entities unexposed throughout it.

    For horizon h, y_(t+h) - y_(t-1) on the beginning of exposure in t and year effects, over entities that begin in t
    or are unexposed in t + h; `exposed` takes the mean of y_t ... y_(t+H) instead. No controls: pyfixest would enter
    them at their level in t, which is not the model's. Horizons from -`leads` to `lags` that some year can compare;
    those after stop at the first that none can. Entities with a year missing are left out, since the method counts
    rows. Dube, Girardi, Jorda and Taylor (2023). Standard errors CR1 by entity in each regression's own rows.

    Raises EstimationError when no horizon can be compared.
    """
    wide = data.frame.pivot(index=ENTITY, columns="year", values=data.outcome)
    gaps = tuple(int(code) for code in wide.index[wide.isna().any(axis=1)])
    wide = wide.drop(index=list(gaps))
    first = first_year.reindex(wide.index).to_numpy(dtype="float64")
    years = wide.columns.to_numpy()
    on = years >= first[:, None]
    # The horizons on either side up to the first that no year can compare.
    after = list(takewhile(lambda h: _compares(on, h), range(lags + 1)))
    before = list(takewhile(lambda h: _compares(on, h), range(-2, -leads - 1, -1)))
    refuse(
        EstimationError,
        ((np.diff(years) != 1).any(), "local projections need every year of the panel"),
        (not after, f"no year has {data.panel.unit.many.en} that begin to be exposed beside unexposed ones"),
    )
    long = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(wide)), len(years)),
            "year": np.tile(years, len(wide)),
            "y": wide.to_numpy().ravel(),
            # pyfixest marks the never exposed by zero.
            "first": np.repeat(np.nan_to_num(first).astype(np.int64), len(years)),
        }
    )
    pooled = _lpdid(long, -1, after[-1], True)
    terms = {"exposed": _projection(pooled, "treat_diff", _counts(on, after[-1]))}
    events = _lpdid(long, min(before, default=-1), after[-1], False)
    for h in (*sorted(before), *after):
        terms[f"event_{h}"] = _projection(events, f"time_to_treatment::{h}", _counts(on, h))
    return LocalProjections(terms, gaps)


def _begins(on: np.ndarray) -> np.ndarray:
    return on & ~np.column_stack([np.ones(len(on), dtype=bool), on[:, :-1]])


def _members(on: np.ndarray, h: int) -> np.ndarray:
    """Rows (entity, t) of horizon h whose outcome at t + h and t - 1 both exist."""
    n, t = on.shape[1], np.arange(on.shape[1])
    possible = (t >= 1) & (t + h >= 0) & (t + h < n)
    ahead = on[:, np.clip(t + max(h, 0), 0, n - 1)]
    return (_begins(on) | ~ahead) & possible


def _used(on: np.ndarray, h: int) -> np.ndarray:
    """The members that enter: a year with a single row says nothing, and pyfixest leaves it out."""
    members = _members(on, h)
    return members & (members.sum(axis=0) > 1)


def _compares(on: np.ndarray, h: int) -> bool:
    """Some year has both kinds of entity, and rows are left beside the year effects and the coefficient."""
    used, begins = _used(on, h), _begins(on)
    both = (used & begins).any(axis=0) & (used & ~begins).any(axis=0)
    return bool(both.any()) and int(used.sum()) > int(used.any(axis=0).sum()) + 1


def _counts(on: np.ndarray, h: int) -> tuple[int, int, int, int]:
    """Entities and rows of the regression; entities that begin in it, and those they are compared with."""
    used, begins = _used(on, h), _begins(on)
    entities, begin, rest = (int(rows.any(axis=1).sum()) for rows in (used, used & begins, used & ~begins))
    return entities, int(used.sum()), begin, rest


def _lpdid(long: pd.DataFrame, pre: int, post: int, pooled: bool) -> pd.DataFrame:
    import pyfixest

    windows = {"pre_window": pre, "post_window": post}
    with warnings.catch_warnings():
        # Announcements to pyfixest of later pandas releases.
        warnings.simplefilter("ignore")
        try:
            fitted = pyfixest.lpdid(long, "y", "unit", "year", "first", never_treated=0, att=pooled, **windows)
        except np.linalg.LinAlgError as error:
            raise EstimationError(f"pyfixest's local projections: {error}") from error
        return pd.DataFrame(fitted.tidy())


def _projection(table: pd.DataFrame, term: str, counts: tuple[int, int, int, int]) -> TermEstimate:
    estimate, error, used = (float(table[name][term]) for name in ("Estimate", "Std. Error", "N"))
    entities, rows, begin, rest = counts
    refuse(EstimationError, (used != rows, f"pyfixest used {used:g} rows for {term} where {rows} were expected"))
    # CR1; none where one entity begins, or one is compared with.
    error = error if min(begin, rest) >= FEWEST_ENTITIES else np.nan
    return TermEstimate(estimate, error, entities - 1.0, rows, entities)
