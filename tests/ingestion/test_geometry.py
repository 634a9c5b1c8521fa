"""Decoding of map files against examples worked out by hand, and geometries that cannot be one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely  # type: ignore[import-untyped]

from ingestion.readers.maps.geometry import GeometryError, build_geometry, decode_echarts, decode_topology, find_outside

SQUARE = [[100.0, 30.0], [101.0, 30.0], [101.0, 31.0], [100.0, 31.0], [100.0, 30.0]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_polygon_keeps_its_points() -> None:
    shape, fault = build_geometry(polygon(SQUARE))
    assert shapely.get_coordinates(shape).tolist() == SQUARE
    assert fault is None


@pytest.mark.parametrize("points", [SQUARE[:1], SQUARE[:2], SQUARE[:3], SQUARE[:4]])
def test_rings_of_encoded_maps_are_closed_and_lose_nothing(points: list[list[float]]) -> None:
    shape, fault = build_geometry(polygon(points), close=True)
    found = shapely.get_coordinates(shape).tolist()
    assert found[: len(points)] == points
    assert set(map(tuple, found)) == set(map(tuple, points))
    assert (fault is None) == (len(points) > 2)


def test_a_ring_that_crosses_itself_is_kept_and_described() -> None:
    bow = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
    shape, fault = build_geometry(polygon(bow))
    assert shapely.get_coordinates(shape).tolist() == bow
    assert fault is not None
    assert "Self-intersection" in fault


@pytest.mark.parametrize(
    ("geometry", "where"),
    [
        (None, "geometry"),
        ({"type": "Polygon"}, "geometry"),
        ({"type": "Point", "coordinates": [100, 30]}, "geometry"),
        ({"type": "Polygon", "coordinates": []}, "polygon 1"),
        (polygon(SQUARE[:4]), "polygon 1, ring 1"),
        (polygon(SQUARE, SQUARE[:4]), "polygon 1, ring 2"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:3]]]}, "polygon 2, ring 1"),
        (polygon([[100, 30, 5], *SQUARE[1:]]), "polygon 1, ring 1, point 1"),
        (polygon([SQUARE[0], ["101", 30], *SQUARE[2:]]), "polygon 1, ring 1, point 2"),
        (polygon([SQUARE[0], [float("nan"), 30], *SQUARE[2:]]), "polygon 1, ring 1, point 2"),
        (polygon([SQUARE[0], [True, 30], *SQUARE[2:]]), "polygon 1, ring 1, point 2"),
        (polygon(np.array([[100.0, 30.0], [np.nan, 30.0], [100.0, 30.0]])), "polygon 1, ring 1, point 2"),
        (polygon(np.array([[100.0, 30.0, 1.0]] * 4)), "polygon 1, ring 1"),
        ({"type": "LineString", "coordinates": [[110, 5]]}, "line 1"),
    ],
)
def test_what_is_no_geometry(geometry: Any, where: str) -> None:
    with pytest.raises(GeometryError) as error:
        build_geometry(geometry)
    assert error.value.where == where


def test_the_first_point_outside_china() -> None:
    inside, _ = build_geometry(polygon(SQUARE))
    assert find_outside(inside) is None
    swapped, _ = build_geometry(polygon([[y, x] for x, y in SQUARE]))
    assert find_outside(swapped) == (30.0, 100.0)


# Two squares side by side, sharing the middle edge: arc 0 is that edge from bottom to top, arc 1 goes round the left
# square from its top to its bottom, arc 2 round the right one. Steps of one unit, which is half a degree.
QUANTISED: dict[str, Any] = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [100.0, 30.0]},
    "arcs": [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 2], [2, 0], [0, -2], [-2, 0]]],
    "objects": {
        "map": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "id": "left", "properties": {"name": "L"}, "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "properties": {"name": "R"}, "arcs": [[[-1, -3]]]},
            ],
        }
    },
}
LEFT = [[101.0, 30.0], [101.0, 31.0], [100.0, 31.0], [100.0, 30.0], [101.0, 30.0]]
# Arc 0 backwards goes down, arc 2 backwards from its end, the bottom, round to the top.
RIGHT = [[101.0, 31.0], [101.0, 30.0], [102.0, 30.0], [102.0, 31.0], [101.0, 31.0]]


def test_topology_by_hand() -> None:
    left, right = decode_topology(QUANTISED)
    assert left["id"] == "left"
    assert left["properties"] == {"name": "L"}
    assert left["geometry"] == {"type": "Polygon", "coordinates": [LEFT]}
    assert right["geometry"] == {"type": "MultiPolygon", "coordinates": [[RIGHT]]}
    for feature in (left, right):
        assert build_geometry(feature["geometry"])[1] is None


def test_topology_without_transform_holds_positions() -> None:
    plain = {key: value for key, value in QUANTISED.items() if key != "transform"}
    plain["arcs"] = [
        [[101, 30], [101, 31]],
        [[101, 31], [100, 31], [100, 30], [101, 30]],
        [[101, 31], [102, 31], [102, 30], [101, 30]],
    ]
    assert decode_topology(plain) == decode_topology(QUANTISED)


def rearranged(*arcs: Any, **keys: Any) -> dict[str, Any]:
    member = {"type": "Polygon", "arcs": list(arcs)}
    return QUANTISED | {"objects": {"map": {"type": "GeometryCollection", "geometries": [member]}}} | keys


@pytest.mark.parametrize(
    ("topology", "where"),
    [
        (QUANTISED | {"objects": {}}, "objects"),
        (QUANTISED | {"objects": {"a": {}, "b": {}}}, "objects"),
        (QUANTISED | {"objects": {"map": {"type": "GeometryCollection"}}}, "objects.map"),
        (QUANTISED | {"objects": {"map": {"type": ["Polygon"], "arcs": [[0]]}}}, "objects.map.geometries[0]"),
        (QUANTISED | {"arcs": None}, "arcs"),
        (QUANTISED | {"arcs": [[[2, 0]]]}, "arcs[0]"),
        (QUANTISED | {"arcs": [[[2, 0], [0]]]}, "arcs[0]"),
        (QUANTISED | {"transform": {"scale": [1, 1]}}, "transform.translate"),
        # Arc 2 begins at the top, where arc 0 ends, but arc 0 does not begin where arc 2 backwards ends.
        (rearranged([0, -3]), "objects.map.geometries[0].arcs"),
        (rearranged([0, 3]), "objects.map.geometries[0].arcs"),
        (rearranged([-4]), "objects.map.geometries[0].arcs"),
        (rearranged([0, "1"]), "objects.map.geometries[0].arcs"),
        (rearranged([]), "objects.map.geometries[0].arcs"),
    ],
)
def test_invalid_topologies(topology: dict[str, Any], where: str) -> None:
    with pytest.raises(GeometryError) as error:
        decode_topology(topology)
    assert error.value.where == where


def test_a_ring_of_arcs_that_does_not_close() -> None:
    (feature,) = decode_topology(rearranged([1]))
    with pytest.raises(GeometryError, match="begins at"):
        build_geometry(feature["geometry"])


def test_echarts_encoding_by_hand() -> None:
    # @ is no step, A one back, B one on, and so on: zigzag numbers from the letter's code less 64.
    encoded = {"type": "Polygon", "coordinates": ["@@B@@BA@"], "encodeOffsets": [[102400, 30720]]}
    step = 1 / 1024
    ring = [[100, 30], [100 + step, 30], [100 + step, 30 + step], [100, 30 + step]]
    assert decode_echarts(encoded) == {"type": "Polygon", "coordinates": [ring]}


def test_echarts_parts() -> None:
    encoded = {"type": "MultiPolygon", "coordinates": [["@@"], ["B@"]], "encodeOffsets": [[[1024, 0]], [[0, 1024]]]}
    assert decode_echarts(encoded)["coordinates"] == [[[[1, 0]]], [[[1 / 1024, 1]]]]


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point"},
        {"type": ["Polygon"]},
        "Polygon",
        {"type": "Polygon", "coordinates": ["@@"], "encodeOffsets": []},
        {"type": "Polygon", "coordinates": ["@@B"], "encodeOffsets": [[0, 0]]},
        {"type": "Polygon", "coordinates": [""], "encodeOffsets": [[0, 0]]},
        {"type": "Polygon", "coordinates": ["@?"], "encodeOffsets": [[0, 0]]},
        {"type": "Polygon", "coordinates": ["@@"], "encodeOffsets": [[0]]},
        {"type": "Polygon", "coordinates": [[[100, 30]]], "encodeOffsets": [[0, 0]]},
    ],
)
def test_what_is_not_encoded(geometry: Any) -> None:
    with pytest.raises(GeometryError):
        decode_echarts(geometry)
