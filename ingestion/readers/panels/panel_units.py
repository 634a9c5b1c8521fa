"""Whose row each row of a long panel is: provinces by name, cities by name in the year their names are of.

Belongs here: names, codes and a declared order, matched to units; which city a name or a code in a table of cities
means, where a part of another city is no city, a province is none but for the four municipalities, and a running
number is no code. What is wrong with the names of provinces refuses the file, because all 31 are known; a city that
cannot be told refuses its row. Columns: panel_columns.py; rows and years: long_panel.py.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from catalog import Source, load_provinces
from catalog.declarations.panel import Panel
from ingestion.places import Place, UnknownPlaceError, place_or_problem, vintage
from ingestion.places.carry import territory_of
from ingestion.places.facts import kept_by_facts
from ingestion.places.numbering import HIGHEST_NUMBER, running_numbers
from ingestion.places.units import Unit, units_by_code
from ingestion.readers.base import Problem, Refusal, Sheet, known_at, refuse_for, require
from ingestion.readers.panels.panel_columns import Roles
from ingestion.vocabulary.claims import name_meant
from ingestion.vocabulary.labels import label_problem
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.regions import missing_provinces
from ingestion.vocabulary.values import read_code, read_whole

_MOST_NAMES = 10
PlaceLevel = Literal["prefecture", "county"]


def match_provinces(
    sheet: Sheet, rows: Iterable[int], column: int, source: Source, left_out: Mapping[int, Problem]
) -> dict[int, RegionName]:
    """Row -> unit; left_out: problems of rows that are shifted or hold no data.

    Raises Refusal with the first cell of each wrong name and what is wrong with the provinces as missing_provinces.
    """
    units: dict[int, RegionName] = {}
    problems: dict[str, Problem] = {}
    for row in rows:
        name = sheet.spread(row, column)
        found = region_or_problem(name_meant(name, source))
        if isinstance(found, Problem):
            problems.setdefault(name, label_problem(sheet, row, column, found))
        else:
            units[row] = found
    codes = {unit.code for unit in units.values() if unit.code}
    missing = missing_provinces(codes, sheet.name, source.absent_codes, left_out, len(problems))
    refuse_for([*problems.values(), *missing])
    return units


def check_province_codes(sheet: Sheet, units: Mapping[int, RegionName], column: int) -> None:
    """Raise Refusal at the first code that is not its province's."""
    names = {province.province_code: province.name_zh for province in load_provinces()}
    for row, unit in units.items():
        text = sheet.spread(row, column)
        if unit.level == "province" and read_code(text) != unit.code:
            expected = f"{unit.code}, the code of {names[unit.code or 0]}"
            raise Refusal(sheet.problem("contradicting_code", row, column, text, expected))


def units_in_order(
    sheet: Sheet, rows: list[int], roles: Roles, years: Mapping[int, int], order: tuple[int, ...]
) -> dict[int, RegionName]:
    """Row -> unit of rows that name no province: each year is one block of rows in the declared order.

    Raises Refusal for a block of another length, a year in two blocks, and a running number that does not run.
    """
    units: dict[int, RegionName] = {}
    for number, row in enumerate(rows):
        place = number % len(order)
        begun = place == 0 and years.get(row) in {years[other] for other in units}
        if years.get(row) is None or years[row] != years.get(rows[number - place]) or begun:
            raise Refusal(sheet.problem("order_block", row, roles.year, sheet.cell(row, roles.year), str(len(order))))
        text = sheet.cell(row, roles.entity)
        number_problem = sheet.problem("order_number", row, roles.entity, text, f"{number + 1} or {place + 1}")
        require(read_whole(text, 1, HIGHEST_NUMBER) in {place + 1, number + 1}, number_problem)
        units[row] = RegionName("province", order[place])
    if len(rows) % len(order):
        raise Refusal(sheet.problem("order_block", rows[-1], roles.year, str(len(rows)), str(len(order))))
    return units


def match_cities(
    sheet: Sheet, rows: Iterable[int], roles: Roles, years: Mapping[int, int], source: Source
) -> tuple[dict[int, RegionName], dict[int, Problem]]:
    """Row -> unit, and row -> problem for every row whose city cannot be told or is contradicted by its codes.

    Raises Refusal, naming the first few, when no row is left.
    """
    panel = source.panel or Panel()
    province_column = _declared(roles, panel.province_column)
    others = [(o.year, _declared(roles, o.name_column), _declared(roles, o.code_column)) for o in panel.other_names]
    rows = list(rows)
    units: dict[int, RegionName] = {}
    problems: dict[int, Problem] = {}
    running = running_numbers({name_meant(sheet.cell(row, roles.entity), source) for row in rows})
    for row in rows:
        text = sheet.cell(row, roles.entity)
        if name_meant(text, source) in running:
            problems[row] = sheet.problem("running_numbers", row, roles.entity, text)
            continue
        try:
            place = _city(sheet, row, roles, province_column, panel.code_year or years.get(row), source)
            for other_year, name_column, code_column in others:
                _check_other(sheet, row, other_year, name_column, code_column, place, panel.place_level)
            units[row] = RegionName(_level(place), place.code)
        except Refusal as refusal:
            problems[row] = refusal.problems[0]
    if not units:
        distinct = {problem.found: problem for problem in reversed(problems.values())}
        refuse_for(list(distinct.values())[-_MOST_NAMES:][::-1])
    return units, problems


