"""Tables with years across and one row per region and indicator, both named left of the figures.

The indicator may stand in one column in some rows and in another in the rest, or be merged over a block of rows, and
may change its name between blocks: each name speaks for the years it was in use.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from catalog import Registry, Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, read_each
from ingestion.readers.exports.nbs_axes import is_set_aside
from ingestion.readers.tables import Meaning, Table, report
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import find_indicator, settle_indicator, settle_unit, split_unit
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.numbers import MISSING_MARKS
from ingestion.vocabulary.regions import missing_provinces, region_or_problem, region_rows
from ingestion.vocabulary.years import parse_year_cell, years_across

_DEPTH = 10
_FEWEST_YEARS = 2


@dataclass(frozen=True)
class _Stub:
    """What stands left of a row's figures: its region, and its indicator with the cell that names it."""

    region: RegionName
    name: str
    column: int


def _header(sheet: Sheet) -> tuple[int, int] | None:
    """(row, first column of figures) of a header of years that leaves at least two columns on its left."""
    for row in range(1, min(len(sheet.rows), _DEPTH) + 1):
        cells = sheet.rows[row - 1]
        first = next((c for c, text in enumerate(cells, start=1) if parse_year_cell(text) is not None), None)
        if first is not None:
            years = [text for text in cells[first - 1 :] if text]
            whole = len(years) >= _FEWEST_YEARS and all(parse_year_cell(text) is not None for text in years)
            return (row, first) if whole and first > 2 else None
    return None


def _recognise(grid: Grid) -> bool:
    if grid.kind not in {"csv", "workbook"} or not grid.filled:
        return False
    sheet = grid.filled[0]
    place = _header(sheet)
    if place is None:
        return False
    row, first = place
    # The first row of figures names a region and something else that is no number.
    cells = [sheet.spread(row + 1, column) for column in range(1, first)]
    regions = [cell for cell in cells if cell and isinstance(region_or_problem(cell), RegionName)]
    others = [cell for cell in cells if cell and cell not in regions and not cell.isdecimal()]
    return len(regions) == 1 and len(others) >= 1


def _stub(sheet: Sheet, row: int, first: int, registry: Registry) -> _Stub:
    """Region and indicator of a row. Raises Refusal at the cell that is neither, or at the row that lacks one."""
    regions: dict[int, RegionName] = {}
    names: dict[str, int] = {}
    other: Problem | None = None
    for column in range(1, first):
        text = sheet.spread(row, column)
        if not text or text.isdecimal():
            continue
        region = region_or_problem(text)
        if isinstance(region, RegionName):
            regions[column] = region
        elif find_indicator(split_unit(text, registry)[0], registry) is not None:
            names.setdefault(text, column)
        elif other is None:
            code = "unknown_indicator" if split_unit(text, registry)[1] else "stub_cell"
            other = sheet.problem(code, row, column, text)
    if other is not None:
        raise Refusal(other)
    if len(regions) != 1 or len(names) != 1:
        found = ", ".join([*(sheet.cell(row, column) for column in regions), *names]) or "-"
        raise Refusal(sheet.problem("stub_cell", row, 1, found))
    (name, column), (region,) = next(iter(names.items())), regions.values()
    return _Stub(region, name, column)


def _understand(sheet: Sheet, rows: list[int], first: int, source: Source, tally: Tally) -> dict[int, _Stub]:
    """Row -> what it stands for; rows of an indicator set aside are left out.

    Raises Refusal for wrong cells, and for regions that stand twice or are missing under one name of an indicator.
    """
    stubs: dict[int, _Stub] = {}
    problems: list[Problem] = []
    seen: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        texts = [sheet.spread(row, column) for column in range(1, first)]
        if any(is_set_aside(text, source, tally) for text in texts if text):
            continue
        try:
            stub = _stub(sheet, row, first, tally.registry)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        stubs[row] = stub
        code = stub.region.code
        if code is not None:
            if code in seen[stub.name]:
                before = f"row {seen[stub.name][code]}"
                problems.append(sheet.problem("repeated_province", row, first - 1, stub.name, before))
            seen[stub.name].setdefault(code, row)
    if not problems:
        for name, codes in seen.items():
            missing = missing_provinces(codes, sheet.name)
            problems += [replace(problem, found=f"{problem.found} ({name})") for problem in missing]
    if problems:
        raise Refusal(*problems)
    if not stubs:
        raise Refusal(Problem("no_indicator", sheet=sheet.name))
    return stubs


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    place = _header(sheet)
    if place is None:
        raise Refusal(Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    header, first = place
    cells = sheet.rows[header - 1]
    texts = {column: text for column, text in enumerate(cells, start=1) if column >= first and text}
    years = years_across(sheet, header, texts, source.years_absent)
    stubs = _understand(sheet, region_rows(sheet, header + 1, list(years)), first, source, tally)
    meanings = {row: _meaning(sheet, row, stub, years, source, tally) for row, stub in stubs.items()}
    regions = {row: stub.region for row, stub in stubs.items()}
    rows = range(1, len(sheet.rows) + 1)
    table = Table(sheet, rows, ("region", "indicator"), "year", texts, years, regions, meanings, first)
    report(table, misaligned(sheet, cells, list(stubs)), tally)


def _meaning(sheet: Sheet, row: int, stub: _Stub, years: dict[int, int], source: Source, tally: Tally) -> Meaning:
    """What a row's figures are. Raises Refusal when one stands in a year in which its name was not in use."""
    alone = source.model_copy(update={"indicator": None})
    at = sheet.problem("", row, stub.column)
    name, printed, unknown = split_unit(stub.name, tally.registry)
    filled = sorted(year for column, year in years.items() if sheet.cell(row, column) not in MISSING_MARKS)
    known = str(find_indicator(name, tally.registry))
    indicator = settle_indicator(name, filled, alone, tally.registry, at) if filled else known
    return Meaning(indicator, settle_unit(printed, unknown, indicator, alone, tally.registry, at), name)


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


ROWS = Layout(
    "indicator_rows",
    "Years across, one row per region and indicator, both named on its left (CSV or workbook)",
    "年份横排，每行一个地区和一个指标，名称在左侧（CSV 或工作簿）",
    _recognise,
    _read,
    asked=90,
)
