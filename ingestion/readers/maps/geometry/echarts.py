"""The encoding of echarts' map files (`UTF8Encoding: true`): coordinates as text, decoded to GeoJSON.

Each character holds one number: its code less 64, zigzag-coded, is the step from the number two before it, in
1/1024 degree; the first point counts from the ring's own offset. Building polygons: shapes.py.
"""

from __future__ import annotations

from typing import Any

from ingestion.readers.maps.geometry.shapes import GeometryError

_SCALE = 1024
_DEPTH = {"Polygon": 1, "MultiPolygon": 2}


def decode_echarts(geometry: Any, scale: float = _SCALE) -> dict[str, Any]:
    """The GeoJSON geometry of an encoded one; rings keep every point and stay open where the file left them open.

    Raises GeometryError for what is no encoded geometry.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in _DEPTH:
        found = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise GeometryError("geometry", repr(found), "an encoded Polygon or MultiPolygon")
    depth = _DEPTH[geometry["type"]]
    decoded = _decode(geometry.get("coordinates"), geometry.get("encodeOffsets"), depth, "coordinates", scale)
    return {"type": geometry["type"], "coordinates": decoded}


def _decode(texts: Any, offsets: Any, depth: int, where: str, scale: float) -> list[Any]:
    if not isinstance(texts, list) or not isinstance(offsets, list) or len(texts) != len(offsets):
        counts = " and ".join(str(len(x)) if isinstance(x, list) else "no list" for x in (texts, offsets))
        raise GeometryError(where, f"{counts} entries", "one entry of encodeOffsets for each of coordinates")
    pairs = zip(texts, offsets, strict=True)
    if depth > 1:
        return [_decode(t, o, depth - 1, f"{where}[{i}]", scale) for i, (t, o) in enumerate(pairs)]
    return [_ring(text, offset, f"{where}[{i}]", scale) for i, (text, offset) in enumerate(pairs)]


def _ring(text: Any, offset: Any, where: str, scale: float) -> list[list[float]]:
    if not isinstance(text, str) or not text or len(text) % 2:
        found = f"{len(text)} characters" if isinstance(text, str) else type(text).__name__
        raise GeometryError(where, found, "a text with two characters for each point")
    if not (isinstance(offset, list) and len(offset) == 2 and all(isinstance(x, int) for x in offset)):
        raise GeometryError(where, repr(offset)[:60], "an offset of two whole numbers")
    numbers, last = [], list(offset)
    for place, character in enumerate(text):
        code = ord(character) - 64
        if code < 0:
            raise GeometryError(where, f"character {place + 1} is {character!r}", "characters from @ upwards")
        last[place % 2] += (code >> 1) ^ -(code & 1)
        numbers.append(last[place % 2] / scale)
    return [list(point) for point in zip(numbers[::2], numbers[1::2], strict=True)]
