"""Files of map polygons as features: JSON of three kinds, told apart by what they say of themselves, and R data.

JSON is GeoJSON, TopoJSON or echarts' encoded JSON; an R data file holds one data frame of class sf and is declared by
`map:` in sources.yaml. Which place a feature is and what is wrong with it: boundaries.py.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from catalog import Source
from catalog.declarations.misc import MapSpec
from ingestion.formats.grid import decode
from ingestion.formats.probe import Probe
from ingestion.formats.r_data import R_SUFFIXES, as_text, read_r_objects
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout, require
from ingestion.readers.maps.boundaries import Feature, load_features
from ingestion.readers.maps.geometry import GeometryError, decode_echarts, decode_topology
from ingestion.row_account import Tally

_TYPE = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Topology)"')
_JSON = "GeoJSON (FeatureCollection), TopoJSON (Topology) or encoded map JSON of echarts"
_SF = "one data frame of class sf, with polygons in longitude and latitude"
# As printed on maps: GS(2019)1822号, GS京(2022)1061号, 京S(2021)023号.
_APPROVAL = re.compile(r"(?:[一-龥]S|GS[一-龥]?)\s*[(（\[〔]\s*[0-9]{4}\s*[)）\]〕]\s*[0-9]+\s*号")


def _read_json(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.map or MapSpec()
    text, _ = decode(probe.content, source.encoding)
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(Problem("unreadable", f"{type(error).__name__}: {error}"[:120], "JSON")) from None
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    collection = isinstance(document, dict) and kind in ("FeatureCollection", "Topology")
    require(collection, Problem("map_kind", str(kind)[:60], _JSON))
    load_features(_features(document, spec), spec, spec.approval or find_approval(document), tally)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def find_approval(document: dict[str, Any]) -> str | None:
    """The number of approval (审图号) among the texts beside the features, or None; features are not searched."""
    beside = {key: value for key, value in document.items() if key not in ("features", "arcs", "objects")}
    match = _APPROVAL.search(json.dumps(beside, ensure_ascii=False))
    return match.group(0) if match else None


def _features(document: dict[str, Any], spec: MapSpec) -> list[Feature]:
    members: Any = document.get("features")
    if document["type"] == "Topology":
        try:
            members = decode_topology(document, spec.object)
        except GeometryError as error:
            raise Refusal(Problem("map_topology", f"{error.where}: {error.found}", error.expected)) from None
    require(isinstance(members, list), Problem("map_kind", "no list of features", _JSON))
    encoded = document.get("UTF8Encoding") is True
    # echarts divides by 1024 unless the file names another scale.
    scale = document.get("UTF8Scale", 1024)
    usable = isinstance(scale, int | float) and not isinstance(scale, bool) and scale > 0
    require(usable or not encoded, Problem("map_kind", f"UTF8Scale {scale!r}", _JSON))
    return [_feature(member, scale if encoded else None) for member in members]


def _feature(member: Any, scale: float | None) -> Feature:
    if not isinstance(member, dict):
        return Feature(None, {}, GeometryError("feature", repr(member)[:60], "an object"))
    properties = member.get("properties")
    geometry = member.get("geometry")
    if scale is not None:
        try:
            geometry = decode_echarts(geometry, scale)
        except GeometryError as error:
            geometry = error
    return Feature(member.get("id"), properties if isinstance(properties, dict) else {}, geometry, scale is None)


class _Frame(dict[str, Any]):
    """An sf data frame: column -> values; `geometry_column` names the column of geometries."""

    geometry_column = ""


def _frame(columns: Any, attributes: Mapping[str, Any]) -> Any:
    frame = _Frame({str(name): values for name, values in dict(columns).items()})
    frame.geometry_column = str(next(iter(attributes["sf_column"])))
    return frame


def _polygons(kind: str) -> Any:
    return lambda rings, attributes: {"type": kind, "coordinates": rings}


def _no_polygon(value: Any, attributes: Mapping[str, Any]) -> Any:
    kind = ", ".join(str(name) for name in attributes.get("class", ()))
    return GeometryError("geometry", kind, "POLYGON or MULTIPOLYGON in two dimensions")


# R gives a geometry the classes XY (or XYZ), POLYGON and sfg; the first one listed here builds it.
_CLASSES = {
    "sf": _frame,
    "sfc": lambda values, attributes: list(values),
    "XYZ": _no_polygon,
    "XYM": _no_polygon,
    "XYZM": _no_polygon,
    "POLYGON": _polygons("Polygon"),
    "MULTIPOLYGON": _polygons("MultiPolygon"),
    "sfg": _no_polygon,
}


def _read_r(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.map or MapSpec()
    objects = read_r_objects(probe.content, _CLASSES)
    frame = next(iter(objects.values()), None)
    if len(objects) != 1 or not isinstance(frame, _Frame):
        found = ", ".join(f"{name} ({type(value).__name__.strip('_')})" for name, value in objects.items())
        raise Refusal(Problem("map_kind", found[:120], _SF))
    for key in filter(None, (spec.code, spec.name)):
        require(key in frame, Problem("column_missing", key, ", ".join(frame)[:200]))
    require(frame.geometry_column in frame, Problem("map_kind", f"no column {frame.geometry_column}", _SF))
    # The other columns (areas, populations) are figures of their own and no part of the map.
    columns = {key: list(map(as_text, frame[key])) for key in frame if key != frame.geometry_column}
    features = [
        Feature(None, {key: values[i] for key, values in columns.items()}, geometry)
        for i, geometry in enumerate(frame[frame.geometry_column])
    ]
    load_features(features, spec, spec.approval, tally)


JSON_MAP = FileLayout(
    "map_json",
    "Map polygons (GeoJSON, TopoJSON, encoded JSON of echarts)",
    "地图边界（GeoJSON、TopoJSON、echarts 编码 JSON）",
    frozenset({".json", ".geojson", ".topojson"}),
    lambda probe, source: source.map is not None or _TYPE.search(probe.head) is not None,
    _read_json,
    asked=30,
)
R_MAP = FileLayout(
    "map_rda",
    "Map polygons in an R data file (class sf), declared by `map:`",
    "R 数据文件中的地图边界（sf 类），以 map: 声明",
    R_SUFFIXES,
    lambda probe, source: source.map is not None,
    _read_r,
    asked=70,
)
