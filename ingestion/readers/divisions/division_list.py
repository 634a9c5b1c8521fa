"""Year-end lists of division codes: one unit in a row, code and name. Histories of codes: division_history.py."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from pathlib import PurePosixPath

import pyarrow as pa

from catalog import Source
from catalog.provinces import load_provinces
from ingestion.formats.grid import Grid, Sheet
from ingestion.places.checking import checked_levels, contradictions, facts_of
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.row_account import Tally
from ingestion.schemas import SCHEMAS

CODES = frozenset({"代码", "行政区划代码", "code", "adcode"})
NAMES = frozenset({"名称", "单位名称", "地名", "name"})
# Not among the 31 provinces; and the headings county lists put above units that have no prefecture between.
ABROAD = frozenset({71, 81, 82})
_HEADINGS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位"})
_ROW = re.compile(r"(\d{6})\s+(\S+)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# Rows looked at to recognise the layout.
_FIRST_ROWS = 20


def parse_row(cells: tuple[str, ...]) -> tuple[int, str] | None:
    """(code, name) of "110000 北京市" in one cell or two; None for anything else."""
    match = _ROW.fullmatch(" ".join(cell for cell in cells if cell))
    return (int(match[1]), match[2]) if match else None


def _is_header(cells: tuple[str, ...]) -> bool:
    filled = [cell.lower() for cell in cells if cell]
    return len(filled) == 2 and filled[0] in CODES and filled[1] in NAMES


def _recognise(grid: Grid) -> bool:
    if not grid.filled or grid.kind not in {"csv", "workbook"}:
        return False
    rows = [cells for cells in grid.filled[0].rows[:_FIRST_ROWS] if any(cells)]
    body = [cells for cells in rows if not _is_header(cells)]
    return len(body) > 1 and all(parse_row(cells) for cells in body)


def level_of(code: int) -> str:
    """province, prefecture or county, by the digits of the code."""
    return "province" if code % 10000 == 0 else "county" if code % 100 else "prefecture"


def declared_year(source: Source, tally: Tally) -> int:
    """The year-end of the list: declared, or in the file's name where the entry says so. Raises Refusal."""
    if source.year is not None:
        return source.year
    found = _YEAR.findall(PurePosixPath(tally.path).stem) if source.year_from_name else []
    if len(found) != 1:
        raise Refusal(Problem("division_year", PurePosixPath(tally.path).name if source.year_from_name else ""))
    return int(found[0])


def _fault(code: int, name: str, known: Mapping[int, str], levels: Set[str], row: Problem) -> Problem | None:
    """What contradicts the facts, where they know the unit's level."""
    if level_of(code) not in levels or known.get(code) == name:
        return None
    expected = f"{code} {known[code]}" if code in known else "a unit that stood at that year-end"
    return Problem("division_unknown", f"{code} {name}", expected, sheet=row.sheet, row=row.row)


def _read_sheet(sheet: Sheet, year: int, tally: Tally) -> None:
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    known = provinces | facts_of(year)
    levels = checked_levels(year) | {"province"}
    units: dict[int, tuple[str, int]] = {}
    fates: list[tuple[int, Problem | None]] = []
    aside = []
    for row, cells in enumerate(sheet.rows, start=1):
        parsed = parse_row(cells)
        place = Problem("division_row", raw_row(cells), sheet=sheet.name, row=row)
        if not any(cells) or _is_header(cells) or (parsed and (parsed[0] // 10000 in ABROAD or parsed[1] in _HEADINGS)):
            aside.append(row)
        elif parsed is None:
            fates.append((row, place))
        elif parsed[0] in units:
            first = sheet.locate(units[parsed[0]][1], 1)
            fates.append((row, Problem("repeated_division", str(parsed[0]), first, sheet=sheet.name, row=row)))
        else:
            units[parsed[0]] = (parsed[1], row)
            fates.append((row, _fault(*parsed, known, levels, place)))
    names = {code: name for code, (name, _) in units.items()}
    lacking = sorted(f"{code} {name}" for code, name in provinces.items() if code not in names)
    problems = [Problem("division_totals", text, "all 31 provinces", str(year), sheet.name) for text in lacking]
    for found in contradictions(names, year):
        problems.append(Problem("division_totals", str(found), str(found.expected), str(year), sheet.name))
    if problems:
        raise Refusal(*problems)
    for row in aside:
        tally.fate(sheet.name, row, "set_aside")
    refused = {row for row, problem in fates if problem}
    for row, problem in fates:
        if problem:
            tally.reject_row(problem, raw_row(sheet.rows[row - 1]))
        else:
            tally.fate(sheet.name, row, "loaded")
    kept = [(code, name, row) for code, (name, row) in units.items() if row not in refused]
    add_divisions(tally, [(year, code, name, level_of(code), row) for code, name, row in kept])


def add_divisions(tally: Tally, rows: list[tuple[int, int, str, str, int]]) -> None:
    """Take in rows of the lake table `division`: (year, code, name, level, row)."""
    names = ("year", "code", "name", "level", "row")
    schema = pa.schema([SCHEMAS["division"].field(name) for name in names])
    arrays = [pa.array([row[i] for row in rows], schema.field(i).type) for i in range(len(names))]
    tally.add_table("division", pa.table(arrays, schema=schema))


def require_one_sheet(grid: Grid) -> None:
    """Raise Refusal when more than one sheet holds anything: which one is the list?"""
    if len(grid.filled) > 1:
        raise Refusal(Problem("division_sheets", ", ".join(sheet.name for sheet in grid.filled)))


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    year = declared_year(source, tally)
    require_one_sheet(grid)
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, year, tally))


LIST = Layout(
    "division_list",
    "Year-end list of division codes (code and name)",
    "年末行政区划代码表（代码、名称）",
    _recognise,
    _read,
    asked=20,
)
