"""Long panels: one row per unit and year, indicators in columns (CSV, workbooks, Stata, SPSS).

sources.yaml names the columns of the unit and the year, and what columns mean whose header is no registered name.
What a column means is decided in panel_columns.py, whose row a row is in panel_units.py; here rows are read.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from catalog import Source
from catalog.declarations.panel import Panel
from ingestion.checks.alignment import misaligned
from ingestion.checks.no_data import rows_without_data
from ingestion.readers.base import Layout, Problem, Refusal, Sheet, Tally, by_sheets, refuse_for, settle_rows
from ingestion.readers.panels.panel_checks import (
    check_coordinates,
    read_constants,
    refuse_contradicted,
    refuse_filled_beside,
)
from ingestion.readers.panels.panel_columns import Roles, columns_read, find_roles, panel_columns, row_of_units
from ingestion.readers.panels.panel_units import (
    check_province_codes,
    city_or_problem,
    match_cities,
    match_provinces,
    units_in_order,
)
from ingestion.vocabulary.claims import name_meant
from ingestion.vocabulary.labels import label_problem
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.regions import starts_note
from ingestion.vocabulary.years import parse_year_cell

_USES = frozenset(
    {
        "entity_column", "code_column", "year_column", "year", "panel", "key", "columns", "other_columns",
        "set_aside_columns", "unit", "names", "provinces_absent", "missing_marks",
    }
)  # fmt: skip
# Other rows a message names.
_NAMED = 10


def _figure_rows(sheet: Sheet, roles: Roles, panel: Panel) -> list[int]:
    """Rows below the header but for blank ones and notes."""
    rows = [row for row in range(roles.header_row + 1, len(sheet.rows) + 1) if any(sheet.rows[row - 1])]
    # A first column of sources also starts with such words; only a row without a unit can be a note.
    notes = {row for row in rows if starts_note(sheet.rows[row - 1])}
    for row in sorted(notes):
        name = sheet.cell(row, roles.entity)
        found = (
            city_or_problem(name, None, None, panel.place_level) if panel.below_province else region_or_problem(name)
        )
        if not isinstance(found, Problem) or found.code == "ambiguous_place":
            notes.remove(row)
    return [row for row in rows if row not in notes]


def _years(sheet: Sheet, rows: list[int], roles: Roles, source: Source) -> dict[int, int]:
    """Row -> year of the rows that print one, or the entry's year for all. Raises Refusal when no row has one."""
    if not roles.year:
        assert source.year is not None, "find_roles refuses a panel without years"
        return dict.fromkeys(rows, source.year)
    printed = {row: parse_year_cell(sheet.spread(row, roles.year)) for row in rows}
    years = {row: year for row, year in printed.items() if year is not None}
    if rows and not years:
        raise Refusal(_no_year(sheet, rows[0], roles))
    return years


def _no_year(sheet: Sheet, row: int, roles: Roles) -> Problem:
    return label_problem(sheet, row, roles.year, Problem("year_cell"))


def _no_data(sheet: Sheet, rows: list[int], roles: Roles, source: Source, tally: Tally) -> dict[int, Problem]:
    """Row -> problem of rows with neither a place nor a year nor a figure in a column that is read."""

    def names_place(text: str) -> bool:
        name = name_meant(text, source)
        if source.order:
            return name.removesuffix(".0").isdecimal()
        below = source.panel if source.panel is not None and source.panel.below_province else None
        found = region_or_problem(name) if below is None else city_or_problem(name, None, None, below.place_level)
        return not isinstance(found, Problem) or found.code not in {"unknown_place", "unknown_province"}

    labels: dict[int, Callable[[str], object]] = {roles.entity: names_place}
    if roles.year:
        labels[roles.year] = parse_year_cell
    return rows_without_data(sheet, rows, labels, columns_read(roles, source, tally), [roles.header_row])


