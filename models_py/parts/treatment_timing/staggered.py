"""Estimators for exposure that begins at different times, robust to associations that differ between cohorts.

Belongs here: what each estimator is given and the published rows. Does not belong here: who is compared (compared.py),
the estimators (two_stage.py, saturated.py, local_projections.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from catalog.study_evidence import TimingSpec
from models_py.econometrics.fixed_effects import CI_LEVEL
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.econometrics.timing.cluster_covariance import model_sample
from models_py.econometrics.timing.local_projections import local_projections
from models_py.econometrics.timing.saturated import saturated
from models_py.econometrics.timing.two_stage import two_stage
from models_py.parts.rows import FEWEST_PROVINCES, as_table, both, interval_row, named
from models_py.parts.treatment_timing.compared import Compared, compared

TABLE_NO = "Staggered adoption"
# Columns added to the rows: exposed or not, years since first exposure (-1 where never exposed).
EXPOSED, SINCE = "exposed or not", "years since first exposure"


def staggered_evidence(data: ModelData, spec: TimingSpec, adoption: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `estimate` and `spec_test` of three estimators on exposed or not (from first exposure on).

    Models "<model> did2s" (two-stage; without controls too: did2s_no_controls), "<model> sun_abraham" and "<model>
    local_projections"; terms `exposed` (average over exposed rows) and event_k. Associations, not effects. t with
    clusters - 1 degrees of freedom; no standard error where a term, or the comparison group, is a single province. An
    estimator the data do not allow is named with the reason in `spec_test`.
    """
    makers: dict[str, tuple[Callable[[Compared, TimingSpec], _Rows], str, str]] = {
        "did2s": (
            _did2s,
            "Two-stage difference in differences (Gardner 2021), controls and effects from unexposed rows; clustered "
            "method-of-moments standard errors, no small-sample factor",
            "两阶段双重差分（Gardner 2021），聚类GMM标准误、无小样本调整",
        ),
        "did2s_no_controls": (
            _did2s,
            "Two-stage difference in differences (Gardner 2021) without controls, effects from unexposed rows; "
            "clustered method-of-moments standard errors, no small-sample factor",
            "两阶段双重差分（Gardner 2021），不含控制变量，聚类GMM标准误、无小样本调整",
        ),
        "sun_abraham": (
            _sun_abraham,
            "Interaction-weighted estimator (Sun and Abraham 2021), controls kept; CR1, weights of cohorts as given",
            "交互加权估计（Sun and Abraham 2021），保留控制变量，CR1标准误",
        ),
        "local_projections": (
            _local,
            "Local projections (Dube, Girardi, Jorda and Taylor 2023) by pyfixest, without controls, clean controls "
            "only; CR1",
            "局部投影双重差分（pyfixest），不含控制变量，CR1标准误",
        ),
    }
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for name, (make, english, chinese) in makers.items():
        label = {**data.label, "table_no": TABLE_NO, "model": f"{data.model} {name}"}
        try:
            bare = replace(data, regressors=(spec.treatment,)) if name == "did2s_no_controls" else data
            rows = compared(bare, adoption)
            found, provinces, remarks = make(rows, spec)
        except EstimationError as error:
            note = both(f"{english}. Not estimated: {error}.", f"{chinese}。无法估计，原因见前述英文。")
            tests.append({**label, "test": "provinces compared", "note": note})
            continue
        few = rows.comparison < FEWEST_PROVINCES
        found = [(*row[:3], math.nan if few else row[3], row[4]) for row in found]
        estimates += [interval_row(label, *row, CI_LEVEL) for row in found]
        remarks += "No standard errors: the comparison rests on a single province. " if few else ""
        note = both(
            f"{english}. Compared with: {rows.group[0]}. {len(rows.left_out)} province(s) left out, exposed from their "
            f"first year or unknown: {named(rows.left_out)}. {rows.rows_left_out} rows of later years left out. "
            f"{remarks}{'Province trends of the model are not kept. ' if data.trends else ''}t with {provinces - 1} "
            "degrees of freedom. Exposed or not, from first exposure on: the size of exposure does not enter. An "
            "association, not an effect. Seed: none.",
            f"{chinese}。比较组：{rows.group[1]}。剔除首年已暴露或不明省份{len(rows.left_out)}个。暴露为二元，不计强度；"
            "结果为关联，非因果效应。无随机数。",
        )
        tests.append({**label, "test": "provinces compared", "statistic": provinces, "note": note})
    return as_table(estimates, "estimate"), as_table(tests, "spec_test")


