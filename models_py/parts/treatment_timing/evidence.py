"""All evidence on a design that comes from when entities are first exposed, in one call.

Belongs here: putting the pieces together. Does not belong here: any computation of its own.
"""

from typing import Any

import pandas as pd

from catalog.parts.treatment_timing import Options
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.frame import Tables, joined
from models_py.parts.rows import as_table, note
from models_py.parts.treatment_timing.event_study import adoption_tests, event_study
from models_py.parts.treatment_timing.honest import honest_bounds
from models_py.parts.treatment_timing.staggered import staggered_evidence
from models_py.parts.treatment_timing.twfe_weights import (
    bacon_decomposition,
    comparison_tests,
    fixed_effect_weights,
    weight_tests,
)


def timing_evidence(data: ModelData, options: Options, weights: bool = True) -> Tables:
    """Event study and bounds on it, weights of the coefficient, comparisons behind it, robust estimators.

    Rows of tables estimate, spec_test and, with `weights`, twfe_weight (all columns but data_kind). The weights of the
    coefficient do not depend on the threshold, so that one call of several can give them.

    Who is exposed from when: `first_exposure`. Everything that the data do not identify is a row of `spec_test` with
    an empty statistic and the reason, so that a study in which every entity is exposed throughout gives notes.
    Associations throughout. Nothing is random.

    Raises EstimationError when the treatment is not a regressor of the model, or the model itself cannot be fitted.
    """
    coefficient = float(data.fit().estimates.set_index("term")["estimate"].get(options.treatment, float("nan")))
    study = event_study(data, options)
    adopted = adoption_tests(study.adoption, study.data, options.treatment, options.threshold)
    bounds, breakdown = honest_bounds(study, options)
    tables: dict[str, pd.DataFrame] = {}
    rows: list[dict[str, Any]] = []
    if weights:
        tables["twfe_weight"] = fixed_effect_weights(data, options.treatment)
        rows = weight_tests(data, tables["twfe_weight"], coefficient)
    try:
        rows += comparison_tests(data, *bacon_decomposition(data, study.adoption))
    except EstimationError as error:
        words = note(f"Comparisons of cohorts: {error}.", f"无法分解为组间比较：{error}。")
        rows.append(data.named(test="coefficient of exposed or not", subject="", **words))
    staggered, compared = staggered_evidence(data, options, study.adoption)
    tests = [as_table(adopted, "spec_test"), study.spec_test, breakdown, as_table(rows, "spec_test"), compared]
    estimates = [part for part in (study.estimate, bounds, staggered) if len(part)] or [study.estimate]
    return {**tables, "estimate": joined(estimates), "spec_test": joined(tests)}
