"""Tables of any arrangement, read by a mapping file: what stands where is said there, not here.

The mapping: catalog/declarations/mapping.py; where its tables stand: mapped_tables.py; which cells hold figures and of
whom and of what they are: mapped_axes.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog import Registry, Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, at_first_row, raw_row, read_each, refuse_rows, refused_tables
from ingestion.readers.mappings.mapped_axes import (
    Rule,
    Shape,
    Text,
    axis_reader,
    check_name,
    refuse_twice,
    require_used,
    rule_in_year,
    rules_for,
    rules_of,
    shape_of,
    unit_of,
    unit_of_text,
    year_of,
)
from ingestion.readers.mappings.mapped_tables import Located, locate, require_found
from ingestion.readers.panels.panel_units import Unit
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.regions import missing_provinces


@dataclass(frozen=True)
class _Figure:
    """One cell of figures, with what it is of; the column's unit is settled after all rules are known."""

    row: int
    unit: Unit
    column: Column


def _figures(shape: Shape, rules: list[Rule], source: Source, registry: Registry) -> list[_Figure]:
    """Every cell of figures with what it is of. Raises Refusal with the first contradiction."""
    assert source.mapping is not None
    sheet, located, table = shape.sheet, shape.located, shape.located.table
    regions = axis_reader(table.regions, "regions", shape, source)
    years = axis_reader(table.years, "years", shape, source)
    labels = axis_reader(table.indicators, "indicators", shape, source) if table.indicators is not None else None
    found: list[_Figure] = []
    used: dict[tuple[str, str], tuple[Rule, Problem, set[int]]] = {}
    for row in (row for row in shape.rows if row not in shape.shifted):
        for column in shape.columns:
            year = year_of(years(row, column), source)
            unit = unit_of_text(regions(row, column), year, source.mapping.entity_level)
            label = labels(row, column) if labels is not None else _header(shape, column)
            candidates = rules_for(label.text, rules)
            if not candidates:
                expected = f"{located.key}.columns"
                raise Refusal(replace(label.at, code="mapping_unmatched", found=label.text, expected=expected))
            if not sheet.cell(row, column) and not any(rule.column.in_use(year) for rule in candidates):
                continue
            rule = rule_in_year(candidates, year, label.text, label.at)
            used.setdefault((label.text, rule.key), (rule, label.at, set()))[2].add(year)
            found.append(_Figure(row, unit, Column(column, year, rule.column.indicator, rule.key, label.text)))
    units = {}
    for key, (rule, at, of_years) in used.items():
        check_name(key[0], rule, of_years, at, registry)
        units[key] = unit_of(key[0], rule, sheet, located, source, registry, at)
    every_year = {figure.column.year for figure in found}
    require_used(rules, {key for _, key in used}, every_year, sheet, located.header)
    return [replace(f, column=replace(f.column, raw_unit=units[f.column.header, f.column.raw_unit])) for f in found]


def _header(shape: Shape, column: int) -> Text:
    return Text(shape.located.headers[column - 1], shape.located.at(shape.sheet, column))


def _require_complete(figures: list[_Figure], shape: Shape, source: Source) -> None:
    """Raise Refusal for a figure in two cells, and for provinces never named."""
    sheet, table = shape.sheet, shape.located.table
    refuse_twice(
        (
            (
                (figure.unit, figure.column.year, figure.column.indicator),
                sheet.locate(figure.row, figure.column.column),
                sheet.problem("", figure.row, figure.column.column),
            )
            for figure in figures
            if figure.unit.code is not None
        ),
        shape.located.key,
    )
    assert source.mapping is not None
    if source.mapping.entity_level == "province" and table.all_provinces and table.regions.title is None:
        missing = missing_provinces({f.unit.code for f in figures if f.unit.code is not None}, sheet.name)
        if missing:
            raise Refusal(*missing)


def _read_table(sheet: Sheet, located: Located, source: Source, tally: Tally) -> None:
    """Report every row with figures to the tally. Raises Refusal before it accounts for any."""
    rules = rules_of(located)
    shape = shape_of(sheet, located, rules)
    figures = _figures(shape, rules, source, tally.registry)
    _require_complete(figures, shape, source)
    for problem in shape.shifted.values():
        tally.reject_row(problem, raw_row(sheet.rows[problem.row - 1]))
    for row in sorted({figure.row for figure in figures if figure.unit.code is not None}):
        tally.fate(sheet.name, row, "loaded")
    for figure in figures:
        if figure.unit.code is not None:
            tally.value(sheet, figure.row, figure.column, figure.unit.code, figure.unit.level)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally, seen: set[str]) -> None:
    assert source.mapping is not None, "layout `mapped` and a mapping go together"
    tables, refused = locate(sheet, source.mapping)
    seen |= {located.key for located in tables}
    wrong = refused_tables(tables, lambda located: _read_table(sheet, located, source, tally), tally)
    refused += [(located.rows, cause) for located, cause in wrong]
    if len(wrong) == len(tables):
        raise Refusal(*(problem for _, cause in refused for problem in cause.problems))
    for rows, cause in refused:
        refuse_rows(sheet, rows, at_first_row(cause, rows), tally)
    for row in range(1, len(sheet.rows) + 1):
        if (sheet.name, row) not in tally.fates:
            tally.fate(sheet.name, row, "set_aside")


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    assert source.mapping is not None
    seen: set[str] = set()
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally, seen))
    problem = require_found(source.mapping, seen)
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
