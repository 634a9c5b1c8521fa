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
    one, other = _inputs(province_year, alternative, study)
    return not one.equals(other)


def figures_lacking(province_year: pd.DataFrame, alternative: pd.DataFrame, study: Study) -> int:
    """How many figures the study uses in its years another edition does not have.

    Editions are not mixed within a series, so an edition of few years leaves the others empty, and a regression on
    what is left would differ by its sample, not by the edition. Frames and errors as in `affected`.
    """
    one, other = _inputs(province_year, alternative, study)
    return int((one.notna() & other.isna()).to_numpy().sum())


def _inputs(province_year: pd.DataFrame, alternative: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = list(study.indicators)
    one, other = (full_grid(frame, names, study.years).set_index(KEYS)[names] for frame in (province_year, alternative))
    return one, other


def fit_vintages(
    province_year: pd.DataFrame,
    alternatives: Mapping[str, pd.DataFrame],
    exposure: pd.DataFrame | None,
    study: Study,
) -> dict[str, StudyResult]:
    """The headline model under each edition that changes the study's inputs, by vintage.

    `alternatives`: vintage -> province_year as it stands when that vintage is preferred for every series it has.
    Editions that leave the study's inputs as they are, and those that lack some of its figures, have no entry. Raises
    as `fit_study`.
    """
    results = {}
    for vintage, frame in sorted(alternatives.items()):
        if not affected(province_year, frame, study) or figures_lacking(province_year, frame, study):
            continue
        index = performance_index(frame, study)[0] if study.index is not None else None
        results[vintage] = fit_study(frame, exposure, index, study, vintage=vintage)
    return results
