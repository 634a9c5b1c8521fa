"""Densities of a study's variables by year, for the nation and each region, as rows of the published tables.

Belongs here: which places a density is of, and remarks on it. Does not belong here: formulas (kernel.py).
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.parts.density import Options
from models_py.panel import ENTITY, REGIONS, Panel
from models_py.parts.density.kernel import DensityError, kernel_density, silverman
from models_py.parts.frame import Tables
from models_py.parts.rows import as_table, note, typed

NATION = "nation"
# How far the area of a reflected density may be from 1.
AREA = 0.01
_FEW = 3
_CONSTANT = Text(en="All places have the same value: no density.", zh="各地取值相同，无核密度。")
_COARSE = Text(
    en="The bandwidth is small beside the steps of the grid: the area is not 1; ask for more `points`.",
    zh="带宽小于网格间距，面积偏离1；请增加 points。",
)
_NONE = Text(en="Fewer than three places have a value: no density.", zh="有数值的地区不足三个，无核密度。")


def groups_of(panel: Panel) -> dict[str, list[int]]:
    """Codes of the nation's places and of each region's; regions without places are left out."""
    regions = {region: [e.code for e in panel.entities if e.region == region] for region in REGIONS}
    return {NATION: list(panel.codes), **{region: codes for region, codes in regions.items() if codes}}


def density_tables(values: pd.DataFrame, options: Options, panel: Panel, study: str) -> Tables:
    """Tables density_estimate and density_summary. `values`: entity_code, year and the options' variables.

    Raises DensityError for a value outside [0, 1], naming variable, place and year.
    """
    curves: list[pd.DataFrame] = []
    summary: list[dict[str, Any]] = []
    for key, x in slices_of(values, options.variables, panel):
        row = {
            "study": study,
            "variant": "",
            **key,
            "n": len(x),
            "kernel": options.kernel,
            "boundary": options.boundary,
        }
        why = _NONE if len(x) < _FEW else None if silverman(x) > 0 else _CONSTANT
        if why is not None:
            summary.append(row | note(why.en, why.zh))
            continue
        found = kernel_density(x, options.kernel, options.boundary, options.points)
        height, at = found.peak
        coarse = options.boundary == "reflect" and abs(found.area - 1) > AREA
        remark = note(_COARSE.en, _COARSE.zh) if coarse else note("", "")
        summary.append(
            row
            | {"bandwidth": found.bandwidth, "peak_height": height, "peak_at": at}
            | {"modes": found.modes, "area": found.area}
            | remark
        )
        curve = {"grid": found.grid, "density": found.values, "bandwidth": found.bandwidth}
        curves.append(pd.DataFrame({"study": study, "variant": "", **key, **curve}))
    every = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return {
        "density_estimate": typed(every, "density_estimate"),
        "density_summary": as_table(summary, "density_summary"),
    }


def slices_of(values: pd.DataFrame, variables: tuple[str, ...], panel: Panel) -> Iterator[tuple[dict[str, Any], Any]]:
    """Variable, region and year, with the values of the places that have one. Raises as `density_tables`."""
    for variable in variables:
        outside = values[(values[variable] < 0) | (values[variable] > 1)]
        if len(outside):
            raise DensityError(f"{variable} leaves [0, 1], where its density is taken: {panel.list_rows(outside)}")
        for region, codes in groups_of(panel).items():
            inside = values[values[ENTITY].isin(codes)]
            for year, rows in inside.groupby("year"):
                x = rows[variable].dropna().to_numpy(dtype="float64")
                yield {"variable": variable, "region": region, "year": int(str(year))}, x
