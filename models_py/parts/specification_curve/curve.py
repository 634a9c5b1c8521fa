"""The specification curve of a study: every combination of its choices fitted, and judged together.

Belongs here: the one call that makes the published tables. Does not belong here: any of its steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from catalog import Study
from catalog.parts.specification_curve import Options
from models_py.econometrics.result import EstimationError
from models_py.panel import Panel
from models_py.parts.performance_index.index import performance_index
from models_py.parts.specification_curve.choices import choice_space
from models_py.parts.specification_curve.columns import REFUSALS, Columns, IndexBuilder
from models_py.parts.specification_curve.engine import fit
from models_py.parts.specification_curve.groups import Design, Reason
from models_py.parts.specification_curve.joint import Joint, joint_inference
from models_py.parts.specification_curve.notes import Setting, curve_tests
from models_py.parts.specification_curve.summary import choice_table, specification_table


@dataclass(frozen=True)
class Curve:
    """Rows of the tables of the same names (all columns but data_kind), and the joint inference with every draw."""

    specification: pd.DataFrame
    specification_choice: pd.DataFrame
    spec_test: pd.DataFrame
    joint: Joint


def specification_curve(
    figures: pd.DataFrame,
    exposures: pd.DataFrame | None,
    study: Study,
    options: Options,
    panel: Panel,
    *,
    index_builder: IndexBuilder = performance_index,
) -> Curve:
    """Two-way fixed effects of one model under the declared choices: associations, not effects.

    `figures`: entity_code, year and every indicator an option needs. `exposures`: the keys of the exposure (numerator,
    denominator, municipality, direct_county, timing, denominator_year), entity_code, year, exposure (share), one row
    per combination, entity and year, the year before the window included where lag 1 is an option; None for a study
    without exposure; filtered by `study` where it carries it. An option does to the data what the
    same key in the study file does (`ModelMaker`). Specifications the data do not allow are counted with their reasons
    in `spec_test`, test not_estimable. Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4, 1208-1214.

    Raises StudyError for choices that do not fit the model (`choice_space`) and inputs that lack columns;
    EstimationError when the study's own specification cannot be estimated.
    """
    space = choice_space(study, options)
    drawn = space.draw(options.at_most, options.seed)
    columns = Columns(figures, exposures, study, panel, space, index_builder)
    designs: list[Design] = []
    numbers: list[int] = []
    reasons: dict[int, Reason] = {}
    for number, chosen in enumerate(drawn):
        try:
            designs.append(columns.design(chosen))
            numbers.append(number)
        except REFUSALS as error:
            if number == 0:
                raise
            reasons[number] = (str(error), f"无法估计（原因为英文）：{error}")
    grid = columns.grid()
    fits = fit(grid, designs)
    if 0 in fits.reasons:
        raise EstimationError(f"{study.id}, {options.table_no} {options.model}: {fits.reasons[0][0]}")
    reasons |= {numbers[place]: reason for place, reason in fits.reasons.items()}
    fitted = [drawn[number] for number in numbers]
    setting = Setting(study, panel, options, space, drawn)
    specification = specification_table(study, space, fitted, fits)
    choices = choice_table(study, space, specification)
    joint = joint_inference(grid, fits, options.draws, options.seed)
    return Curve(
        specification=specification,
        specification_choice=choices,
        spec_test=curve_tests(setting, specification, choices, dict(sorted(reasons.items())), joint),
        joint=joint,
    )
