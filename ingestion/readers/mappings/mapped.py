"""Tables of any arrangement, read by a mapping file, which describes the arrangement.

Belongs here: the texts that say what each figure is of (labels of rows, parts of headers and of titles, as regions and
years), the rule of the mapping for each header, its indicator and its unit, and the figures. Nothing is guessed: a
header no rule covers, a rule that covers none, and two rules or columns for one figure are refused with the key of the
mapping. The mapping: catalog/declarations/mapping.py; where its tables stand: mapped_tables.py.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import product

from catalog import Registry, Source
from catalog.declarations.mapping import Axis, MappedColumn, Mapping
from ingestion.readers.base import (
    Grid,
    Layout,
    Problem,
    Refusal,
    Sheet,
    given,
    raw_row,
    read_each,
    refuse_for,
    refuse_tables,
    refused_tables,
    require,
)
from ingestion.readers.mappings.mapped_tables import Located, Rules, Shape, locate, require_found, rules_for, shape_of
from ingestion.readers.panels.panel_units import city_or_problem
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import (
    find_indicator,
    require_in_use,
    settle_unit,
    split_unit,
    squeeze,
    unit_symbol,
)
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.patterns import fullmatch
from ingestion.vocabulary.regions import is_figure, missing_provinces
from ingestion.vocabulary.years import parse_year_cell

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNIT_LINE = re.compile(r"(?:单位|Unit)\s*[:：]\s*(\S.*)", re.IGNORECASE)


# A text that says what figures are of, and its place: the problem it is as soon as it has a code.
Label = Problem


def axis_reader(axis: Axis | None, name: str, shape: Shape, source: Source) -> Callable[[int, int], Label]:
    """(row, column) -> the text that names the region, year or indicator of that cell: by default, its header.

    Raises Refusal.
    """
    sheet, located = shape.sheet, shape.located
    if axis is None:
        return lambda _, column: located.at(sheet, column)
    if axis.down is not None:
        column = shape.labels[name]
        return lambda row, _: _row_label(sheet, row, column)
    key = f"{located.key}.{name}"
    if axis.across is not None:
        found = {column: _across(axis.across, column, f"{key}.across", shape) for column in shape.columns}
        return lambda _, column: found[column]
    if axis.title is not None:
        title = _titled(axis.title, f"{key}.title", shape)
        return lambda *_: title
    undeclared = Problem("mapping_no_year", expected=key, sheet=sheet.name, row=located.top)
    declared = Label("", str(given(source.year, undeclared)), sheet=sheet.name, row=located.top)
    return lambda *_: declared


def _row_label(sheet: Sheet, row: int, column: int) -> Label:
    """The label of a row. Raises Refusal for one that is empty."""
    text = sheet.spread(row, column)
    require(text, sheet.problem("mapping_empty_label", row, column))
    return sheet.problem("", row, column, text)


def _across(pattern: str, column: int, key: str, shape: Shape) -> Label:
    label = shape.located.at(shape.sheet, column)
    match = fullmatch(pattern, label.found)
    unread = replace(label, code="mapping_unread", expected=f"{key}: {pattern}")
    return replace(label, found=given(match and match.group(1), unread).strip())


def _titled(pattern: str, key: str, shape: Shape) -> Label:
    found = [
        shape.sheet.problem("", row, column, (match.group(1) or "").strip())
        for row, column, text in shape.sheet.texts(range(shape.located.top, shape.located.header))
        for match in re.finditer(pattern, text)
    ]
    printed = list(dict.fromkeys(label.found for label in found))
    require(
        len(printed) == 1,
        Problem("mapping_unread", ", ".join(printed), f"{key}: {pattern}", "", shape.sheet.name, shape.located.top),
    )
    return found[0]


def year_of(label: Label, source: Source) -> int:
    """The year a text says. Raises Refusal for none, and for one that contradicts sources.yaml."""
    year = parse_year_cell(label.found)
    if year is None:
        raise Refusal(replace(label, code="mapping_year"))
    if source.year not in {None, year}:
        expected = f"{source.year} (sources.yaml)"
        raise Refusal(replace(label, code="contradicting_year", found=str(year), expected=expected))
    return year


def unit_of_text(label: Label, year: int, entity_level: str) -> RegionName:
    """The province, nation, subtotal or city a text names in a year. Raises Refusal."""
    found = city_or_problem(label.found, None, year) if entity_level == "city" else region_or_problem(label.found)
    if isinstance(found, Problem):
        raise Refusal(replace(found, sheet=label.sheet, row=label.row, cell=label.cell))
    return found if isinstance(found, RegionName) else RegionName("city", found.code)


def rule_in_year(candidates: Rules, year: int, label: Label) -> str:
    """The one rule in use in a data year. Raises Refusal if there is none, or more than one."""
    active = [key for key, rule in candidates.items() if rule.in_use(year)]
    if len(active) == 1:
        return active[0]
    years = "; ".join(f"{key}: {rule.first or ''}-{rule.last or ''}" for key, rule in candidates.items())
    code, expected = ("mapping_ambiguous", ", ".join(active)) if active else ("mapping_years", years)
    raise Refusal(replace(label, code=code, found=f"{label.found}, {year}", expected=expected))


def require_used(rules: Rules, used: Collection[str], years: Collection[int], sheet: Sheet, row: int) -> None:
    """Raise Refusal for a rule that is in use in one of the years but whose header the table lacks."""
    found = ", ".join(str(year) for year in sorted(years)[:3])
    for key, rule in rules.items():
        settled = key in used or rule.optional or not any(rule.in_use(year) for year in years)
        require(settled, Problem("mapping_header_missing", found, str(rule.header), key, sheet=sheet.name, row=row))


def check_name(label: Label, key: str, indicator: str, years: Collection[int], registry: Registry) -> None:
    """Raise Refusal when the whole header is a registered name of another indicator, or was not in use in these years.

    A leaf alone says nothing: the groups above it may narrow it, and the mapping speaks of both.
    """
    name = "".join(split_unit(part, registry)[0] for part in label.found.split(" | ") if _CHINESE.search(part))
    known = find_indicator(name, registry)
    other = replace(label, code="mapping_other_indicator", found=f"{name} = {known}", expected=f"{indicator} ({key})")
    require(known in {None, indicator}, other)
    if known is not None:
        require_in_use(name, known, sorted(years), registry, label)


def indicator_of(rule: MappedColumn, facility: Label, registry: Registry) -> str | None:
    """The indicator a rule means; of a measure, that of the type of facility a text names, None if it has none.

    Raises Refusal for a text that names no type.
    """
    if rule.measure is None:
        return rule.indicator
    types = registry.facilities.types.items()
    names = {squeeze(name): kind for kind, item in types for name in (item.label.zh, *item.headers)}
    kind = names.get(squeeze(facility.found))
    if kind is None:
        raise Refusal(replace(facility, code="unknown_facility", expected="、".join(names)))
    return (
        registry.facilities.indicator(rule.measure, kind) if registry.facilities.reports(rule.measure, kind) else None
    )


def unit_of(
    label: Label, key: str, indicator: str, located: Located, sheet: Sheet, source: Source, registry: Registry
) -> str:
    """The unit, from the header, the table's line 单位 and the rule; they may not contradict one another."""
    rule = located.rules[key]
    printed = {u for part in label.found.split(" | ") if (u := split_unit(part, registry)[1]) is not None}
    printed = printed or _unit_lines(sheet, located, registry)
    require(len(printed) < 2, replace(label, code="several_units", found=", ".join(sorted(printed))))
    unit = next(iter(printed), None)
    contradicting = replace(label, code="contradicting_unit", found=unit or "", expected=str(rule.unit), hint=key)
    require(unit is None or rule.unit in {None, unit}, contradicting)
    own = source.model_copy(update={"indicator": indicator, "unit": None})
    return settle_unit(unit or rule.unit, None, indicator, own, registry, replace(label, found=""))


