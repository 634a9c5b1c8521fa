"""Tables of any arrangement, read by a mapping file: what stands where is said there, not here.

The mapping: catalog/declarations/mapping.py; where its tables stand: mapped_tables.py; which cells hold figures and of
whom and of what they are: mapped_axes.py.
"""

from dataclasses import replace
from itertools import product

from catalog import Registry, Source
from catalog.declarations.mapping import Mapping
from ingestion.readers.base import (
    Grid,
    Layout,
    Refusal,
    Sheet,
    raw_row,
    read_each,
    refuse_for,
    refuse_tables,
    refused_tables,
)
from ingestion.readers.mappings.mapped_axes import (
    Label,
    Shape,
    axis_reader,
    check_name,
    require_used,
    rule_in_year,
    rules_for,
    shape_of,
    unit_of,
    unit_of_text,
    year_of,
)
from ingestion.readers.mappings.mapped_tables import Located, locate, require_found
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import missing_provinces

# The row of a cell of figures, and what it is of; the column's unit is settled after all rules are known.
_Figure = tuple[int, RegionName, Column]


def _figures(shape: Shape, mapping: Mapping, source: Source, registry: Registry) -> list[_Figure]:
    """Every cell of figures, without those of subtotals, with what it is of. Raises Refusal at a contradiction."""
    sheet, located, table = shape.sheet, shape.located, shape.located.table
    rules = located.rules
    regions = axis_reader(table.regions, "regions", shape, source)
    years = axis_reader(table.years, "years", shape, source)
    labels = axis_reader(table.indicators, "indicators", shape, source)
    found: list[_Figure] = []
    used: dict[tuple[str, str], tuple[Label, set[int]]] = {}
    for row, column in product(shape.rows, shape.columns):
        year = year_of(years(row, column), source)
        unit = unit_of_text(regions(row, column), year, mapping.entity_level)
        label = labels(row, column)
        candidates = rules_for(label.found, rules)
        if not candidates:
            raise Refusal(replace(label, code="mapping_unmatched", expected=f"{located.key}.columns"))
        if not sheet.cell(row, column) and not any(rule.in_use(year) for rule in candidates.values()):
            continue
        key = rule_in_year(candidates, year, label)
        used.setdefault((label.found, key), (label, set()))[1].add(year)
        found.append((row, unit, Column(column, year, rules[key].indicator, key, label.found)))
    units = {}
    for (text, key), (label, of_years) in used.items():
        check_name(label, key, rules[key].indicator, of_years, registry)
        units[text, key] = unit_of(label, key, located, sheet, source, registry)
    require_used(rules, {key for _, key in used}, {column.year for *_, column in found}, sheet, located.header)
    return [
        (row, unit, replace(column, raw_unit=units[column.header, column.raw_unit]))
        for row, unit, column in found
        if unit.code is not None
    ]


def _require_complete(figures: list[_Figure], shape: Shape, mapping: Mapping) -> None:
    """Raise Refusal for a figure in two cells, and for provinces never named."""
    sheet, table = shape.sheet, shape.located.table
    cells: dict[tuple[RegionName, int, str], str] = {}
    for row, unit, column in figures:
        cell = sheet.locate(row, column.column)
        first = cells.setdefault((unit, column.year, column.indicator), cell)
        if first != cell:
            raise Refusal(sheet.problem("mapping_repeated", row, column.column, f"{first}, {cell}", shape.located.key))
    if mapping.entity_level == "province" and table.all_provinces and table.regions.title is None:
        refuse_for(missing_provinces({unit.code for _, unit, _ in figures}, sheet.name))


def _read_table(located: Located, sheet: Sheet, mapping: Mapping, source: Source, tally: Tally) -> None:
    """Report every row with figures to the tally. Raises Refusal before it accounts for any."""
    shape = shape_of(sheet, located)
    figures = _figures(shape, mapping, source, tally.registry)
    _require_complete(figures, shape, mapping)
    for row, problem in shape.shifted.items():
        tally.reject_row(problem, raw_row(sheet.rows[row - 1]))
    for row in sorted({row for row, *_ in figures}):
        tally.fate(sheet.name, row, "loaded")
    for row, unit, column in figures:
        tally.value(sheet, row, column, unit.code or 0, unit.level)


def _read_sheet(sheet: Sheet, mapping: Mapping, source: Source, tally: Tally, seen: set[str]) -> None:
    tables, refused = locate(sheet, mapping)
    seen |= {located.key for located in tables}
    wrong = list(refused_tables(tables, lambda one: _read_table(one, sheet, mapping, source, tally), tally))
    refused += [(located.rows, cause) for located, cause in wrong]
    refuse_tables(sheet, refused, tally, every=len(wrong) == len(tables))
    for row in range(1, len(sheet.rows) + 1):
        if (sheet.name, row) not in tally.fates:
            tally.fate(sheet.name, row, "set_aside")


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    mapping = source.mapping
    assert mapping is not None, "layout `mapped` and a mapping go together"
    seen: set[str] = set()
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, mapping, source, tally, seen))
    problem = require_found(mapping, seen)
    if problem is not None:
        tally.reject(problem, "")


MAPPED = Layout(
    "mapped",
    "Tables of any arrangement, described by a mapping file (CSV, workbook, Stata, SPSS, HTML)",
    "由映射文件描述的任意版式表格（CSV、工作簿、Stata、SPSS、HTML）",
    lambda grid: bool(grid.filled),
    _read,
    declared_only=True,
    asked=130,
)
