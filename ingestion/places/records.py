"""The units as rows of the lake tables `place` and `division_count`. Reading them: units.py."""

from typing import Any

from catalog.provinces import MUNICIPALITIES, load_provinces
from ingestion.places.checking import count
from ingestion.places.facts import vintage
from ingestion.places.spelling import english_name
from ingestion.places.units import city_of, load_units, units_at

COUNTED = ("prefecture_units", "prefecture_cities", "county_units")


def place_records() -> list[dict[str, Any]]:
    """One row per unit and name with the columns of schemas.SCHEMAS["place"], in order of code and first year.

    The municipalities are rows too, of level prefecture and kind 直辖市: in a network of prefecture-level units each
    counts as one. lon and lat are in degrees.
    """
    records: list[dict[str, Any]] = [
        {
            "code": unit.code,
            "name_zh": unit.name,
            "name_en": english_name(unit),
            "level": unit.level,
            "kind": unit.kind,
            "province_code": unit.province_code,
            "city_code": city_of(unit.code),
            "first_year": unit.first_year,
            "last_year": unit.last_year,
            "lon": unit.lon,
            "lat": unit.lat,
        }
        for unit in load_units()
    ]
    records += [
        {
            "code": province.province_code,
            "name_zh": province.name_zh,
            "name_en": province.name_en,
            "level": "prefecture",
            "kind": "直辖市",
            "province_code": province.province_code,
            "city_code": province.province_code,
            "first_year": 1997 if province.province_code == 500000 else None,
            "last_year": None,
            "lon": province.lon,
            "lat": province.lat,
        }
        for province in load_provinces()
        if province.province_code in MUNICIPALITIES
    ]
    return sorted(records, key=lambda record: (record["code"], record["first_year"] or 0))


def division_counts() -> list[dict[str, int]]:
    """The units of every province at each year-end of the facts, with the columns of SCHEMAS["division_count"]."""
    known = vintage()
    rows = []
    for year in range(known.counted_from, known.last_year + 1):
        by_province: dict[int, dict[int, str]] = {province.province_code: {} for province in load_provinces()}
        for unit in units_at(year):
            by_province[unit.province_code][unit.code] = unit.name
        for code, units in by_province.items():
            found = count(units, code)
            numbers = (found.divisions, found.cities, found.direct_counties)
            rows.append({"province_code": code, "year": year, **dict(zip(COUNTED, numbers, strict=True))})
    return rows