def _unit_lines(sheet: Sheet, located: Located, registry: Registry) -> set[str]:
    """The catalogued units the lines above the header speak of, in whichever language."""
    lines = (_UNIT_LINE.search(text) for _, _, text in sheet.texts(range(located.top, located.header)))
    units = (unit_symbol(line.group(1).strip(" )）"), registry) for line in lines if line)
    return {unit for unit in units if unit is not None}


# The row of a cell of figures, and what it is of; the column's unit is settled after all rules are known.
_Figure = tuple[int, RegionName, Column]


def _figures(shape: Shape, mapping: Mapping, source: Source, registry: Registry) -> list[_Figure]:
    """Every cell of figures, without those of subtotals, with what it is of. Raises Refusal at a contradiction."""
    sheet, located, table = shape.sheet, shape.located, shape.located.table
    rules = located.rules
    regions = axis_reader(table.regions, "regions", shape, source)
    years = axis_reader(table.years, "years", shape, source)
    labels = axis_reader(table.indicators, "indicators", shape, source)
    facilities = axis_reader(table.facilities, "facilities", shape, source)
    found: list[_Figure] = []
    used: dict[tuple[str, str, str], tuple[Label, set[int]]] = {}
    for row, column in product(shape.rows, shape.columns):
        year = year_of(years(row, column), source)
        unit = unit_of_text(regions(row, column), year, mapping.entity_level)
        label = labels(row, column)
        candidates = rules_for(label.found, rules)
        if not candidates:
            raise Refusal(replace(label, code="mapping_unmatched", expected=located.key))
        if not sheet.cell(row, column) and not any(rule.in_use(year) for rule in candidates.values()):
            continue
        key = rule_in_year(candidates, year, label)
        indicator = indicator_of(rules[key], facilities(row, column), registry)
        if indicator is None and is_figure(sheet.cell(row, column)):
            raise Refusal(
                replace(facilities(row, column), code="facility_not_reported", expected=str(rules[key].measure))
            )
        if indicator is not None:
            used.setdefault((label.found, key, indicator), (label, set()))[1].add(year)
            found.append((row, unit, Column(column, year, indicator, key, label.found)))
    units = {}
    for (text, key, indicator), (label, of_years) in used.items():
        # The type of facility narrows what the header says.
        if rules[key].measure is None:
            check_name(label, key, indicator, of_years, registry)
        units[text, key, indicator] = unit_of(label, key, indicator, located, sheet, source, registry)
    require_used(rules, {key for _, key, _ in used}, {column.year for *_, column in found}, sheet, located.header)
    return [
        (row, unit, replace(column, raw_unit=units[column.header, column.raw_unit, column.indicator]))
        for row, unit, column in found
        if unit.code is not None
    ]


