"""Figure 1: exposure of the 31 provinces in quantile classes, as tiles of equal size.

Belongs here: the tile map, and what it shares with the map of polygons (exposure_polygons.py). Does not belong here:
classing (classes.py) and the layout of tiles (tiles.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from catalog.base import Text
from catalog.studies import FigureSpec
from models_py.figures.classes import QuantileClasses, quantile_classes
from models_py.figures.style import (
    BLACK,
    EMPTY,
    GREY,
    LABEL,
    SEQUENCE,
    SMALL,
    FigureError,
    Sheet,
    house_style,
    sheet,
    source_note,
)
from models_py.figures.text import number
from models_py.figures.tiles import TILES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure_1(exposure: pd.DataFrame, provinces: pd.DataFrame, spec: FigureSpec, data_kind: str) -> Figure:
    """Tile map of exposure. `exposure`: province_code, year, exposure (share); `provinces`: province_code, short_zh.

    The year is that of the study's figure_1 key: the last one, the mean over all years, or a given year. Raises
    FigureError for a year without rows, a province that stands twice or is none of the 31, and no figure at all.
    """
    values, when = values_of_year(exposure, spec)
    classes = quantile_classes([values.get(code, math.nan) for code in TILES], spec.classes)
    names = dict(zip(provinces["province_code"], provinces["short_zh"], strict=True))
    lacking = [str(code) for code in TILES if code not in names]
    if lacking:
        raise FigureError(f"no name for the provinces {', '.join(lacking)}")
    with house_style():
        page = map_page(classes, values, when, data_kind, _TILE_NOTE, height=6.6)
        axes, key = map_panels(page)
        colours = class_colours(len(classes.bounds))
        for position, (code, (row, column)) in enumerate(TILES.items()):
            group = classes.index[position]
            _tile(axes, column, -row, names[code], values.get(code, math.nan), EMPTY if group < 0 else colours[group])
        axes.set_xlim(0.4, 7.6)
        axes.set_ylim(-7.6, 0.6)
        class_legend(key, classes, colours)
    return page.figure


def class_colours(count: int) -> list[str]:
    """`count` colours of one hue, light to dark; the darkest always stands for the highest class."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if count == 1:
        return [SEQUENCE[-2]]
    ramp = LinearSegmentedColormap.from_list("classes", SEQUENCE)
    return [str(to_hex(ramp(i / (count - 1)))) for i in range(count)]


_TILE_NOTE = Text(
    zh="每省一格、大小相等；本图不是地图，不表示边界，仅含面板所涉31个省级单位。",
    en="One tile of equal size for each of the panel's 31 provinces; not a map, no boundary is shown.",
)


def values_of_year(exposure: pd.DataFrame, spec: FigureSpec) -> tuple[Mapping[int, float], Text]:
    """Exposure by province in the year asked for, and that year in words."""
    if exposure.empty:
        raise FigureError("no row of exposure")
    unknown = sorted(set(exposure["province_code"]) - set(TILES))
    if unknown:
        raise FigureError(f"codes that are none of the 31 provinces: {', '.join(map(str, unknown))}")
    if exposure.duplicated(["province_code", "year"]).any():
        raise FigureError("a province has two rows for one year")
    first, last = int(exposure["year"].min()), int(exposure["year"].max())
    if spec.year == "mean":
        found = exposure.groupby("province_code")["exposure"].mean()
        when = Text(zh=f"{first}—{last}年平均", en=f"mean of {first}-{last}")
    else:
        year = last if spec.year == "last" else int(spec.year)
        rows = exposure[exposure["year"] == year]
        if rows.empty:
            raise FigureError(f"no exposure for {year}; there is {first}-{last}")
        found = rows.set_index("province_code")["exposure"]
        when = Text(zh=f"{year}年", en=str(year))
    codes = found.index.astype(int).tolist()
    return dict(zip(codes, found.astype(float).tolist(), strict=True)), when


