"""Where a study's exposure varies: the years and provinces two-way fixed effects can learn from.

Belongs here: changes and levels by province, the share of the within variance that comes from late changes.
Does not belong here: making the exposure (dbt/models/marts/smart_exposure.sql) and the weights of the coefficient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog import Study
from models_py.panel import province_label
from models_py.parts.regressions.variables import StudyError
from models_py.parts.rows import as_table, both, named

# Announcements ended with the batch of April 2015 (domain section 3.1).
LAST_BATCH = 2015
# Two shares closer than this are one level.
_SAME = 1e-12
_SHOWN = 5


@dataclass(frozen=True)
class ExposureVariation:
    """`provinces`: one row each, province_code, levels (different values), years_changed ("2014, 2015"), first and last
    (exposure in the window's first and last year). `spec_test`: rows of that table under the study's headline model.
    """

    provinces: pd.DataFrame
    spec_test: pd.DataFrame


def exposure_variation(exposure: pd.DataFrame, study: Study, after: int = LAST_BATCH) -> ExposureVariation:
    """Levels and changes of exposure over the study's window, and the share of its within variance after `after`.

    `exposure`: province_code, year, exposure (share) and, optionally, study; every province of it in every year. A
    change of year t is against t - 1 within the window, so its first year has none. Rows of `spec_test`:
    `exposure_levels_<n>` (provinces with n different values), `exposure_never` (provinces at zero throughout),
    `exposure_changes_<year>` (provinces that change) and `exposure_years_with_change`, then

    `exposure_within_variance_late`: with E the exposure, F its path held at its value of year `after`, and ~ the
    removal of province and year effects, sum (E - F)~ E~ / sum E~^2: the additive share of the within variance that
    changes after that year account for (it can be negative); `exposure_within_variance_only_late`: the within sum of
    squares of the years after it alone, over that of the window. NaN without any within variation.

    Raises StudyError for absent columns, a study without rows in its window and province-years that are empty, absent
    or stand twice.
    """
    paths = _paths(exposure, study)
    values = paths.to_numpy()
    years = paths.columns.to_numpy(dtype="int64")
    moves = np.abs(np.diff(values, axis=1)) > _SAME
    levels = np.array([_levels(row) for row in values])
    provinces = pd.DataFrame(
        {
            "province_code": paths.index.to_numpy(dtype="int64"),
            "levels": levels,
            "years_changed": [", ".join(map(str, years[1:][row])) for row in moves],
            "first": values[:, 0],
            "last": values[:, -1],
        }
    )
    label = {"study": study.id, "table_no": study.headline.table_no, "model": study.headline.model}
    tests = [*_level_rows(provinces), *_change_rows(provinces, years, moves), *_variance_rows(values, years, after)]
    return ExposureVariation(provinces, as_table([{**label, **row} for row in tests], "spec_test"))


def _paths(exposure: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Provinces x years of the window, complete."""
    keys = ["province_code", "year"]
    absent = [name for name in (*keys, "exposure") if name not in exposure.columns]
    if absent:
        raise StudyError(f"the exposure lacks the columns {', '.join(absent)}")
    rows = exposure[exposure["study"] == study.id] if "study" in exposure.columns else exposure
    first, last = study.years
    rows = rows[rows["year"].between(first, last)]
    if rows.empty:
        raise StudyError(f"the exposure has no row of the study {study.id!r} in {first}-{last}")
    twice = rows[rows.duplicated(keys)]
    if len(twice):
        raise StudyError(f"the exposure has rows that stand twice: {_cells(list(twice[keys].itertuples(index=False)))}")
    wide = rows.pivot(index="province_code", columns="year", values="exposure").astype("float64")
    wide = wide.reindex(columns=range(first, last + 1)).sort_index()
    gaps = np.argwhere(~np.isfinite(wide.to_numpy()))
    if len(gaps):
        cells = [(wide.index[row], wide.columns[column]) for row, column in gaps]
        raise StudyError(f"the exposure has no figure for {_cells(cells)}")
    return wide


def _cells(cells: list[Any]) -> str:
    text = ", ".join(f"{province_label(int(code))} {int(year)}" for code, year in cells[:_SHOWN])
    return text + (f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else "")


def _levels(path: np.ndarray) -> int:
    return 1 + int((np.diff(np.sort(path)) > _SAME).sum())


def _level_rows(provinces: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for count, members in provinces.groupby("levels")["province_code"]:
        rows.append(
            {
                "test": f"exposure_levels_{count}",
                "statistic": len(members),
                "note": both(
                    f"Provinces whose exposure takes {count} different value(s) over the window: {named(members)}.",
                    f"窗口期内暴露度取{count}个不同值的省份数。",
                ),
            }
        )
    never = provinces.loc[(provinces["levels"] == 1) & (provinces["last"] == 0), "province_code"]
    note = both(f"Provinces never exposed: {named(never)}.", "从未受暴露的省份数。")
    return [*rows, {"test": "exposure_never", "statistic": len(never), "note": note}]


def _change_rows(provinces: pd.DataFrame, years: np.ndarray, moves: np.ndarray) -> list[dict[str, Any]]:
    rows = []
    for year, moved in zip(years[1:], moves.T, strict=True):
        who = named(provinces.loc[moved, "province_code"])
        note = both(
            f"Provinces whose exposure differs from the year before: {who}.", f"暴露度与上年不同的省份：{who}。"
        )
        rows.append({"test": f"exposure_changes_{year}", "statistic": int(moved.sum()), "note": note})
    changing = years[1:][moves.any(axis=0)]
    listed = ", ".join(map(str, changing)) or "-"
    note = both(
        f"Years in which any province changes, against the year before; {years[0]} has none: {listed}.",
        f"有省份较上年变化的年份（首年{years[0]}无从比较）：{listed}。",
    )
    return [*rows, {"test": "exposure_years_with_change", "statistic": len(changing), "note": note}]


def _variance_rows(values: np.ndarray, years: np.ndarray, after: int) -> list[dict[str, Any]]:
    within = _within(values)
    total = float(np.sum(within**2))
    late = years > after
    share = only = math.nan
    missing = " No within variation at all.", "毫无组内变异。"
    if total > _SAME * max(float(np.sum((values - values.mean()) ** 2)), _SAME):
        missing = "", ""
        held = values.copy()
        if late.any():
            held[:, late] = values[:, [max(int((~late).sum()) - 1, 0)]]
        share = float(np.sum(_within(values - held) * within)) / total
        # Less each province's first late value, so that paths that no longer move are exactly zero.
        moved = values[:, late] - values[:, late][:, :1]
        only = float(np.sum(_within(moved) ** 2)) / total if late.any() else 0.0
    return [
        {
            "test": "exposure_within_variance_late",
            "statistic": share,
            "note": both(
                f"Share of the within variance (after province and year effects) that changes after {after} account "
                f"for: sum of (E - F)~ E~ over sum of E~ squared, F the path held at its value of {after}.{missing[0]}",
                f"{after}年之后的变化所占双向组内方差的份额：Σ(E－F)~E~／ΣE~²，F为固定在{after}年水平的路径。{missing[1]}",
            ),
        },
        {
            "test": "exposure_within_variance_only_late",
            "statistic": only,
            "note": both(
                f"Within sum of squares of the years after {after} alone, over that of the whole window.{missing[0]}",
                f"仅{after}年之后各年的双向组内平方和与整个窗口之比。{missing[1]}",
            ),
        },
    ]


def _within(values: np.ndarray) -> np.ndarray:
    """A balanced panel (provinces x years) less province means and year means."""
    return np.asarray(values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean())
