"""Table 1 of a study: its variables in natural units.

Belongs here: rows of `summary_statistic`. Does not belong here: the variables as regressions see them (variables.py).
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from catalog import Study, load_registry, load_tables
from models_py.econometrics.evidence_rows import as_table
from models_py.econometrics.variables import prepare_variables
from models_py.panel import province_label


def summary_statistics(
    province_year: pd.DataFrame,
    exposure: pd.DataFrame | None,
    index: pd.DataFrame | None,
    study: Study,
    table_no: str = "Table 1",
) -> pd.DataFrame:
    """Rows of `summary_statistic`: n, mean, sd (n - 1), min and max with province and year, over the study's window.

    Variables, in order: mspi (the study's own reading) where the study has an index, exposure where it has one, then
    its variables as indicator x scale, before any logarithm, deflation or z-score. Inputs as in `prepare_variables`;
    rows without a figure are not counted in n. Where several province-years share the extreme, the first by code and
    year is named, with how many more there are. A variable without any figure has n 0 and empty statistics.

    Raises StudyError and PanelError as `prepare_variables`.
    """
    variables = {name: v.model_copy(update={"deflate": None}) for name, v in study.controls.variables.items()}
    natural = study.controls.model_copy(update={"transform": "raw", "variables": variables})
    frame = prepare_variables(province_year, exposure, index, study.model_copy(update={"controls": natural}))
    tables = load_tables()
    units: dict[str, str | None] = {}
    if study.index is not None:
        units["mspi"] = tables["performance_index"].columns["mspi"].unit
    if study.exposure is not None:
        units["exposure"] = tables["smart_exposure"].columns["exposure"].unit
    units |= {name: _unit(variable.indicator, variable.scale) for name, variable in variables.items()}
    rows = [
        {
            "study": study.id,
            "table_no": table_no,
            "variable": name,
            "position": position,
            "unit": unit,
            **_statistics(frame, name),
        }
        for position, (name, unit) in enumerate(units.items(), start=1)
    ]
    return as_table(rows, "summary_statistic")


def _unit(indicator: str, scale: float) -> str:
    """The unit of indicator x scale: a share for a percentage x 0.01, else so many of the indicator's unit."""
    unit = load_registry().indicators[indicator].unit
    if scale == 1:
        return unit
    return "share" if unit == "%" and scale == 0.01 else f"{1 / scale:g} {unit}"


def _statistics(frame: pd.DataFrame, name: str) -> dict[str, Any]:
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
        "min_at": _place(present[values == values.min()]),
        "max_at": _place(present[values == values.max()]),
    }


def _place(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    more = f" (+{len(rows) - 1})" if len(rows) > 1 else ""
    return f"{province_label(int(first['province_code']))} {int(first['year'])}{more}"
