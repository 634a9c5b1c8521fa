"""Regression variables as a study file declares them: scale, deflation, ln, z-scores; variables of other parts joined.

Belongs here: everything done to a figure before a model sees it. Does not belong here: what only some models do to
their variables (winsorising, lags; study_models.py) and estimation.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import refuse
from catalog.indicators import load_registry
from catalog.studies import DeflatorSpec, Variables
from models_py.panel import ENTITY, KEYS, Panel, first_few, full_grid, lacking


class StudyError(ValueError):
    """The inputs lack what the study declares; the message names variable, entity and year."""


def prepare_variables(
    figures: pd.DataFrame,
    offered: Mapping[str, pd.DataFrame],
    study: Study,
    panel: Panel,
    *,
    reading: str = "",
    variant: str = "",
) -> pd.DataFrame:
    """The regression variables: entity_code, year, the declared variables, those that other parts offer.

    One row per entity and year of the panel, NaN where a figure is missing. A declared variable is value x scale,
    divided by its price index where `deflate` asks, then, by `variables.transform`: log_z, ln where marked and pooled
    z; z, pooled z without ln; log, ln where marked; raw, as it is; a variable with `standardise: false` is never a z.
    Pooled z: mean and standard deviation (n - 1) over all rows with a figure. `offered`: tables by entity and year
    whose columns named by a part's `offers` enter unchanged: of a table with readings the rows of `reading` (''
    takes the study's own), of one with variants those of `variant` where it has them, of one with `preferred` those.

    Raises StudyError naming the rows of an infinite value and of one that is not positive where ln is due, a variable
    that no file provides or that does not vary where z is due, an input that is absent, and rows that occur twice;
    PanelError as `full_grid`.
    """
    frame = declared_variables(figures, study.variables, panel)
    for names, table in offered_tables(offered, study):
        frame = _join(frame, of_choice(table, study, names, reading, variant), panel, names)
    return frame


def declared_variables(figures: pd.DataFrame, variables: Variables, panel: Panel) -> pd.DataFrame:
    """The variables made from indicators alone; see `prepare_variables`."""
    grid = full_grid(figures, variables.indicators, panel)
    frame = grid[KEYS].copy()
    transform = variables.transform
    due = [one.indicator for one in variables.declared.values() if one.standardise and transform in ("log_z", "z")]
    _require_provided([name for name in due if grid[name].isna().all()], figures)
    for name, variable in variables.declared.items():
        infinite = grid[np.isinf(grid[variable.indicator])]
        refuse(
            (len(infinite), f"{name}: {variable.indicator} is infinite: {panel.list_rows(infinite)}"), error=StudyError
        )
        values = grid[variable.indicator] * variable.scale
        if variable.deflate is not None:
            values = values / price_level(grid, variable.deflate, name, panel)
        if variable.log and transform in ("log_z", "log"):
            values = _log(values, grid, variable.indicator, name, panel)
        frame[name] = _z(values, name) if variable.standardise and transform in ("log_z", "z") else values
    return frame


def _require_provided(empty: list[str], figures: pd.DataFrame) -> None:
    """Raise StudyError for indicators without any figure, each with what it is computed from and no file provides."""
    without = []
    for name in dict.fromkeys(empty):
        inputs = load_registry().indicators[name].inputs
        lacking_inputs = [one for one in inputs if one not in figures or figures[one].isna().all()] or inputs
        without.append(f"{name} ({', '.join(lacking_inputs)})" if inputs else name)
    listed = "; ".join(without)
    refuse(
        (
            listed,
            f"no file provides {listed}, which the study needs: add a file with it, or leave its variable out / "
            f"没有文件提供本研究所需的 {listed}：请补充文件，或在研究文件中删去该变量",
        ),
        error=StudyError,
    )


def offered_tables(offered: Mapping[str, pd.DataFrame], study: Study) -> list[tuple[list[str], pd.DataFrame]]:
    """The offered variables, grouped by part, with their table.

    Raises StudyError for variables missing from every table given.
    """
    found = []
    for part, names in ((part, list(part.offers)) for part in study.parts if part.offers):
        tables = [frame for frame in offered.values() if set(names) <= set(frame.columns)]
        refuse(
            (not tables, f"the study {study.id!r} needs the input with {', '.join(names)}, made by {part.part()}"),
            error=StudyError,
        )
        found.append((names, tables[0]))
    return found


def of_choice(table: pd.DataFrame, study: Study, names: list[str], reading: str, variant: str) -> pd.DataFrame:
    """The rows of an offered table that a model with this reading and variant uses."""
    part = study.offered[names[0]]
    if "study" in table.columns:
        table = table[table["study"] == study.id]
    if "preferred" in table.columns:
        table = table[table["preferred"].astype(bool)]
    if part.readings:
        refuse(
            (lacking(table, ["reading"]), f"the input of {', '.join(names)} lacks the columns {{}}"), error=StudyError
        )
        table = table[table["reading"] == (reading or part.readings[0])]
    if "variant" in table.columns:
        table = table[table["variant"] == (variant if variant in part.variants else "")]
    return table


def variants_of(offered: Mapping[str, pd.DataFrame], name: str) -> tuple[str, ...]:
    """Every variant an offered variable's table has rows of, in order; none for a variable that is not offered."""
    tables = [table for table in offered.values() if {name, "variant"} <= set(table.columns)]
    return tuple(dict.fromkeys(str(variant) for table in tables[:1] for variant in table["variant"]))


