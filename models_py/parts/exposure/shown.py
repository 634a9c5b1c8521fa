"""Exposure of provinces in the year a map shows.

Belongs here: choosing the rows. Does not belong here: classing (models_py/figures/map_classes.py) and drawing.
"""

from collections.abc import Mapping

import pandas as pd

from catalog.base import Text
from catalog.parts.exposure import MapSpec
from models_py.figures.map_classes import TILES
from models_py.figures.show import demand
from models_py.figures.style import FigureError
from models_py.panel import refuse


def values_of_year(exposure: pd.DataFrame, spec: MapSpec) -> tuple[Mapping[int, float], Text]:
    """Exposure by province in the year asked for, and that year in words.

    `exposure`: province_code, year, exposure (share). The year is that of the study's `map` option: the last one, the
    mean over all years, or a given year. Raises FigureError for a missing column, a year without rows, a province that
    stands twice or is none of the 31, and no row at all.
    """
    demand(exposure, ["province_code", "year", "exposure"], "exposure")
    refuse(
        FigureError,
        (exposure.empty, "no row of exposure"),
        (sorted(set(exposure["province_code"]) - set(TILES)), "codes that are none of the 31 provinces: {}"),
        (exposure.duplicated(["province_code", "year"]).any(), "a province has two rows for one year"),
    )
    first, last = int(exposure["year"].min()), int(exposure["year"].max())
    if spec.year == "mean":
        found = exposure.groupby("province_code")["exposure"].mean()
        when = Text(zh=f"{first}—{last}年平均", en=f"mean of {first}-{last}")
    else:
        year = last if spec.year == "last" else int(spec.year)
        rows = exposure[exposure["year"] == year]
        refuse(FigureError, (rows.empty, f"no exposure for {year}; there is {first}-{last}"))
        found = rows.set_index("province_code")["exposure"]
        when = Text(zh=f"{year}年", en=str(year))
    return {int(str(code)): float(share) for code, share in found.items()}, when
