"""Inference with 31 clusters, as published: jackknife, wild cluster bootstrap, randomisation, each with its note.

Belongs here: the rows of `estimate` and `spec_test`.
Does not belong here: the words (notes.py), the computations (covariance.py, wild_bootstrap.py,
randomisation.py) and CR1 (panel_study.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from catalog.study_evidence import InferenceSpec
from models_py.parts.few_clusters.notes import jackknife_note, not_computed, randomised_note, wild_note
from models_py.econometrics.few_clusters.partialling import IdentityError, partial_out
from models_py.econometrics.few_clusters.randomisation import randomisation_inference
from models_py.econometrics.few_clusters.wild_bootstrap import bootstrap_result
from models_py.econometrics.few_clusters.wild_scores import Weights, draw_weights, scores
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import ESTIMATE_COLUMNS, TEST_COLUMNS, EstimationError, FitResult

LEVEL = 0.95
METHODS: dict[Weights, str] = {"rademacher": "wild_cluster", "webb": "wild_cluster_webb"}
_LABEL = ("study", "table_no", "model")


def few_cluster_rows(
    data: ModelData, terms: tuple[str, ...], spec: InferenceSpec, treatment: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `estimate` and of `spec_test` (all columns but data_kind) of one model.

    Methods: cr3 (every term, t with G - 1 degrees of freedom), wild_cluster and wild_cluster_webb (`terms`; standard
    error and t are CR1's, the interval is by test inversion, NaN where unbounded), randomisation (`treatment`; no
    standard error and no interval). What a model does not allow is a row of `spec_test` that says why: CR3 when a term
    is not identified without one of the provinces, re-assignment without different paths, anything for an identity.

    Raises EstimationError as the model's fit does and for a term or treatment that the model does not have.
    """
    fit = data.fit()
    absent = [term for term in (*terms, *([treatment] if treatment else [])) if term not in data.regressors]
    if absent:
        raise EstimationError(f"{data.study}, {data.table_no} {data.model}: no regressor {', '.join(absent)}")
    try:
        partial_out(data, data.regressors[0])
    except IdentityError as error:
        return _frames(data, [], [_test("few_clusters", note=not_computed(error))])
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for rows, made in (
        _jackknife(data),
        _wild(data, terms, spec, fit),
        _randomised(data, treatment, spec, fit),
    ):
        estimates += rows
        tests += made
    return _frames(data, estimates, tests)


_Rows = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def _jackknife(data: ModelData) -> _Rows:
    try:
        fit = data.fit(vcov={"CRV3": data.cluster})
    except EstimationError as error:
        return [], [_test("cr3", note=not_computed(error))]
    df = float(fit.evidence["df"])
    return [dict(zip(ESTIMATE_COLUMNS, row, strict=True)) for row in fit.estimates.to_numpy().tolist()], [
        _test("cr3", df=df, note=jackknife_note(fit))
    ]


def _wild(data: ModelData, terms: Sequence[str], spec: InferenceSpec, fit: FitResult) -> _Rows:
    estimates, tests = [], []
    errors = dict(zip(fit.estimates["term"], fit.estimates["std_error"].to_numpy(), strict=True))
    for term in terms:
        model = partial_out(data, term)
        pieces = scores(model)
        for weights, method in METHODS.items():
            v, enumerated = draw_weights(weights, model.n_clusters, spec.draws, spec.seed)
            error = float(errors[term])
            result = bootstrap_result(pieces, v, enumerated, term, weights, error, spec.seed, LEVEL)
            bounds = {side: _finite(getattr(result, side)) for side in ("ci_low", "ci_high")}
            row = _row(term, method, result.estimate, std_error=error, statistic=result.statistic, **bounds)
            estimates.append({**row, "p_value": result.p_value, "ci_level": LEVEL})
            note = wild_note(result, fit)
            tests.append(_test(f"{method}: {term}", result.statistic, p_value=result.p_value, note=note))
    return estimates, tests


def _randomised(data: ModelData, treatment: str | None, spec: InferenceSpec, fit: FitResult) -> _Rows:
    if treatment is None:
        return [], []
    t = float(fit.estimates["statistic"].to_numpy()[data.regressors.index(treatment)])
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for within, suffix in ((None, ""), ("region", "_within_region")):
        name = f"randomisation{suffix}"
        try:
            result = randomisation_inference(
                data,
                treatment,
                permutations=spec.permutations,
                seed=spec.seed,
                within="region" if within else None,
            )
        except EstimationError as error:
            tests.append(_test(f"{name}: {treatment}", note=not_computed(error)))
            continue
        note = randomised_note(result, fit)
        tests.append(_test(f"{name}: {treatment}", result.estimate, p_value=result.p_value, note=note))
        tests.append(_test(f"{name}_t: {treatment}", t, p_value=result.p_value_t, note=note))
        if within is None:
            estimates.append({**_row(treatment, name, result.estimate), "p_value": result.p_value})
    return estimates, tests


def _finite(value: float) -> float:
    return value if np.isfinite(value) else np.nan


def _row(term: str, method: str, estimate: float, **columns: float) -> dict[str, Any]:
    return {**dict.fromkeys(ESTIMATE_COLUMNS, np.nan), "term": term, "effect": "coef", "method": method,
            "estimate": estimate, **columns}  # fmt: skip


def _test(
    test: str, statistic: float = np.nan, *, df: float = np.nan, p_value: float = np.nan, note: str
) -> dict[str, Any]:
    return {"test": test, "statistic": statistic, "df": df, "p_value": p_value, "note": note}


def _frames(
    data: ModelData, estimates: list[dict[str, Any]], tests: list[dict[str, Any]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    texts = (*_LABEL, "term", "effect", "method", "test", "note")

    def frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
        made = pd.DataFrame([data.named(**row) for row in rows], columns=[*_LABEL, *columns])
        return made.astype({name: "str" if name in texts else "float64" for name in made.columns})

    return frame(estimates, ESTIMATE_COLUMNS), frame(tests, (*TEST_COLUMNS, "note"))
