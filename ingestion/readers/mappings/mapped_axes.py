"""Which columns and rows of a mapped table hold figures, and the texts that say what each of them is of.

Belongs here: labels of rows, parts of headers and of titles, as regions and years; the rule of the mapping for each
header, its indicator and its unit. Nothing is guessed: a header no rule covers, a rule that covers none, and two rules
or columns for one figure are refused with the key of the mapping. Where the table stands: mapped_tables.py.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from catalog import Registry, Source
from catalog.declarations.mapping import Axis, MappedColumn
from ingestion.checks.alignment import misaligned
from ingestion.readers.base import Problem, Refusal, Sheet, given, require
from ingestion.readers.mappings.mapped_tables import Located, column_at, matches
from ingestion.readers.panels.panel_units import city_or_problem
from ingestion.vocabulary.headers import (
    find_indicator,
    require_in_use,
    settle_unit,
    split_unit,
    unit_symbol,
)
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import region_or_problem, region_rows
from ingestion.vocabulary.years import parse_year_cell

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNIT_LINE = re.compile(r"(?:单位|Unit)\s*[:：]\s*(\S.*)", re.IGNORECASE)


# Rules of a mapping for headers, by where it gives them.
Rules = Mapping[str, MappedColumn]


# A text that says what figures are of, and its place: the problem it is as soon as it has a code.
Label = Problem


@dataclass(frozen=True)
class Shape:
    """One located table: its label columns by axis, its figure columns and rows, and besides those the shifted rows."""

    sheet: Sheet
    located: Located
    labels: dict[str, int]
    columns: list[int]
    rows: list[int]
    shifted: dict[int, Problem]


def shape_of(sheet: Sheet, located: Located) -> Shape:
    """The shape of a table. Raises Refusal for label columns not found and headers the mapping does not speak of."""
    table = located.table
    axes = {"regions": table.regions, "years": table.years, "indicators": table.indicators}
    labels = {
        name: column_at(located, axis.down, sheet, f"{located.key}.{name}.down")
        for name, axis in axes.items()
        if axis is not None and axis.down is not None
    }
    columns = _figure_columns(sheet, located, labels)
    rows = _figure_rows(sheet, located, labels, columns)
    shifted = misaligned(sheet, located.headers, rows) if not sheet.merged else {}
    return Shape(sheet, located, labels, columns, [row for row in rows if row not in shifted], shifted)


def _figure_columns(sheet: Sheet, located: Located, labels: dict[str, int]) -> list[int]:
    """Columns whose header a rule speaks of; where labels of rows name the indicators, all that are not set aside."""
    rules = {} if "indicators" in labels else located.rules
    named = {key: rule for key, rule in rules.items() if rule.header is not None}
    found = []
    for column, text in enumerate(located.headers, start=1):
        aside = matches(located.table.set_aside_columns, text) and not rules_for(text, named)
        empty = not text and not any(sheet.cell(row, column) for row in range(located.data, located.last + 1))
        if column in labels.values() or aside or empty:
            continue
        if "indicators" not in labels and not rules_for(text, rules):
            raise Refusal(
                replace(located.at(sheet, column), code="mapping_unmatched", expected=f"{located.key}.columns")
            )
        found.append(column)
    require(found, Problem("mapping_no_figures", expected=f"{located.key}.columns", sheet=sheet.name))
    return found


def _figure_rows(sheet: Sheet, located: Located, labels: dict[str, int], columns: list[int]) -> list[int]:
    """Rows below the header but for blank ones, those declared aside, and notes with the lines they go on with."""
    label = labels.get("regions", min(labels.values(), default=1))
    rows = (row for row in region_rows(sheet, located.data, columns) if row <= located.last)
    return [row for row in rows if not matches(located.table.set_aside_rows, sheet.cell(row, label))]


def axis_reader(axis: Axis | None, name: str, shape: Shape, source: Source) -> Callable[[int, int], Label]:
    """(row, column) -> the text that names the region, year or indicator of that cell: by default, its header.

    Raises Refusal.
    """
    sheet, located = shape.sheet, shape.located
    if axis is None:
        return lambda _, column: located.at(sheet, column)
    if axis.down is not None:
        column = shape.labels[name]
        return lambda row, _: sheet.problem("", row, column, sheet.cell(row, column))
    key = f"{located.key}.{name}"
    if axis.across is not None:
        found = {column: _across(axis.across, column, f"{key}.across", shape) for column in shape.columns}
        return lambda _, column: found[column]
    if axis.title is not None:
        title = _titled(axis.title, f"{key}.title", shape)
        return lambda *_: title
    undeclared = Problem("mapping_no_year", expected=f"{key}.entry", sheet=sheet.name, row=located.top)
    declared = Label("", str(given(source.year, undeclared)), sheet=sheet.name, row=located.top)
    return lambda *_: declared


def _across(pattern: str, column: int, key: str, shape: Shape) -> Label:
    label = shape.located.at(shape.sheet, column)
    match = re.fullmatch(pattern, label.found)
    unread = replace(label, code="mapping_unread", expected=f"{key}: {pattern}")
    return replace(label, found=given(match and match.group(1), unread).strip())


def _titled(pattern: str, key: str, shape: Shape) -> Label:
    found = [
        shape.sheet.problem("", row, column, (match.group(1) or "").strip())
        for row, column, text in shape.sheet.texts(range(shape.located.top, shape.located.header))
        for match in re.finditer(pattern, text)
    ]
    printed = list(dict.fromkeys(label.found for label in found))
    at = Problem("mapping_unread", ", ".join(printed), f"{key}: {pattern}", "", shape.sheet.name, shape.located.top)
    require(len(printed) == 1, at)
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


def rules_for(text: str, rules: Rules) -> Rules:
    """The rules whose header is this text."""
    return {key: rule for key, rule in rules.items() if rule.header is None or matches([rule.header], text)}


def rule_in_year(candidates: Rules, year: int, label: Label) -> str:
    """The one rule in use in a data year. Raises Refusal when there is none, or more than one."""
    active = [key for key, rule in candidates.items() if rule.in_use(year)]
    if len(active) == 1:
        return active[0]
    years = "; ".join(f"{key}: {rule.first or ''}-{rule.last or ''}" for key, rule in candidates.items())
    code, expected = ("mapping_ambiguous", ", ".join(active)) if active else ("mapping_years", years)
    raise Refusal(replace(label, code=code, found=f"{label.found}, {year}", expected=expected))


def require_used(rules: Rules, used: Collection[str], years: Collection[int], sheet: Sheet, row: int) -> None:
    """Raise Refusal for a rule in use in one of the years whose header the table does not have."""
    found = ", ".join(str(year) for year in sorted(years)[:3])
    for key, rule in rules.items():
        settled = key in used or rule.optional or not any(rule.in_use(year) for year in years)
        missing = Problem("mapping_header_missing", found, f"{key}.header: {rule.header}", sheet=sheet.name, row=row)
        require(settled, missing)


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


def unit_of(label: Label, key: str, located: Located, sheet: Sheet, source: Source, registry: Registry) -> str:
    """The unit, from the header, the table's line 单位 and the rule; they may not contradict one another."""
    rule = located.rules[key]
    printed = {u for part in label.found.split(" | ") if (u := split_unit(part, registry)[1]) is not None}
    printed = printed or _unit_lines(sheet, located, registry)
    require(len(printed) < 2, replace(label, code="several_units", found=", ".join(sorted(printed))))
    unit = next(iter(printed), None)
    contradicting = replace(label, code="contradicting_unit", found=unit or "", expected=f"{rule.unit} ({key}.unit)")
    require(unit is None or rule.unit in {None, unit}, contradicting)
    own = source.model_copy(update={"indicator": rule.indicator, "unit": None})
    return settle_unit(unit or rule.unit, None, rule.indicator, own, registry, replace(label, found=""))


def _unit_lines(sheet: Sheet, located: Located, registry: Registry) -> set[str]:
    """The catalogued units the lines above the header speak of, in whichever language."""
    lines = (_UNIT_LINE.search(text) for _, _, text in sheet.texts(range(located.top, located.header)))
    units = (unit_symbol(line.group(1).strip(" )）"), registry) for line in lines if line)
    return {unit for unit in units if unit is not None}
