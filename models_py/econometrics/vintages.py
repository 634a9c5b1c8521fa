"""A study's headline under every other edition of the figures, so that a choice of vintage can be seen to matter.

Belongs here: which editions change a study's inputs, and its headline refitted under each.
Does not belong here: choosing between vintages (dbt/) and the regressions themselves (panel_study.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from catalog import Study
from models_py.econometrics.panel_study import StudyResult, fit_study
from models_py.indices.performance import performance_index
from models_py.panel import KEYS, full_grid


def affected(province_year: pd.DataFrame, alternative: pd.DataFrame, study: Study) -> bool:
    """Whether another edition of the figures changes anything the study uses in its years.

    Both frames have province_code, year and the study's indicators. Raises PanelError as `full_grid`.
    """
    names = list(study.indicators)
    one, other = (full_grid(frame, names, study.years).set_index(KEYS)[names] for frame in (province_year, alternative))
    return not one.equals(other)


def fit_vintages(
    province_year: pd.DataFrame,
    alternatives: Mapping[str, pd.DataFrame],
    exposure: pd.DataFrame | None,
    study: Study,
) -> dict[str, StudyResult]:
    """The headline model under each edition that changes the study's inputs, by vintage.

    `alternatives`: vintage -> province_year as it stands when that vintage is preferred for every figure it has.
    Editions that leave the study's inputs as they are have no entry. Raises as `fit_study`.
    """
    results = {}
    for vintage, frame in sorted(alternatives.items()):
        if not affected(province_year, frame, study):
            continue
        index = performance_index(frame, study)[0] if study.index is not None else None
        results[vintage] = fit_study(frame, exposure, index, study, vintage=vintage)
    return results
