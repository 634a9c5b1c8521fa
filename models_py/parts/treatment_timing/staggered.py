"""Estimators for exposure that begins at different times, robust to associations that differ between cohorts.

Belongs here: who is compared with whom, what each estimator is given and the published rows. Does not belong here: the
estimators (models_py/econometrics/timing).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.labels import year_words
from catalog.parts.treatment_timing import Options
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import CI_LEVEL, FEWEST_ENTITIES, EstimationError, TermEstimate, interval_row
from models_py.econometrics.timing.staggered import did2s, local_projections, sun_abraham
from models_py.parts.rows import as_table, note, of_model
from models_py.parts.treatment_timing.event_study import ALWAYS, COHORT, NEVER, UNKNOWN, codes


@dataclass(frozen=True)
class Compared:
    """`data`: rows compared, trends off; `first_year` by entity; `group`: the comparison group in words; `comparison`:
    entities in it once all others are exposed; entities `left_out`, and rows of later years.
    """

    data: ModelData
    first_year: pd.Series
    group: Text
    comparison: int
    left_out: tuple[int, ...]
    rows_left_out: int


def compared(data: ModelData, adoption: pd.DataFrame) -> Compared:
    """The rows of entities seen before exposure or never exposed; the comparison group.

    Entities exposed in their first year or of unknown first exposure are left out. Where none is never exposed, those
    to begin last are the comparison group, and years from their first exposure on are left out. Raises EstimationError
    when nobody is left to compare with.
    """
    unit = data.panel.unit
    out = codes(adoption, ALWAYS, UNKNOWN)
    cohorts = adoption.loc[adoption["status"] == COHORT, "first_year"]
    refuse((cohorts.empty, f"no {unit.one.en} is seen both before and after first exposure"), error=EstimationError)
    frame = data.frame[~data.frame[ENTITY].isin(out)]
    first_year = adoption["first_year"].drop(index=out)
    group = Text(en=f"{unit.many.en} never exposed, and those not yet exposed", zh=f"从未暴露及尚未暴露的{unit.one.zh}")
    before, comparison = len(frame), len(codes(adoption, NEVER))
    if not comparison:
        last = int(cohorts.max())
        refuse(
            (
                cohorts.nunique() == 1,
                f"every {unit.one.en} seen before exposure begins in {last}, none is never exposed: nobody to compare "
                "with",
            ),
            error=EstimationError,
        )
        comparison = int((cohorts == last).sum())
        frame = frame[frame["year"] < last]
        first_year = first_year.where(first_year < last)
        group = Text(
            en=f"{unit.many.en} not yet exposed, none is never exposed; years from {last} on left out",
            zh=f"尚未暴露的{unit.one.zh}（无从未暴露者，剔除{last}年及以后）",
        )
    return Compared(
        replace(data, frame=frame.reset_index(drop=True), trends=False),
        first_year,
        group,
        comparison,
        tuple(out),
        before - len(frame),
    )


TABLE_NO = "Staggered adoption"
# Columns added to the rows: exposed or not, years since first exposure (-1 where never exposed).
EXPOSED, SINCE = "exposed or not", "years since first exposure"


# What an estimator finds: its terms, the entities compared, a remark that ends in a space or is empty.
_Found = tuple[dict[str, TermEstimate], int, str]


@dataclass(frozen=True)
class _Estimator:
    """One way to estimate, in words too; `method` of its errors; `controls`: whether the model's other regressors are
    kept.
    """

    id: str
    make: Callable[[Compared, Options], _Found]
    words: Text
    method: str = "cr1"
    controls: bool = True


def staggered_evidence(data: ModelData, options: Options, adoption: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `estimate` and `spec_test` of three estimators on exposed or not (from first exposure on).

    Estimators did2s (two-stage; without controls too: variant controls=none), sun_abraham and local_projections; terms
    `exposed` (average over exposed rows) and event_k. Associations, not effects. t with clusters - 1 degrees of
    freedom; no standard error where a term, or the comparison group, is a single entity. An estimator the data do not
    allow is named with the reason in `spec_test`.
    """
    made = [_evidence(data, options, adoption, estimator) for estimator in _ESTIMATORS]
    estimates = as_table([row for rows, _ in made for row in rows], "estimate")
    return of_model(estimates, data), as_table([test for _, test in made], "spec_test")


