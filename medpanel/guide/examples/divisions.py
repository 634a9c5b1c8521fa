"""Lists and histories of divisions as examples, built from the product's own table so that they grow with it."""

from catalog import load_provinces
from ingestion.places.units import COUNTY_FIRST_YEAR, FIRST_YEAR, load_units, units_at
from ingestion.readers.divisions.divisions import HEADER
from medpanel.office.files import csv_bytes, text_bytes

# By the level of a unit: as the history prints it, and the first year it tells of.
_LEVELS = {"prefecture": ("地级", FIRST_YEAR), "county": ("县级", COUNTY_FIRST_YEAR)}


def division_list() -> bytes:
    """Codes and names at one year-end."""
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    units = provinces | {unit.code: unit.name for unit in units_at(2018)}
    return text_bytes(f"{code} {name}" for code, name in sorted(units.items()))


def division_history() -> bytes:
    """Every code with the years it was in use."""
    rows = [
        [str(p.province_code), "", "", p.name_zh, "省级", "在用", str(FIRST_YEAR), "", ""] for p in load_provinces()
    ]
    for unit in load_units():
        state, end = ("弃用", str(unit.last_year + 1)) if unit.last_year else ("在用", "")
        level, first = _LEVELS[unit.level]
        after = ";".join(map(str, unit.successors))
        rows.append([str(unit.code), "", "", unit.name, level, state, str(unit.first_year or first), end, after])
    return csv_bytes([list(HEADER), *sorted(rows)])


MADE = {"division_list": division_list, "division_history": division_history}
