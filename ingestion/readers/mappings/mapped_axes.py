"""Which columns and rows of a mapped table hold figures, and the texts that say what each of them is of.

Belongs here: labels of rows, parts of headers and of titles, as regions and years. What headers mean as indicators:
mapped_columns.py; where the table stands: mapped_tables.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from catalog import Source
from catalog.declarations.mapping import Axis
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.mappings.mapped_columns import Rule, rules_for
from ingestion.readers.mappings.mapped_tables import Located, column_at, matches, titles
from ingestion.readers.panels.panel_units import Unit, city_or_problem
from ingestion.vocabulary.headers import parse_year
from ingestion.vocabulary.regions import is_figure, region_or_problem, starts_note
from ingestion.vocabulary.years import parse_year_cell


@dataclass(frozen=True)
class Text:
    """A text that says what figures are of, and its place."""

    text: str
    at: Problem


@dataclass(frozen=True)
class Shape:
    """One located table: its label columns by axis, its figure columns and rows, and the rows that are shifted."""

    sheet: Sheet
    located: Located
    labels: dict[str, int]
    columns: list[int]
    rows: list[int]
    shifted: dict[int, Problem]


def shape_of(sheet: Sheet, located: Located, rules: list[Rule]) -> Shape:
    """The shape of a table. Raises Refusal for label columns not found and headers the mapping does not speak of."""
    table = located.table
    axes = {"regions": table.regions, "years": table.years, "indicators": table.indicators}
    labels = {
        name: column_at(located, axis.down, sheet, f"{located.key}.{name}.down")
        for name, axis in axes.items()
        if axis is not None and axis.down is not None
    }
    columns = _figure_columns(sheet, located, labels, rules)
    rows = _figure_rows(sheet, located, labels, columns)
    shifted = misaligned(sheet, located.headers, rows) if not sheet.merged else {}
    return Shape(sheet, located, labels, columns, rows, shifted)


def _figure_columns(sheet: Sheet, located: Located, labels: dict[str, int], rules: list[Rule]) -> list[int]:
    """Columns whose header a rule speaks of; where labels of rows name the indicators, all that are not set aside."""
    named = [rule for rule in rules if rule.column.header is not None] if "indicators" not in labels else []
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


def axis_reader(axis: Axis, name: str, shape: Shape, source: Source) -> Callable[[int, int], Text]:
    """(row, column) -> the text that names the region, year or indicator of that cell. Raises Refusal."""
    sheet, located = shape.sheet, shape.located
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
    text, at = shape.located.header_text(column), shape.located.at(shape.sheet, column)
    match = re.fullmatch(pattern, text)
    if match is None or match.group(1) is None:
        raise Refusal(replace(at, code="mapping_unread", found=text, expected=f"{key}: {pattern}"))
    return Text(match.group(1).strip(), at)


def _titled(pattern: str, key: str, shape: Shape) -> Text:
    found = [
        Text((match.group(1) or "").strip(), shape.sheet.problem("", row, column))
        for row, column, text in titles(shape.sheet, shape.located)
        for match in re.finditer(pattern, text)
    ]
    if len({text.text for text in found}) != 1:
        printed = ", ".join(dict.fromkeys(text.text for text in found))
        at = Problem("", sheet=shape.sheet.name, row=shape.located.top)
        raise Refusal(replace(at, code="mapping_unread", found=printed, expected=f"{key}: {pattern}"))
    return found[0]


def year_of(text: Text, source: Source) -> int:
    """The year a text says. Raises Refusal for none, and for one that contradicts sources.yaml."""
    year = parse_year_cell(text.text) or parse_year(text.text)
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
