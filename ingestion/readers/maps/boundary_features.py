"""Features of a map to the lake table `boundary`: one row each, its geometry unchanged.

A feature that is no known place or no geometry is refused; a coordinate outside China refuses the file, because then
the whole file is in other coordinates. Formats: boundary_json.py, boundary_rda.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import shapely  # type: ignore[import-untyped]

from catalog.declarations.misc import MapSpec
from ingestion.problems import Problem, Refusal
from ingestion.readers.maps.boundary_places import place_of
from ingestion.readers.maps.geometry import GeometryError, build_geometry, find_outside
from ingestion.readers.maps.geometry.shapes import LATITUDES, LONGITUDES
from ingestion.row_account import Tally

_EXTENT = f"longitude {LONGITUDES[0]:g} to {LONGITUDES[1]:g}, latitude {LATITUDES[0]:g} to {LATITUDES[1]:g} (degrees)"


@dataclass(frozen=True)
class Feature:
    """One feature of a map file; `geometry` is GeoJSON or the GeometryError its decoding ended in.

    closed: whether its rings carry their closing point, as GeoJSON demands.
    """

    identifier: Any
    properties: Mapping[str, Any]
    geometry: Any
    closed: bool = True


def load_features(features: Sequence[Feature], spec: MapSpec, approval: str | None, tally: Tally) -> None:
    """Report every feature as a row, from 1. Raises Refusal for coordinates outside China and a file of no feature."""
    if not features:
        raise Refusal(Problem("map_empty"))
    records: list[dict[str, Any]] = []
    for row, feature in enumerate(features, start=1):
        place = place_of(feature.properties, feature.identifier, spec)
        if isinstance(place, Problem):
            problem = Problem(place.code, place.found, place.expected, place.hint, row=row)
            tally.reject_row(problem, _label(feature))
            continue
        try:
            if isinstance(feature.geometry, GeometryError):
                raise feature.geometry
            shape, fault = build_geometry(feature.geometry, close=not feature.closed)
        except GeometryError as error:
            found = f"{place.name}, {error.where}: {error.found}"
            tally.reject_row(Problem("map_geometry", found, error.expected, row=row), _label(feature))
            continue
        outside = find_outside(shape)
        if outside is not None:
            found = f"feature {row}, {place.name}: {outside[0]:.6g}, {outside[1]:.6g}"
            raise Refusal(Problem("map_outside", found, _EXTENT))
        records.append(
            {
                "level": place.level,
                "code": place.code,
                "name": place.name,
                "approval": approval,
                "wkb": shapely.to_wkb(shape),
                "invalid": fault,
                "row": row,
                "listed": place.listed,
            }
        )
    kept = _refuse_repeated(records, tally)
    for record in kept:
        tally.fate("", record["row"], "loaded")
    unlisted = [f"{record['code']} {record['name']}" for record in kept if not record["listed"]]
    if unlisted:
        tally.reject(Problem("map_unlisted", "、".join(unlisted[:12]) + (" …" if len(unlisted) > 12 else "")), "")
    if kept and approval is None:
        tally.reject(Problem("map_no_approval"), "")
    names = ("level", "code", "name", "approval", "wkb", "invalid", "row")
    tally.add_table("boundary", pa.table({name: [record[name] for record in kept] for name in names}))
    fates = list(tally.fates.values())
    tally.count_rows(len(features), fates.count("loaded"), fates.count("rejected"), 0)


def _refuse_repeated(records: list[dict[str, Any]], tally: Tally) -> list[dict[str, Any]]:
    """The records but those of a place shown twice, all of which are refused: nothing decides between them."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for record in records:
        if record["code"] is not None:
            rows[record["code"]].append(record["row"])
    kept = []
    for record in records:
        same = rows.get(record["code"], [])
        if len(same) > 1:
            found = f"{record['code']} {record['name']}"
            others = ", ".join(str(row) for row in same if row != record["row"])
            tally.reject_row(Problem("map_repeated", found, others, row=record["row"]), found)
        else:
            kept.append(record)
    return kept


def _label(feature: Feature) -> str:
    texts = [str(v) for v in (feature.identifier, *feature.properties.values()) if isinstance(v, str | int | float)]
    return " | ".join(texts)[:200]
