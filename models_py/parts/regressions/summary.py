"""Table 1 of a study: its variables in natural units.

Belongs here: rows of `summary_statistic`. Does not belong here: the variables as regressions see them (variables.py).
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from catalog import load_registry, load_tables
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
    values = present[name]
    if present.empty:
        return {"n": 0}
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
