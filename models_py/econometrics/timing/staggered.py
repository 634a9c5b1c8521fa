"""Estimators for exposure that begins at different times in different entities.

Belongs here: two-stage difference in differences (Gardner), the interaction-weighted averages over cohorts (Sun and
Abraham) and local projections by pyfixest, each with its covariance. Does not belong here: who is compared and the rows
published (models_py/parts/treatment_timing).
"""

import warnings
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.least_squares import identified_regressors
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import FEWEST_ENTITIES, EstimationError, TermEstimate


def did2s(
    outcome: np.ndarray,
    exposed: np.ndarray,
    entity: np.ndarray,
    time: np.ndarray,
    controls: np.ndarray,
    second: np.ndarray,
    cluster: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Regress the outcome on entity and time effects and controls in unexposed rows; then all residuals on `second`.

    `outcome` (n), `exposed` (n, boolean), `entity`, `time`, `cluster` (n, codes), `controls` (n x c), `second` (n x k,
    zero in unexposed rows). Returns the coefficients of `second` (k) and their covariance (k x k): the two steps as one
    method of moments, clustered, without a small-sample factor; the estimator of did2s. Gardner (2021), "Two-stage
    differences in differences", section 3.

    pyfixest's `did2s` drops entities with a single unexposed row from its first step and then fails on their rows;
    exposure that begins in the second year of a panel gives just such entities. Where it runs both agree.

    Raises EstimationError when unexposed rows do not identify every effect and control.
    """
    entities, times = (np.eye(int(code.max()) + 1)[code] for code in (entity, time))
    first = np.column_stack([entities, times[:, 1:], controls])
    length = np.linalg.norm(first[~exposed], axis=0)
    refuse((not (length > 0).all(), "the unexposed rows miss an entity, a period or a control"), error=EstimationError)
    first = first / length
    base = first[~exposed]
    rows, columns = base.shape
    refuse(
        (
            np.linalg.matrix_rank(base, tol=1e-9) < columns,
            "the unexposed rows do not identify the effects of entities and periods and the controls",
        ),
        (rows <= columns, f"{rows} unexposed rows leave no degrees of freedom"),
        error=EstimationError,
    )
    bread = np.linalg.pinv(base.T @ base)
    residual = outcome - first @ (bread @ (base.T @ outcome[~exposed]))
    inner = np.linalg.inv(second.T @ second)
    beta = inner @ (second.T @ residual)
    # Moments of both steps; the second one's depend on the first through X2'X1 (X10'X10)^-1.
    moments = second * (residual - second @ beta)[:, None]
    moments -= (first * np.where(exposed, 0.0, residual)[:, None]) @ (second.T @ first @ bread).T
    scores = np.stack([np.bincount(cluster, weights=column) for column in moments.T], axis=1)
    return beta, inner @ (scores.T @ scores) @ inner


REFERENCE = -1


@dataclass(frozen=True)
class SunAbraham:
    """`exposed`: average over all cells after exposure, by rows; `events`: by years from first exposure (one entity: no
    error); cells the effects absorb and so leave out.
    """

    exposed: TermEstimate
    events: dict[int, TermEstimate]
    left_out: tuple[str, ...]


def sun_abraham(data: ModelData, treatment: str, first_year: pd.Series) -> SunAbraham:
    """One indicator for each cohort and year relative to first exposure, but the year before it; then averages.

    `data`: the rows compared, no entity exposed throughout. `first_year`: by entity_code, NaN for the comparison
    group. The treatment gives way to the indicators; other regressors and effects are kept. Averages weigh the cells of
    a relative year by their rows, so cohorts by their share there; standard errors are CR1 with the weights taken as
    given. Sun and Abraham (2021), section 4. Raises EstimationError as the model's own fit does, and when no cell
    after exposure is identified.
    """
    controls = tuple(name for name in data.regressors if name != treatment)
    frame = data.frame.reset_index(drop=True)
    start = frame[ENTITY].map(first_year)
    relative = frame["year"] - start
    complete = frame[[data.outcome, *controls]].notna().all(axis=1)
    cells: dict[str, tuple[int, pd.Series]] = {}
    columns = {}
    pairs = pd.DataFrame({"start": start, "relative": relative})[complete & relative.notna()].drop_duplicates()
    for cohort, event in sorted((int(a), int(b)) for a, b in pairs.to_numpy()):
        if event != REFERENCE:
            inside = (start == cohort) & (relative == event)
            name = f"cell_{cohort}_{event}"
            cells[name], columns[name] = (event, frame.loc[inside & complete, ENTITY]), inside.astype(float)
    full = replace(data, frame=frame.assign(**columns), regressors=(*controls, *columns), trends=False)
    identified = identified_regressors(full.sample, trends=False)
    # A control that is not identified is left in, for the fit to refuse it by name.
    found = {name: cell for name, cell in cells.items() if name in identified}
    joint = replace(full, regressors=(*controls, *found)).fit()

    def average(names: list[str]) -> TermEstimate:
        rows = np.array([len(found[name][1]) for name in names], dtype=float)
        beta, cov = joint.subset(names)
        weights = rows / rows.sum()
        entities = pd.concat([found[name][1] for name in names]).nunique()
        error = float(np.sqrt(max(weights @ cov @ weights, 0.0))) if entities >= FEWEST_ENTITIES else np.nan
        return TermEstimate(float(weights @ beta), error, joint.df, int(joint.fit["n_obs"]), int(entities))

    events = sorted({event for event, _ in found.values()})
    after = [name for name, (event, _) in found.items() if event >= 0]
    refuse((not after, "no cohort's years after first exposure are identified"), error=EstimationError)
    return SunAbraham(
        exposed=average(after),
        events={event: average([name for name, (e, _) in found.items() if e == event]) for event in events},
        left_out=tuple(name for name in cells if name not in found),
    )


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
        ((np.diff(years) != 1).any(), "local projections need every year of the panel"),
        (not after, f"no year has {data.panel.unit.many.en} that begin to be exposed beside unexposed ones"),
        error=EstimationError,
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


def _used(on: np.ndarray, h: int) -> np.ndarray:
    """Rows (entity, t) of horizon h whose outcome at t + h and t - 1 both exist.

    A year with a single row says nothing, and pyfixest leaves it out.
    """
    n, t = on.shape[1], np.arange(on.shape[1])
    possible = (t >= 1) & (t + h >= 0) & (t + h < n)
    members = (_begins(on) | ~on[:, np.clip(t + max(h, 0), 0, n - 1)]) & possible
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
    refuse((used != rows, f"pyfixest used {used:g} rows for {term} where {rows} were expected"), error=EstimationError)
    # CR1; none where one entity begins, or one is compared with.
    error = error if min(begin, rest) >= FEWEST_ENTITIES else np.nan
    return TermEstimate(estimate, error, entities - 1.0, rows, entities)
