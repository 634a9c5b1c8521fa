"""Cohort by cohort: the interaction-weighted estimator of Sun and Abraham (2021).

Belongs here: the saturated regression and the averages over cohorts. Does not belong here: who is compared and the
rows published (staggered.py).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models_py.econometrics.least_squares import identified_regressors
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import FEWEST_ENTITIES, EstimationError, TermEstimate
from models_py.panel import refuse

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
    refuse(EstimationError, (not after, "no cohort's years after first exposure are identified"))
    return SunAbraham(
        exposed=average(after),
        events={event: average([name for name, (e, _) in found.items() if e == event]) for event in events},
        left_out=tuple(name for name in cells if name not in found),
    )
