"""Inference with few clusters, as published: jackknife, wild cluster bootstrap, randomisation, each with its note.

Belongs here: the rows of `estimate` and `spec_test`. Does not belong here: the words (notes.py), the computations
(models_py/econometrics/few_clusters) and CR1, which comes with the regressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.parts.few_clusters import Options
from models_py.econometrics.few_clusters.fwl import partial_out
from models_py.econometrics.few_clusters.randomisation import randomisation_inference
from models_py.econometrics.few_clusters.wild_bootstrap import bootstrap_result
from models_py.econometrics.few_clusters.wild_scores import Weights, draw_weights, scores
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import ESTIMATE_COLUMNS, EstimationError, FitResult, IdentityError
from models_py.parts.few_clusters.notes import NOT_BY_LOT, jackknife_note, not_computed, randomised_note, wild_note
from models_py.parts.rows import as_table

LEVEL = 0.95
METHODS: dict[Weights, str] = {"rademacher": "wild_cluster", "webb": "wild_cluster_webb"}

_Rows = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def few_cluster_tables(
    models: Sequence[ModelData], terms: tuple[str, ...], spec: Options, treatment: str | None, caveat: Text = NOT_BY_LOT
) -> dict[str, pd.DataFrame]:
    """Rows of `estimate` and of `spec_test` (all columns but data_kind) of every model; see `few_cluster_rows`."""
    made = [few_cluster_rows(data, terms, spec, treatment, caveat) for data in models]
    estimates, tests = ([row for rows in part for row in rows] for part in zip(*made, strict=True))
    return {"estimate": as_table(estimates, "estimate"), "spec_test": as_table(tests, "spec_test")}


def few_cluster_rows(
    data: ModelData, terms: tuple[str, ...], spec: Options, treatment: str | None, caveat: Text = NOT_BY_LOT
) -> _Rows:
    """Rows of `estimate` and of `spec_test` of one model.

    Methods: cr3 (every term, t with G - 1 degrees of freedom), wild_cluster and wild_cluster_webb (`terms`; standard
    error and t are CR1's, the interval is by test inversion, NaN where unbounded), randomisation (`treatment`; no
    standard error and no interval). Tests are about the term they name as subject. What a model does not allow is a
    row of `spec_test` that says why: CR3 when a term is not identified without one of the entities, re-assignment
    without different paths or, within regions, without regions, anything for an identity. `caveat`: why the treatment
    may not be exchangeable.

    Raises EstimationError as the model's fit does and for a term or treatment that the model does not have.
    """
    fit = data.fit()
    absent = [term for term in (*terms, *([treatment] if treatment else [])) if term not in data.regressors]
    if absent:
        raise EstimationError(f"{data.identity.place}: no regressor {', '.join(absent)}")
    try:
        made = [_wild(data, terms, spec, fit)]
    except IdentityError as error:
        return [], [data.named(**_test("few_clusters", **not_computed(error)))]
    made.insert(0, _jackknife(data))
    if treatment is not None:
        made.append(_randomised(data, treatment, spec, fit, caveat))
    n_obs = int(fit.fit["n_obs"])
    estimates = [data.named(**row, **data.unit_of(row["term"]), n_obs=n_obs) for rows, _ in made for row in rows]
    return estimates, [data.named(**row) for _, rows in made for row in rows]


def _jackknife(data: ModelData) -> _Rows:
    try:
        fit = data.fit(vcov={"CRV3": data.cluster})
    except EstimationError as error:
        return [], [_test("cr3", **not_computed(error))]
    note = jackknife_note(fit, data.panel.unit)
    rows = [dict(zip(ESTIMATE_COLUMNS, row, strict=True)) for row in fit.estimates.to_numpy().tolist()]
    return rows, [_test("cr3", df=float(fit.evidence["df"]), **note)]


def _wild(data: ModelData, terms: Sequence[str], spec: Options, fit: FitResult) -> _Rows:
    estimates, tests = [], []
    errors = dict(zip(fit.estimates["term"], fit.estimates["std_error"].to_numpy(), strict=True))
    for term in terms:
        model = partial_out(data, term)
        pieces = scores(model)
        for weights, method in METHODS.items():
            v, enumerated = draw_weights(weights, model.n_clusters, spec.draws, spec.seed)
            error = float(errors[term])
            result = bootstrap_result(pieces, v, enumerated, term, weights, error, spec.seed, LEVEL)
            tested = {"statistic": result.statistic, "p_value": result.p_value}
            bounds = {side: _finite(getattr(result, side)) for side in ("ci_low", "ci_high")}
            row = _row(term, method, result.estimate, std_error=error, ci_level=LEVEL, **tested, **bounds)
            estimates.append(row)
            tests.append(_test(method, term, **tested, **wild_note(result, fit, data.panel.unit)))
    return estimates, tests


def _randomised(data: ModelData, treatment: str, spec: Options, fit: FitResult, caveat: Text) -> _Rows:
    t = float(fit.estimates["statistic"].to_numpy()[data.regressors.index(treatment)])
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for within, name in ((None, "randomisation"), ("region", "randomisation_within_region")):
        try:
            result = randomisation_inference(
                data, treatment, permutations=spec.permutations, seed=spec.seed, within="region" if within else None
            )
        except EstimationError as error:
            tests.append(_test(name, treatment, **not_computed(error)))
            continue
        note = randomised_note(result, fit, data.panel, caveat)
        tests.append(_test(name, treatment, statistic=result.estimate, p_value=result.p_value, **note))
        tests.append(_test(f"{name}_t", treatment, statistic=t, p_value=result.p_value_t, **note))
        if within is None:
            estimates.append(_row(treatment, name, result.estimate, p_value=result.p_value))
    return estimates, tests


def _finite(value: float) -> float:
    return value if np.isfinite(value) else np.nan


def _row(term: str, method: str, estimate: float, **columns: float) -> dict[str, Any]:
    return {"term": term, "effect": "coef", "method": method, "estimate": estimate, **columns}


def _test(test: str, subject: str = "", **columns: Any) -> dict[str, Any]:
    return {"test": test, "subject": subject, **columns}
