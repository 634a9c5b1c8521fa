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


def _predecessors(unit: Unit) -> tuple[int, ...]:
    """The units that ended the year before this one began and passed territory to it, and those that gave a part."""
    before = (unit.first_year or 0) - 1
    ended = (old.code for old in load_units() if old.last_year == before and unit.code in old.successors)
    return (*ended, *unit.also_from)


@kept_by_facts
def territory_at(code: int, year: int, main: bool = False) -> tuple[int, ...]:
    """The codes among which the unit's territory is found at 31 December of `year`, in order; never empty.

    main: where one of several successors took the bulk of the territory, only that one. A year after the record's
    last is read as its last: figures of a new year must load before its code list is known, and a list supplied for
    that year is compared with these units (dbt test division_list_totals).
    Raises UnknownPlaceError for an unknown code, a year before the table, or a time before the unit's origin is told.
    """
    year = min(year, vintage().last_year)
    if is_province(code):
        return (code,)
    require(code in units_by_code(), UnknownPlaceError(str(code)))
    units = units_by_code()[code]
    first = vintage().first_year["prefecture" if units[0].level == "prefecture" else "county"]
    require(year >= first, UnknownPlaceError(str(code), year=year))
    if any(unit.stands_in(year) for unit in units):
        return (code,)
    gone = [unit for unit in units if unit.last_year is not None and unit.last_year < year]
    if gone:
        # A code given out twice: the holder before `year` is the one to follow.
        last = gone[-1]
        heirs = (last.main_successor,) if main and last.main_successor else last.successors
    else:
        heirs = _predecessors(units[0])
    require(heirs, UnknownPlaceError(str(code), year=year))
    return tuple(sorted({found for heir in heirs for found in territory_at(heir, year, main)}))


def at_year(code: int, year: int, main: bool = False) -> int:
    """Where that unit's territory belongs at 31 December of `year`: one code.

    main: follow the successor that took the bulk of a divided territory (catalog/divisions, only since 2010).
    Raises UnknownPlaceError, and its kind SplitPlaceError where the territory lies in several units.
    """
    found = territory_at(code, year, main)
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
