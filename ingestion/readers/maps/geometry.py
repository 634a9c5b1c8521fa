"""Map files to geometries: GeoJSON, TopoJSON and echarts' encoding to shapely, checked and unchanged.

No point is added but the one that closes a ring. Maps made for display hold islets that collapsed to two points and
rings that cross themselves. They are kept as they are and described: mending would move a boundary. Which place a
geometry is, and rows: boundaries.py.
"""

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely  # type: ignore[import-untyped]
from shapely.geometry.base import BaseGeometry  # type: ignore[import-untyped]

# Degrees; every place of China, the islands of the South China Sea included.
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
# Kind of geometry -> levels of lists above the list of points.
_DEPTH = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
# Points of all features together, each of some 130 bytes; the counties of China in full detail have about a million.
MOST_POINTS = 3_000_000
_CORNERS = 4  # a ring in WKB, the closing point included

Points = npt.NDArray[np.float64]
Point = list[float]


class GeometryError(ValueError):
    """A geometry that cannot be one; `where` is the place inside the feature, `found` and `expected` are texts."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        super().__init__(f"{where}: {found}")
        self.where, self.found, self.expected = where, found, expected


class TooManyPointsError(Exception):
    """The rings of a topology have more points than are kept: each may name the same arc again and again."""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _require(holds: object, where: str, found: Any, expected: str, show: Callable[[Any], str] = _short) -> None:
    """Raise GeometryError unless the condition holds; `found` is shown as Python writes it, cut."""
    if not holds:
        raise GeometryError(where, show(found), expected)


def build_geometry(geometry: Any, *, close: bool = False) -> tuple[BaseGeometry, str | None]:
    """(geometry, what is invalid about it or None) of a GeoJSON geometry object, coordinates in degrees.

    close: rings come without their closing point, as encodings leave it out; otherwise an open ring is an error.
    A closed ring of two or three points keeps its points, the last one repeated. Raises GeometryError.
    """
    whole = isinstance(geometry, dict) and "coordinates" in geometry
    _require(whole, "geometry", geometry, "an object with type and coordinates")
    kind, coordinates = geometry.get("type"), geometry["coordinates"]
    _require(kind in tuple(_DEPTH), "geometry", kind, "one of Polygon, MultiPolygon, LineString, MultiLineString")
    members = _list(coordinates, "coordinates") if kind.startswith("Multi") else [coordinates]
    if kind.endswith("Polygon"):
        parts = [_polygon(member, f"polygon {i}", close) for i, member in enumerate(members, start=1)]
    else:
        parts = [shapely.LineString(_points(member, f"line {i}", 2)) for i, member in enumerate(members, start=1)]
    shape = getattr(shapely, kind)(parts) if kind.startswith("Multi") else parts[0]
    return shape, None if shape.is_valid else str(shapely.is_valid_reason(shape))


def find_outside(shape: BaseGeometry) -> tuple[float, float] | None:
    """The first point of a geometry outside LONGITUDES and LATITUDES, or None."""
    points = shapely.get_coordinates(shape)
    low, high = np.array([LONGITUDES, LATITUDES]).T
    outside = points[~((points >= low) & (points <= high)).all(axis=1)]
    return (float(outside[0, 0]), float(outside[0, 1])) if len(outside) else None


def _polygon(rings: Any, where: str, close: bool) -> shapely.Polygon:
    built = [_ring(ring, f"{where}, ring {i}", close) for i, ring in enumerate(_list(rings, where), start=1)]
    return shapely.Polygon(built[0], built[1:])


def _ring(ring: Any, where: str, close: bool) -> Points:
    points = _points(ring, where, 1 if close else 2)
    closed = np.array_equal(points[0], points[-1])
    found = f"it begins at {_show(points[0])} and ends at {_show(points[-1])}"
    _require(closed or close, where, found, "a ring whose last point is its first", str)
    return np.vstack([points, *[points[:1]] * max(0 if closed else 1, _CORNERS - len(points))])


def _points(line: Any, where: str, least: int) -> Points:
    if isinstance(line, np.ndarray):
        pairs = line.ndim == 2 and line.shape[1] == 2
        _require(pairs, where, f"a matrix of shape {line.shape}", "one row per point: longitude and latitude", str)
        line = line.tolist()
    line = _list(line, where)
    positions = (isinstance(p, list | tuple) and _are_numbers(p) and all(map(math.isfinite, p)) for p in line)
    bad = next((place for place, holds in enumerate(positions) if not holds), None)
    expected = "longitude and latitude in degrees, without altitude"
    _require(bad is None, f"{where}, point {(bad or 0) + 1}", line[bad or 0], expected)
    _require(len(line) >= least, where, f"{len(line)} points", f"at least {least} points", str)
    return np.asarray(line, dtype=np.float64)


def _are_numbers(values: Any) -> bool:
    return len(values) == 2 and all(isinstance(x, int | float) and not isinstance(x, bool) for x in values)


def _list(value: Any, where: str) -> list[Any]:
    _require(isinstance(value, list | tuple) and value, where, value, "a list that is not empty")
    return list(value)


def _show(point: Points) -> str:
    return f"{point[0]:.6g}, {point[1]:.6g}"


def decode_echarts(geometry: Any, scale: float = 1024) -> dict[str, Any]:
    """The GeoJSON geometry of one in the encoding of echarts (`UTF8Encoding: true`): coordinates as text.

    Each character holds one number: its code less 64, zigzag-coded, is the step from the number two before it, in
    1/1024 degree; the first point counts from the ring's own offset. Rings keep every point and stay open where the
    file left them open. Raises GeometryError for what is no encoded geometry.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else geometry
    encoded = isinstance(geometry, dict) and kind in ("Polygon", "MultiPolygon")
    _require(encoded, "geometry", kind, "an encoded Polygon or MultiPolygon", repr)
    texts, offsets = geometry.get("coordinates"), geometry.get("encodeOffsets")
    return {"type": kind, "coordinates": _decode(texts, offsets, _DEPTH[str(kind)], "coordinates", scale)}


