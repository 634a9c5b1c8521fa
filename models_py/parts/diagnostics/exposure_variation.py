"""Where a study's exposure varies: the years and entities two-way fixed effects can learn from.

Belongs here: changes and levels by entity, the share of the within variance that comes from late changes.
Does not belong here: making the exposure (dbt/models/marts/smart_exposure.sql) and the weights of the coefficient.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.model_data import ModelData
from models_py.panel import ENTITY, KEYS, Panel, lacking
from models_py.parts.regressions.variables import StudyError
from models_py.parts.rows import as_table, note

# Announcements ended with the batch of April 2015 (domain section 3.1).
LAST_BATCH = 2015
# Two shares closer than this are one level.
_SAME = 1e-12


@dataclass(frozen=True)
class ExposureVariation:
    """`entities`: one row each, entity_code, levels (different values), years_changed ("2014, 2015"), first and last
    (exposure in the window's first and last year). `spec_test`: rows of that table under the model they were made for.
    """

    entities: pd.DataFrame
    spec_test: pd.DataFrame


def variation_rows(exposure: pd.DataFrame, data: ModelData) -> pd.DataFrame:
    """Rows of `spec_test` as `exposure_variation`; one row `exposure_variation` with the reason where it is refused."""
    try:
        return exposure_variation(exposure, data).spec_test
    except StudyError as error:
        why = note(f"Where exposure varies: not computed, {error}.", f"未计算暴露度的变化（原因为英文）：{error}。")
        return as_table([data.named(test="exposure_variation", subject="", **why)], "spec_test")


def exposure_variation(exposure: pd.DataFrame, data: ModelData, after: int = LAST_BATCH) -> ExposureVariation:
    """Levels and changes of exposure over the panel's years, and the share of its within variance after `after`.

    `exposure`: entity_code, year, exposure (share) and, optionally, study; every entity of it in every year. `data`:
    the model the rows are published under. A change of year t is against t - 1 within the window, so its first year has
    none. Rows of `spec_test`, by test and subject: `exposure_levels`, n (entities with n different values),
    `exposure_never` (entities at zero throughout), `exposure_changes`, year (entities that change) and
    `exposure_years_with_change`, then

    `exposure_within_variance_late`: with E the exposure, F its path held at its value of year `after`, and ~ the
    removal of entity and year effects, sum (E - F)~ E~ / sum E~^2: the additive share of the within variance that
    changes after that year account for (it can be negative); `exposure_within_variance_only_late`: the within sum of
    squares of the years after it alone, over that of the window. NaN without any within variation.

    Raises StudyError for absent columns, a study without rows in its window and entities and years that are empty,
    absent or occur twice.
    """
    paths = _paths(exposure, data)
    values = paths.to_numpy()
    years = paths.columns.to_numpy(dtype="int64")
    moves = np.abs(np.diff(values, axis=1)) > _SAME
    levels = 1 + (np.diff(np.sort(values, axis=1)) > _SAME).sum(axis=1)
    entities = pd.DataFrame(
        {
            ENTITY: paths.index.to_numpy(dtype="int64"),
            "levels": levels,
            "years_changed": [", ".join(map(str, years[1:][row])) for row in moves],
            "first": values[:, 0],
            "last": values[:, -1],
        }
    )
    tests = [
        *_level_rows(entities, data.panel),
        *_change_rows(entities, years, moves, data.panel),
        *_variance_rows(values, years, after, data.panel),
    ]
    return ExposureVariation(entities, as_table([data.named(**{"subject": "", **row}) for row in tests], "spec_test"))


def _paths(exposure: pd.DataFrame, data: ModelData) -> pd.DataFrame:
    """Entities x years of the window, complete."""
    refuse((lacking(exposure, [*KEYS, "exposure"]), "the exposure lacks the columns {}"), error=StudyError)
    study, (first, last) = data.identity.study, data.panel.years
    rows = exposure[exposure["study"] == study] if "study" in exposure.columns else exposure
    rows = rows[rows["year"].between(first, last)]
    twice = rows[rows.duplicated(KEYS)]
    refuse(
        (rows.empty, f"the exposure has no row of the study {study!r} in {first}-{last}"),
        (len(twice), f"the exposure has rows that occur twice: {data.panel.list_rows(twice)}"),
        error=StudyError,
    )
    wide = rows.pivot(index=ENTITY, columns="year", values="exposure").astype("float64")
    wide = wide.reindex(columns=range(first, last + 1)).sort_index()
    gaps = [(wide.index[row], wide.columns[column]) for row, column in np.argwhere(~np.isfinite(wide.to_numpy()))]
    cells = data.panel.list_rows(pd.DataFrame(gaps, columns=KEYS))
    refuse((len(gaps), f"the exposure has no figure for {cells}"), error=StudyError)
    return wide


def _level_rows(entities: pd.DataFrame, panel: Panel) -> list[dict[str, Any]]:
    many, zh = panel.unit.many.en.capitalize(), panel.unit.many.zh
    rows = [
        {
            "test": "exposure_levels",
            "subject": str(count),
            "statistic": len(members),
            **note(
                f"{many} whose exposure takes {count} different value(s) over the window: {panel.called(members).en}.",
                f"窗口期内暴露度取{count}个不同值的{zh}数。",
            ),
        }
        for count, members in entities.groupby("levels")[ENTITY]
    ]
    never = entities.loc[(entities["levels"] == 1) & (entities["last"] == 0), ENTITY]
    words = note(f"{many} never exposed: {panel.called(never).en}.", f"从未受暴露的{zh}数。")
    return [*rows, {"test": "exposure_never", "statistic": len(never), **words}]


def _change_rows(entities: pd.DataFrame, years: np.ndarray, moves: np.ndarray, panel: Panel) -> list[dict[str, Any]]:
    one, many, zh = panel.unit.one.en, panel.unit.many.en.capitalize(), panel.unit.many.zh
    rows: list[dict[str, Any]] = [
        {
            "test": "exposure_changes",
            "subject": str(year),
            "statistic": int(moved.sum()),
            **note(
                f"{many} whose exposure differs from the year before: {who.en}.", f"暴露度与上年不同的{zh}：{who.zh}。"
            ),
        }
        for year, moved in zip(years[1:], moves.T, strict=True)
        for who in [panel.called(entities.loc[moved, ENTITY])]
    ]
    changing = years[1:][moves.any(axis=0)]
    listed = ", ".join(map(str, changing)) or "-"
    words = note(
        f"Years in which any {one} changes, against the year before; {years[0]} has none: {listed}.",
        f"有{zh}较上年变化的年份（首年{years[0]}无从比较）：{listed}。",
    )
    return [*rows, {"test": "exposure_years_with_change", "statistic": len(changing), **words}]


def _variance_rows(values: np.ndarray, years: np.ndarray, after: int, panel: Panel) -> list[dict[str, Any]]:
    within = _within(values)
    total = float(np.sum(within**2))
    late = years > after
    share = only = np.nan
    missing = " No within variation at all.", "毫无组内变异。"
    if total > _SAME * max(float(np.sum((values - values.mean()) ** 2)), _SAME):
        missing = "", ""
        held = values.copy()
        if late.any():
            held[:, late] = values[:, [max(int((~late).sum()) - 1, 0)]]
        share = float(np.sum(_within(values - held) * within)) / total
        # Less each entity's first late value, so that paths that no longer move are exactly zero.
        moved = values[:, late] - values[:, late][:, :1]
        only = float(np.sum(_within(moved) ** 2)) / total if late.any() else 0.0
    return [
        {
            "test": "exposure_within_variance_late",
            "statistic": share,
            **note(
                f"Share of the within variance (after {panel.unit.one.en} and year effects) that changes after {after} "
                f"account for: sum of (E - F)~ E~ over sum of E~ squared, F the path held at its value of {after}."
                f"{missing[0]}",
                f"{after}年之后的变化所占双向组内方差的份额：Σ(E－F)~E~／ΣE~²，F为固定在{after}年水平的路径。{missing[1]}",
            ),
        },
        {
            "test": "exposure_within_variance_only_late",
            "statistic": only,
            **note(
                f"Within sum of squares of the years after {after} alone, over that of the whole window.{missing[0]}",
                f"仅{after}年之后各年的双向组内平方和与整个窗口之比。{missing[1]}",
            ),
        },
    ]


def _within(values: np.ndarray) -> np.ndarray:
    """A balanced panel (entities x years) less entity means and year means."""
    return np.asarray(values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean())
