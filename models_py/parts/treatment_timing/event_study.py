"""Event study around first exposure: coefficients of the years before and after.

Belongs here: event-time indicators and their joint estimate.
Does not belong here: the test of the years before (pre_trend.py), bounds on departures from parallel trends
(honest.py), estimators for staggered exposure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from catalog.study_evidence import TimingSpec
from models_py.econometrics.absorption import TwoWayEffects, independent_columns
from models_py.econometrics.design import absorbed_trends
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.econometrics.timing.cluster_covariance import JointEstimate, joint_estimate, model_sample
from models_py.parts.rows import FEWEST_PROVINCES, as_table, both, named
from models_py.parts.treatment_timing.adoption import ALWAYS, COHORT, UNKNOWN, codes, first_exposure
from models_py.parts.treatment_timing.pre_trend import Covers, pre_trend_tests

TABLE_NO = "Event study"


@dataclass(frozen=True)
class EventStudy:
    """An event study.

    `estimate` and `spec_test`: rows of those tables. `joint`: coefficients and covariance of all regressors, None
    where nothing could be estimated. `covers`: for each estimated event term, years relative to first exposure (one,
    or several where binned) and the number of provinces seen in them. `adoption`: see `first_exposure`.
    """

    estimate: pd.DataFrame
    spec_test: pd.DataFrame
    joint: JointEstimate | None
    covers: Covers
    adoption: pd.DataFrame

    @property
    def covariance(self) -> pd.DataFrame:
        """CR1 covariance of the event coefficients (terms x terms); empty where nothing was estimated."""
        names = list(self.covers) if self.joint is not None else []
        values = self.joint.subset(names)[1] if self.joint is not None else np.empty((0, 0))
        return pd.DataFrame(values, index=names, columns=names)


def event_study(data: ModelData, spec: TimingSpec) -> EventStudy:
    """Two-way fixed effects of the outcome on indicators of the years from first exposure: associations, not effects.

    Indicators event_-L ... event_-2, event_0 ... event_K for L = spec.leads, K = spec.lags; the year before first
    exposure is the reference and both ends are binned (everything at or beyond them). The model's other regressors,
    effects and trends are kept; the treatment is replaced by the indicators. Provinces already exposed in their first
    year, and those whose first exposure is unknown, are left out and counted: nothing is seen of them before. Years
    that no province is seen in, or that the effects absorb, are left out and named. CR1 clustered by province, t with
    G - 1 degrees of freedom; none for a term that rests on a single province. Nothing is random.

    Raises EstimationError when the treatment is not a regressor of the model; what the data do not identify is said in
    `spec_test` instead.
    """
    if spec.treatment not in data.regressors:
        raise EstimationError(f"{data.table_no} {data.model}: the treatment {spec.treatment!r} is not a regressor")
    adoption = first_exposure(data.frame, spec.treatment, spec.threshold)
    label = {**data.label, "table_no": TABLE_NO}
    out = codes(adoption, ALWAYS, UNKNOWN)
    try:
        events, covers, omitted = _with_events(data, spec, adoption, out)
        joint = joint_estimate(events)
    except EstimationError as error:
        row = {
            **label,
            "test": "event study",
            "note": both(f"Not estimated: {error}.", "无法估计，原因见前述英文。"),
        }
        return EventStudy(as_table([], "estimate"), as_table([row], "spec_test"), None, {}, adoption)
    estimates = joint.fit.estimates.set_index("term", drop=False).loc[list(covers)]
    alone = [name for name, (_, provinces) in covers.items() if provinces < FEWEST_PROVINCES]
    estimates.loc[alone, ["std_error", "statistic", "p_value", "ci_low", "ci_high", "ci_level", "df"]] = np.nan
    tests = [
        _sample_row(label, joint, out, spec, covers),
        *_omitted_row(label, omitted),
        *pre_trend_tests(label, joint, covers, spec),
    ]
    rows = estimates.assign(**label).to_dict("records")
    return EventStudy(as_table(rows, "estimate"), as_table(tests, "spec_test"), joint, covers, adoption)


def relative_year(frame: pd.DataFrame, adoption: pd.DataFrame) -> np.ndarray:
    """Years since first exposure, one per row; NaN for a province that is never exposed."""
    return (frame["year"] - frame[ENTITY].map(adoption["first_year"])).to_numpy(dtype="float64")


def _with_events(
    data: ModelData, spec: TimingSpec, adoption: pd.DataFrame, out: list[int]
) -> tuple[ModelData, Covers, dict[str, str]]:
    if not codes(adoption, COHORT):
        raise EstimationError("no province is seen both before and after first exposure")
    frame = data.frame[~data.frame[ENTITY].isin(out)].reset_index(drop=True)
    controls = tuple(name for name in data.regressors if name != spec.treatment)
    complete = frame[[data.outcome, *controls]].notna().all(axis=1).to_numpy()
    years = relative_year(frame, adoption)
    # Lags first and leads outwards: what the effects absorb is then the lead furthest from exposure.
    wanted = [*range(spec.lags + 1), *range(-2, -spec.leads - 1, -1)]
    columns, covers, omitted = {}, {}, {}
    for event in wanted:
        inside = years >= event if event == spec.lags else years <= event if event == -spec.leads else years == event
        seen = inside & complete
        name = f"event_{event}"
        if seen.any():
            columns[name] = inside.astype(float)
            span = tuple(sorted({int(value) for value in years[seen]}))
            covers[name] = (span, int(frame.loc[seen, ENTITY].nunique()))
        else:
            omitted[name] = "no province is seen there"
    events = replace(data, table_no=TABLE_NO, frame=frame.assign(**columns), regressors=(*controls, *columns))
    for name in _absorbed(events, len(controls)):
        omitted[name] = "the effects absorb it"
        del covers[name]
    kept = tuple(name for name in events.regressors if name not in omitted)
    if not covers:
        raise EstimationError("no year around first exposure is identified")
    order = sorted(covers, key=lambda name: int(name.removeprefix("event_")))
    return replace(events, regressors=kept), {name: covers[name] for name in order}, omitted


def _absorbed(events: ModelData, controls: int) -> list[str]:
    """Event terms that are combinations of the effects, trends, controls and earlier terms."""
    sample = model_sample(events)
    effects = TwoWayEffects(sample.entity, sample.time)
    trend = absorbed_trends(sample, events.time, effects) if events.trends else np.empty((len(sample.outcome), 0))
    stacked = np.column_stack([trend, effects.residuals(sample.regressors)])
    totals = np.column_stack([trend, sample.regressors - sample.regressors.mean(axis=0)])
    kept, _ = independent_columns(stacked, totals)
    first = trend.shape[1]
    return [name for i, name in enumerate(events.regressors) if i >= controls and first + i not in kept]


def _sample_row(
    label: dict[str, str],
    joint: JointEstimate,
    out: list[int],
    spec: TimingSpec,
    covers: Covers,
) -> dict[str, Any]:
    fit = joint.fit.fit
    binned = [f"{name} = years {min(s)} to {max(s)}" for name, (s, _) in covers.items() if len(s) > 1]
    seen = ", ".join(f"{name} {count}" for name, (_, count) in covers.items())
    note = both(
        f"Clusters (provinces) of the event study. {fit['n_obs']} rows, {fit['n_dropped']} dropped for empty cells; "
        f"{len(out)} province(s) left out, exposed from their first year or unknown: {named(out)}. Reference: the year "
        f"before first exposure. Binned: {'; '.join(binned) or '-'}. Provinces behind each term: {seen}. "
        f"CR1, t with {joint.df:g} degrees of freedom: too small where a term rests on few provinces, not given where "
        "it rests on one. Two-way fixed effects, which mix comparisons when associations differ between cohorts; "
        "an association, not an effect. Seed: none.",
        f"事件研究的聚类（省份）数。{fit['n_obs']}行，因缺失剔除{fit['n_dropped']}行；首年已暴露或首次暴露不明而剔除"
        f"{len(out)}个省份。参照期为首次暴露前一年，两端合并。标准误CR1，t分布自由度{joint.df:g}；省份少时偏小，仅一个省份时不给出。"
        "结果为关联，非因果效应。无随机数。",
    )
    return {**label, "test": "event study provinces", "statistic": fit["n_clusters"], "note": note}


def _omitted_row(label: dict[str, str], omitted: dict[str, str]) -> list[dict[str, Any]]:
    if not omitted:
        return []
    reasons = "; ".join(f"{name}: {reason}" for name, reason in omitted.items())
    note = both(f"Event terms left out. {reasons}.", f"未能识别而略去的事件期：{', '.join(omitted)}。")
    return [{**label, "test": "event terms left out", "statistic": len(omitted), "note": note}]
