"""A study's headline under every other edition of the figures, so that a choice of vintage can be seen to matter.

Belongs here: which editions change a study's inputs, and its headline refitted under each.
Does not belong here: choosing between vintages (dbt/) and the regressions themselves (panel_study.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from models_py.panel import KEYS, full_grid
from models_py.parts.regressions.panel_study import StudyResult, fit_study
from models_py.parts.regressions.study_models import ModelMaker

Remake = Callable[[pd.DataFrame], Mapping[str, pd.DataFrame]]


def affected(maker: ModelMaker, alternative: pd.DataFrame) -> bool:
    """Whether another edition of the figures changes anything the study uses in its years.

    `alternative` has entity_code, year and the study's indicators. Raises PanelError as `full_grid`.
    """
    one, other = _inputs(maker, alternative)
    return not one.equals(other)


def figures_lacking(maker: ModelMaker, alternative: pd.DataFrame) -> int:
    """How many figures the study uses in its years another edition does not have.

    Editions are not mixed within a series, so an edition of few years leaves the others empty, and a regression on
    what is left would differ by its sample, not by the edition. Frames and errors as in `affected`.
    """
    one, other = _inputs(maker, alternative)
    return int((one.notna() & other.isna()).to_numpy().sum())


def _inputs(maker: ModelMaker, alternative: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = list(maker.study.indicators)
    one, other = (full_grid(frame, names, maker.panel).set_index(KEYS)[names] for frame in (maker.figures, alternative))
    return one, other


def fit_vintages(maker: ModelMaker, alternatives: pd.DataFrame | None, remake: Remake) -> dict[str, StudyResult]:
    """The headline model under each edition that changes the study's inputs, by vintage.

    `alternatives`: column vintage, and the figures as they stand when that vintage is preferred for every series it
    has; None where the unit has no editions. `remake`: the offered tables from other figures. Editions that leave the
    study's inputs as they are, and those that lack some of its figures, have no entry. Raises as `fit_study`.
    """
    if alternatives is None:
        return {}
    results = {}
    for vintage, frame in sorted(alternatives.groupby("vintage"), key=lambda item: str(item[0])):
        if not affected(maker, frame) or figures_lacking(maker, frame):
            continue
        other = replace(maker, figures=frame, offered=remake(frame), _variables={})
        results[str(vintage)] = fit_study(other, vintage=str(vintage))
    return results