def _require_complete(figures: list[_Figure], shape: Shape, mapping: Mapping, absent: Collection[int]) -> None:
    """Raise Refusal for a figure in two cells, and for provinces never named that are not declared `absent`."""
    sheet, table = shape.sheet, shape.located.table
    cells: dict[tuple[RegionName, int, str], str] = {}
    for row, unit, column in figures:
        cell = sheet.locate(row, column.column)
        first = cells.setdefault((unit, column.year, column.indicator), cell)
        if first != cell:
            raise Refusal(sheet.problem("mapping_repeated", row, column.column, f"{first}, {cell}", shape.located.key))
    if mapping.entity_level == "province" and table.all_provinces and table.regions.title is None:
        codes = {unit.code for _, unit, _ in figures}
        refuse_for(missing_provinces(codes, sheet.name, absent, shape.refused))


def _read_table(located: Located, sheet: Sheet, mapping: Mapping, source: Source, tally: Tally) -> None:
    """Report every row with figures to the tally. Raises Refusal before it accounts for any."""
    shape = shape_of(sheet, located)
    figures = _figures(shape, mapping, source, tally.registry)
    _require_complete(figures, shape, mapping, source.absent_codes)
    for row, problem in shape.refused.items():
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
    lambda grid, _: bool(grid.filled),
    _read,
    declared_only=True,
    asked=130,
    uses=frozenset({"mapping", "year", "tables", "provinces_absent", "missing_marks"}),
)
