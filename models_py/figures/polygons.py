"""Polygons of a user's map as features in kilometres: all in the file, nothing trimmed or mended.

Belongs here: geometry of a map file for drawing, in Albers' equal-area projection. Does not belong here: drawing
(province_map.py), reading map files (ingestion).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text
from models_py.figures.map_classes import TILES
from models_py.figures.show import demand
from models_py.figures.style import FigureError
from models_py.panel import refuse

# Radius of the sphere of equal surface in km; standard parallels and central meridian usual for maps of China.
RADIUS, SOUTH, NORTH, MERIDIAN, ORIGIN = 6371.007, 25.0, 47.0, 105.0, 0.0


def albers(coordinates: Any) -> np.ndarray:
    """(longitude, latitude) rows in degrees to (x, y) rows in km; a third coordinate is left out.

    Spherical form: Snyder 1987, Map Projections: A Working Manual, equations 14-1 to 14-6.
    """
    degrees = np.asarray(coordinates, dtype="float64")[:, :2]
    south, north, origin = np.radians([SOUTH, NORTH, ORIGIN])
    n = (np.sin(south) + np.sin(north)) / 2
    c = np.cos(south) ** 2 + 2 * n * np.sin(south)
    rho = RADIUS / n * np.sqrt(c - 2 * n * np.sin(np.radians(degrees[:, 1])))
    rho_0 = RADIUS / n * np.sqrt(c - 2 * n * np.sin(origin))
    theta = n * np.radians(degrees[:, 0] - MERIDIAN)
    return np.column_stack([rho * np.sin(theta), rho_0 - rho * np.cos(theta)])


# Kilometres keep two decimals, ten metres: far below a pixel.
_DECIMALS = 2


@dataclass(frozen=True)
class Polygons:
    """`features`: GeoJSON, properties code (None for an inset) and line; `approvals`: numbers of approval stated."""

    features: list[dict[str, Any]]
    approvals: tuple[str, ...]
    inset: bool
    box: tuple[float, float, float, float]

    def fitted(self, width: float) -> tuple[float, tuple[float, float], float]:
        """For a map `width` pixels wide, north up: pixels a kilometre, the shift of its origin, its height."""
        left, bottom, right, top = self.box
        scale = width / (right - left)
        return scale, (-scale * left, scale * top), scale * (top - bottom)

    @property
    def note(self) -> Text:
        """Number of approval (审图号), or that there is none; what the file lacks; projection."""
        zh, en = "审图号：文件未注明；未经审核不得公开发布。", "Approval number of the map: none stated."
        if self.approvals:
            zh, en = f"审图号：{'、'.join(self.approvals)}。", f"Approval number: {', '.join(self.approvals)}."
        if not self.inset:
            zh += "文件不含南海诸岛插图。"
            en += " The file has no inset of the South China Sea."
        return Text(
            zh=f"{zh}边界取自用户提供的文件，未作裁剪；灰色为无数据。投影：阿尔伯斯等积（25°、47°，105°E）。",
            en=f"{en} Boundaries as in the file supplied, nothing trimmed; grey: no figure. Albers equal-area "
            "projection (25, 47 N; 105 E).",
        )


def polygons_of(boundary: pd.DataFrame) -> Polygons:
    """The provinces and insets of one map file: Taiwan, Hong Kong, Macao and the South China Sea too.

    `boundary`: level, code, approval, wkb (lake table `boundary`), coordinates in degrees. Raises FigureError for a
    missing column and for a map that lacks one of the 31 provinces, has one twice or holds points.
    """
    import shapely  # type: ignore[import-untyped]

    demand(boundary, ["level", "code", "approval", "wkb"], "the map")
    shapes = boundary[boundary["level"].isin(["province", "inset"])]
    provinces = shapes["level"] == "province"
    codes = shapes.loc[provinces, "code"].astype(int)
    what = "give the features of one map file"
    refuse(
        FigureError,
        (sorted(set(TILES) - set(codes)), f"the map lacks {{}}; {what}"),
        (codes.duplicated().any(), f"the map has a province twice; {what}"),
    )
    drawn = shapely.from_wkb(shapes["wkb"].to_numpy())
    named = [int(code) if own else None for code, own in zip(shapes["code"], provinces, strict=True)]
    features = [feature for shape, code in zip(drawn, named, strict=True) for feature in _features(shape, code)]
    points = albers(shapely.get_coordinates(drawn))
    box = tuple(float(v) for v in (*points.min(axis=0), *points.max(axis=0)))
    approvals = tuple(sorted(set(shapes["approval"].dropna())))
    return Polygons(features, approvals, not bool(provinces.all()), box)  # type: ignore[arg-type]


def _features(shape: Any, code: int | None) -> list[dict[str, Any]]:
    """Areas as one feature, lines as another."""
    import shapely

    # Adding zero turns -0.0 into 0.0.
    flat = shapely.transform(shape, lambda points: np.round(albers(points), _DECIMALS) + 0.0)
    parts: dict[str, list[Any]] = {"Polygon": [], "LineString": []}
    for part in shapely.get_parts(flat):
        refuse(
            FigureError,
            (part.geom_type not in parts, f"the map holds a {part.geom_type}; polygons and lines are drawn"),
        )
        parts[part.geom_type].append(part.__geo_interface__["coordinates"])
    return [
        {
            "type": "Feature",
            "properties": {"code": code, "line": kind == "LineString"},
            "geometry": {"type": f"Multi{kind}", "coordinates": coordinates},
        }
        for kind, coordinates in parts.items()
        if coordinates
    ]
