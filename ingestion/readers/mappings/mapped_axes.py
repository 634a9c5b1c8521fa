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
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.mappings.mapped_tables import Located, column_at, matches
from ingestion.readers.panels.panel_units import Unit, city_or_problem
from ingestion.vocabulary.headers import (
    find_indicator,
    require_in_use,
    settle_unit,
    split_unit,
    unit_symbol,
)
from ingestion.vocabulary.regions import is_figure, region_or_problem, starts_note
from ingestion.vocabulary.years import parse_year_cell

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNIT_LINE = re.compile(r"(?:单位|Unit)\s*[:：]\s*(\S.*)", re.IGNORECASE)


# Rules of a mapping for headers, by where it gives them.
Rules = Mapping[str, MappedColumn]


@dataclass(frozen=True)
class Text:
    """A text that says what figures are of, and its place."""

    text: str
    at: Problem


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
            at = located.at(sheet, column)
            raise Refusal(replace(at, code="mapping_unmatched", found=text, expected=f"{located.key}.columns"))
        found.append(column)
    if not found:
        raise Refusal(Problem("mapping_no_figures", expected=f"{located.key}.columns", sheet=sheet.name))
    return found


def _figure_rows(sheet: Sheet, located: Located, labels: dict[str, int], columns: list[int]) -> list[int]:
    """Rows below the header but for blank ones, those declared aside, and notes with the lines they go on with."""
    rows, noted = [], False
    label = labels.get("regions", min(labels.values(), default=1))
    for row in range(located.data, located.last + 1):
        cells = sheet.rows[row - 1]
        figures = any(is_figure(sheet.cell(row, column)) for column in columns)
        if starts_note(cells):
            noted = True
        elif (
            any(cells) and not matches(located.table.set_aside_rows, sheet.cell(row, label)) and (figures or not noted)
        ):
            rows.append(row)
    return rows


def axis_reader(axis: Axis | None, name: str, shape: Shape, source: Source) -> Callable[[int, int], Text]:
    """(row, column) -> the text that names the region, year or indicator of that cell: by default, its header.

    Raises Refusal.
    """
    sheet, located = shape.sheet, shape.located
    if axis is None:
        return lambda _, column: Text(located.headers[column - 1], located.at(sheet, column))
    if axis.down is not None:
        column = shape.labels[name]
        return lambda row, _: Text(sheet.cell(row, column), sheet.problem("", row, column))
    key = f"{located.key}.{name}"
    if axis.across is not None:
        found = {column: _across(axis.across, column, f"{key}.across", shape) for column in shape.columns}
        return lambda _, column: found[column]
    if axis.title is not None:
        title = _titled(axis.title, f"{key}.title", shape)
        return lambda *_: title
    at = Problem("", sheet=sheet.name, row=located.top)
    if source.year is None:
        raise Refusal(replace(at, code="mapping_no_year", expected=f"{key}.entry"))
    declared = Text(str(source.year), at)
    return lambda *_: declared


def _across(pattern: str, column: int, key: str, shape: Shape) -> Text:
    text, at = shape.located.headers[column - 1], shape.located.at(shape.sheet, column)
    match = re.fullmatch(pattern, text)
    if match is None or match.group(1) is None:
        raise Refusal(replace(at, code="mapping_unread", found=text, expected=f"{key}: {pattern}"))
    return Text(match.group(1).strip(), at)


def _titled(pattern: str, key: str, shape: Shape) -> Text:
    found = [
        Text((match.group(1) or "").strip(), shape.sheet.problem("", row, column))
        for row, column, text in shape.sheet.texts(shape.located.titles)
        for match in re.finditer(pattern, text)
    ]
    if len({text.text for text in found}) != 1:
        printed = ", ".join(dict.fromkeys(text.text for text in found))
        at = Problem("", sheet=shape.sheet.name, row=shape.located.top)
        raise Refusal(replace(at, code="mapping_unread", found=printed, expected=f"{key}: {pattern}"))
    return found[0]


