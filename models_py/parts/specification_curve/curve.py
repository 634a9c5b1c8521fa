"""The specification curve of a study: every combination of its choices fitted, and all judged together.

Belongs here: the one call that makes the published tables, and the rows of `specification` and `specification_choice`.
Does not belong here: fitting (engine.py) and the words about the curve (notes.py).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from catalog import Study
from catalog.labels import option_key
from catalog.parts.specification_curve import Options as CurveOptions
from models_py.econometrics.result import EstimationError
from models_py.panel import Panel
from models_py.parts.frame import Tables
from models_py.parts.performance_index.index import performance_index
from models_py.parts.rows import as_table, typed
from models_py.parts.specification_curve.choices import CHOICES, Options, Space, choice_space
from models_py.parts.specification_curve.columns import REFUSALS, Columns, IndexBuilder
from models_py.parts.specification_curve.engine import Fits, fit
from models_py.parts.specification_curve.groups import Design, Reason
from models_py.parts.specification_curve.joint import joint_inference
from models_py.parts.specification_curve.notes import Setting, curve_tests


def specification_curve(
    figures: pd.DataFrame,
    exposures: pd.DataFrame | None,
    study: Study,
    options: CurveOptions,
    panel: Panel,
    *,
    index_builder: IndexBuilder = performance_index,
) -> Tables:
    """Two-way fixed effects of one model under the declared choices: associations, not effects. Rows of the tables
    specification, specification_choice and spec_test, all columns but data_kind.

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
    specification = specification_table(study, space, [drawn[number] for number in numbers], fits)
    choices = choice_table(study, space, specification)
    joint = joint_inference(grid, fits, options.draws, options.seed)
    setting = Setting(study, panel, options, space, drawn)
    tests = curve_tests(setting, specification, choices, dict(sorted(reasons.items())), joint)
    return {"specification": specification, "specification_choice": choices, "spec_test": tests}


ALPHA = 0.05


def specification_table(study: Study, space: Space, drawn: Sequence[Options], fits: Fits) -> pd.DataFrame:
    """Rows of table `specification`: those that could be estimated, numbered from 1 by size of the estimate.

    The study's own is `drawn[0]`. `estimate_sd` = estimate x sd(term) / sd(outcome), both over the rows of the
    specification. Choices with one option are NULL.
    """
    frame = pd.DataFrame(
        {
            "study": study.id,
            "preferred": np.arange(len(drawn)) == 0,
            "estimate": fits.estimate,
            "std_error": fits.std_error,
            "p_value": fits.p_value,
            "ci_low": fits.ci_low,
            "ci_high": fits.ci_high,
            "n_obs": fits.n_obs,
            "estimate_sd": fits.estimate * fits.scale,
        }
    )
    for name in CHOICES:
        frame[name] = [options[name] if name in space.varied else None for options in drawn]
    frame = frame[frame["estimate"].notna()].sort_values("estimate", kind="stable")
    frame["spec_id"] = np.arange(1, len(frame) + 1)
    return typed(frame, "specification").reset_index(drop=True).astype({"winsorise": "float64"})


def choice_table(study: Study, space: Space, specification: pd.DataFrame) -> pd.DataFrame:
    """Rows of table `specification_choice` for every choice that varies, the largest mover first.

    `variance_share` of a choice is (SSR without it - SSR) / SST from least squares of `estimate_sd` on dummies of the
    options of all choices (main effects; partial sums of squares, so that what other choices do is not counted, however
    unevenly options were drawn). With all combinations fitted it is eta squared, the variance between the option means
    over the whole variance. Shares need not sum to 1: the rest is what choices do together. Medians, ranges and shares
    are of `estimate_sd`, since outcomes can differ in scale.
    """
    shares = variance_shares(specification, space)
    rows = []
    for position, name in enumerate(sorted(shares, key=lambda name: -shares[name]), start=1):
        for option in space.options[name]:
            with_it = specification[specification[name] == option]
            estimates = with_it["estimate_sd"]
            rows.append(
                {
                    "study": study.id,
                    "choice": name,
                    "option": option_key(option),
                    "position": position,
                    "variance_share": shares[name],
                    "specifications": len(with_it),
                    "median_estimate": estimates.median(),
                    "low": estimates.min(),
                    "high": estimates.max(),
                    "share_positive": (estimates > 0).mean(),
                    "share_significant": (with_it["p_value"] < ALPHA).mean(),
                }
            )
    return as_table(rows, "specification_choice")


def variance_shares(specification: pd.DataFrame, space: Space) -> dict[str, float]:
    """Share of the variance of `estimate_sd` of each varied choice, as `choice_table` says; 0 where nothing varies."""
    y = specification["estimate_sd"].to_numpy(dtype="float64")
    y = y - y.mean()
    total = float(y @ y)
    dummies = {
        name: np.column_stack([(specification[name] == option).to_numpy(dtype="float64") for option in options[1:]])
        for name, options in space.options.items()
        if len(options) > 1
    }

    def unexplained(names: Sequence[str]) -> float:
        columns = np.column_stack([np.ones((len(y), 1)), *(dummies[name] for name in names)])
        rest = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
        return float(rest @ rest)

    # Differences of rounding size are no movement.
    if total <= 1e-20 * len(y):
        return dict.fromkeys(dummies, 0.0)
    full = unexplained(list(dummies))
    return {
        name: max((unexplained([other for other in dummies if other != name]) - full) / total, 0.0) for name in dummies
    }
