"""When each entity is first exposed: the timing behind event studies and estimators for staggered exposure.

Belongs here: the year of first exposure, and how many entities begin when. Does not belong here: estimation.
"""

from typing import Any

import numpy as np
import pandas as pd

from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.rows import note

COHORT, ALWAYS, NEVER, UNKNOWN = "cohort", "always", "never", "unknown"


def first_exposure(frame: pd.DataFrame, treatment: str, threshold: float = 0.0) -> pd.DataFrame:
    """The first year in which each entity's `treatment` exceeds `threshold` (in the units of `treatment`).

    `frame` has entity_code, year and `treatment`, one row per entity and year. Returns one row per entity, indexed by
    entity_code: `status`, `first_year` (NaN unless exposed), `pre_years` (years observed before it) and `fell_back`
    (years after it at or below the threshold). `status` is cohort (exposed from a year before which it is seen
    unexposed), always (exposed in its first year: nothing is known of the years before), never, or unknown (an empty
    cell before any exposure leaves the year open).

    Exposure counts as lasting once begun; years that fall back are only reported. Raises EstimationError for a column
    that is absent, an infinite value and a row that stands twice.
    """
    absent = [name for name in (ENTITY, "year", treatment) if name not in frame.columns]
    if absent:
        raise EstimationError(f"columns absent from the data: {', '.join(map(repr, absent))}")
    if frame.duplicated([ENTITY, "year"]).any():
        raise EstimationError("rows of an entity and year that stand twice: first exposure is not defined")
    values = frame[treatment].to_numpy(dtype="float64", na_value=np.nan)
    if np.isinf(values).any():
        raise EstimationError(f"the column {treatment!r} is infinite in {int(np.isinf(values).sum())} rows")
    ordered = frame[[ENTITY, "year"]].assign(value=values).sort_values([ENTITY, "year"])
    rows = {code: _entity(rows, threshold) for code, rows in ordered.groupby(ENTITY)}
    adoption = pd.DataFrame.from_dict(rows, orient="index", columns=["status", "first_year", "pre_years", "fell_back"])
    return adoption.rename_axis(index=ENTITY)


def _entity(rows: pd.DataFrame, threshold: float) -> tuple[str, float, float, tuple[int, ...]]:
    years, values = rows["year"].to_numpy(), rows["value"].to_numpy()
    exposed = values > threshold
    start = int(exposed.argmax()) if exposed.any() else len(values)
    if np.isnan(values[:start]).any():
        return UNKNOWN, np.nan, np.nan, ()
    if start == len(values):
        return NEVER, np.nan, float(start), ()
    after = values[start:] <= threshold
    return COHORT if start else ALWAYS, float(years[start]), float(start), tuple(years[start:][after].tolist())


def codes(adoption: pd.DataFrame, *statuses: str) -> list[int]:
    """Entities with one of the statuses, in order."""
    return [int(code) for code in adoption.index[adoption["status"].isin(statuses)]]


def adoption_tests(adoption: pd.DataFrame, data: ModelData, treatment: str, threshold: float) -> list[dict[str, Any]]:
    """Rows of `spec_test`: how many entities are exposed from when, how many years each is seen before, and who."""
    panel, unit_zh = data.panel, data.panel.unit.one.zh
    rule = f"Exposed from the first year in which {treatment} > {threshold:g}; lasting once begun."
    rule_zh = f"首次暴露为{treatment}大于{threshold:g}的首年，此后视为持续暴露。"
    always, never, unknown = (codes(adoption, status) for status in (ALWAYS, NEVER, UNKNOWN))
    back = adoption["fell_back"][adoption["fell_back"].map(len) > 0]
    fell = [f"{panel.label(code)} {', '.join(map(str, back[code]))}" for code in map(int, back.index)]
    listed = "; ".join(fell) or "-"
    rows = [
        (
            "exposed from the first year",
            "",
            len(always),
            f"No year before exposure, so no evidence on trends before it: {panel.named(always)}.",
            f"样本首年已暴露、无暴露前年份的{unit_zh}：{panel.named(always)}。",
        ),
        (
            "never exposed",
            "",
            len(never),
            f"The comparison group that is never exposed: {panel.named(never)}.",
            f"从未暴露的{unit_zh}：{panel.named(never)}。",
        ),
        (
            "exposure falls back",
            "",
            len(fell),
            f"Years after first exposure at or below the threshold: {listed}.",
            f"首次暴露后又回落至阈值及以下：{listed}。",
        ),
    ]
    if unknown:
        rows.append(
            (
                "unknown first exposure",
                "",
                len(unknown),
                f"An empty cell of {treatment} before any exposure; left out: {panel.named(unknown)}.",
                f"首次暴露前{treatment}有缺失，剔除：{panel.named(unknown)}。",
            )
        )
    cohorts = adoption[adoption["status"] == COHORT]
    for first, members in cohorts.groupby(cohorts["first_year"].astype(int)):
        year, least, most = str(first), int(members["pre_years"].min()), int(members["pre_years"].max())
        span, span_zh = (str(least) if least == most else f"{least}{to}{most}" for to in (" to ", "至"))
        who = panel.named(map(int, members.index))
        rows += [
            (
                "first exposed",
                year,
                len(members),
                f"First exposed in {year}, each seen {span} year(s) before: {who}.",
                f"{year}年首次暴露，暴露前可观测{span_zh}年：{who}。",
            ),
            (
                "years before exposure",
                year,
                least,
                f"Fewest years any of those first exposed in {year} is seen before exposure.",
                f"{year}年首次暴露者，组内暴露前可观测年数的最小值。",
            ),
        ]
    return [
        data.named(test=test, subject=subject, statistic=value, **note(f"{en} {rule}", f"{zh}{rule_zh}"))
        for test, subject, value, en, zh in rows
    ]
