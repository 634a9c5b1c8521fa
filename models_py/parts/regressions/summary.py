"""Table 1 of a study, its variables in natural units: the rows of `summary_statistic` and how they are printed.

Does not belong here: the variables as regressions see them (variables.py).
"""

import math
import re
from typing import Any

import pandas as pd

from catalog import Study, load_registry, load_tables
from catalog.base import Text
from catalog.labels import unit_label, variable_label
from models_py.figures.names import number_of, stem_of
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number
from models_py.panel import ENTITY, Panel
from models_py.parts.regressions.study_models import ModelMaker
from models_py.parts.regressions.variables import prepare_variables
from models_py.parts.rows import as_table


def summary_statistics(maker: ModelMaker) -> pd.DataFrame:
    """Rows of `summary_statistic`: n, mean, sd (n - 1), min and max with entity and year, over the study's window.

    Variables, in order: the first that each part offers (the study's own reading), then the declared ones as indicator
    x scale, before any logarithm, deflation or z-score; rows without a figure are not counted in n. Where several
    share the extreme, the first by code and year is named, with how many more there are. A variable without any figure
    has n 0 and empty statistics.

    Raises StudyError and PanelError as `prepare_variables`.
    """
    study = maker.study
    variables = {name: v.model_copy(update={"deflate": None}) for name, v in study.variables.declared.items()}
    natural = study.variables.model_copy(update={"transform": "raw", "declared": variables})
    frame = prepare_variables(
        maker.figures, maker.offered, study.model_copy(update={"variables": natural}), maker.panel
    )
    units = {part.offers[0]: _column_unit(part.offers[0]) for part in study.parts if part.offers}
    units |= {name: _unit(variable.indicator, variable.scale) for name, variable in variables.items()}
    rows = [
        {
            "study": study.id,
            "table_no": maker.options.summary_table,
            "variable": name,
            "position": position,
            "unit": unit,
            **_statistics(frame, name, maker.panel),
        }
        for position, (name, unit) in enumerate(units.items(), start=1)
    ]
    return as_table(rows, "summary_statistic")


def _column_unit(name: str) -> str | None:
    """The unit of a variable that a part offers: that of its column in a published table."""
    return next((t.columns[name].unit for t in load_tables().values() if name in t.columns), None)


def _unit(indicator: str, scale: float) -> str:
    """The unit of indicator x scale: a share for a percentage x 0.01, else so many of the indicator's unit."""
    unit = load_registry().indicators[indicator].unit
    if scale == 1:
        return unit
    return "share" if unit == "%" and scale == 0.01 else f"{1 / scale:g} {unit}"


def _statistics(frame: pd.DataFrame, name: str, panel: Panel) -> dict[str, Any]:
    present = frame[frame[name].notna()]
    if present.empty:
        return {"n": 0}
    values = present[name]
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else math.nan,
        "min": float(values.min()),
        "max": float(values.max()),
        "min_at": _place(present[values == values.min()], panel),
        "max_at": _place(present[values == values.max()], panel),
    }


def _place(rows: pd.DataFrame, panel: Panel) -> str:
    first = rows.iloc[0]
    more = f" (+{len(rows) - 1})" if len(rows) > 1 else ""
    return f"{panel.label(int(first[ENTITY]))} {int(first['year'])}{more}"


# An entity's two names, its code, the year; how many rows have the same value.
_PLACE = re.compile(r"(\S+) (.+) \(\d{6}\) (\d{4})(?: (\(\+\d+\)))?")
_SUMMARY = (
    Text(zh="单位", en="Unit"),
    Text(zh="观测数", en="N"),
    Text(zh="均值", en="Mean"),
    Text(zh="标准差", en="SD"),
    Text(zh="最小值", en="Min"),
    Text(zh="最大值", en="Max"),
    Text(zh="最小值所在", en="Min at"),
    Text(zh="最大值所在", en="Max at"),
)


def summary_table(rows: pd.DataFrame, study: Study, panel: Panel, table_no: str, synthetic: bool) -> ReportTable:
    """Summary statistics (rows of `summary_statistic` of one table) in natural units."""
    first, last = study.years
    unit = panel.unit.one
    short = "省" if panel.unit.id == "province" else unit.zh
    return ReportTable(
        stem=stem_of(table_no),
        number=number_of(table_no),
        title=Text(zh=f"描述性统计：{study.title.zh}", en=f"Summary statistics: {study.title.en}"),
        header=(_SUMMARY,),
        rows=tuple(_row(row, study) for row in rows.sort_values("position").to_dict("records")),
        notes=(
            Text(
                zh=f"{first}—{last}年，{short}年观测，自然单位；标准差除数为 n−1。",
                en=f"{unit.en.capitalize()}-years of {first}-{last}, natural units; SD divides by n − 1.",
            ),
        ),
        synthetic=synthetic,
    )


def _row(row: dict[Any, Any], study: Study) -> Row:
    label = variable_label(study, row["variable"], transformed=False)
    decimals = 0 if abs(row["max"]) >= 10_000 else 1 if abs(row["max"]) >= 100 else 3
    # The mean of a standardised variable is zero but for rounding.
    numbers = [
        number(0.0 if abs(row[name]) < 1e-9 * row["sd"] else float(row[name]), decimals)
        for name in ("mean", "sd", "min", "max")
    ]
    unit: Cell = NOTHING if pd.isna(row["unit"]) else unit_label(str(row["unit"]))
    return Row(
        label,
        (unit, number(float(row["n"]), 0), *numbers, *(_shown_place(row[at]) for at in ("min_at", "max_at"))),
    )


def _shown_place(text: Any) -> Cell:
    return NOTHING if pd.isna(text) else place_shown(str(text))


def place_shown(text: str) -> Text:
    """Where an extreme of `summary_statistic` stands, in each language; a text of another form as it is."""
    place = _PLACE.fullmatch(text)
    if place is None:
        return Text(zh=text, en=text)
    zh, en, *when = place.groups(default="")
    return Text(zh=" ".join([zh, *when]).rstrip(), en=" ".join([en, *when]).rstrip())