# (term, method, estimate, standard error, df) of each row; provinces; remarks ending in a space or empty.
_Row = tuple[str, str, float, float, float]
_Rows = tuple[list[_Row], int, str]


def _did2s(rows: Compared, spec: TimingSpec) -> _Rows:
    data = rows.data
    controls = tuple(name for name in data.regressors if name != spec.treatment)
    frame = data.frame.dropna(subset=[data.outcome, *controls])
    since = frame["year"] - frame[ENTITY].map(rows.first_year)
    frame = frame.assign(**{EXPOSED: (since >= 0).astype(float), SINCE: since.fillna(-1.0)})
    complete = len(frame)
    # Unexposed rows say nothing of a province, or a period, that has none: its rows cannot be compared.
    while True:
        free = frame[frame[EXPOSED] == 0]
        inside = frame[ENTITY].isin(free[ENTITY]) & frame[data.time].isin(free[data.time])
        if inside.all():
            break
        frame = frame[inside]
    if not frame[EXPOSED].any():
        raise EstimationError("no exposed row can be compared with unexposed ones")
    sample = model_sample(replace(data, frame=frame, regressors=(*controls, EXPOSED, SINCE)))
    exposed, years = sample.regressors[:, -2] > 0, sample.regressors[:, -1]
    events = {k: exposed & (years >= k if k == spec.lags else years == k) for k in range(spec.lags + 1)}
    cluster = sample.clusters[data.cluster]
    provinces = int(cluster.max()) + 1
    keys = (sample.entity, sample.time, sample.regressors[:, :-2])
    found: list[_Row] = []
    for terms in ({"exposed": exposed}, {f"event_{k}": inside for k, inside in events.items() if inside.any()}):
        second = np.column_stack(list(terms.values())).astype(float)
        result = two_stage(sample.outcome, exposed, *keys, second, cluster)
        errors = np.sqrt(np.maximum(np.diag(result.cov), 0))
        behind = np.array([len(np.unique(cluster[inside])) for inside in terms.values()])
        errors = np.where(behind >= FEWEST_PROVINCES, errors, math.nan)
        rest = zip(terms, result.beta.tolist(), errors.tolist(), strict=True)
        found += [(term, "gmm", beta, error, float(provinces - 1)) for term, beta, error in rest]
    remark = f"event_{spec.lags} is that year and later. " if events[spec.lags].any() else ""
    if len(frame) < complete:
        remark += f"{complete - len(frame)} rows of provinces or periods without an unexposed row left out. "
    return found, provinces, remark


def _sun_abraham(rows: Compared, spec: TimingSpec) -> _Rows:
    result = saturated(rows.data, spec.treatment, rows.first_year)
    window = [event for event in result.events if -spec.leads <= event <= spec.lags]
    found = [("exposed", "cr1", result.exposed.estimate, result.exposed.std_error, result.df)]
    found += [
        (f"event_{event}", "cr1", result.events[event].estimate, result.events[event].std_error, result.df)
        for event in window
    ]
    behind = ", ".join(f"event_{event} {result.events[event].provinces}" for event in window)
    remark = f"Provinces behind each term: {behind}. Ends are not binned. "
    remark += f"Cells left out, absorbed by the effects: {', '.join(result.left_out)}. " if result.left_out else ""
    return found, int(result.df) + 1, remark


def _local(rows: Compared, spec: TimingSpec) -> _Rows:
    result = local_projections(rows.data, rows.first_year, spec.leads, spec.lags)
    found = [(term, "cr1", e.estimate, e.std_error, e.df) for term, e in result.terms.items()]
    behind = ", ".join(f"{term} {e.provinces} ({e.rows} rows)" for term, e in result.terms.items())
    remark = (
        f"Provinces (rows) of each regression: {behind}, each with its own degrees of freedom, provinces less one. "
    )
    remark += f"Provinces with a gap left out: {named(result.gaps)}. " if result.gaps else ""
    return found, max(e.provinces for e in result.terms.values()), remark