def encoded_length(member: Any) -> int:
    """Characters of all encoded rings of a feature, of which each point has two."""
    geometry = member.get("geometry") if isinstance(member, dict) else None
    waiting = [geometry.get("coordinates")] if isinstance(geometry, dict) else []
    length = 0
    while waiting:
        texts = waiting.pop()
        length += len(texts) if isinstance(texts, str) else 0
        waiting += texts if isinstance(texts, list) else []
    return length


def _decode(texts: Any, offsets: Any, depth: int, where: str, scale: float) -> list[Any]:
    if not depth:
        return _encoded_ring(texts, offsets, where, scale)
    counts = [str(len(each)) if isinstance(each, list) else "no list" for each in (texts, offsets)]
    paired = counts[0] == counts[1] != "no list"
    _require(
        paired, where, f"{' and '.join(counts)} entries", "one entry of encodeOffsets for each of coordinates", str
    )
    pairs = enumerate(zip(texts, offsets, strict=True))
    return [_decode(text, offset, depth - 1, f"{where}[{i}]", scale) for i, (text, offset) in pairs]


def _encoded_ring(text: Any, offset: Any, where: str, scale: float) -> list[list[float]]:
    found = f"{len(text)} characters" if isinstance(text, str) else type(text).__name__
    even = isinstance(text, str) and text and len(text) % 2 == 0
    _require(even, where, found, "a text with two characters for each point", str)
    two = isinstance(offset, list) and len(offset) == 2 and all(isinstance(x, int) for x in offset)
    _require(two, where, offset, "an offset of two whole numbers")
    wrong = [f"character {place} is {each!r}" for place, each in enumerate(text, start=1) if each < "@"]
    _require(not wrong, where, "".join(wrong[:1]), "characters from @ upwards", str)
    steps = [(code >> 1) ^ -(code & 1) for code in (ord(character) - 64 for character in text)]
    # The offset itself is no point.
    ways = [list(accumulate(steps[axis::2], initial=offset[axis]))[1:] for axis in (0, 1)]
    return [[lon / scale, lat / scale] for lon, lat in zip(*ways, strict=True)]