def map_page(
    classes: QuantileClasses, values: Mapping[int, float], when: Text, data_kind: str, note: Text, *, height: float
) -> Sheet:
    """The sheet of a map: title with year, notes with the number of classes left and of provinces."""
    left, asked = len(classes.bounds), classes.asked
    merged = "" if left == asked else f"；数值相同者同组，空组合并后余{left}组"
    merged_en = "" if left == asked else f"; equal values share a class, {left} left after merging empty ones"
    title = Text(
        zh=f"图1  各省智慧城市试点暴露度（{when.zh}）", en=f"Figure 1. Smart-city exposure by province ({when.en})"
    )
    present = sum(not math.isnan(value) for value in values.values())
    notes = [
        Text(
            zh=f"暴露度：省内已获批试点单位所占比例（0至1）。分为{asked}个分位数组{merged}。",
            en=f"Exposure: share of a province's units that are, or contain, a pilot (0 to 1). {asked} quantile classes"
            f"{merged_en}.",
        ),
        note,
        source_note("smart_exposure", Text(zh=f"{present}个省份", en=f"{present} provinces")),
    ]
    return sheet(title, notes, data_kind, height=height, below=0.0)


def map_panels(page: Sheet) -> tuple[Axes, Axes]:
    """Axes of the map and, at its right, of its legend."""
    grid = page.grid(1, 2, left=0.035, width_ratios=[3.6, 1.0], wspace=0.02)
    axes, key = page.figure.add_subplot(grid[0, 0]), page.figure.add_subplot(grid[0, 1])
    axes.set_aspect("equal")
    for panel in (axes, key):
        panel.axis("off")
    return axes, key


def _ink(colour: str) -> str:
    """Black or white, whichever is read better on `colour` (relative luminance of WCAG 2)."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "white" if (luminance + 0.05) ** 2 < 1.05 * 0.05 else BLACK


def _tile(axes: Axes, x: float, y: float, name: str, value: float, colour: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, facecolor=colour, edgecolor=GREY, linewidth=0.6))
    ink = _ink(colour)
    axes.text(x, y + 0.13, name, ha="center", va="center", fontsize=LABEL + 1, color=ink)
    axes.text(x, y - 0.22, number(value, 2), ha="center", va="center", fontsize=SMALL, color=ink)


def class_legend(axes: Axes, classes: QuantileClasses, colours: list[str]) -> None:
    """Classes from the highest down, with their ranges and numbers of provinces."""
    from matplotlib.patches import Rectangle

    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.text(0.0, 0.78, "暴露度（占比）\nExposure (share)", fontsize=LABEL, va="bottom", linespacing=1.4)
    rows = list(zip(classes.bounds, classes.sizes, colours, strict=True))[::-1]
    decimals = _decimals(classes)
    for i, ((low, high), size, colour) in enumerate(rows):
        y = 0.70 - 0.085 * i
        axes.add_patch(Rectangle((0.0, y - 0.028), 0.13, 0.056, facecolor=colour, edgecolor=GREY, linewidth=0.6))
        span = number(low, decimals) if low == high else f"{number(low, decimals)} – {number(high, decimals)}"
        axes.text(0.18, y, f"{span}  ({size})", fontsize=LABEL, va="center")
    y = 0.70 - 0.085 * len(rows)
    if -1 in classes.index:
        axes.add_patch(Rectangle((0.0, y - 0.028), 0.13, 0.056, facecolor=EMPTY, edgecolor=GREY, linewidth=0.6))
        axes.text(0.18, y, f"无数据 none  ({classes.index.count(-1)})", fontsize=LABEL, va="center")
        y -= 0.085
    axes.text(0.0, y, "括号内为省数\n( ) provinces", fontsize=SMALL, va="top", linespacing=1.4, color="#444444")


def _decimals(classes: QuantileClasses) -> int:
    """Fewest decimals, from 2 to 4, with which neighbouring classes do not print the same bound."""
    for decimals in (2, 3):
        ends = [(number(low, decimals), number(high, decimals)) for low, high in classes.bounds]
        if all(below[1] != above[0] for below, above in pairwise(ends)):
            return decimals
    return 4
