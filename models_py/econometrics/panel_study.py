"""A study's regressions: variables as its file declares them, every model, every reading of its index.

Belongs here: transformation of variables, the list of regressions, the rows of `estimate` and `model_fit`.
Does not belong here: the estimator (fixed_effects.py) and the words about it (convention.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog import Study, load_tables
from catalog.studies import ModelSpec, index_indicators
from models_py.econometrics.convention import configuration, convention
from models_py.econometrics.fixed_effects import fit_two_way_fe
from models_py.econometrics.result import EstimationError, FitResult
from models_py.panel import KEYS, balanced_panel, full_grid, province_label

INDEX_VARIABLES = ("mspi", "ssi", "qii", "hmi")
_SHOWN = 5


class StudyError(ValueError):
    """The inputs do not carry what the study declares; the message names variable, province and year."""


@dataclass(frozen=True)
class StudyResult:
    """Rows of tables `estimate` and `model_fit` (all columns but data_kind), and each model's full result.

    `fits` is keyed by (table_no, model).
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    fits: dict[tuple[str, str], FitResult]


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
    value x scale, then, by `controls.transform`: log_z, ln where marked and pooled z; z, pooled z without ln;
    log, ln where marked; raw, as it is; a variable with `standardise: false` is never a z. Pooled z: mean and
    standard deviation (n - 1) over all rows with a figure. `exposure` (share) and `index` (the given `reading`,
    default the study's; standard deviations) enter unchanged; both have province_code and year, and are
    filtered by `study` where they carry it.

    Raises StudyError naming the rows of a value that is not positive where ln is due, a variable that does
    not vary where z is due, an input that is absent, and rows that stand twice; PanelError as `full_grid`.
    """
    indicators = [variable.indicator for variable in study.controls.variables.values()]
    grid = full_grid(province_year, indicators, study.years)
    frame = grid[KEYS].copy()
    transform = study.controls.transform
    for name, variable in study.controls.variables.items():
        values = grid[variable.indicator] * variable.scale
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
        frame = _join(frame, index, study, list(INDEX_VARIABLES), f"index ({chosen})")
    return frame


def fit_study(
    province_year: pd.DataFrame,
    exposure: pd.DataFrame | None,
    index: pd.DataFrame | None,
    study: Study,
    *,
    vintage: str | None = None,
) -> StudyResult:
    """All regressions of a study by two-way fixed effects, clustered by province: associations, not effects.

    A model with an index among its variables is run for every reading: the configured one keeps the model's
    name, the others add theirs, "(1) substitution". Inputs as in `prepare_variables`. Rows come back in the
    order of the study file.

    `vintage`: the inputs prefer that edition of the figures; only the headline model is run, under its configured
    reading, and named after it, "(2) vintage before_2020_census".

    Raises StudyError, PanelError and EstimationError; the message names the model.
    """
    carried = 0
    if study.index is not None and study.index.allow_edge_fill:
        needed = [indicator for _, indicator in index_indicators(study.index)]
        carried = len(balanced_panel(province_year, needed, study.years, allow_edge_fill=True)[1])

    prepared: dict[str | None, pd.DataFrame] = {}
    estimates, fits_rows = [], []
    fits: dict[tuple[str, str], FitResult] = {}
    headline = (study.headline.table_no, study.headline.model)
    for spec in study.models:
        if vintage is not None and (spec.table_no, spec.model) != headline:
            continue
        for reading in _readings(study, spec)[: None if vintage is None else 1]:
            if reading not in prepared:
                prepared[reading] = prepare_variables(province_year, exposure, index, study, reading=reading)
            configured = study.index is None or reading is None or reading == study.index.utilisation
            model = spec.model if configured else f"{spec.model} {reading}"
            model = model if vintage is None else f"{model} vintage {vintage}"
            result = _fit(prepared[reading], study, spec, model)
            fits[spec.table_no, model] = result
            label = {"study": study.id, "table_no": spec.table_no, "model": model}
            estimates.append(result.estimates.assign(**label))
            fits_rows.append(
                {
                    **label,
                    **result.fit,
                    "convention": convention(result, carried if reading is not None else 0),
                    "configuration": configuration(study, reading, spec.trends, vintage),
                }
            )
    return StudyResult(
        estimate=_as_table(pd.concat(estimates, ignore_index=True), "estimate"),
        model_fit=_as_table(pd.DataFrame(fits_rows), "model_fit"),
        fits=fits,
    )


def _fit(variables: pd.DataFrame, study: Study, spec: ModelSpec, model: str) -> FitResult:
    try:
        return fit_two_way_fe(
            variables,
            spec.outcome,
            spec.regressors,
            entity="province_code",
            time="year",
            cluster=study.cluster,
            trends=spec.trends,
        )
    except EstimationError as error:
        raise EstimationError(f"{study.id}, {spec.table_no} {model}: {error}") from error


def _readings(study: Study, spec: ModelSpec) -> tuple[str | None, ...]:
    uses_index = any(
        name in INDEX_VARIABLES and name not in study.controls.variables for name in (spec.outcome, *spec.regressors)
    )
    if not uses_index or study.index is None:
        return (None,)
    return study.index.readings


def _as_table(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    columns = [name for name in load_tables()[table].columns if name != "data_kind"]
    integers = [name for name in columns if load_tables()[table].columns[name].type == "INTEGER"]
    return frame[columns].astype(dict.fromkeys(integers, "Int64"))


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