def decode_topology(topology: dict[str, Any], name: str | None = None) -> list[dict[str, Any]]:
    """The features of the object called `name`, or of the only object. Raises GeometryError naming the wrong part.

    Each is a GeoJSON feature with id, properties and geometry; a null geometry stays null. An arc is a list of points;
    with a `transform` the points are whole numbers, each the step from the one before. A ring names arcs by number;
    ~n is arc n backwards, and each arc must begin where the one before it ends.
    """
    objects: Any = topology.get("objects")
    _require(isinstance(objects, dict) and bool(objects), "objects", objects, "at least one named object")
    told = name is not None or len(objects) == 1
    _require(told, "objects", objects, "one object, or its name declared as `map: {object: ...}`", ", ".join)
    wanted = name if name is not None else next(iter(objects))
    _require(wanted in objects, "objects", objects, f"an object called {name}", ", ".join)
    arcs = _arcs(topology)
    members = objects[wanted]
    collected = isinstance(members, dict) and members.get("type") == "GeometryCollection"
    members = members.get("geometries") if collected else [members]
    whole = isinstance(members, list) and all(isinstance(member, dict) for member in members)
    _require(whole, f"objects.{wanted}", members, "a list of geometries")
    _require_few(members, arcs)
    return [_feature(member, arcs, f"objects.{wanted}.geometries[{i}]") for i, member in enumerate(members)]


def _require_few(members: list[Any], arcs: list[list[Point]]) -> None:
    """Raise TooManyPointsError if the features name more points than are kept; what is named wrongly counts nothing."""
    lengths = [len(arc) for arc in arcs]
    points = 0
    waiting = [member.get("arcs") for member in members]
    while waiting:
        numbers = waiting.pop()
        if isinstance(numbers, list):
            waiting += numbers
        elif isinstance(numbers, int) and -len(arcs) <= numbers < len(arcs):
            points += lengths[numbers if numbers >= 0 else ~numbers]
            if points > MOST_POINTS:
                raise TooManyPointsError


def _feature(member: dict[str, Any], arcs: list[list[Point]], where: str) -> dict[str, Any]:
    kind, geometry = member.get("type"), None
    if kind is not None:
        _require(kind in tuple(_DEPTH), where, kind, "one of " + ", ".join(_DEPTH), repr)
        geometry = {"type": kind, "coordinates": _nested(member.get("arcs"), _DEPTH[kind], arcs, where)}
    return {
        "type": "Feature",
        "id": member.get("id"),
        "properties": member.get("properties") or {},
        "geometry": geometry,
    }


def _nested(numbers: Any, depth: int, arcs: list[list[Point]], where: str) -> list[Any]:
    _require(isinstance(numbers, list) and bool(numbers), f"{where}.arcs", numbers, "a list of numbers of arcs")
    if depth:
        return [_nested(part, depth - 1, arcs, where) for part in numbers]
    line: list[Point] = []
    for number in numbers:
        points = _arc(number, arcs, where)
        end = (line or points[:1])[-1]
        _require(points[0] == end, f"{where}.arcs", f"arc {number} begins at {points[0]}", f"its begin at {end}", str)
        line += points[1:] if line else points
    return line


def _arc(number: Any, arcs: list[list[Point]], where: str) -> list[Point]:
    known = isinstance(number, int) and not isinstance(number, bool) and -len(arcs) <= number < len(arcs)
    _require(known, f"{where}.arcs", f"arc {number!r}", f"the number of one of {len(arcs)} arcs", str)
    return arcs[number] if number >= 0 else arcs[~number][::-1]


def _arcs(topology: dict[str, Any]) -> list[list[Point]]:
    arcs: Any = topology.get("arcs")
    transform: Any = topology.get("transform")
    _require(isinstance(arcs, list), "arcs", arcs, "a list of arcs")
    if transform is not None:
        _require(isinstance(transform, dict), "transform", transform, "an object with scale and translate")
        scale = _pair(transform.get("scale"), "transform.scale")
        move = _pair(transform.get("translate"), "transform.translate")
    lines = []
    for i, arc in enumerate(arcs):
        _require(isinstance(arc, list) and len(arc) >= 2, f"arcs[{i}]", arc, "at least two points")
        line = [_pair(point, f"arcs[{i}]") for point in arc]
        if transform is not None:
            steps = accumulate(line, lambda at, step: [at[0] + step[0], at[1] + step[1]])
            line = [[at[0] * scale[0] + move[0], at[1] * scale[1] + move[1]] for at in steps]
        lines.append(line)
    return lines


def _pair(value: Any, where: str) -> Point:
    _require(isinstance(value, list) and _are_numbers(value), where, value, "two numbers")
    return [float(value[0]), float(value[1])]
