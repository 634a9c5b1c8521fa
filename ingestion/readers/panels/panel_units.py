"""Whose row each row of a long panel is: provinces by name, cities by name in the year their names are of.

Belongs here: names, codes and a declared order, matched to units. What is wrong with the names of provinces refuses
the file, because all 31 are known; a city that cannot be told refuses its row. Columns: panel_columns.py; rows and
years: long_panel.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from catalog import Source, load_provinces
from catalog.declarations.panel import OtherNames
from ingestion.formats.grid import Sheet
from ingestion.places import Place
from ingestion.problems import Problem, Refusal
from ingestion.readers.panels.city_names import city_or_problem, read_code, same_unit
from ingestion.readers.panels.panel_columns import Roles, column_of
from ingestion.vocabulary.regions import missing_provinces, region_or_problem
from ingestion.vocabulary.spelt_names import name_meant

_MOST_NAMES = 10


@dataclass(frozen=True)
class Unit:
    """The unit of a row: entity_level and entity_code of its figures; `code` is None for a subtotal."""

    level: str
    code: int | None


def match_provinces(sheet: Sheet, rows: Iterable[int], column: int, source: Source) -> dict[int, Unit]:
    """Row -> unit. Raises Refusal with the first cell of each wrong name and the provinces never named."""
    units: dict[int, Unit] = {}
    problems: dict[str, Problem] = {}
    for row in rows:
        name = sheet.cell(row, column)
        found = region_or_problem(name_meant(name, source))
        if isinstance(found, Problem):
            problems.setdefault(name, sheet.problem(found.code, row, column, name, found.expected))
        else:
            units[row] = Unit(found.level, found.code)
    missing = missing_provinces({unit.code for unit in units.values() if unit.code}, sheet.name)
    if problems or missing:
        raise Refusal(*problems.values(), *missing)
    return units


def check_province_codes(sheet: Sheet, units: Mapping[int, Unit], column: int) -> None:
    """Raise Refusal at the first code that is not its province's."""
    names = {province.province_code: province.name_zh for province in load_provinces()}
    for row, unit in units.items():
        if unit.level == "province" and read_code(sheet.cell(row, column)) != unit.code:
            expected = f"{unit.code}, the code of {names[unit.code or 0]}"
            raise Refusal(sheet.problem("contradicting_code", row, column, sheet.cell(row, column), expected))


def units_in_order(
    sheet: Sheet, rows: list[int], roles: Roles, years: Mapping[int, int], order: tuple[str, ...]
) -> dict[int, Unit]:
    """Row -> unit of rows that name no province: each year is one block of rows in the declared order.

    Raises Refusal for a block of another length, a year in two blocks, and a running number that does not run.
    """
    codes = {name: p.province_code for p in load_provinces() for name in (p.name_zh, p.short_zh)}
    units: dict[int, Unit] = {}
    for number, row in enumerate(rows):
        place = number % len(order)
        start = rows[number - place]
        if years.get(row) is None or years[row] != years.get(start):
            raise Refusal(sheet.problem("order_block", row, roles.year, sheet.cell(row, roles.year), str(len(order))))
        if place == 0 and years[row] in {years[other] for other in units}:
            raise Refusal(sheet.problem("order_block", row, roles.year, sheet.cell(row, roles.year), str(len(order))))
        text = sheet.cell(row, roles.entity)
        if _whole(text) not in {place + 1, number + 1}:
            raise Refusal(sheet.problem("order_number", row, roles.entity, text, f"{number + 1} or {place + 1}"))
        units[row] = Unit("province", codes[order[place]])
    if len(rows) % len(order):
        raise Refusal(sheet.problem("order_block", rows[-1], roles.year, str(len(rows)), str(len(order))))
    return units


def match_cities(
    sheet: Sheet, rows: Iterable[int], roles: Roles, years: Mapping[int, int], source: Source
) -> tuple[dict[int, Unit], dict[int, Problem]]:
    """Row -> unit, and row -> problem for every row whose city cannot be told or is contradicted by its codes.

    Raises Refusal, naming the first few, when no row is left.
    """
    panel = source.panel
    assert panel is not None
    province_column = _declared(roles, panel.province_column)
    others = [(o, _declared(roles, o.name_column), _declared(roles, o.code_column)) for o in panel.other_names]
    units: dict[int, Unit] = {}
    problems: dict[int, Problem] = {}
    for row in rows:
        year = panel.code_year or years.get(row)
        found = _city(sheet, row, roles.entity, province_column, year, source)
        if isinstance(found, Place) and roles.code is not None and source.key == "code":
            found = _check_code(sheet, row, roles.code, found) or found
        for other, name_column, code_column in others:
            if isinstance(found, Place):
                found = _check_other(sheet, row, other, name_column, code_column, found) or found
        if isinstance(found, Place):
            units[row] = Unit("city", found.code)
        else:
            problems[row] = found
    if problems and not units:
        distinct = {problem.found: problem for problem in reversed(problems.values())}
        raise Refusal(*list(distinct.values())[-_MOST_NAMES:][::-1])
    return units, problems


def _declared(roles: Roles, header: str | None) -> int | None:
    return column_of(roles.headers, header) if header is not None else None


def _city(
    sheet: Sheet, row: int, column: int, province_column: int | None, year: int | None, source: Source
) -> Place | Problem:
    province = None
    if province_column is not None:
        region = region_or_problem(name_meant(sheet.cell(row, province_column), source))
        if isinstance(region, Problem) or region.level != "province":
            expected = region.expected if isinstance(region, Problem) else ""
            code = region.code if isinstance(region, Problem) else "unknown_province"
            return sheet.problem(code, row, province_column, sheet.cell(row, province_column), expected)
        province = region.code
    name = name_meant(sheet.cell(row, column), source)
    found = city_or_problem(name, province, year)
    return _at(sheet, row, column, found) if isinstance(found, Problem) else found


def _at(sheet: Sheet, row: int, column: int, problem: Problem) -> Problem:
    return replace(problem, sheet=sheet.name, row=row, cell=sheet.locate(row, column))


def _whole(text: str) -> int | None:
    return int(float(text)) if re.fullmatch(r"[0-9]+(\.0+)?", text) else None


def _check_code(sheet: Sheet, row: int, column: int, place: Place) -> Problem | None:
    text = sheet.cell(row, column)
    code = read_code(text)
    if code is not None and same_unit(code, place.code):
        return None
    return sheet.problem("contradicting_code", row, column, text, f"{place.code}, the code of {place.name_zh}")


def _check_other(
    sheet: Sheet, row: int, other: OtherNames, name_column: int | None, code_column: int | None, place: Place
) -> Problem | None:
    """The contradiction between the unit and its name or code of another year, or None."""
    named = place
    if name_column is not None:
        name = sheet.cell(row, name_column)
        found = city_or_problem(name, place.province_code, other.year)
        if isinstance(found, Problem):
            return _at(sheet, row, name_column, found)
        if not same_unit(found.code, place.code):
            found_text = f"{name} {found.code} ({other.year})"
            return sheet.problem("contradicting_names", row, name_column, found_text, f"{place.name_zh} {place.code}")
        named = found
    return _check_code(sheet, row, code_column, named) if code_column is not None else None
