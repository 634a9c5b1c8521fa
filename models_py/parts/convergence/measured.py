"""Sigma and beta convergence of a study's variables, for the nation and each region, as rows of the published tables.

Belongs here: which places count, and remarks on those left out. Does not belong here: formulas (formulas.py).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.parts.convergence import Options
from models_py.panel import ENTITY, Panel
from models_py.parts.convergence.formulas import (
    ConvergenceError,
    coefficient_of_variation,
    growth_on_initial,
    standard_deviation,
)
from models_py.parts.density.estimated import groups_of
from models_py.parts.frame import Tables
from models_py.parts.rows import as_table, note

ABSOLUTE, CONDITIONAL = "absolute", "conditional"
_FEW = 3
_ONE_YEAR = Text(en="Not estimated: one year has no growth.", zh="未估计：仅一年，无增长可言。")
_TOO_FEW = Text(
    en="Not estimated: too few places for a slope, its constant and controls.",
    zh="未估计：地区过少，不足以估计斜率、常数项与控制变量。",
)


def convergence_tables(values: pd.DataFrame, options: Options, panel: Panel, study: str) -> Tables:
    """Tables sigma_convergence and beta_convergence.

    `values`: entity_code, year, the options' variables and controls.
    """
    sigma: list[dict[str, Any]] = []
    beta: list[dict[str, Any]] = []
    for variable in options.variables:
        for region, codes in groups_of(panel).items():
            rows = values[values[ENTITY].isin(codes)]
            key = {"study": study, "variant": "", "variable": variable, "region": region}
            sigma += [key | row for row in _sigma(rows, variable, options.level)]
            forms = [ABSOLUTE, *([CONDITIONAL] if options.controls else [])]
            beta += [key | _beta(rows, variable, form, options, panel) for form in forms]
    return {
        "sigma_convergence": as_table(sigma, "sigma_convergence"),
        "beta_convergence": as_table(beta, "beta_convergence"),
    }


def _sigma(rows: pd.DataFrame, variable: str, level: float) -> Iterator[dict[str, Any]]:
    for year, own in rows.groupby("year"):
        x = own[variable].dropna().to_numpy(dtype="float64")
        row: dict[str, Any] = {"year": int(str(year)), "n": len(x), "level": level}
        if len(x) >= _FEW:
            sd, cv = standard_deviation(x, level), coefficient_of_variation(x, level)
            row |= {"mean": float(x.mean()), "sd": sd.value, "sd_low": sd.low, "sd_high": sd.high}
            row |= {"cv": cv.value, "cv_low": cv.low, "cv_high": cv.high}
        yield row


def _beta(rows: pd.DataFrame, variable: str, form: str, options: Options, panel: Panel) -> dict[str, Any]:
    first, last = panel.years
    wide = rows.pivot(index=ENTITY, columns="year", values=variable)
    wide = wide.reindex(columns=list(dict.fromkeys((first, last))))
    held = rows[rows["year"] == first].set_index(ENTITY)[list(options.controls)] if form == CONDITIONAL else None
    usable = (wide > 0).all(axis=1)
    if held is not None:
        usable &= held.notna().all(axis=1)
    out, kept = sorted(int(code) for code in wide.index[~usable]), wide[usable]
    row: dict[str, Any] = {"form": form, "first_year": first, "last_year": last, "n": len(kept)}
    row |= {"ci_level": options.level, "method": options.vcov} | _left_out(out, panel)
    why = _ONE_YEAR if first == last else _TOO_FEW if len(kept) < 3 + (0 if held is None else held.shape[1]) else None
    if why is not None:
        return row | note(why.en, why.zh)
    controls = None if held is None else held[usable].to_numpy(dtype="float64")
    start, end = (kept[year].to_numpy(dtype="float64") for year in (first, last))
    try:
        slope = growth_on_initial(start, end, last - first, controls, options.vcov)
    except ConvergenceError as error:
        return row | _not_estimated(str(error))
    low, high = slope.interval(options.level)
    return row | {
        "estimate": slope.estimate,
        "std_error": slope.std_error,
        "p_value": slope.p_value,
        "ci_low": low,
        "ci_high": high,
        "df": slope.df,
        "r2": slope.r2,
        "speed": slope.speed,
        "half_life": np.nan if np.isnan(slope.half_life) else slope.half_life,
    }


def _left_out(codes: list[int], panel: Panel) -> dict[str, str]:
    if not codes:
        return note("", "")
    names = [panel.by_code[code].name for code in codes]
    return note(
        f"Left out, for want of a figure above zero in both years or of a control: "
        f"{', '.join(name.en for name in names)}.",
        f"未计入（首末年数值缺失或不为正，或缺控制变量）：{'、'.join(name.zh for name in names)}。",
    )


def _not_estimated(why: str) -> dict[str, str]:
    return note(f"Not estimated: {why}.", f"未估计：{_WHY.get(why, why)}。")


_WHY = {
    "the initial value does not vary, or the controls explain it": "初始值无差异，或被控制变量完全解释",
    "a coefficient rests on one place, which hc3 cannot weigh": "某系数仅由一个地区决定，HC3不适用",
}