def in_variant(
    frame: pd.DataFrame, offered: Mapping[str, pd.DataFrame], name: str, variant: str, study: Study
) -> pd.DataFrame:
    """The variables with one of them in another variant, whichever part made it and under the study's
    own reading: only the rows that variant has.

    Raises StudyError for a variant without rows.
    """
    tables = [table for table in offered.values() if {name, "variant"} <= set(table.columns)]
    rows = tables[0][tables[0]["variant"] == variant] if tables else frame.head(0)
    if "study" in rows.columns:
        rows = rows[rows["study"] == study.id]
    if "reading" in rows.columns:
        rows = rows[rows["reading"] == study.own_reading]
    known = ", ".join(one for one in variants_of(offered, name) if one) or "none"
    refuse((rows.empty, f"{name} has no rows of the variant {variant}; there are {known}"), error=StudyError)
    return frame.drop(columns=name).merge(rows[[*KEYS, name]].dropna(), on=KEYS, how="inner", validate="one_to_one")


def price_level(grid: pd.DataFrame, deflator: DeflatorSpec, name: str, panel: Panel) -> pd.Series:
    """A price index (previous year = 100) chained within each entity, 1 in the base year; a share.

    `grid`: entity_code, year, the index; sorted by both. Every year but the panel's first is needed: the first one's
    change on the year before it moves no ratio. Raises StudyError naming the years without an index and a base year
    outside the panel.
    """
    first, last = int(grid["year"].min()), int(grid["year"].max())
    outside = not first <= deflator.base_year <= last
    empty = grid[grid[deflator.indicator].isna() & (grid["year"] > first)]
    unchained = f"{deflator.indicator} is missing, so prices cannot be chained: {panel.list_rows(empty)}"
    refuse(
        (outside, f"{name}: the base year {deflator.base_year} lies outside {first}-{last}"),
        (len(empty), f"{name}: {unchained}"),
        error=StudyError,
    )
    ratio = (grid[deflator.indicator] / 100).where(grid["year"] > first, 1.0)
    chained = ratio.groupby(grid[ENTITY]).cumprod()
    return chained / chained.where(grid["year"] == deflator.base_year).groupby(grid[ENTITY]).transform("first")


def _log(values: pd.Series, grid: pd.DataFrame, indicator: str, name: str, panel: Panel) -> pd.Series:
    bad = grid[values <= 0]
    columns = zip(bad[ENTITY], bad["year"], bad[indicator], strict=True)
    cells = first_few([f"{panel.label(int(code))} {int(year)} ({value})" for code, year, value in columns])
    refuse((len(bad), f"{name}: {indicator} is not positive, so it has no ln: {cells}"), error=StudyError)
    return np.log(values)


def _z(values: pd.Series, name: str) -> pd.Series:
    varies = values.max() > values.min()
    refuse((not varies, f"{name}: no variation, so it has no z-score"), error=StudyError)
    return (values - values.mean()) / values.std(ddof=1)


def _join(frame: pd.DataFrame, extra: pd.DataFrame, panel: Panel, names: list[str]) -> pd.DataFrame:
    what = f"the input of {', '.join(names)}"
    refuse((lacking(extra, [*KEYS, *names]), f"{what} lacks the columns {{}}"), error=StudyError)
    twice = extra[extra.duplicated(KEYS)]
    refuse(
        (extra.empty, f"{what} has no row for the study"),
        (len(twice), f"{what} has a row that occurs twice: {panel.list_rows(twice.head(1))}"),
        error=StudyError,
    )
    return frame.merge(extra[KEYS + names], on=KEYS, how="left", validate="one_to_one")
