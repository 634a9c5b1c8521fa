"""Long panels: one row per province and year, indicators in columns (CSV, workbooks, Stata).

sources.yaml names the columns of the province and the year, and what columns mean whose header is no registered name.
What a column means is decided in panel_columns.py; here rows are matched, checked and read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from catalog import Source, load_provinces
from ingestion.alignment import misaligned
from ingestion.grid import Grid, Sheet
from ingestion.names import RegionName
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.readers.panel_columns import Roles, find_roles, panel_columns
from ingestion.regions import missing_provinces, region_or_problem, starts_note
from ingestion.tally import Tally
from ingestion.years import parse_year_cell

# 45, 4500 and 450000 are one province; statistical programs add a decimal point.
_CODE = re.compile(r"(\d{2}|\d{4}|\d{6})(\.0+)?")


def _match_names(sheet: Sheet, rows: Iterable[int], column: int) -> dict[int, RegionName]:
    """Row -> region. Raises Refusal with the first cell of each wrong name and the provinces never named."""
    regions: dict[int, RegionName] = {}
    problems: dict[str, Problem] = {}
    for row in rows:
        name = sheet.cell(row, column)
        found = region_or_problem(name)
        if isinstance(found, Problem):
            problems.setdefault(name, sheet.problem(found.code, row, column, name, found.expected))
        else:
            regions[row] = found
    missing = missing_provinces({region.code for region in regions.values() if region.code}, sheet.name)
    if problems or missing:
        raise Refusal(*problems.values(), *missing)
    return regions


def _check_codes(sheet: Sheet, regions: dict[int, RegionName], column: int) -> None:
    """Raise Refusal at the first code that is not its province's."""
    names = {province.province_code: province.name_zh for province in load_provinces()}
    for row, region in regions.items():
        if region.level != "province":
            continue
        text = sheet.cell(row, column)
        match = _CODE.fullmatch(text)
        if not match or int(match.group(1).ljust(6, "0")) != region.code:
            expected = f"{region.code}, the code of {names[region.code or 0]}"
            raise Refusal(sheet.problem("contradicting_code", row, column, text, expected))


def _refuse_wrong_years(sheet: Sheet, regions: dict[int, RegionName], column: int, tally: Tally) -> dict[int, int]:
    """Row -> year of the rows that can be read; the others are refused one by one."""
    years: dict[int, int] = {}
    rows_of: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, region in regions.items():
        if region.code is None:
            continue
        year = parse_year_cell(sheet.cell(row, column))
        if year is None:
            _refuse_row(sheet.problem("year_cell", row, column, sheet.cell(row, column)), sheet, tally)
        else:
            years[row] = year
            rows_of[region.code, year].append(row)
    for rows in rows_of.values():
        for row in rows if len(rows) > 1 else ():
            others = ", ".join(sheet.locate(other, column) for other in rows if other != row)
            problem = sheet.problem("repeated_province_year", row, column, sheet.cell(row, column), others)
            _refuse_row(problem, sheet, tally)
            del years[row]
    return years


def _refuse_row(problem: Problem, sheet: Sheet, tally: Tally) -> None:
    tally.reject_row(problem, raw_row(sheet.rows[problem.row - 1]))


def _figure_rows(sheet: Sheet, roles: Roles) -> list[int]:
    """Rows below the header but for blank ones and notes."""
    rows = []
    for row in range(roles.header_row + 1, len(sheet.rows) + 1):
        cells = sheet.rows[row - 1]
        # A first column of sources also starts with such words; only a row without a region can be a note.
        nameless = isinstance(region_or_problem(sheet.cell(row, roles.entity)), Problem)
        if any(cells) and not (starts_note(cells) and nameless):
            rows.append(row)
    return rows


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    roles = find_roles(sheet, source)
    rows = _figure_rows(sheet, roles)
    shifted = misaligned(sheet, sheet.header or sheet.rows[roles.header_row - 1], rows)
    sound = [row for row in rows if row not in shifted]
    regions = _match_names(sheet, sound, roles.entity)
    if roles.code is not None and source.key == "code":
        _check_codes(sheet, regions, roles.code)
    printed = {year for row in regions if (year := parse_year_cell(sheet.cell(row, roles.year))) is not None}
    if not printed:
        row = min(regions)
        raise Refusal(sheet.problem("year_cell", row, roles.year, sheet.cell(row, roles.year)))
    columns = panel_columns(sheet, roles, sound, sorted(printed), source, tally)
    for problem in shifted.values():
        _refuse_row(problem, sheet, tally)
    years = _refuse_wrong_years(sheet, regions, roles.year, tally)
    for row in range(1, len(sheet.rows) + 1):
        if row not in years:
            if (sheet.name, row) not in tally.fates:
                tally.fate(sheet.name, row, "set_aside")
            continue
        region = regions[row]
        assert region.code is not None
        tally.fate(sheet.name, row, "loaded")
        for column in columns:
            tally.value(sheet, row, replace(column, year=years[row]), region.code, region.level)
    pairs = {(regions[row].code, year) for row, year in years.items() if regions[row].level == "province"}
    tally.absent += len(load_provinces()) * len({year for _, year in pairs}) - len(pairs)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


PANEL = Layout(
    "long_panel",
    "Long panel, one row per province and year (CSV, workbook or Stata)",
    "长表，每省每年一行（CSV、工作簿或 Stata）",
    lambda grid: grid.kind in {"csv", "workbook", "stata"} and bool(grid.filled),
    _read,
    declared_only=True,
)
