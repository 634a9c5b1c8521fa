"""Map polygons in an R data file (.rda): one data frame of class sf, declared by `map:` in sources.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog import Source
from catalog.declarations.misc import MapSpec
from ingestion.formats.probe import Probe
from ingestion.formats.r_data import read_r_objects
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.maps.boundary_features import Feature, load_features
from ingestion.readers.maps.geometry import GeometryError
from ingestion.row_account import Tally

_EXPECTED = "one data frame of class sf, with polygons in longitude and latitude"


class _Frame(dict[str, Any]):
    """An sf data frame: column -> values; `geometry_column` names the column of geometries."""

    geometry_column = ""


def _frame(columns: Any, attributes: Mapping[str, Any]) -> Any:
    frame = _Frame({str(name): values for name, values in dict(columns).items()})
    frame.geometry_column = str(next(iter(attributes["sf_column"])))
    return frame


def _shape(kind: str) -> Any:
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
    "POLYGON": _shape("Polygon"),
    "MULTIPOLYGON": _shape("MultiPolygon"),
    "sfg": _no_polygon,
}


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.map or MapSpec()
    objects = read_r_objects(probe.content, _CLASSES)
    frames = {name: value for name, value in objects.items() if isinstance(value, _Frame)}
    if len(objects) != 1 or len(frames) != 1:
        found = ", ".join(f"{name} ({type(value).__name__.strip('_')})" for name, value in objects.items())
        raise Refusal(Problem("map_kind", found[:120], _EXPECTED))
    (frame,) = frames.values()
    for key in (spec.code, spec.name):
        if key is not None and key not in frame:
            raise Refusal(Problem("column_missing", key, ", ".join(frame)[:200]))
    if frame.geometry_column not in frame:
        raise Refusal(Problem("map_kind", f"no column {frame.geometry_column}", _EXPECTED))
    geometries = frame[frame.geometry_column]
    # The other columns (areas, populations) are figures of their own and no part of the map.
    keys = [key for key in frame if key != frame.geometry_column]
    columns = [(key, [_text(value) for value in frame[key]]) for key in keys]
    features = [
        Feature(None, {key: values[i] for key, values in columns}, geometry) for i, geometry in enumerate(geometries)
    ]
    load_features(features, spec, spec.approval, tally)


def _text(value: Any) -> str:
    # R's missing values: None in columns of text, NaN (unequal to itself) in columns of numbers.
    return "" if value is None or value != value else str(value)


R_MAP = FileLayout(
    "map_rda",
    "Map polygons in an R data file (class sf), declared by `map:`",
    "R 数据文件中的地图边界（sf 类），以 map: 声明",
    frozenset({".rda", ".rdata"}),
    lambda probe, source: source.map is not None,
    _read,
    asked=70,
)
