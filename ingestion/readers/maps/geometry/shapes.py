"""GeoJSON geometries to shapely, checked and unchanged: no point is added but the one that closes a ring.

Maps made for display hold islets that collapsed to two points and rings that cross themselves. They are kept as they
are and described: mending would move a boundary. Decoding of other formats: topojson.py, echarts.py.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import shapely  # type: ignore[import-untyped]
from shapely.geometry.base import BaseGeometry  # type: ignore[import-untyped]

# Degrees; every place of China, the islands of the South China Sea included.
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
_POLYGONAL = ("Polygon", "MultiPolygon")
_LINEAR = ("LineString", "MultiLineString")
_CORNERS = 4  # a ring in WKB, the closing point included

Points = npt.NDArray[np.float64]


class GeometryError(ValueError):
    """A geometry that cannot be one; `where` is the place inside the feature, `found` and `expected` are texts."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        super().__init__(f"{where}: {found}")
        self.where, self.found, self.expected = where, found, expected


def build_geometry(geometry: Any, *, close: bool = False) -> tuple[BaseGeometry, str | None]:
    """(geometry, what is invalid about it or None) of a GeoJSON geometry object, coordinates in degrees.

    close: rings come without their closing point, as encodings leave it out; otherwise an open ring is an error.
    A closed ring of two or three points keeps its points, the last one repeated. Raises GeometryError.
    """
    if not isinstance(geometry, dict) or "coordinates" not in geometry:
        raise GeometryError("geometry", _short(geometry), "an object with type and coordinates")
    kind, coordinates = geometry.get("type"), geometry["coordinates"]
    if kind == "Polygon":
        shape: BaseGeometry = _polygon(coordinates, "polygon 1", close)
    elif kind == "MultiPolygon":
        parts = _list(coordinates, "coordinates")
        shape = shapely.MultiPolygon([_polygon(part, f"polygon {i}", close) for i, part in enumerate(parts, start=1)])
    elif kind == "LineString":
        shape = shapely.LineString(_points(coordinates, "line 1", 2))
    elif kind == "MultiLineString":
        lines = _list(coordinates, "coordinates")
        shape = shapely.MultiLineString([_points(line, f"line {i}", 2) for i, line in enumerate(lines, start=1)])
    else:
        raise GeometryError("geometry", _short(kind), "one of " + ", ".join((*_POLYGONAL, *_LINEAR)))
    return shape, None if shape.is_valid else str(shapely.is_valid_reason(shape))


def find_outside(shape: BaseGeometry) -> tuple[float, float] | None:
    """The first point of a geometry outside LONGITUDES and LATITUDES, or None."""
    points = shapely.get_coordinates(shape)
    inside = (
        (points[:, 0] >= LONGITUDES[0])
        & (points[:, 0] <= LONGITUDES[1])
        & (points[:, 1] >= LATITUDES[0])
        & (points[:, 1] <= LATITUDES[1])
    )
    outside = np.flatnonzero(~inside)
    return (float(points[outside[0], 0]), float(points[outside[0], 1])) if len(outside) else None


def _polygon(rings: Any, where: str, close: bool) -> shapely.Polygon:
    built = [_ring(ring, f"{where}, ring {i}", close) for i, ring in enumerate(_list(rings, where), start=1)]
    return shapely.Polygon(built[0], built[1:])


def _ring(ring: Any, where: str, close: bool) -> Points:
    points = _points(ring, where, 1 if close else 2)
    if not np.array_equal(points[0], points[-1]):
        if not close:
            found = f"it begins at {_show(points[0])} and ends at {_show(points[-1])}"
            raise GeometryError(where, found, "a ring whose last point is its first")
        points = np.vstack([points, points[:1]])
    while len(points) < _CORNERS:
        points = np.vstack([points, points[:1]])
    return points


def _points(line: Any, where: str, least: int) -> Points:
    if isinstance(line, np.ndarray):
        if line.ndim != 2 or line.shape[1] != 2:
            raise GeometryError(where, f"a matrix of shape {line.shape}", "one row per point: longitude and latitude")
        points = cast(Points, line.astype(np.float64))
        bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
        if len(bad):
            raise GeometryError(f"{where}, point {bad[0] + 1}", "not a number", "longitude and latitude in degrees")
    else:
        for number, point in enumerate(_list(line, where), start=1):
            if not _is_position(point):
                expected = "longitude and latitude in degrees, without altitude"
                raise GeometryError(f"{where}, point {number}", _short(point), expected)
        points = np.asarray(line, dtype=np.float64)
    if len(points) < least:
        raise GeometryError(where, f"{len(points)} points", f"at least {least} points")
    return points


def _is_position(point: Any) -> bool:
    return (
        isinstance(point, list | tuple)
        and len(point) == 2
        and all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in point)
    )


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise GeometryError(where, _short(value), "a list that is not empty")
    return list(value)


def _show(point: Points) -> str:
    return f"{point[0]:.6g}, {point[1]:.6g}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
