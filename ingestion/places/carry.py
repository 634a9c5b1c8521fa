"""The crosswalk: where a unit's territory belongs in another year.

Does not belong here: the facts (units.py, catalog/divisions) and names (match.py).
"""

from catalog.provinces import MUNICIPALITIES, provinces_by_code
from ingestion.places.facts import kept_by_facts, vintage
from ingestion.places.spelling import english_name
from ingestion.places.units import (
    PlaceError,
    SplitPlaceError,
    Unit,
    UnknownPlaceError,
    city_of,
    load_units,
    units_by_code,
)
from ingestion.problems import require
from ingestion.vocabulary.names import describe as describe_province


def is_province(code: int) -> bool:
    """Whether the code is that of one of the 31 provinces."""
    return code in provinces_by_code()


def holder(code: int, year: int) -> Unit:
    """The unit a code of `year` is that of: the one standing then, or else the last before it, or the first after.

    The code must be of a unit. A code given out twice is of two units, which need not lie in one place.
    """
    units = units_by_code()[code]
    begun = [unit for unit in units if (unit.first_year or 0) <= year]
    return begun[-1] if begun else units[0]


@kept_by_facts
def territory_of(unit: Unit, year: int, main: bool = False) -> tuple[int, ...]:
    """The codes among which the territory of this very unit is found at 31 December of `year`; as territory_at."""
    first = vintage().first_year["prefecture" if unit.level == "prefecture" else "county"]
    require(year >= first, UnknownPlaceError(str(unit.code), year=year))
    if unit.stands_in(year):
        return (unit.code,)
    ended = unit.last_year is not None and unit.last_year < year
    heirs, when = (_heirs(unit, main) if ended else _origins(unit)), _next_year(unit) if ended else _year_before(unit)
    require(heirs, UnknownPlaceError(str(unit.code), year=year))
    return tuple(sorted({found for heir in heirs for found in _followed(heir, when, year, main)}))


def _followed(code: int, when: int, year: int, main: bool) -> tuple[int, ...]:
    """Where the territory of the unit that had the code in the year `when` is in `year`."""
    if is_province(code):
        return (code,)
    require(code in units_by_code(), UnknownPlaceError(str(code)))
    return territory_of(holder(code, when), year, main)


def _next_year(unit: Unit) -> int:
    return (unit.last_year or 0) + 1


def _year_before(unit: Unit) -> int:
    return (unit.first_year or 0) - 1


def _heirs(unit: Unit, main: bool) -> tuple[int, ...]:
    """Codes of the units that came after one that ended; its own where only its name changed."""
    if main and unit.main_successor:
        return (unit.main_successor,)
    renamed = any(other.first_year == _next_year(unit) for other in units_by_code()[unit.code])
    return unit.successors or ((unit.code,) if renamed else ())


def _origins(unit: Unit) -> tuple[int, ...]:
    """The units that ended the year before this one began and passed territory to it, and those that gave a part."""
    before = _year_before(unit)
    renamed = any(old.last_year == before and not old.successors for old in units_by_code()[unit.code])
    if renamed:
        return (unit.code,)
    ended = (old.code for old in load_units() if old.last_year == before and unit.code in old.successors)
    return (*ended, *unit.also_from)


@kept_by_facts
def territory_at(code: int, year: int, main: bool = False) -> tuple[int, ...]:
    """The codes among which the unit's territory is found at 31 December of `year`, in order; never empty.

    main: where one of several successors took the bulk of the territory, only that one. A year after the record's
    last is read as its last: figures of a new year must load before its code list is known, and a list supplied for
    that year is compared with these units (dbt test division_list_totals). Of a code given out twice, the holder in
    that year, or else the one before it, is the one to follow.
    Raises UnknownPlaceError for an unknown code, a year before the table, or a time before the unit's origin is told.
    """
    year = min(year, vintage().last_year)
    return _followed(code, year, year, main)


def unit_at_year(unit: Unit, year: int, main: bool = False) -> int:
    """As at_year, for this very unit: 涪陵 of 1996 is followed to 重庆, though 眉山 has had its code since 2000."""
    return _only(unit.code, territory_of(unit, min(year, vintage().last_year), main), year)


def at_year(code: int, year: int, main: bool = False) -> int:
    """Where that unit's territory belongs at 31 December of `year`: one code.

    main: follow the successor that took the bulk of a divided territory (catalog/divisions, only since 2010).
    Raises UnknownPlaceError, and its kind SplitPlaceError where the territory lies in several units.
    """
    return _only(code, territory_at(code, year, main), year)


def _only(code: int, found: tuple[int, ...], year: int) -> int:
    if len(found) > 1:
        raise SplitPlaceError(str(code), tuple(describe(each) for each in found), year)
    return found[0]


def prefecture_of(code: int, year: int | None = None, main: bool = False) -> int:
    """The prefecture-level unit of a code: for a municipality its province code, for a county directly under a
    province the county itself; with `year`, the unit its territory belongs to at 31 December of that year.

    Raises UnknownPlaceError (SplitPlaceError where the territory lies in several prefecture-level units), also for a
    province, which lies in none.
    """
    province = code // 10000 * 10000
    if province in MUNICIPALITIES and (code in units_by_code() or code - province in (0, 100, 200)):
        return province
    require(code in units_by_code(), UnknownPlaceError(str(code)))
    if year is None:
        return city_of(code) or code
    # The unit a county lay in may be divided while the county itself was not.
    found = {city_of(each) or each for each in territory_at(code, year, main)}
    if len(found) > 1:
        raise SplitPlaceError(str(code), tuple(describe(each) for each in sorted(found)), year)
    return found.pop()


def describe(code: int) -> str:
    """ "吉林市 Jilin 220200 (吉林省)" for messages: the latest name of the code."""
    if is_province(code):
        return describe_province(code)
    unit = units_by_code()[code][-1]
    until = f", until {unit.last_year}" if unit.last_year else ""
    return f"{unit.name} {english_name(unit)} {code} ({provinces_by_code()[unit.province_code].name_zh}{until})"


@kept_by_facts
def territory_now(code: int) -> frozenset[int]:
    """The code and the units its territory lies in today; the code alone where no list of divisions has it."""
    try:
        return frozenset({code, *territory_at(code, vintage().last_year)})
    except PlaceError:
        return frozenset({code})


def same_territory(one: int, other: int) -> bool:
    """Whether the codes share territory: 哈密 is 652200 in old lists and 650500 in new ones, and no contradiction."""
    return bool(territory_now(one) & territory_now(other))
