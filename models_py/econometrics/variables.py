"""Regression variables as a study file declares them: scale, deflation, ln, z-scores, exposure and index joined.

Belongs here: everything done to a figure before a model sees it. Does not belong here: what only some models do to
their variables (winsorising, lags; study_models.py) and estimation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog import Study
from catalog.studies import INDEX_NAMES, DeflatorSpec
from models_py.panel import KEYS, full_grid, list_rows, province_label

_SHOWN = 5


class StudyError(ValueError):
    """The inputs do not carry what the study declares; the message names variable, province and year."""


def prepare_variables(
    province_year: pd.DataFrame,
    exposure: pd.DataFrame | None,
    index: pd.DataFrame | None,
    study: Study,
    *,
    reading: str | None = None,
) -> pd.DataFrame:
    """The regression variables: province_code, year, the study's variables, exposure, the indices.

    One row per province and year of the study's window, 31 x years, NaN where a figure is missing. A control is
    value x scale, divided by its price index where `deflate` asks, then, by `controls.transform`: log_z, ln where
    marked and pooled z; z, pooled z without ln;
    log, ln where marked; raw, as it is; a variable with `standardise: false` is never a z. Pooled z: mean and
    standard deviation (n - 1) over all rows with a figure. `exposure` (share) and `index` (the given `reading`,
    default the study's; standard deviations) enter unchanged; both have province_code and year, and are
    filtered by `study` where they carry it.

    Raises StudyError naming the rows of an infinite value and of one that is not positive where ln is due, a variable
    that does not vary where z is due, an input that is absent, and rows that stand twice; PanelError as `full_grid`.
    """
    indicators = [variable.indicator for variable in study.controls.variables.values()]
    deflators = [v.deflate.indicator for v in study.controls.variables.values() if v.deflate is not None]
    grid = full_grid(province_year, [*indicators, *deflators], study.years)
    frame = grid[KEYS].copy()
    transform = study.controls.transform
    for name, variable in study.controls.variables.items():
        infinite = grid[np.isinf(grid[variable.indicator])]
        if len(infinite):
            raise StudyError(f"{name}: {variable.indicator} is infinite: {list_rows(infinite)}")
        values = grid[variable.indicator] * variable.scale
        if variable.deflate is not None:
            values = values / price_level(grid, variable.deflate, name)
        if variable.log and transform in ("log_z", "log"):
            values = _log(values, grid, variable.indicator, name)
        frame[name] = _z(values, name) if variable.standardise and transform in ("log_z", "z") else values
    if study.exposure is not None:
        frame = _join(frame, exposure, study, ["exposure"], "exposure")
    if study.index is not None:
        chosen = study.index.utilisation if reading is None else reading
        if index is not None:
            _require(index, ["reading"], "index")
            index = index[index["reading"] == chosen]
        frame = _join(frame, index, study, list(INDEX_NAMES), f"index ({chosen})")
    return frame


def price_level(grid: pd.DataFrame, deflator: DeflatorSpec, name: str) -> pd.Series:
    """A price index (previous year = 100) chained within each province, 1 in the base year; a share.

    `grid`: province_code, year, the index; sorted by both. Every year but the panel's first is needed: the first one's
    change on the year before it moves no ratio. Raises StudyError naming the years without an index and a base year
    outside the panel.
    """
    first, last = int(grid["year"].min()), int(grid["year"].max())
    if not first <= deflator.base_year <= last:
        raise StudyError(f"{name}: the base year {deflator.base_year} lies outside {first}-{last}")
    lacking = grid[grid[deflator.indicator].isna() & (grid["year"] > first)]
    if len(lacking):
        raise StudyError(f"{name}: {deflator.indicator} is missing, so prices cannot be chained: {list_rows(lacking)}")
    ratio = (grid[deflator.indicator] / 100).where(grid["year"] > first, 1.0)
    chained = ratio.groupby(grid["province_code"]).cumprod()
    base = chained[grid["year"] == deflator.base_year]
    by_province = dict(zip(grid.loc[base.index, "province_code"], base, strict=True))
    return chained / grid["province_code"].map(by_province)


def _log(values: pd.Series, grid: pd.DataFrame, indicator: str, name: str) -> pd.Series:
    bad = grid[values <= 0]
    if len(bad):
        cells = [
            f"{province_label(int(row['province_code']))} {int(row['year'])} ({row[indicator]})"
            for _, row in bad.head(_SHOWN).iterrows()
        ]
        more = f" and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise StudyError(f"{name}: {indicator} is not positive, so it has no ln: {', '.join(cells)}{more}")
    return np.log(values)


def _z(values: pd.Series, name: str) -> pd.Series:
    if not values.max() > values.min():
        raise StudyError(f"{name}: no variation, so it has no z-score")
    return (values - values.mean()) / values.std(ddof=1)


def _require(frame: pd.DataFrame, columns: list[str], what: str) -> None:
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise StudyError(f"the input {what} lacks the columns {', '.join(absent)}")


def _join(frame: pd.DataFrame, extra: pd.DataFrame | None, study: Study, columns: list[str], what: str) -> pd.DataFrame:
    if extra is None:
        raise StudyError(f"the study {study.id!r} needs the input {what}")
    _require(extra, [*KEYS, *columns], what)
    if "study" in extra.columns:
        extra = extra[extra["study"] == study.id]
    extra = extra[KEYS + columns]
    if extra.empty:
        raise StudyError(f"the input {what} has no row for the study {study.id!r}")
    twice = extra[extra.duplicated(KEYS)]
    if len(twice):
        row = twice.iloc[0]
        where = f"{province_label(int(row['province_code']))} {int(row['year'])}"
        raise StudyError(f"the input {what} has a row that stands twice: {where}")
    return frame.merge(extra, on=KEYS, how="left", validate="one_to_one")