def _evidence(
    data: ModelData, options: Options, adoption: pd.DataFrame, estimator: _Estimator
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of `estimate` of one estimator, and its row of `spec_test`."""
    identity, words = replace(data.identity, table_no=TABLE_NO, estimator=estimator.id), estimator.words
    # Leaving out the controls is a variant of an estimator that could keep them.
    label = (identity if estimator.controls else identity.varied(controls="none")).columns
    test: dict[str, Any] = {**label, "test": "entities compared", "subject": ""}
    try:
        rows = compared(data if estimator.controls else replace(data, regressors=(options.treatment,)), adoption)
        terms, entities, remark = estimator.make(rows, options)
    except EstimationError as error:
        return [], test | note(f"{words.en}. Not estimated: {error}.", f"{words.zh}。无法估计：{error}。")
    few = rows.comparison < FEWEST_ENTITIES
    estimates = [
        interval_row(label, term, estimator.method, one.estimate, math.nan if few else one.std_error, one.df, CI_LEVEL)
        | {"n_obs": one.n_obs}
        for term, one in terms.items()
    ]
    panel, unit = data.panel, data.panel.unit
    alone = f"No standard errors: the comparison rests on a single {unit.one.en}. " if few else ""
    trends = f"{unit.one.en.capitalize()} trends of the model are not kept. " if data.trends else ""
    remarks = note(
        f"{words.en}. Compared with: {rows.group.en}. {panel.count(len(rows.left_out))} left out, exposed from the "
        f"first year or unknown: {panel.called(rows.left_out).en}. {rows.rows_left_out} rows of later years left out. "
        f"{remark}{alone}{trends}t with {entities - 1} degrees of freedom. Exposed or not, from first "
        "exposure on: the size of exposure does not enter. An association, not an effect. Seed: none.",
        f"{words.zh}。比较组：{rows.group.zh}。剔除首年已暴露或不明{unit.one.zh}{len(rows.left_out)}个。暴露为二元，不计强度；"
        "结果为关联，非因果效应。无随机数。",
    )
    return estimates, test | {"statistic": entities, **remarks}


def _did2s(rows: Compared, options: Options) -> _Found:
    data, unit = rows.data, rows.data.panel.unit
    controls = tuple(name for name in data.regressors if name != options.treatment)
    frame = data.frame.dropna(subset=[data.outcome, *controls])
    since = frame["year"] - frame[ENTITY].map(rows.first_year)
    frame = frame.assign(**{EXPOSED: (since >= 0).astype(float), SINCE: since.fillna(-1.0)})
    complete = len(frame)
    frame = _comparable(frame, data.time)
    sample = replace(data, frame=frame, regressors=(*controls, EXPOSED, SINCE)).sample
    exposed, years = sample.regressors[:, -2] > 0, sample.regressors[:, -1]
    last, cluster = options.lags, sample.clusters[data.cluster]
    events = {k: exposed & (years >= k if k == last else years == k) for k in range(last + 1)}
    entities = int(cluster.max()) + 1
    keys = (sample.entity, sample.time, sample.regressors[:, :-2])
    found: dict[str, TermEstimate] = {}
    for terms in ({"exposed": exposed}, {f"event_{k}": inside for k, inside in events.items() if inside.any()}):
        second = np.column_stack(list(terms.values())).astype(float)
        coefficients, cov = did2s(sample.outcome, exposed, *keys, second, cluster)
        errors = np.sqrt(np.maximum(np.diag(cov), 0)).tolist()
        for (term, inside), beta, error in zip(terms.items(), coefficients.tolist(), errors, strict=True):
            behind = len(np.unique(cluster[inside]))
            std_error = error if behind >= FEWEST_ENTITIES else math.nan
            found[term] = TermEstimate(beta, std_error, entities - 1.0, len(sample.outcome), behind)
    remark = f"{year_words(f'event_{last}').en.capitalize()} is that year and later. " if events[last].any() else ""
    if len(frame) < complete:
        remark += f"{complete - len(frame)} rows of {unit.many.en} or periods without an unexposed row left out. "
    return found, entities, remark


def _comparable(frame: pd.DataFrame, time: str) -> pd.DataFrame:
    """Rows of entities and periods seen unexposed: nothing is known of the others, so theirs cannot be compared."""
    while True:
        free = frame[frame[EXPOSED] == 0]
        inside = frame[ENTITY].isin(free[ENTITY]) & frame[time].isin(free[time])
        if inside.all():
            break
        frame = frame[inside]
    refuse((not frame[EXPOSED].any(), "no exposed row can be compared with unexposed ones"), error=EstimationError)
    return frame


def _sun_abraham(rows: Compared, options: Options) -> _Found:
    result = sun_abraham(rows.data, options.treatment, rows.first_year)
    window = [event for event in result.events if -options.leads <= event <= options.lags]
    found = {"exposed": result.exposed} | {f"event_{event}": result.events[event] for event in window}
    behind = ", ".join(f"{year_words(f'event_{event}').en}: {result.events[event].entities}" for event in window)
    lost = f"Cells left out, absorbed by the effects: {', '.join(result.left_out)}. " if result.left_out else ""
    many = rows.data.panel.unit.many.en.capitalize()
    remark = f"{many} behind each term: {behind}. Ends are not binned. {lost}"
    return found, int(result.exposed.df) + 1, remark


def _local(rows: Compared, options: Options) -> _Found:
    panel = rows.data.panel
    many = panel.unit.many.en
    result = local_projections(rows.data, rows.first_year, options.leads, options.lags)
    behind = ", ".join(f"{year_words(term).en}: {e.entities} ({e.n_obs} rows)" for term, e in result.terms.items())
    gaps = f"{many.capitalize()} with a gap left out: {panel.called(result.gaps).en}. " if result.gaps else ""
    remark = (
        f"{many.capitalize()} (rows) of each regression: {behind}, each with its own degrees of freedom, {many} less "
        f"one. {gaps}"
    )
    return result.terms, max(e.entities for e in result.terms.values()), remark


_ESTIMATORS = (
    _Estimator(
        "did2s",
        _did2s,
        Text(
            en="Two-stage difference in differences (Gardner 2021), controls and effects from unexposed rows; "
            "clustered method-of-moments standard errors, no small-sample factor",
            zh="两阶段双重差分（Gardner 2021），聚类GMM标准误、无小样本调整",
        ),
        method="gmm",
    ),
    _Estimator(
        "did2s",
        _did2s,
        Text(
            en="Two-stage difference in differences (Gardner 2021) without controls, effects from unexposed rows; "
            "clustered method-of-moments standard errors, no small-sample factor",
            zh="两阶段双重差分（Gardner 2021），不含控制变量，聚类GMM标准误、无小样本调整",
        ),
        method="gmm",
        controls=False,
    ),
    _Estimator(
        "sun_abraham",
        _sun_abraham,
        Text(
            en="Interaction-weighted estimator (Sun and Abraham 2021), controls kept; CR1, weights of cohorts as given",
            zh="交互加权估计（Sun and Abraham 2021），保留控制变量，CR1标准误",
        ),
    ),
    _Estimator(
        "local_projections",
        _local,
        Text(
            en="Local projections (Dube, Girardi, Jorda and Taylor 2023) by pyfixest, without controls, clean controls "
            "only; CR1",
            zh="局部投影双重差分（pyfixest），不含控制变量，CR1标准误",
        ),
    ),
)