def year_of(text: Text, source: Source) -> int:
    """The year a text says. Raises Refusal for none, and for one that contradicts sources.yaml."""
    year = parse_year_cell(text.text)
    if year is None:
        raise Refusal(replace(text.at, code="mapping_year", found=text.text))
    if source.year is not None and source.year != year:
        expected = f"{source.year} (sources.yaml)"
        raise Refusal(replace(text.at, code="contradicting_year", found=str(year), expected=expected))
    return year


def unit_of_text(text: Text, year: int, entity_level: str) -> Unit:
    """The province, nation, subtotal or city a text names in a year. Raises Refusal."""
    found = city_or_problem(text.text, None, year) if entity_level == "city" else region_or_problem(text.text)
    if isinstance(found, Problem):
        raise Refusal(replace(found, sheet=text.at.sheet, row=text.at.row, cell=text.at.cell))
    return Unit("city" if entity_level == "city" else found.level, found.code)


def rules_for(text: str, rules: Rules) -> Rules:
    """The rules whose header is this text."""
    return {key: rule for key, rule in rules.items() if rule.header is None or matches([rule.header], text)}


def rule_in_year(candidates: Rules, year: int, text: str, at: Problem) -> str:
    """The one rule in use in a data year. Raises Refusal when there is none, or more than one."""
    active = [key for key, rule in candidates.items() if rule.in_use(year)]
    if len(active) == 1:
        return active[0]
    if active:
        raise Refusal(replace(at, code="mapping_ambiguous", found=f"{text}, {year}", expected=", ".join(active)))
    expected = "; ".join(f"{key}: {rule.first or ''}-{rule.last or ''}" for key, rule in candidates.items())
    raise Refusal(replace(at, code="mapping_years", found=f"{text}, {year}", expected=expected))


def require_used(rules: Rules, used: Collection[str], years: Collection[int], sheet: Sheet, row: int) -> None:
    """Raise Refusal for a rule in use in one of the years whose header the table does not have."""
    for key, rule in rules.items():
        if key not in used and not rule.optional and any(rule.in_use(year) for year in years):
            found = ", ".join(str(year) for year in sorted(years)[:3])
            expected = f"{key}.header: {rule.header}"
            raise Refusal(Problem("mapping_header_missing", found, expected, sheet=sheet.name, row=row))


def check_name(text: str, key: str, indicator: str, years: Collection[int], at: Problem, registry: Registry) -> None:
    """Raise Refusal when the whole header is a registered name of another indicator, or was not in use in these years.

    A leaf alone says nothing: the groups above it may narrow it, and the mapping speaks of both.
    """
    name = "".join(split_unit(part, registry)[0] for part in text.split(" | ") if _CHINESE.search(part))
    known = find_indicator(name, registry)
    if known is not None and known != indicator:
        found = f"{name} = {known}"
        raise Refusal(replace(at, code="mapping_other_indicator", found=found, expected=f"{indicator} ({key})"))
    if known is not None:
        require_in_use(name, known, sorted(years), registry, at)


def unit_of(
    text: str, key: str, located: Located, sheet: Sheet, source: Source, registry: Registry, at: Problem
) -> str:
    """The unit, from the header, the table's line 单位 and the rule; they may not contradict one another."""
    rule = located.rules[key]
    printed = {u for part in text.split(" | ") if (u := split_unit(part, registry)[1]) is not None}
    printed = printed or _unit_lines(sheet, located, registry)
    if len(printed) > 1:
        raise Refusal(replace(at, code="several_units", found=", ".join(sorted(printed))))
    unit = next(iter(printed), None)
    if unit is not None and rule.unit not in {None, unit}:
        raise Refusal(replace(at, code="contradicting_unit", found=unit, expected=f"{rule.unit} ({key}.unit)"))
    own = source.model_copy(update={"indicator": rule.indicator, "unit": None})
    return settle_unit(unit or rule.unit, None, rule.indicator, own, registry, at)


def _unit_lines(sheet: Sheet, located: Located, registry: Registry) -> set[str]:
    """The catalogued units the lines above the header speak of, in whichever language."""
    lines = (_UNIT_LINE.search(text) for _, _, text in sheet.texts(located.titles))
    units = (unit_symbol(line.group(1).strip(" )）"), registry) for line in lines if line)
    return {unit for unit in units if unit is not None}
