"""Tables of any arrangement, read by a mapping file: what stands where is said there, not here.

The mapping: catalog/source_mapping.py; where its tables stand: mapped_tables.py; what headers mean: mapped_columns.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from catalog import Source
from catalog.source_mapping import Axis
from ingestion.alignment import misaligned
from ingestion.grid import Grid, Sheet
from ingestion.headers import parse_year
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, raw_row, read_each
from ingestion.readers.mapped_columns import (
    Rule,
    check_name,
    refuse_twice,
    require_used,
    rule_in_year,
    rules_for,
    rules_of,
    unit_of,
)
from ingestion.readers.mapped_tables import Located, column_at, locate, matches, titles
from ingestion.readers.panel_units import Unit, city_or_problem
from ingestion.regions import is_figure, missing_provinces, region_or_problem, starts_note
from ingestion.tally import Column, Tally
from ingestion.years import parse_year_cell


@dataclass(frozen=True)
class _Figure:
    """One cell of figures, with what it is of."""

    row: int
    unit: Unit
    column: Column


class _Reader:
    """Reads one located table; every method raises Refusal for what contradicts the mapping."""

    def __init__(self, sheet: Sheet, located: Located, source: Source, tally: Tally) -> None:
        assert source.mapping is not None
        self.sheet, self.located, self.source, self.tally = sheet, located, source, tally
        self.table, self.mapping = located.table, source.mapping
        self.rules = rules_of(located)
        axes = {"regions": self.table.regions, "years": self.table.years, "indicators": self.table.indicators}
        self.labels = {
            name: column_at(located, axis.down, sheet, f"{located.key}.{name}.down")
            for name, axis in axes.items()
            if axis is not None and axis.down is not None
        }
        self.columns = self._figure_columns()
        self.rows = self._figure_rows()
        self.shifted = misaligned(sheet, located.headers, self.rows) if not sheet.merged else {}

    def _figure_columns(self) -> list[int]:
        """Columns that hold figures: those a rule covers, or with labels of rows all but the labels and what is aside."""
        found = []
        for column, text in enumerate(self.located.headers, start=1):
            if column in self.labels.values() or (text and matches(self.table.set_aside_columns, text)):
                continue
            filled = any(self.sheet.cell(row, column) for row in range(self.located.data, self.located.last + 1))
            if not filled and not text:
                continue
            if "indicators" not in self.labels and not rules_for(text, self.rules):
                at = self.located.at(self.sheet, column)
                raise Refusal(replace(at, code="mapping_unmatched", found=text, expected=f"{self.located.key}.columns"))
            found.append(column)
        if not found:
            raise Refusal(Problem("mapping_no_figures", expected=f"{self.located.key}.columns", sheet=self.sheet.name))
        return found

    def _figure_rows(self) -> list[int]:
        """Rows below the header but for blank ones, those declared aside, and notes with the lines they go on with."""
        rows, noted = [], False
        label = self.labels.get("regions", min(self.labels.values(), default=1))
        for row in range(self.located.data, self.located.last + 1):
            cells = self.sheet.rows[row - 1]
            if starts_note(cells):
                noted = True
            elif any(cells) and not matches(self.table.set_aside_rows, self.sheet.cell(row, label)):
                if not (noted and not any(is_figure(self.sheet.cell(row, column)) for column in self.columns)):
                    rows.append(row)
        return rows

    def _unit(self, text: Text, year: int) -> Unit:
        if self.mapping.entity_level == "city":
            place = city_or_problem(text.text, None, year)
            if isinstance(place, Problem):
                raise Refusal(replace(place, sheet=text.at.sheet, row=text.at.row, cell=text.at.cell))
            return Unit("city", place.code)
        region = region_or_problem(text.text)
        if isinstance(region, Problem):
            raise Refusal(replace(region, sheet=text.at.sheet, row=text.at.row, cell=text.at.cell))
        return Unit(region.level, region.code)

    def figures(self) -> list[_Figure]:
        """Every cell of figures with what it is of. Raises Refusal with the first contradiction."""
        regions = self._read_axis(self.table.regions, "regions")
        years = self._read_axis(self.table.years, "years")
        labels = self._read_axis(self.table.indicators, "indicators") if self.table.indicators is not None else None
        found: list[_Figure] = []
        used: dict[tuple[str, str], tuple[Rule, Problem, set[int]]] = {}
        for row in self.rows:
            if row in self.shifted:
                continue
            for column in self.columns:
                year = self._year(years(row, column))
                unit = self._unit(regions(row, column), year)
                if labels is not None:
                    label = labels(row, column)
                else:
                    label = Text(self.located.header_text(column), self.located.at(self.sheet, column))
                candidates = rules_for(label.text, self.rules)
                if not candidates:
                    expected = f"{self.located.key}.columns"
                    raise Refusal(replace(label.at, code="mapping_unmatched", found=label.text, expected=expected))
                if not self.sheet.cell(row, column) and not any(rule.column.in_use(year) for rule in candidates):
                    continue
                rule = rule_in_year(candidates, year, label.text, label.at)
                used.setdefault((label.text, rule.key), (rule, label.at, set()))[2].add(year)
                meaning = Column(column, year, rule.column.indicator, rule.key, label.text)
                found.append(_Figure(row, unit, meaning))
        units = {key: self._settled(key[0], *entry) for key, entry in used.items()}
        every_year = {figure.column.year for figure in found}
        require_used(self.rules, {key for _, key in used}, every_year, self.sheet, self.located.header)
        settled = [
            replace(f, column=replace(f.column, raw_unit=units[f.column.header, f.column.raw_unit])) for f in found
        ]
        self._complete(settled)
        return settled

    def _settled(self, text: str, rule: Rule, at: Problem, years: set[int]) -> str:
        check_name(text, rule, years, at, self.tally.registry)
        return unit_of(text, rule, self.sheet, self.located, self.source, self.tally.registry, at)

    def _complete(self, figures: list[_Figure]) -> None:
        """Raise Refusal for a figure in two cells, and for provinces never named."""
        refuse_twice(
            (
                (
                    (f.unit, f.column.year, f.column.indicator),
                    self.sheet.locate(f.row, f.column.column),
                    self.sheet.problem("", f.row, f.column.column),
                )
                for f in figures
                if f.unit.code is not None
            ),
            self.located.key,
        )
        one_region = self.table.regions.title is not None
        if self.mapping.entity_level == "province" and self.table.all_provinces and not one_region:
            missing = missing_provinces({f.unit.code for f in figures if f.unit.code is not None}, self.sheet.name)
            if missing:
                raise Refusal(*missing)

    def read(self) -> None:
        """Report every row of the table to the tally."""
        figures = self.figures()
        for problem in self.shifted.values():
            self.tally.reject_row(problem, raw_row(self.sheet.rows[problem.row - 1]))
        for row in sorted({figure.row for figure in figures if figure.unit.code is not None}):
            self.tally.fate(self.sheet.name, row, "loaded")
        for figure in figures:
            if figure.unit.code is not None:
                self.tally.value(self.sheet, figure.row, figure.column, figure.unit.code, figure.unit.level)


def _refuse_rows(sheet: Sheet, rows: range, refusal: Refusal, tally: Tally) -> None:
    """Refuse the rows of one table of a sheet; the others stand."""
    first = refusal.problems[0]
    # A problem of the whole table is told at its first row.
    placed = [
        problem if problem.row in rows else replace(problem, row=rows[0], cell="") for problem in refusal.problems
    ]
    causes = {problem.row: problem for problem in reversed(placed)}
    where = f"{first.sheet} {first.cell}".strip() or f"row {rows[0]}"
    for row in rows:
        pointer = Problem("table_refused", "", f"see {where}: {first.code}", sheet=sheet.name, row=row)
        tally.reject_row(causes.get(row, pointer), raw_row(sheet.rows[row - 1]))


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    assert source.mapping is not None, "layout `mapped` and a mapping go together"
    tables, refused = locate(sheet, source.mapping)
    for located in tables:
        try:
            _Reader(sheet, located, source, tally).read()
        except Refusal as refusal:
            refused.append((range(located.top, located.last + 1), refusal))
    if all(any(located.top in rows for rows, _ in refused) for located in tables):
        raise Refusal(*(problem for _, refusal in refused for problem in refusal.problems))
    for rows, refusal in refused:
        _refuse_rows(sheet, rows, refusal, tally)
    for row in range(1, len(sheet.rows) + 1):
        if (sheet.name, row) not in tally.fates:
            tally.fate(sheet.name, row, "set_aside")


def _read(grid: Grid, source: Source, tally: Tally) -> None:
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


MAPPED = Layout(
    "mapped",
    "Tables of any arrangement, described by a mapping file (CSV, workbook, Stata, SPSS, HTML)",
    "由映射文件描述的任意版式表格（CSV、工作簿、Stata、SPSS、HTML）",
    lambda grid: bool(grid.filled),
    _read,
    declared_only=True,
)
