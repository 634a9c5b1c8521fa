"""Files of map polygons to the lake table `boundary`: one row for each feature, its geometry unchanged.

JSON is of three kinds, told apart by what they say of themselves: GeoJSON, TopoJSON or echarts' encoded JSON; an R data
file holds one data frame of class sf and is declared by `map:` in sources.yaml.

Which place a feature shows is told by its code, held against its name, or by its name alone. 台湾, 香港 and 澳门 and
the insets of the South China Sea belong to the map as the file has them, whether or not any figure exists for them. A
feature that is no known place or no geometry is refused; a coordinate outside China refuses the file, because then the
whole file is in other coordinates. Geometries: geometry.py.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import shapely  # type: ignore[import-untyped]

from catalog import NATION_CODE, Source
from catalog.declarations.misc import MapSpec
from ingestion.formats.grid import cell_text, decode
from ingestion.formats.limits import TEXT_BYTES, beyond, require_at_most, require_bytes
from ingestion.formats.r_data import R_SUFFIXES, read_r_objects, texts_of
from ingestion.places import Place, place_or_problem
from ingestion.places.carry import same_territory, territory_now
from ingestion.readers.base import FileLayout, Probe, Problem, Refusal, Tally, first_few, require
from ingestion.readers.divisions.divisions import level_of
from ingestion.readers.maps.geometry import (
    LATITUDES,
    LONGITUDES,
    MOST_POINTS,
    GeometryError,
    TooManyPointsError,
    build_geometry,
    decode_echarts,
    decode_topology,
    encoded_length,
    find_outside,
)
from ingestion.vocabulary.names import normalise
from ingestion.vocabulary.values import read_full_code

# Looked for in this order: DataV writes adcode, echarts id, Tianditu gb (156 + code).
CODE_KEYS = ("adcode", "id", "code", "gb", "区划代码", "行政区划代码", "代码")
NAME_KEYS = ("name", "NAME", "fullname", "名称", "地名")
_NOT_LISTED = {710000: ("台湾省", "台湾"), 810000: ("香港特别行政区", "香港"), 820000: ("澳门特别行政区", "澳门")}
_INSETS = frozenset({"南海诸岛", "南海十段线", "南海九段线", "十段线", "九段线", "境界线"})
# How Tianditu writes a code: that of the country before it.
_OF_COUNTRY = re.compile(r"156([1-8][0-9]{5})(?:\.0+)?")
_EXTENT = f"longitude {LONGITUDES[0]:g} to {LONGITUDES[1]:g}, latitude {LATITUDES[0]:g} to {LATITUDES[1]:g} (degrees)"


@dataclass(frozen=True)
class Feature:
    """One feature of a map file; `geometry` is GeoJSON, or the GeometryError that stands for what is none.

    scale: of a geometry in the encoding of echarts, whose rings lack the closing point that GeoJSON demands.
    """

    identifier: Any
    properties: Mapping[str, Any]
    geometry: Any
    scale: float | None = None

    def label(self) -> str:
        """What the file says of the feature, for rejected_row.raw."""
        values = (self.identifier, *self.properties.values())
        return " | ".join(str(value) for value in values if isinstance(value, str | int | float))[:200]


@dataclass(frozen=True)
class MapPlace:
    """What a feature shows; `code` is None for an inset, whose level is `inset`.

    listed: whether the table of divisions has the code. Maps also show places that statistics number on their own,
    such as 加格达奇区 (232761) and 西沙群岛 (460321): left out they would be holes.
    """

    code: int | None
    level: str
    name: str
    listed: bool = True


def load_features(features: Sequence[Feature], spec: MapSpec, approval: str | None, tally: Tally) -> None:
    """Report every feature as a row, from 1. Raises Refusal for coordinates outside China and a file of no feature."""
    require(features, Problem("map_empty"))
    shapes: list[dict[str, Any]] = []
    for row, feature in enumerate(features, start=1):
        found = _shape(row, feature, spec)
        if isinstance(found, Problem):
            tally.reject_row(replace(found, row=row), feature.label())
        else:
            shapes.append(found)
    kept = _refuse_repeated(shapes, tally)
    unlisted = [f"{shape['code']} {shape['name']}" for shape in kept if not shape["listed"]]
    if unlisted:
        tally.reject(Problem("map_unlisted", first_few(unlisted, 12, "、", " …")), "")
    if kept and approval is None:
        tally.reject(Problem("map_no_approval"), "")
    tally.add_records("boundary", ({**shape, "approval": approval} for shape in kept))
    tally.count_rows(len(features), len(kept), len(features) - len(kept), 0)


def _shape(row: int, feature: Feature, spec: MapSpec) -> dict[str, Any] | Problem:
    """What a feature shows, with its geometry as WKB and what is invalid about it; or why it cannot be used.

    Raises Refusal for coordinates outside China.
    """
    place = place_of(feature.properties, feature.identifier, spec)
    if isinstance(place, Problem):
        return place
    try:
        require(not isinstance(feature.geometry, GeometryError), feature.geometry)
        geometry, scale = feature.geometry, feature.scale
        geometry = geometry if scale is None else decode_echarts(geometry, scale)
        shape, fault = build_geometry(geometry, close=scale is not None)
    except GeometryError as error:
        return Problem("map_geometry", f"{place.name}, {error.where}: {error.found}", error.expected)
    outside = find_outside(shape)
    if outside is not None:
        raise Refusal(
            Problem("map_outside", "feature", _EXTENT, f"{row}, {place.name}: {outside[0]:.6g}, {outside[1]:.6g}")
        )
    return {**asdict(place), "row": row, "wkb": shapely.to_wkb(shape), "invalid": fault}


def _refuse_repeated(shapes: list[dict[str, Any]], tally: Tally) -> list[dict[str, Any]]:
    """The shapes but those of a place shown twice, all of which are refused: nothing decides between them."""
    counts = Counter(shape["code"] for shape in shapes if shape["code"] is not None)
    repeated = [shape for shape in shapes if counts[shape["code"]] > 1]
    for shape in repeated:
        found = f"{shape['code']} {shape['name']}"
        others = [str(o["row"]) for o in repeated if o["code"] == shape["code"] and o is not shape]
        tally.reject_row(Problem("map_repeated", found, ", ".join(others), row=shape["row"]), found)
    return [shape for shape in shapes if counts[shape["code"]] < 2]


def place_of(properties: Mapping[str, Any], identifier: Any, spec: MapSpec) -> MapPlace | Problem:
    """The place of one feature, or the problem without its row."""
    values = {"id": identifier} if identifier is not None else {}
    values |= {key: value for key, value in properties.items() if value is not None and value != ""}
    code_text = _first(values, (spec.code,) if spec.code else CODE_KEYS)
    name = _first(values, (spec.name,) if spec.name else NAME_KEYS)
    if normalise(name) in _INSETS or code_text.endswith("_JD"):
        return MapPlace(None, "inset", name)
    if not code_text:
        return _by_name(name, spec) if name else Problem("map_no_place", ", ".join(map(str, properties))[:80])
    within = _OF_COUNTRY.fullmatch(code_text)
    code = read_full_code(within[1] if within else code_text)
    if code is None:
        return Problem("map_code", code_text)
    return MapPlace(NATION_CODE, "nation", name) if code == NATION_CODE else _by_code(code, name)


def _first(values: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((cell_text(str(values[key])) for key in keys if key in values), "")


@cache
def _by_code(code: int, name: str) -> MapPlace | Problem:
    province = code // 10000 * 10000
    if province in _NOT_LISTED:
        own = code != province or not name or normalise(name) in _NOT_LISTED[province]
        return MapPlace(code, level_of(code), name) if own else Problem("map_contradiction", f"{code} {name}")
    known = place_or_problem(str(code))
    if isinstance(known, Problem):
        if code % 100 == 0 or isinstance(place_or_problem(str(code // 100 * 100)), Problem):
            return known
        named = place_or_problem(name, province=province, level="county") if name else known
        # 西沙群岛 was 469031 and lies in 三沙市 (460300) today, as 460321 does.
        if not isinstance(named, Problem) and all(each // 100 != code // 100 for each in territory_now(named.code)):
            return Problem("map_contradiction", f"{code} {name}", f"{named.code} {named.name_zh}")
        return MapPlace(code, "county", name, listed=False)
    named = _named(name, known) if name else known
    # A name nobody knows says nothing against the code: maps shorten names in their own ways.
    if not isinstance(named, Problem) and not same_territory(named.code, code):
        return Problem("map_contradiction", f"{code} {name}", f"{named.code} {named.name_zh}")
    return MapPlace(code, level_of(code), name or known.name_zh)


def _named(name: str, known: Place) -> Place | Problem:
    """The place called `name` nearest to `known`: in its city, or else in its province."""
    if known.level == "province":
        return place_or_problem(name, level="province")
    if known.level == "county" and known.city_code is not None:
        # Many cities have a 桥东区 or a 鼓楼区.
        near = place_or_problem(name, level="county", city=known.city_code)
        if not isinstance(near, Problem):
            return near
    return place_or_problem(name, level=known.level, province=known.province_code)


def _by_name(name: str, spec: MapSpec) -> MapPlace | Problem:
    for code, names in _NOT_LISTED.items():
        if normalise(name) in names:
            return MapPlace(code, "province", name)
    found = place_or_problem(name, level=spec.level)
    return found if isinstance(found, Problem) else MapPlace(found.code, level_of(found.code), name)


_TYPE = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Topology)"')
_JSON = "map_json"
# What a list, an object, a key and a value take in memory; a map of three million points is 400 MiB.
_JSON_BYTES = {b"[": 72, b"{": 240, b":": 130, b",": 56}
JSON_BYTES = 512 * 2**20
_SF = "one_sf"
# As printed on maps: GS(2019)1822号, GS京(2022)1061号, 京S(2021)023号.
_APPROVAL = re.compile(r"(?:[一-龥]S|GS[一-龥]?)\s*[(（\[〔]\s*[0-9]{4}\s*[)）\]〕]\s*[0-9]+\s*号")


def _read_json(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.map or MapSpec()
    _require_room(probe)
    text, _ = decode(probe.content, source.encoding)
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(Problem("unreadable", f"{type(error).__name__}: {error}"[:120], "json")) from None
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    collection = isinstance(document, dict) and kind in ("FeatureCollection", "Topology")
    require(collection, Problem("map_kind", str(kind)[:60], _JSON))
    # The number of approval (审图号) stands among the texts beside the features, which are not searched.
    beside = {key: value for key, value in document.items() if key not in ("features", "arcs", "objects")}
    printed = _APPROVAL.search(json.dumps(beside, ensure_ascii=False))
    load_features(_features(document, spec), spec, spec.approval or (printed and printed[0]), tally)


def _require_room(probe: Probe) -> None:
    """Raise Refusal for JSON that would take more memory than there is once it is values: by its signs, as they stand
    at a list, an object, a key and each value but the last of one."""
    require_bytes(probe.size, TEXT_BYTES)
    room = sum(probe.content.count(sign) * size for sign, size in _JSON_BYTES.items())
    require_bytes(room, JSON_BYTES, what="unpacked")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _features(document: dict[str, Any], spec: MapSpec) -> list[Feature]:
    members: Any = document.get("features")
    if document["type"] == "Topology":
        try:
            members = decode_topology(document, spec.object)
        except TooManyPointsError:
            raise beyond("points", MOST_POINTS) from None
        except GeometryError as error:
            raise Refusal(Problem("map_topology", f"{error.where}: {error.found}", error.expected)) from None
    require(isinstance(members, list), Problem("map_kind", "no_features", _JSON))
    encoded = document.get("UTF8Encoding") is True
    # echarts divides by 1024 unless the file names another scale.
    scale = document.get("UTF8Scale", 1024)
    usable = isinstance(scale, int | float) and not isinstance(scale, bool) and scale > 0
    require(usable or not encoded, Problem("map_kind", "scale", _JSON, repr(scale)))
    if encoded:
        require_at_most(2 * MOST_POINTS, sum(map(encoded_length, members)), "points")
    return [_feature(member, scale if encoded else None) for member in members]


def _feature(member: Any, scale: float | None) -> Feature:
    if not isinstance(member, dict):
        return Feature(None, {}, GeometryError("feature", repr(member)[:60], "an object"))
    properties = member.get("properties")
    return Feature(member.get("id"), properties if isinstance(properties, dict) else {}, member.get("geometry"), scale)


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
    require(frame.geometry_column in frame, Problem("map_kind", "no_column", _SF, frame.geometry_column))
    # The other columns (areas, populations) are figures of their own and no part of the map.
    columns = texts_of({key: frame[key] for key in frame if key != frame.geometry_column})
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
    uses=frozenset({"map"}),
    entry_key="map",
)
R_MAP = FileLayout(
    "map_rda",
    "Map polygons in an R data file (class sf), declared by `map:`",
    "R 数据文件中的地图边界（sf 类），以 map: 声明",
    R_SUFFIXES,
    lambda probe, source: source.map is not None,
    _read_r,
    asked=70,
    uses=frozenset({"map"}),
    entry_key="map",
)
