"""TopoJSON to GeoJSON features: arcs decoded and stitched into rings, or the topology refused.

An arc is a list of points; with a `transform` the points are whole numbers, each the step from the one before. A ring
names arcs by number; ~n is arc n backwards, and each arc must begin where the one before it ends.
"""

from __future__ import annotations

from typing import Any

from ingestion.readers.maps.geometry.shapes import GeometryError

Point = list[float]
_DEPTH = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}


def decode_topology(topology: dict[str, Any], name: str | None = None) -> list[dict[str, Any]]:
    """The features of the object called `name`, or of the only object. Raises GeometryError naming the wrong part.

    Each is a GeoJSON feature with id, properties and geometry; a null geometry stays null.
    """
    objects = topology.get("objects")
    if not isinstance(objects, dict) or not objects:
        raise GeometryError("objects", repr(objects)[:60], "at least one named object")
    if name is None and len(objects) > 1:
        raise GeometryError("objects", ", ".join(objects), "one object, or its name declared as `map: {object: ...}`")
    if name is not None and name not in objects:
        raise GeometryError("objects", ", ".join(objects), f"an object called {name}")
    wanted = name if name is not None else next(iter(objects))
    arcs = _arcs(topology)
    members = objects[wanted]
    if isinstance(members, dict) and members.get("type") == "GeometryCollection":
        members = members.get("geometries")
    else:
        members = [members]
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise GeometryError(f"objects.{wanted}", repr(members)[:60], "a list of geometries")
    return [_feature(member, arcs, f"objects.{wanted}.geometries[{i}]") for i, member in enumerate(members)]


def _feature(member: dict[str, Any], arcs: list[list[Point]], where: str) -> dict[str, Any]:
    kind = member.get("type")
    feature = {"type": "Feature", "id": member.get("id"), "properties": member.get("properties") or {}}
    if kind is None:
        return {**feature, "geometry": None}
    if kind not in _DEPTH:
        raise GeometryError(where, repr(kind), "one of " + ", ".join(_DEPTH))
    return {
        **feature,
        "geometry": {"type": kind, "coordinates": _nested(member.get("arcs"), _DEPTH[kind], arcs, where)},
    }


def _nested(numbers: Any, depth: int, arcs: list[list[Point]], where: str) -> list[Any]:
    if not isinstance(numbers, list) or not numbers:
        raise GeometryError(f"{where}.arcs", repr(numbers)[:60], "a list of numbers of arcs")
    if depth:
        return [_nested(part, depth - 1, arcs, where) for part in numbers]
    line: list[Point] = []
    for number in numbers:
        points = _arc(number, arcs, where)
        if line and line[-1] != points[0]:
            raise GeometryError(f"{where}.arcs", f"arc {number} begins at {points[0]}", f"its begin at {line[-1]}")
        line += points[1:] if line else points
    return line


def _arc(number: Any, arcs: list[list[Point]], where: str) -> list[Point]:
    if not isinstance(number, int) or isinstance(number, bool) or not -len(arcs) <= number < len(arcs):
        raise GeometryError(f"{where}.arcs", f"arc {number!r}", f"the number of one of {len(arcs)} arcs")
    return arcs[number] if number >= 0 else arcs[~number][::-1]


def _arcs(topology: dict[str, Any]) -> list[list[Point]]:
    arcs, transform = topology.get("arcs"), topology.get("transform")
    if not isinstance(arcs, list):
        raise GeometryError("arcs", repr(arcs)[:60], "a list of arcs")
    if transform is None:
        return [[_pair(point, f"arcs[{i}]") for point in _filled(arc, i)] for i, arc in enumerate(arcs)]
    if not isinstance(transform, dict):
        raise GeometryError("transform", repr(transform)[:60], "an object with scale and translate")
    scale = _pair(transform.get("scale"), "transform.scale")
    move = _pair(transform.get("translate"), "transform.translate")
    decoded = []
    for i, arc in enumerate(arcs):
        at = [0.0, 0.0]
        line = []
        for point in _filled(arc, i):
            step = _pair(point, f"arcs[{i}]")
            at = [at[0] + step[0], at[1] + step[1]]
            line.append([at[0] * scale[0] + move[0], at[1] * scale[1] + move[1]])
        decoded.append(line)
    return decoded


def _filled(arc: Any, number: int) -> list[Any]:
    if not isinstance(arc, list) or len(arc) < 2:
        raise GeometryError(f"arcs[{number}]", repr(arc)[:60], "at least two points")
    return arc


def _pair(value: Any, where: str) -> Point:
    if not (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
    ):
        raise GeometryError(where, repr(value)[:60], "two numbers")
    return [float(value[0]), float(value[1])]
