"""What reading an example yields, in both languages, from the reading itself."""

from __future__ import annotations

from typing import Any

from catalog import load_provinces, load_registry
from ingestion import FileReading
from ingestion.places import place_or_problem
from ingestion.places.model import Place
from ingestion.schemas import PRIVATE
from medpanel.guide.examples import LayoutExample
from medpanel.guide.pictures import cut

# Columns that say nothing of what a row means.
_UNSHOWN = frozenset({"file_id", "wkb", "row", "cell"})


def yields(example: LayoutExample, reading: FileReading) -> str:
    """Rows by what became of them, what they are now, and the first of them.

    Raises ValueError for an example that is refused, even in part: it would show what does not load.
    """
    counts = reading.source_file
    if counts["layout"] != example.layout or counts["rows_rejected"] or not counts["rows_loaded"]:
        raise ValueError(
            f"{example.name}: an example of {example.layout} is read as {counts['layout']}: {counts['problem']}"
        )
    rows = (
        f"{counts['rows_read']} rows 行 = {counts['rows_loaded']} loaded 读取 + {counts['rows_rejected']} rejected 拒绝"
        f" + {counts['rows_set_aside']} set aside 搁置"
    )
    parts = [rows, *_figures(reading)]
    if reading.pilot:
        first = ", ".join(str(reading.pilot[0][key]) for key in ("programme", "unit_code", "unit_name", "announced_on"))
        parts.append(f"`pilot`: {len(reading.pilot)} rows 行; first 首行: {first}")
    for name, table in sorted(reading.tables.items()):
        where = ", private 私有 (`lake/private`)" if name in PRIVATE else ""
        first = "" if where else f"; first 首行: {_pairs(table.slice(0, 1).to_pylist()[0])}"
        parts.append(f"`{name}`: {table.num_rows} rows 行{where}{first}")
    return "; ".join(parts[:1]) + "".join(f"; {part}" for part in parts[1:]) + "."


def _pairs(record: dict[str, Any]) -> str:
    shown = {key: value for key, value in record.items() if key not in _UNSHOWN and value is not None}
    return ", ".join(f"{key} {cut(str(value), 24)}" for key, value in shown.items())


def _figures(reading: FileReading) -> list[str]:
    if not reading.observation:
        return []
    ids = sorted({record["indicator"] for record in reading.observation})
    registry = load_registry()
    named = ", ".join(
        f"`{name}` ({registry.indicators[name].label.zh}, {registry.indicators[name].unit})" for name in ids
    )
    years = sorted({record["year"] for record in reading.observation})
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else f"{years[0]}"
    places = len({record["entity_code"] for record in reading.observation})
    first = reading.observation[0]
    told = (
        f"{first['cell']} = {_place(first['entity_code'])} {first['year']} {first['indicator']} "
        f"{first['value']:g} {first['unit']}"
    )
    return [f"{len(reading.observation)} figures 个数值: {named}, {span}, places 地区 {places}; first 首个: {told}"]


def _place(code: int) -> str:
    for province in load_provinces():
        if province.province_code == code:
            return province.name_zh
    found = place_or_problem(str(code))
    return found.name_zh if isinstance(found, Place) else str(code)
