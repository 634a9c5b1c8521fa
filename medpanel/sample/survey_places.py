"""The places synthetic respondents move between: the units of 31 December 2017, printed as the survey prints them.

Belongs here: real names and codes. Does not belong here: anything random.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from catalog import load_provinces
from catalog.provinces import MUNICIPALITIES
from ingestion.places import UnknownPlaceError, at_year
from ingestion.places.units import city_of, units_at

WAVE = 2017
_NAME_BYTES = 20
_BEFORE = 2010
# Where the survey has no prefecture to print.
_DISTRICTS, _DIRECT = "市辖区", "省直辖县级行政区划"


@dataclass(frozen=True)
class City:
    """A prefecture-level unit; `counties`: (code, name printed), the unit itself where it has none."""

    code: int
    province_name: str
    printed_as: str
    lon: float
    lat: float
    counties: tuple[tuple[int, str], ...]


def cut(name: str) -> str:
    """The first 20 bytes of a name in the encoding of the survey's programs: ten Chinese characters."""
    return name.encode("gb18030")[:_NAME_BYTES].decode("gb18030", "ignore")


@cache
def cities() -> tuple[City, ...]:
    """All prefecture-level units: municipalities and units directly under a province among them."""
    provinces = {province.province_code: province for province in load_provinces()}
    names: dict[int, tuple[str, float | None, float | None]] = {
        code: (_DISTRICTS, provinces[code].lon, provinces[code].lat) for code in MUNICIPALITIES
    }
    counties: dict[int, list[tuple[int, str]]] = {code: [] for code in MUNICIPALITIES}
    for unit in units_at(WAVE):
        own = unit.code if unit.level == "prefecture" else city_of(unit.code) or unit.code
        if own == unit.code:
            names[own] = (cut(unit.name) if unit.level == "prefecture" else _DIRECT, unit.lon, unit.lat)
        if unit.level == "county":
            counties.setdefault(own, []).append((unit.code, cut(unit.name)))
    result = []
    for code, (printed, lon, lat) in sorted(names.items()):
        province = provinces[code // 10000 * 10000]
        where = (province.lon if lon is None else lon, province.lat if lat is None else lat)
        result.append(City(code, province.name_zh, printed, *where, tuple(counties.get(code) or [(code, printed)])))
    return tuple(result)


@cache
def old_codes() -> dict[int, int]:
    """Code of 2017 -> a code of 2010 whose territory it took over whole, and that is gone."""
    standing = {unit.code for unit in units_at(WAVE)}
    result: dict[int, int] = {}
    for unit in units_at(_BEFORE):
        if unit.level == "county" and unit.code not in standing:
            try:
                result.setdefault(at_year(unit.code, WAVE), unit.code)
            except UnknownPlaceError:
                continue  # divided: nobody could say which of its heirs a respondent comes from
    return result