def _units(
    sheet: Sheet,
    rows: list[int],
    roles: Roles,
    years: Mapping[int, int],
    source: Source,
    left_out: Mapping[int, Problem],
) -> tuple[dict[int, RegionName], dict[int, Problem]]:
    """Row -> unit, and row -> problem of rows whose unit cannot be told; rows left out name none. Raises Refusal."""
    if source.order:
        return units_in_order(sheet, rows, roles, years, source.order), {}
    if source.panel is not None and source.panel.below_province:
        return match_cities(sheet, rows, roles, years, source)
    units = match_provinces(sheet, rows, roles.entity, source, left_out)
    if roles.code is not None and source.key == "code":
        check_province_codes(sheet, units, roles.code)
    return units, {}


def _repeated(
    sheet: Sheet, units: Mapping[int, RegionName], years: Mapping[int, int], roles: Roles, panel: Panel
) -> dict[int, Problem]:
    """Row -> problem, for every row of a unit and year with several rows."""
    rows_of: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, unit in units.items():
        if unit.code is not None and row in years:
            rows_of[unit.code, years[row]].append(row)
    code = "repeated_city_year" if panel.below_province else "repeated_province_year"
    column = roles.year or roles.entity
    # A few places tell; a list of all of them for each of them would grow with the square.
    named = {row: rows[:_NAMED] for rows in rows_of.values() if len(rows) > 1 for row in rows}
    places = {row: ", ".join(sheet.locate(o, column) for o in named[row] if o != row) for row in named}
    return {row: label_problem(sheet, row, column, Problem(code, expected=others)) for row, others in places.items()}


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    panel = source.panel or Panel()
    roles = find_roles(sheet, source)
    rows = _figure_rows(sheet, roles, panel)
    shifted = misaligned(sheet, sheet.header or sheet.rows[roles.header_row - 1], rows)
    stray = _no_data(sheet, [row for row in rows if row not in shifted], roles, source, tally)
    sound = [row for row in rows if row not in shifted and row not in stray]
    refuse_for(() if sound else shifted.values() or stray.values() or (Problem("no_rows", sheet=sheet.name),))
    unit_row = row_of_units(sheet, roles, list(stray), source, tally)
    stray = {row: problem for row, problem in stray.items() if row != unit_row}
    printed = _years(sheet, sound, roles, source)
    units, wrong = _units(sheet, sound, roles, printed, source, shifted | stray)
    columns = panel_columns(sheet, roles, sound, sorted(set(printed.values())), source, tally, unit_row)
    undated = [row for row, unit in units.items() if unit.code is not None and row not in printed]
    wrong = shifted | stray | wrong | {row: _no_year(sheet, row, roles) for row in undated}
    if not panel.repeated_rows:
        wrong |= _repeated(sheet, units, printed, roles, panel)
    readable = {row: unit for row, unit in units.items() if row not in wrong and unit.code is not None}
    firsts = {unit.code: row for row, unit in reversed(readable.items())}
    settle_rows(sheet, tally, wrong, set(firsts.values()) if panel.repeated_rows else readable)
    check_coordinates(sheet, readable, roles, panel, tally)
    if panel.repeated_rows:
        read_constants(sheet, readable, columns, source, tally)
    else:
        for row, unit in readable.items():
            for column in columns:
                tally.value(sheet, row, replace(column, year=printed[row]), unit.code or 0, unit.level)
    for derived in panel.printed_derived:
        refuse_contradicted(sheet, roles, derived, tally)
    for filled in panel.filled_columns:
        refuse_filled_beside(sheet, roles, filled, tally)
    pairs = {(unit.code, printed[row]) for row, unit in readable.items() if unit.level == "province"}
    tally.absent += len(source.present_codes) * len({year for _, year in pairs}) - len(pairs)


PANEL = Layout(
    "long_panel",
    "Long panel, one row per province or city and year (CSV, workbook, Stata or SPSS)",
    "长表，每省或每市每年一行（CSV、工作簿、Stata 或 SPSS）",
    lambda grid, _: grid.kind in {"csv", "workbook", "stata", "spss"} and bool(grid.filled),
    by_sheets(_read_sheet),
    declared_only=True,
    asked=110,
    uses=_USES,
)
