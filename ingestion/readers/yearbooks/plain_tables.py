"""Tables without titles or units of their own, their years along one side, in three layouts.

provinces_across   years down, provinces across, one indicator, declared with its unit
html_tables        regions down, years across, the same, in HTML or Markdown, often scanned: sources.yaml says which
                   tables of the document make up the one table, and gives the header where the scan spoilt it
indicator_rows     years across, one row per region and indicator, both named left of the figures. The indicator may
                   stand in one column in some rows and in another in the rest, or be merged over a block of rows, and
                   may change its name between blocks: each name speaks for the years it was in use
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from catalog import Registry, Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, by_sheets
from ingestion.readers.exports.nbs_axes import is_set_aside
from ingestion.readers.tables import Meaning, Table, declared_meaning, report
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import find_indicator, settle_indicator, settle_unit, split_unit, squeeze
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.numbers import MISSING_MARKS
from ingestion.vocabulary.regions import (
    match_cells,
    match_rows,
    missing_provinces,
    region_or_problem,
    region_rows,
    starts_note,
)
from ingestion.vocabulary.years import parse_year_cell, years_across, years_down

_DEPTH = 10
_FEWEST_YEARS = 2
_YEAR_HEADERS = frozenset({"year", "年份", "年", "时间", "年度"})


def _is_across(grid: Grid) -> bool:
    if grid.kind not in {"csv", "workbook"} or not grid.filled:
        return False
    sheet = grid.filled[0]
    second = sheet.cell(1, 2)
    return squeeze(sheet.cell(1, 1)).lower() in _YEAR_HEADERS and isinstance(region_or_problem(second), RegionName)


def _filled_columns(sheet: Sheet, first: int) -> set[int]:
    """The columns of figures that hold anything from the row `first` on."""
    return {
        column for row in sheet.rows[first - 1 :] for column, text in enumerate(row, start=1) if column > 1 and text
    }


def _read_across(sheet: Sheet, source: Source, tally: Tally) -> None:
    header = sheet.rows[0]
    filled = _filled_columns(sheet, 1)
    regions = match_cells(sheet, {column: (1, column) for column in range(2, len(header) + 1) if column in filled})
    rows = range(1, len(sheet.rows) + 1)
    dated = [row for row in rows[1:] if any(sheet.rows[row - 1]) and not starts_note(sheet.rows[row - 1])]
    years = years_down(sheet, dated, 1, source.years_absent)
    meaning = declared_meaning(sheet.problem("", 1, 1), years, source, tally)
    headers = {column: sheet.cell(1, column) for column in regions}
    table = Table(sheet, rows, ("year",), "region", headers, years, regions, {0: meaning})
    report(table, misaligned(sheet, header, list(years)), tally)


def _declared_header(sheet: Sheet, source: Source) -> tuple[str, ...]:
    """The declared header, or the first row. Raises Refusal when the declared one has another length."""
    printed = sheet.rows[0]
    if source.header and len(source.header) != len(printed):
        raise Refusal(sheet.problem("header_width", 1, 1, f"{len(source.header)} texts", str(len(printed))))
    return source.header or printed


def _read_document(sheet: Sheet, source: Source, tally: Tally) -> None:
    if sheet.merged:
        raise Refusal(*(sheet.problem("spanned_cell", *place, sheet.cell(*place)) for place in sheet.merged))
    header = _declared_header(sheet, source)
    # A column without a header is left out only where it is empty.
    filled = _filled_columns(sheet, 2)
    headers = {c: text for c, text in enumerate(header, start=1) if c > 1 and (text or c in filled)}
    years = years_across(sheet, 1, headers, source.years_absent)
    meaning = declared_meaning(Problem("", sheet=sheet.name), years, source, tally)
    # A table that goes on over a page may repeat its header.
    named = [row for row in region_rows(sheet, 2, years) if sheet.rows[row - 1] not in (sheet.rows[0], header)]
    regions = match_rows(sheet, named)
    table = Table(sheet, range(1, len(sheet.rows) + 1), ("region",), "year", headers, years, regions, {0: meaning})
    # Where a scan lost a cell, every figure after it stands below another year.
    widths = {row: len(sheet.rows[row - 1]) for row in regions if table.readable(row)}
    shifted = {
        row: sheet.problem("row_width", row, 1, str(width), str(len(header)))
        for row, width in widths.items()
        if width != len(header)
    }
    report(table, shifted, tally)


ACROSS = Layout(
    "provinces_across",
    "Years down, provinces across, one indicator (CSV or workbook)",
    "年份纵排、省份横排的单指标表（CSV 或工作簿）",
    _is_across,
    by_sheets(_read_across),
    asked=80,
)
TABLES = Layout(
    "html_tables",
    "Tables in HTML or Markdown, regions down, years across (.md, .html)",
    "HTML 或 Markdown 中的表格，地区纵排、年份横排（.md、.html）",
    lambda grid: grid.kind == "document" and bool(grid.filled),
    by_sheets(_read_document),
    declared_only=True,
    asked=120,
)


@dataclass(frozen=True)
class _Stub:
    """What stands left of a row's figures: its region, and its indicator with the cell that names it."""

    region: RegionName
    name: str
    column: int


def _years_header(sheet: Sheet) -> tuple[int, int] | None:
    """(row, first column of figures) of a header of years that leaves at least two columns on its left."""
    for row in range(1, min(len(sheet.rows), _DEPTH) + 1):
        cells = sheet.rows[row - 1]
        first = next((c for c, text in enumerate(cells, start=1) if parse_year_cell(text) is not None), None)
        if first is not None:
            years = [text for text in cells[first - 1 :] if text]
            whole = len(years) >= _FEWEST_YEARS and all(parse_year_cell(text) is not None for text in years)
            return (row, first) if whole and first > 2 else None
    return None


def _is_rows(grid: Grid) -> bool:
    if grid.kind not in {"csv", "workbook"} or not grid.filled:
        return False
    sheet = grid.filled[0]
    place = _years_header(sheet)
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
    others: list[Problem] = []
    for column in range(1, first):
        text = sheet.spread(row, column)
        if not text or text.isdecimal():
            continue
        region = region_or_problem(text)
        if isinstance(region, RegionName):
            regions[column] = region
        elif find_indicator(split_unit(text, registry)[0], registry) is not None:
            names.setdefault(text, column)
        else:
            code = "unknown_indicator" if split_unit(text, registry)[1] else "stub_cell"
            others.append(sheet.problem(code, row, column, text))
    if others:
        raise Refusal(others[0])
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
            stub = stubs[row] = _stub(sheet, row, first, tally.registry)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        if stub.region.code is not None:
            before = seen[stub.name].setdefault(stub.region.code, row)
            if before != row:
                problems.append(sheet.problem("repeated_province", row, first - 1, stub.name, f"row {before}"))
    for name, codes in seen.items() if not problems else ():
        missing = missing_provinces(codes, sheet.name)
        problems += [replace(problem, found=f"{problem.found} ({name})") for problem in missing]
    if problems or not stubs:
        raise Refusal(*(problems or [Problem("no_indicator", sheet=sheet.name)]))
    return stubs


def _read_rows(sheet: Sheet, source: Source, tally: Tally) -> None:
    place = _years_header(sheet)
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


ROWS = Layout(
    "indicator_rows",
    "Years across, one row per region and indicator, both named on its left (CSV or workbook)",
    "年份横排，每行一个地区和一个指标，名称在左侧（CSV 或工作簿）",
    _is_rows,
    by_sheets(_read_rows),
    asked=90,
)
