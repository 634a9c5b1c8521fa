"""Figure 1 on the user's own map: every feature of the file drawn, its number of approval printed.

Belongs here: drawing polygons. Does not belong here: classing (classes.py), title and legend (exposure_map.py).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from catalog.base import Text
from catalog.studies import FigureSpec
from models_py.figures.classes import quantile_classes
from models_py.figures.exposure_map import class_colours, class_legend, map_page, map_panels, values_of_year
from models_py.figures.projection import albers
from models_py.figures.style import EMPTY, GREY, FigureError, house_style
from models_py.figures.tiles import TILES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure_1_map(exposure: pd.DataFrame, boundary: pd.DataFrame, spec: FigureSpec, data_kind: str) -> Figure:
    """Map of exposure on the user's polygons, all of them drawn: Taiwan, Hong Kong, Macao and the insets too.

    `boundary`: level, code, name, approval, wkb of one map file (lake table `boundary`), coordinates in degrees. The
    number of approval (审图号) is printed, or that there is none. Raises FigureError as `figure_1`, and for a map that
    lacks one of the 31 provinces or has one twice.
    """
    import shapely  # type: ignore[import-untyped]

    values, when = values_of_year(exposure, spec)
    classes = quantile_classes([values.get(code, math.nan) for code in TILES], spec.classes)
    shapes = boundary[boundary["level"].isin(["province", "inset"])]
    codes = shapes.loc[shapes["level"] == "province", "code"].astype(int)
    lacking = sorted(set(TILES) - set(codes))
    if lacking or codes.duplicated().any():
        what = f"lacks {', '.join(map(str, lacking))}" if lacking else "has a province twice"
        raise FigureError(f"the map {what}; give the features of one map file")
    approvals = sorted(set(shapes["approval"].dropna()))
    number_zh = f"审图号：{'、'.join(approvals)}。" if approvals else "审图号：文件未注明；未经审核不得公开发布。"
    number_en = f"Approval number: {', '.join(approvals)}." if approvals else "Approval number of the map: none stated."
    inset = (shapes["level"] == "inset").any()
    if not inset:
        number_zh += "文件不含南海诸岛插图。"
        number_en += " The file has no inset of the South China Sea."
    note = Text(
        zh=f"{number_zh}边界取自用户提供的文件，未作裁剪；灰色为无数据。投影：阿尔伯斯等积（25°、47°，105°E）。",
        en=f"{number_en} Boundaries as in the file supplied, nothing trimmed; grey: no figure. Albers equal-area "
        "projection (25, 47 N; 105 E).",
    )
    with house_style():
        page = map_page(classes, values, when, data_kind, note, height=6.6)
        axes, key = map_panels(page)
        colours = class_colours(len(classes.bounds))
        group_of = dict(zip(TILES, classes.index, strict=True))
        for code, level, wkb in zip(shapes["code"], shapes["level"], shapes["wkb"], strict=True):
            group = -1 if level == "inset" else group_of.get(int(code), -1)
            _shape(axes, shapely.from_wkb(wkb), EMPTY if group < 0 else colours[group])
        axes.autoscale_view()
        class_legend(key, classes, colours)
    return page.figure


def _shape(axes: Axes, shape: Any, colour: str) -> None:
    """Every ring of a polygon, every line of an inset."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    for part in getattr(shape, "geoms", [shape]):
        if part.geom_type == "Polygon":
            rings = [albers(ring.coords) for ring in (part.exterior, *part.interiors)]
            path = Path.make_compound_path(*[Path(ring, closed=True) for ring in rings])
            axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=GREY, linewidth=0.5))
        elif part.geom_type == "LineString":
            path = Path(albers(part.coords))
            axes.add_patch(PathPatch(path, facecolor="none", edgecolor=GREY, linewidth=0.8))
