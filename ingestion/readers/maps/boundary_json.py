"""Map polygons in JSON: GeoJSON, TopoJSON and echarts' encoded JSON, told apart by what they say of themselves."""

from __future__ import annotations

import json
import re
from typing import Any

from catalog import Source
from catalog.declarations.misc import MapSpec
from ingestion.formats.grid import decode
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.maps.boundary_features import Feature, load_features
from ingestion.readers.maps.geometry import GeometryError, decode_echarts, decode_topology
from ingestion.row_account import Tally

_TYPE = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Topology)"')
_EXPECTED = "GeoJSON (FeatureCollection), TopoJSON (Topology) or encoded map JSON of echarts"
# As printed on maps: GS(2019)1822号, GS京(2022)1061号, 京S(2021)023号.
_APPROVAL = re.compile(r"(?:[一-龥]S|GS[一-龥]?)\s*[(（\[〔]\s*[0-9]{4}\s*[)）\]〕]\s*[0-9]+\s*号")


def _recognise(probe: Probe, source: Source) -> bool:
    return source.map is not None or _TYPE.search(probe.head) is not None


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.map or MapSpec()
    document = _parse(probe, source)
    features = _features(document, spec)
    approval = spec.approval or find_approval(document)
    load_features(features, spec, approval, tally)


def _parse(probe: Probe, source: Source) -> dict[str, Any]:
    text, _ = decode(probe.content, source.encoding)
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(Problem("unreadable", f"{type(error).__name__}: {error}"[:120], "JSON")) from None
    if not isinstance(document, dict) or document.get("type") not in ("FeatureCollection", "Topology"):
        found = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise Refusal(Problem("map_kind", str(found)[:60], _EXPECTED))
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def find_approval(document: dict[str, Any]) -> str | None:
    """The number of approval (审图号) among the texts beside the features, or None; features are not searched."""
    beside = {key: value for key, value in document.items() if key not in ("features", "arcs", "objects")}
    match = _APPROVAL.search(json.dumps(beside, ensure_ascii=False))
    return match.group(0) if match else None


def _features(document: dict[str, Any], spec: MapSpec) -> list[Feature]:
    if document["type"] == "Topology":
        try:
            members: Any = decode_topology(document, spec.object)
        except GeometryError as error:
            raise Refusal(Problem("map_topology", f"{error.where}: {error.found}", error.expected)) from None
    else:
        members = document.get("features")
    if not isinstance(members, list):
        raise Refusal(Problem("map_kind", "no list of features", _EXPECTED))
    encoded = document.get("UTF8Encoding") is True
    # echarts divides by 1024 unless the file names another scale.
    scale = document.get("UTF8Scale", 1024)
    if encoded and (not isinstance(scale, int | float) or isinstance(scale, bool) or scale <= 0):
        raise Refusal(Problem("map_kind", f"UTF8Scale {scale!r}", _EXPECTED))
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


JSON_MAP = FileLayout(
    "map_json",
    "Map polygons (GeoJSON, TopoJSON, encoded JSON of echarts)",
    "地图边界（GeoJSON、TopoJSON、echarts 编码 JSON）",
    frozenset({".json", ".geojson", ".topojson"}),
    _recognise,
    _read,
    asked=30,
)
