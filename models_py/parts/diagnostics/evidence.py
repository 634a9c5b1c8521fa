"""The evidence on one term of one model that needs nothing but its fit.

Belongs here: the order in which influence, residual correlation, Conley standard errors and power are asked for.
Does not belong here: how any of them is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from catalog.parts.diagnostics import Options
from models_py.econometrics.model_data import ModelData
from models_py.parts.diagnostics.conley_rows import conley_rows
from models_py.parts.diagnostics.influence import influence, influence_tests
from models_py.parts.diagnostics.power import power
from models_py.parts.diagnostics.residual_correlation import contiguity_weights, residual_correlation

PERMUTATIONS = 999


@dataclass(frozen=True)
class FitEvidence:
    """Rows of the tables `estimate` (Conley), `spec_test` and `influence`, all columns but data_kind."""

    estimate: pd.DataFrame
    spec_test: pd.DataFrame
    influence: pd.DataFrame


def fit_evidence(data: ModelData, term: str, options: Options, seed: int = 0) -> FitEvidence:
    """Influence, residual correlation, Conley standard errors and power of `term`; `seed`: of the permutations.

    Coordinates are those of the panel, neighbours those of its unit where they are declared; what lacks either stands
    as a row of `spec_test` with the reason.

    Raises EstimationError when the model cannot be estimated and for a term it does not have.
    """
    rows = influence(data, term)
    estimates, spatial = conley_rows(data, term, options.cutoff_km)
    tests = [
        influence_tests(data, term, rows),
        residual_correlation(data, contiguity_weights(data.panel), PERMUTATIONS, seed),
        spatial,
        power(data, term, options.power),
    ]
    return FitEvidence(estimates, pd.concat(tests, ignore_index=True), rows)
