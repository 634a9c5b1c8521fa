"""Which prefecture-level and county-level unit a pilot is: by code, by name, and both held against each other.

A name no list of divisions has is no contradiction to a code: towns and zones are in none. A name that is somewhere
else than its code is one, and a name without a code must be known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.provinces import MUNICIPALITIES
from ingestion.places import FIRST_YEAR, LAST_YEAR, Place, place_or_problem
from ingestion.places.territory import same_territory
from ingestion.problems import Problem
from ingestion.readers.fields import FieldError, require_field, whole_number
from ingestion.vocabulary.names import normalise, province_code

# What lists write for counties directly under a province.
_DIRECT = frozenset({"省直辖", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直管"})
# 正定县某镇: the county-level unit a name begins with.
_COUNTY = re.compile("(.+?[县区市旗])")


@dataclass(frozen=True)
class PilotPlace:
    """Codes of a pilot. unit: the place itself; city: NULL in a municipality and directly under a province."""

    unit: int
    city: int | None
    province: int


def locate(fields: Mapping[str, str], level: str, year: int) -> PilotPlace:
    """The units of one row; names mean the units of `year`. Raises FieldError for the cell to correct."""
    province = _province(fields)
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    city = _city(fields, province, year)
    county = _code(fields, "county_code", province, county=True)
    own_level = level != "prefecture" or county is None
    require_field(own_level, "county_code", "no county code for level prefecture", fields["county_code"])
    require_field(fields["place"], "place", "a text")
    if level == "prefecture":
        return _whole(fields, province, city, year)
    named = _named_county(fields, province, city, year)
    if county is None:
        if isinstance(named, Problem):
            near = f"; nearest: {named.expected.strip('; ')}" if named.expected else ""
            expected = f"a county-level code for level {level}, or a place whose name is one ({named.code}{near})"
            raise FieldError("county_code", expected)
        county = named.code
    elif not isinstance(named, Problem) and not same_territory(named.code, county):
        raise FieldError("county_code", f"{named.code}, the code of {named.name_zh}", fields["county_code"])
    if province in MUNICIPALITIES:
        return PilotPlace(county, None, province)
    known = place_or_problem(str(county), province=province)
    own = None if isinstance(known, Problem) else known.city_code
    if city is None and not fields["prefecture"] and not fields["prefecture_code"]:
        city = own
    direct = county // 100 % 100 == 90
    require_field(city is not None or direct, "prefecture_code", f"the prefecture-level unit {county} lies in")
    within = city is None or city // 100 == county // 100 or (own is not None and same_territory(own, city))
    require_field(within, "county_code", f"a code in the prefecture {city}", fields["county_code"] or str(county))
    return PilotPlace(county, city, province)


def _province(fields: Mapping[str, str]) -> int:
    code = province_code(fields["province"])
    if code is None:
        raise FieldError("province", "the Chinese name of a province", fields["province"])
    return code


def _code(fields: Mapping[str, str], name: str, province: int, county: bool) -> int | None:
    if not fields[name]:
        return None
    code = whole_number(fields[name], 110000, 659999)
    if code is None:
        raise FieldError(name, "a whole number from 110000 to 659999", fields[name])
    fits = code // 10000 == province // 10000 and code % 10000 != 0 and (code % 100 != 0) == county
    kind = "a county-level code" if county else "a prefecture-level code ending 00"
    require_field(fits, name, f"{kind} in {province}", fields[name])
    return code


def _city(fields: Mapping[str, str], province: int, year: int) -> int | None:
    code = _code(fields, "prefecture_code", province, county=False)
    name = fields["prefecture"]
    if province in MUNICIPALITIES:
        # 北京市 as its own prefecture, and 市辖区 (110100), add nothing.
        nothing = not name or normalise(name) in {"市辖区", "县"} or province_code(name) == province
        require_field(nothing, "prefecture", "nothing in a municipality: it has no prefecture-level units", name)
        return code
    if not name or normalise(name) in _DIRECT:
        return code
    found = place_or_problem(name, province=province, level="prefecture", year=year)
    if isinstance(found, Problem):
        if code is None:
            near = f" (nearest: {found.expected.strip('; ')})" if found.expected else ""
            raise FieldError("prefecture_code", f"a prefecture-level code, or a prefecture whose name is one{near}")
        return code
    if code is not None and not same_territory(found.code, code):
        raise FieldError("prefecture_code", f"{found.code}, the code of {found.name_zh}", fields["prefecture_code"])
    # A county directly under the province stands in both columns of some lists.
    return code if code is not None else found.code if found.level == "prefecture" else None


def _whole(fields: Mapping[str, str], province: int, city: int | None, year: int) -> PilotPlace:
    if province in MUNICIPALITIES:
        return PilotPlace(city or province, city, province)
    name = _rest(fields["place"], fields["province"])
    found = place_or_problem(name, province=province, level="prefecture", year=year)
    named = None if isinstance(found, Problem) or found.level != "prefecture" else found
    require_field(city or named, "prefecture_code", "a prefecture-level code, or a place whose name is one")
    if city is not None and named is not None and not same_territory(named.code, city):
        raise FieldError("place", f"a place in {city}; this name is {named.code} {named.name_zh}", fields["place"])
    unit = city if city is not None else named.code if named is not None else province
    return PilotPlace(unit, unit, province)


def _named_county(fields: Mapping[str, str], province: int, city: int | None, year: int) -> Place | Problem:
    name = _rest(fields["place"], fields["province"], fields["prefecture"])
    found = place_or_problem(name, province=province, city=city, year=year, level="county")
    match = _COUNTY.match(name)
    if isinstance(found, Problem) and match and match.group(1) != name:
        within = place_or_problem(match.group(1), province=province, city=city, year=year, level="county")
        return within if not isinstance(within, Problem) else found
    return found


def _rest(place: str, *above: str) -> str:
    """The name without those of the province and the prefecture it begins with: 河北省石家庄市正定县."""
    for name in above:
        base = re.sub("(省|市|地区|盟|壮族自治区|回族自治区|维吾尔自治区|自治区)$", "", name)
        # Longest first: 石家庄市正定县 is no 市正定县 of 石家庄.
        forms = sorted({name, f"{base}自治区", f"{base}省", f"{base}市", base} if base else (), key=len, reverse=True)
        form = next((form for form in forms if place.startswith(form) and len(place) > len(form) + 1), "")
        place = place[len(form) :]
    return place
