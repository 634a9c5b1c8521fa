"""Who is compared with whom when exposure begins at different times.

Belongs here: the entities and rows estimators for staggered exposure use, and their comparison group.
Does not belong here: the estimators and the published rows (staggered.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from catalog.base import Text
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.treatment_timing.adoption import ALWAYS, COHORT, NEVER, UNKNOWN, codes


@dataclass(frozen=True)
class Compared:
    """`data`: rows compared, trends off; `first_year` by entity; `group`: the comparison group in words; `comparison`:
    entities in it once all others are exposed; entities `left_out`, and rows of later years.
    """

    data: ModelData
    first_year: pd.Series
    group: Text
    comparison: int
    left_out: tuple[int, ...]
    rows_left_out: int


def compared(data: ModelData, adoption: pd.DataFrame) -> Compared:
    """The rows of entities seen before exposure or never exposed; the comparison group.

    Entities exposed in their first year or of unknown first exposure are left out. Where none is never exposed, those
    to begin last are the comparison group, and years from their first exposure on are left out. Raises EstimationError
    when nobody is left to compare with.
    """
    unit = data.panel.unit
    out = codes(adoption, ALWAYS, UNKNOWN)
    cohorts = adoption.loc[adoption["status"] == COHORT, "first_year"]
    if cohorts.empty:
        raise EstimationError(f"no {unit.one.en} is seen both before and after first exposure")
    frame = data.frame[~data.frame[ENTITY].isin(out)]
    first_year = adoption["first_year"].drop(index=out)
    group = Text(en=f"{unit.many.en} never exposed, and those not yet exposed", zh=f"从未暴露及尚未暴露的{unit.one.zh}")
    before, comparison = len(frame), len(codes(adoption, NEVER))
    if not comparison:
        last = int(cohorts.max())
        if cohorts.nunique() == 1:
            raise EstimationError(
                f"every {unit.one.en} seen before exposure begins in {last}, none is never exposed: nobody to compare "
                "with"
            )
        comparison = int((cohorts == last).sum())
        frame = frame[frame["year"] < last]
        first_year = first_year.where(first_year < last)
        group = Text(
            en=f"{unit.many.en} not yet exposed, none is never exposed; years from {last} on left out",
            zh=f"尚未暴露的{unit.one.zh}（无从未暴露者，剔除{last}年及以后）",
        )
    kept = replace(data, frame=frame.reset_index(drop=True), trends=False)
    return Compared(kept, first_year, group, comparison, tuple(out), before - len(frame))
