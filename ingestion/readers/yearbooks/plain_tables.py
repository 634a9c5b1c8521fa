"""Tables without titles or units of their own, their years along one side, in four layouts.

provinces_across   years down, provinces across, one indicator, declared with its unit
html_tables        regions down, years across, the same, in HTML or Markdown, often scanned: sources.yaml says which
                   tables of the document make up the one table, and gives the header where the scan spoilt it
indicator_rows     years across, one row per region and indicator, both named left of the figures. The indicator may
                   stand in one column in some rows and in another in the rest, or be merged over a block of rows, and
                   may change its name between blocks: each name speaks for the years it was in use
ordered_rows       years across from the first column on, one indicator; nothing says whose a row is, so the rows are
                   read only in the order an entry declares
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from catalog import Registry, Source, load_registry
from ingestion.checks.alignment import misaligned
from ingestion.checks.no_data import rows_without_data
from ingestion.readers.base import (
    Layout,
    Problem,
    Refusal,
    Sheet,
    Tally,
    by_sheets,
    given,
    on_first_sheet,
    refuse_for,
    require,
)
from ingestion.readers.tables import Meaning, Table, is_set_aside, report, settle_meaning
from ingestion.vocabulary.claims import unused_keys
from ingestion.vocabulary.headers import find_indicator, is_part_of_year, split_unit, squeeze
from ingestion.vocabulary.labels import label_problem
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.numbers import is_missing
from ingestion.vocabulary.regions import (
    is_figure,
    match_cells,
    match_rows,
    missing_provinces,
    region_rows,
    starts_note,
)
from ingestion.vocabulary.unit_lines import unit_line
from ingestion.vocabulary.years import parse_year_cell, years_across, years_down

# Keys of an entry they take account of.
_USES = frozenset({"indicator", "unit", "years_absent", "provinces_absent", "set_aside_columns", "missing_marks"})
_ORDER = "entity_order"
# A label printed once speaks for fewer rows.
_LOOKED_UP = 1000
_DEPTH = 10
_FEWEST_YEARS = 2
_YEAR_HEADERS = frozenset({"year", "年份", "年", "时间", "年度"})


def _is_across(sheet: Sheet, _: Source) -> bool:
    return _across_header(sheet) is not None


def _across_header(sheet: Sheet) -> int | None:
    """The row of a header of provinces: the first one, or one with nothing but titles above it."""
    for row in range(1, min(len(sheet.rows), _DEPTH) + 1):
        first = squeeze(sheet.cell(row, 1)).lower()
        if first in _YEAR_HEADERS and isinstance(region_or_problem(sheet.cell(row, 2)), RegionName):
            return row
        if any(is_figure(text) for text in sheet.rows[row - 1]):
            break
    return None


def _header_texts(sheet: Sheet, row: int, source: Source, tally: Tally) -> tuple[dict[int, str], set[int]]:
    """Column -> text of a header from its second cell on, and the columns declared to be left out."""
    texts = {column: text for column, text in enumerate(sheet.rows[row - 1], start=1) if column > 1}
    aside = {column for column, text in texts.items() if text and is_set_aside(text, source, tally.registry)}
    return {column: text for column, text in texts.items() if column not in aside}, aside


def _printed_unit(sheet: Sheet, header: int, tally: Tally) -> tuple[str, Problem] | None:
    """The unit in a line above the header, with the place problems of it are told at."""
    unit, unknown = unit_line(sheet, range(1, header), tally.registry)
    text = unit or unknown
    return (text, sheet.problem("", header, 1)) if text is not None else None


def _filled_columns(sheet: Sheet, first: int) -> set[int]:
    """The columns of figures that hold anything from the row `first` on."""
    return {
        column for row in sheet.rows[first - 1 :] for column, text in enumerate(row, start=1) if column > 1 and text
    }


def _rows_below(sheet: Sheet, header: int = 1) -> list[int]:
    """The rows below the header but for blank ones and notes."""
    below = enumerate(sheet.rows[header:], start=header + 1)
    return [row for row, cells in below if any(cells) and not starts_note(cells)]


def _read_across(sheet: Sheet, source: Source, tally: Tally) -> None:
    top = given(_across_header(sheet), Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    filled = _filled_columns(sheet, top)
    texts, aside = _header_texts(sheet, top, source, tally)
    places = {column: (top, column) for column in texts if column in filled}
    regions = match_cells(sheet, places, source.absent_codes)
    rows = _rows_below(sheet, top)
    stray = rows_without_data(sheet, rows, {1: _says_year}, list(regions), [top])
    years = years_down(sheet, [row for row in rows if row not in stray], top, source.years_absent)
    at, unit = sheet.problem("", top, 1), _printed_unit(sheet, top, tally)
    meaning = settle_meaning("", years.values(), source, tally, at, unit)
    headers = {column: sheet.cell(top, column) for column in regions}
    every = range(1, len(sheet.rows) + 1)
    table = Table(sheet, every, ("year",), "region", headers, years, regions, {0: meaning}, aside=aside)
    report(table, {**misaligned(sheet, sheet.rows[top - 1], list(years)), **stray}, tally)


def _says_year(text: str) -> bool:
    return parse_year_cell(text) is not None or is_part_of_year(text)


def _says_region(text: str) -> bool:
    found = region_or_problem(text)
    return not isinstance(found, Problem) or found.code != "unknown_province"


def _read_document(sheet: Sheet, source: Source, tally: Tally) -> None:
    refuse_for(
        sheet.problem("spanned_cell", *place, sheet.cell(*place)) for place in dict.fromkeys(sheet.merged.values())
    )
    printed = sheet.rows[0]
    header = source.header or printed
    width = sheet.problem("header_width", 1, 1, str(len(header)), str(len(printed)))
    require(len(header) == len(printed), width)
    # A column without a header is left out only where it is empty.
    filled = _filled_columns(sheet, 2)
    aside = {c for c, text in enumerate(header, start=1) if c > 1 and is_set_aside(text, source, tally.registry)}
    headers = {c: t for c, t in enumerate(header, start=1) if c > 1 and c not in aside and (t or c in filled)}
    years = years_across(sheet, 1, headers, source.years_absent)
    meaning = settle_meaning("", years.values(), source, tally, Problem("", sheet=sheet.name))
    # A table that goes on over a page may repeat its header.
    named = [row for row in region_rows(sheet, 2, years) if sheet.rows[row - 1] not in (printed, header)]
    stray = rows_without_data(sheet, named, {1: _says_region}, list(years), [1])
    regions = match_rows(sheet, named, source.absent_codes, stray)
    every = range(1, len(sheet.rows) + 1)
    table = Table(sheet, every, ("region",), "year", headers, years, regions, {0: meaning}, aside=aside)
    # Where a scan lost a cell, every figure after it stands below another year.
    widths = {row: len(sheet.rows[row - 1]) for row in regions if table.readable(row)}
    shifted = {
        row: sheet.problem("row_width", row, 1, str(width), str(len(header)))
        for row, width in widths.items()
        if width != len(header)
    }
    report(table, {**shifted, **stray}, tally)


def _is_ordered(sheet: Sheet, source: Source) -> bool:
    """Whether the first row holds years only, but for columns left out, and the next one figures only."""
    header = [cell for cell in sheet.rows[0] if cell and not is_set_aside(cell, source, load_registry())]
    second = [cell for cells in sheet.rows[1:2] for cell in cells if cell]
    years = len(header) >= _FEWEST_YEARS and all(parse_year_cell(cell) is not None for cell in header)
    return years and bool(sheet.rows[0][0]) and bool(second) and all(is_figure(cell) for cell in second)


def _read_ordered(sheet: Sheet, source: Source, tally: Tally) -> None:
    order = source.order
    headers, aside = _header_texts(sheet, 1, source, tally)
    headers[1] = sheet.cell(1, 1)
    filled = _rows_below(sheet)

    def is_mark(text: str) -> bool:
        return bool(text) and is_missing(text, sheet.marks)

    stray = rows_without_data(sheet, filled, dict.fromkeys(headers, is_mark), list(headers), [1])
    rows = [row for row in filled if row not in stray]
    idle = [f"panel: {key}" for key in (source.panel.model_fields_set if source.panel else ()) if key != _ORDER]
    require(not idle, unused_keys(sorted(idle), "ordered_rows", [f"panel: {_ORDER}"]))
    require(order, Problem("order_undeclared", hint=str(len(rows)), sheet=sheet.name, row=1))
    require(len(rows) == len(order), Problem("order_rows", str(len(rows)), str(len(order)), sheet=sheet.name))
    regions = {row: RegionName("province", code) for row, code in zip(rows, order, strict=True)}
    years = years_across(sheet, 1, {column: text for column, text in headers.items() if text}, source.years_absent)
    meaning = settle_meaning("", years.values(), source, tally, sheet.problem("", 1, 1))
    every = range(1, len(sheet.rows) + 1)
    table = Table(sheet, every, ("region",), "year", headers, years, regions, {0: meaning}, first=1, aside=aside)
    report(table, {**misaligned(sheet, sheet.rows[0], rows), **stray}, tally)


# What stands left of a row's figures: its region, and its indicator with the column of the cell that names it.
_Stub = tuple[RegionName, str, int]


def _years_header(sheet: Sheet, source: Source) -> tuple[int, int] | None:
    """(row, first column of figures) of a header of years that leaves at least two columns on its left."""
    registry = load_registry()
    for row, cells in enumerate(sheet.rows[:_DEPTH], start=1):
        first = next((c for c, text in enumerate(cells, start=1) if parse_year_cell(text) is not None), None)
        if first is not None:
            years = [text for text in cells[first - 1 :] if text and not is_set_aside(text, source, registry)]
            whole = len(years) >= _FEWEST_YEARS and all(parse_year_cell(text) is not None for text in years)
            return (row, first) if whole and first > 2 else None
    return None


def _is_rows(sheet: Sheet, source: Source) -> bool:
    """Whether the first row of figures names a region and something else that is no number."""
    row, first = _years_header(sheet, source) or (0, 0)
    cells = [cell for column in range(1, first) if (cell := sheet.spread(row + 1, column))]
    regions = [cell for cell in cells if isinstance(region_or_problem(cell), RegionName)]
    return len(regions) == 1 and any(cell not in regions and not cell.isdecimal() for cell in cells)


def _stub(sheet: Sheet, row: int, first: int, registry: Registry) -> _Stub:
    """Region and indicator of a row. Raises Refusal at the cell that is neither, or at the row that lacks one."""
    regions: dict[int, RegionName] = {}
    names: dict[str, int] = {}
    for column in range(1, first):
        text = sheet.spread(row, column)
        if not text or text.isdecimal():
            continue
        region = region_or_problem(text)
        name, unit, _ = split_unit(text, registry)
        if isinstance(region, RegionName):
            regions[column] = region
        else:
            code = "unknown_indicator" if unit else "stub_cell"
            require(find_indicator(name, registry) is not None, sheet.problem(code, row, column, text))
            names.setdefault(text, column)
    lacking = {column: above for column in range(1, first) if (above := _label_above(sheet, row, column))}
    if lacking and len(regions) + len(names) == 1:
        empty = max(lacking, key=lambda column: lacking[column])
        raise Refusal(label_problem(sheet, row, empty, Problem("stub_cell")))
    found = ", ".join([*(sheet.spread(row, column) for column in regions), *names]) or "-"
    require(len(regions) == len(names) == 1, sheet.problem("stub_cell", row, 1, found))
    return next(iter(regions.values())), *next(iter(names.items()))


def _label_above(sheet: Sheet, row: int, column: int) -> int:
    """The last row above an empty cell whose cell is filled; 0 for a cell that is not empty, or has none above it."""
    if sheet.spread(row, column):
        return 0
    return next((above for above in range(row - 1, max(0, row - _LOOKED_UP), -1) if sheet.spread(above, column)), 0)


def _understand(sheet: Sheet, rows: list[int], first: int, source: Source, tally: Tally) -> dict[int, _Stub]:
    """Row -> what it stands for; rows of an indicator set aside are left out.

    Raises Refusal for wrong cells, and for regions that occur twice or are missing under one name of an indicator.
    """
    stubs: dict[int, _Stub] = {}
    problems: list[Problem] = []
    seen: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        texts = [sheet.spread(row, column) for column in range(1, first)]
        if any(is_set_aside(text, source, tally.registry) for text in texts if text):
            continue
        try:
            region, name, _ = stubs[row] = _stub(sheet, row, first, tally.registry)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        before = seen[name].setdefault(region.code, row) if region.code is not None else row
        if before != row:
            problems.append(sheet.problem("repeated_province", row, first - 1, name, f"row {before}"))
    for name, codes in seen.items() if not problems else ():
        missing = missing_provinces(codes, sheet.name, source.absent_codes)
        problems += [replace(problem, expected=name) for problem in missing]
    refuse_for(problems)
    require(stubs, Problem("no_indicator", sheet=sheet.name))
    return stubs


def _read_rows(sheet: Sheet, source: Source, tally: Tally) -> None:
    header, first = given(_years_header(sheet, source), Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    cells = sheet.rows[header - 1]
    printed, aside = _header_texts(sheet, header, source, tally)
    texts = {column: text for column, text in printed.items() if column >= first and text}
    years = years_across(sheet, header, texts, source.years_absent)
    named = region_rows(sheet, header + 1, list(years))
    says = dict.fromkeys(range(1, first), lambda text: _says_stub(text, tally.registry))
    stray = rows_without_data(sheet, named, says, list(years), [header])
    stubs = _understand(sheet, [row for row in named if row not in stray], first, source, tally)
    _require_declared(sheet, stubs, source)
    # The declaration of a file's one indicator covers no printed name.
    alone = source.model_copy(update={"indicator": None})
    meanings: dict[int, Meaning] = {}
    for row, (_, name, column) in stubs.items():
        # A name must have been in use in the years the row has figures for.
        filled = [year for c, year in years.items() if not is_missing(sheet.cell(row, c), sheet.marks)]
        meanings[row] = settle_meaning(name, filled, alone, tally, sheet.problem("", row, column))
    regions = {row: region for row, (region, *_) in stubs.items()}
    rows = range(1, len(sheet.rows) + 1)
    table = Table(sheet, rows, ("region", "indicator"), "year", texts, years, regions, meanings, first, aside)
    report(table, {**misaligned(sheet, cells, list(stubs)), **stray}, tally)


def _says_stub(text: str, registry: Registry) -> bool:
    return _says_region(text) or find_indicator(split_unit(text, registry)[0], registry) is not None


def _require_declared(sheet: Sheet, stubs: Mapping[int, _Stub], source: Source) -> None:
    """Raise Refusal for an indicator declared under `columns` that no row names: the file may be cut off."""
    printed = {squeeze(name) for _, name, _ in stubs.values()}
    absent = [name for name in source.columns if squeeze(name) not in printed]
    at = Problem("indicator_absent", ", ".join(absent), str(len(source.present_codes)), sheet=sheet.name)
    require(not absent, replace(at, row=len(sheet.rows)))


ACROSS = Layout(
    "provinces_across",
    "Years down, provinces across, one indicator (CSV or workbook)",
    "年份纵排、省份横排的单指标表（CSV 或工作簿）",
    on_first_sheet(_is_across),
    by_sheets(_read_across),
    asked=80,
    uses=_USES,
)
ROWS = Layout(
    "indicator_rows",
    "Years across, one row per region and indicator, both named on its left (CSV or workbook)",
    "年份横排，每行一个地区和一个指标，名称在左侧（CSV 或工作簿）",
    on_first_sheet(_is_rows),
    by_sheets(_read_rows),
    asked=90,
    uses=(_USES - {"indicator"}) | {"columns"},
)
ORDERED = Layout(
    "ordered_rows",
    "Years across, rows in a declared order of provinces, one indicator (CSV or workbook)",
    "年份横排、各行按声明的省份次序排列的单指标表（CSV 或工作簿）",
    on_first_sheet(_is_ordered),
    by_sheets(_read_ordered),
    asked=100,
    uses=_USES | {"panel"},
)
TABLES = Layout(
    "html_tables",
    "Tables in HTML or Markdown, regions down, years across (.md, .html)",
    "HTML 或 Markdown 中的表格，地区纵排、年份横排（.md、.html）",
    lambda grid, _: grid.kind == "document" and bool(grid.filled),
    by_sheets(_read_document),
    declared_only=True,
    asked=120,
    uses=_USES | {"tables", "header"},
)