def _declared(roles: Roles, header: str | None) -> int | None:
    return roles.column(header) if header is not None else None


def _city(sheet: Sheet, row: int, roles: Roles, province_column: int | None, year: int | None, source: Source) -> Place:
    """The city of a row, by its name, held against its code. Raises Refusal at the cell that is wrong."""
    province = None
    if province_column is not None:
        text = sheet.spread(row, province_column)
        region = known_at(region_or_problem(name_meant(text, source)), sheet, row, province_column)
        require(region.level == "province", sheet.problem("unknown_province", row, province_column, text))
        province = region.code
    name = name_meant(sheet.spread(row, roles.entity), source)
    level = (source.panel or Panel()).place_level
    place = known_at(city_or_problem(name, province, year, level), sheet, row, roles.entity)
    if source.key == "code":
        _check_code(sheet, row, roles.code, place)
    return place


def _check_code(sheet: Sheet, row: int, column: int | None, place: Place) -> None:
    """Raise Refusal where the code in the column, if there is one, is of another place."""
    if column is not None:
        text = sheet.spread(row, column)
        code, expected = read_code(text), f"{place.code}, the code of {place.name_zh}"
        same = code is not None and _is_code_of(code, place)
        require(same, sheet.problem("contradicting_code", row, column, text, expected))


def _check_other(
    sheet: Sheet,
    row: int,
    year: int,
    name_column: int | None,
    code_column: int | None,
    place: Place,
    level: PlaceLevel,
) -> None:
    """Raise Refusal where the name or code of another year is not that of the place."""
    named = place
    if name_column is not None:
        name = sheet.spread(row, name_column)
        named = known_at(city_or_problem(name, place.province_code, year, level), sheet, row, name_column)
        found, expected = f"{name} {named.code} ({year})", f"{place.name_zh} {place.code}"
        require(same_place(named, place), sheet.problem("contradicting_names", row, name_column, found, expected))
    _check_code(sheet, row, code_column, named)


@kept_by_facts
def city_or_problem(
    name: str, province: int | None, year: int | None, level: PlaceLevel = "prefecture"
) -> Place | Problem:
    """The unit a name means where cities are spoken of: prefecture level, municipality, or directly under a province.
    Where counties are (`level`), any county-level unit.

    A figure of a unit that another one has taken in by that year is refused: it is a figure of a part. The problem is
    without its cell.
    """
    found = place_or_problem(name, province=province, year=year, level=level)
    if isinstance(found, Problem) or year is None:
        return found
    own = place_or_problem(name, province=province, level=level)
    if isinstance(own, Place) and not same_place(own, found):
        # A code given out twice may be that of the year or, as in most files, that of today.
        code = "code_given_out_twice" if own.code == found.code else "place_taken_in"
        return Problem(code, name, f"{found.name_zh} {found.code}", str(year))
    return found


def _level(place: Place) -> Literal["city", "county"]:
    """A county-level unit directly under a province counts as a city, also where counties are spoken of."""
    return "county" if place.level == "county" and place.city_code is not None else "city"


def same_place(one: Place, other: Place) -> bool:
    """Whether two places are one unit as it was in different years."""
    if one.unit is None or other.unit is None:
        return one.code == other.code
    return _same_unit(one.unit, other.unit)


def _is_code_of(code: int, place: Place) -> bool:
    """Whether the place has the code, or had it in another year."""
    if place.unit is None:
        return code == place.code
    return any(_same_unit(unit, place.unit) for unit in units_by_code().get(code, ()))


@kept_by_facts
def _same_unit(one: Unit, other: Unit) -> bool:
    """Whether they are one unit under the codes of different years: its territory leads from each to the other."""
    if one == other:
        return True
    one_year, other_year = (unit.last_year or vintage().last_year for unit in (one, other))
    try:
        return territory_of(one, other_year) == (other.code,) and territory_of(other, one_year) == (one.code,)
    except UnknownPlaceError:
        return False
