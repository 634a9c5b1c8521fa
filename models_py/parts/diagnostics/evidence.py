"""The evidence on one term of one model that needs nothing but its fit.

Belongs here: the order in which influence, residual correlation, Conley standard errors and power are asked for.
Does not belong here: how any of them is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import pandas as pd

from catalog.study_evidence import DesignSpec
from models_py.econometrics.model_data import ModelData
from models_py.parts.diagnostics.influence import influence, influence_tests
from models_py.parts.diagnostics.power import power
from models_py.parts.diagnostics.residual_correlation import residual_correlation
from models_py.parts.rows import as_table, both
from models_py.spatial.conley import Kernel, NotPositiveError, conley, conley_pairs

PERMUTATIONS = 999


@dataclass(frozen=True)
class FitEvidence:
    """Rows of the tables `estimate` (Conley), `spec_test` and `influence`, all columns but data_kind."""

    estimate: pd.DataFrame
    spec_test: pd.DataFrame
    influence: pd.DataFrame


def fit_evidence(
    data: ModelData, term: str, spec: DesignSpec, weights: pd.DataFrame, places: pd.DataFrame, seed: int = 0
) -> FitEvidence:
    """Influence, residual correlation, Conley standard errors and power of `term`.

    `weights`: neighbours as in `residual_correlation` (moran.contiguity_weights() for the provinces); `places`:
    province_code, lon, lat of the capitals in degrees; `seed`: of the permutations. Where a kernel gives a variance
    that is not positive, its row of `estimate` is absent and `conley_<kernel>_not_available` says why.

    Raises EstimationError when the model cannot be estimated, for a term it does not have, for weights and places that
    do not cover its provinces.
    """
    rows = influence(data, term)
    estimates = []
    spatial = [conley_pairs(data, places, spec.cutoff_km)]
    for kernel in get_args(Kernel):
        try:
            estimates.append(conley(data, places, spec.cutoff_km, kernel, [term]))
        except NotPositiveError as error:
            note = both(f"No standard error: {error}.", f"无标准误：{error}。")
            spatial.append(data.named(test=f"conley_{kernel}_not_available", note=note))
    tests = [
        influence_tests(data, term, rows),
        residual_correlation(data, weights, PERMUTATIONS, seed),
        as_table(spatial, "spec_test"),
        power(data, term, spec),
    ]
    return FitEvidence(
        estimate=pd.concat(estimates, ignore_index=True) if estimates else as_table([], "estimate"),
        spec_test=pd.concat(tests, ignore_index=True),
        influence=rows,
    )
