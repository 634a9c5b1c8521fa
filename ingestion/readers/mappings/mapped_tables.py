"""Finding the tables of a mapping on a sheet: their titles, their header rows, their last row, their header texts,
and which of their columns and rows hold figures.

What the headers mean, and reading the figures: mapped.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from catalog.declarations.mapping import Axis, MappedColumn, MappedTable, Mapping
from ingestion.checks.alignment import misaligned
from ingestion.checks.no_data import rows_without_data
from ingestion.readers.base import Problem, Refusal, Sheet, given, refuse_for, require
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.labels import filled_down
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.patterns import fullmatch, search
from ingestion.vocabulary.regions import region_rows
from ingestion.vocabulary.years import parse_year_cell

# Rules of a mapping for headers, by where it gives them.
Rules = dict[str, MappedColumn]


@dataclass(frozen=True)
class Located:
    """One table on a sheet. Rows count from 1: `top` of its title lines, `header` of its header, `data`, `last`.

    key: where the mapping speaks of it, for messages; headers: the joined header text of each column.
    """

    table: MappedTable
    key: str
    top: int
    header: int
    data: int
    last: int
    headers: tuple[str, ...]

    @property
    def rules(self) -> dict[str, MappedColumn]:
        """What the mapping says about headers, by where it says so."""
        return {f"{self.key}.columns[{n}]": column for n, column in enumerate(self.table.columns)}

    @property
    def rows(self) -> range:
        """All its rows."""
        return range(self.top, self.last + 1)

    def at(self, sheet: Sheet, column: int) -> Problem:
        """A column's header at its last row: where problems of the column are."""
        return sheet.problem("", max(self.data - 1, 0), column, self.headers[column - 1])


def locate(sheet: Sheet, mapping: Mapping) -> tuple[list[Located], list[tuple[range, Refusal]]]:
    """The tables of the mapping found on a sheet, and the rows of those that cannot be read with why.

    Raises Refusal when no table of the mapping is on the sheet, or a title stands more than once. Whether each table is
    somewhere in the file: require_found.
    """
    own = [
        (number, table)
        for number, table in enumerate(mapping.tables)
        if table.sheet is None or fullmatch(table.sheet, sheet.name)
    ]
    require(own, Problem("mapping_no_table", sheet.name, mapping.name, sheet=sheet.name))
    rows = {number: _title_rows(sheet, table) for number, table in own}
    titles = {number: f"{mapping.name}: tables[{number}].title: {table.title}" for number, table in own}
    problems = [
        Problem("mapping_title_twice", ", ".join(map(str, rows[number])), titles[number], sheet=sheet.name)
        for number, table in own
        if len(rows[number]) > 1 and not table.several
    ]
    starts = sorted((row, number) for number in rows for row in rows[number])
    problems += [
        sheet.problem("mapping_two_tables", row, 1, f"[{one}], [{other}]", mapping.name)
        for (row, one), (next_row, other) in pairwise(starts)
        if row == next_row
    ]
    refuse_for(problems)
    require(starts, Problem("mapping_no_title", sheet.cell(1, 1), "; ".join(titles.values()), sheet=sheet.name))
    ends = [*(row for row, _ in starts[1:]), len(sheet.rows) + 1]
    found, refused = [], []
    for (row, number), end in zip(starts, ends, strict=True):
        try:
            found.append(_located(sheet, mapping.tables[number], f"{mapping.name}: tables[{number}]", row, end - 1))
        except Refusal as refusal:
            refused.append((range(row, end), refusal))
    return found, refused


def require_found(mapping: Mapping, found: set[str]) -> Problem | None:
    """The problem of tables that must be in the file and are on none of its sheets, or None."""
    keys = [f"{mapping.name}: tables[{number}]" for number in range(len(mapping.tables))]
    absent = [
        f"{key}.title: {table.title}"
        for key, table in zip(keys, mapping.tables, strict=True)
        if key not in found and not table.optional
    ]
    return Problem("mapping_no_title", expected="; ".join(absent)) if absent else None


def _title_rows(sheet: Sheet, table: MappedTable) -> list[int]:
    """Rows where a table begins: those of its title; lines of one title below one another are one."""
    if table.title is None:
        return [1]
    rows = [n for n, row in enumerate(sheet.rows, start=1) if any(search(table.title, cell) for cell in row)]
    return [row for row in rows if row - 1 not in rows]


def _located(sheet: Sheet, table: MappedTable, key: str, top: int, last: int) -> Located:
    if sheet.header:
        return Located(table, key, 1, 0, 1, last, sheet.header)
    wanted = f"{key}.header.start: {table.header.start or 'two filled cells in a row'}"
    header = given(
        _header_row(sheet, table, top, last), sheet.problem("mapping_no_header", top, 1, sheet.cell(top, 1), wanted)
    )
    data = _first_data_row(sheet, table, header, last)
    return Located(table, key, top, header, data, last, _texts(sheet, table, header, data))


def _header_row(sheet: Sheet, table: MappedTable, top: int, last: int) -> int | None:
    start = table.header.start
    for row in range(top, last + 1):
        cells = sheet.rows[row - 1]
        if start is not None and any(_is(start, cell) for cell in cells):
            return row
        if start is None and sum(bool(cell) for cell in cells) > 1 and (row > top or table.title is None):
            return row
    return None


def _first_data_row(sheet: Sheet, table: MappedTable, header: int, last: int) -> int:
    if table.header.rows != "until_regions":
        return header + table.header.rows
    column = table.regions.down
    assert isinstance(column, int), "the mapping says so"
    rows = range(header + 1, last + 1)
    return next((r for r in rows if isinstance(region_or_problem(sheet.cell(r, column)), RegionName)), last + 1)


def _texts(sheet: Sheet, table: MappedTable, top: int, bottom: int) -> tuple[str, ...]:
    """The header texts of each column from the outermost to the innermost, a merged cell once, joined by " | "."""
    rows = [_row_texts(sheet, row, table.header.fill_right and row < bottom - 1) for row in range(top, bottom)]
    columns = [dict(row[column] for row in rows if row[column][1]) for column in range(sheet.width)]
    return tuple(" | ".join(texts.values()) for texts in columns)


def _row_texts(sheet: Sheet, row: int, fill_right: bool) -> list[tuple[tuple[int, int], str]]:
    """(cell that holds it, text) of each column of a header row."""
    found: list[tuple[tuple[int, int], str]] = []
    for column in range(1, sheet.width + 1):
        text = " ".join(sheet.spread(row, column).split())
        # Only the names of groups go on to the right: what stands left of the first one are other columns.
        fills = fill_right and not text and len(found) > 1 and found[-1][1]
        found.append(found[-1] if fills else (sheet.anchor(row, column), text))
    return found


def column_at(located: Located, where: str | int, sheet: Sheet, key: str) -> int:
    """The column an axis names. Raises Refusal when no header or more than one is of this kind."""
    missing = Problem("mapping_header_missing", "", f"{key}: {where}", sheet=sheet.name, row=located.header)
    if isinstance(where, int):
        require(1 <= where <= len(located.headers), missing)
        return where
    columns = [n for n, text in enumerate(located.headers, start=1) if _is(where, text)]
    repeated = [replace(located.at(sheet, n), code="mapping_repeated", expected=missing.expected) for n in columns[1:]]
    wrong = replace(next(iter(repeated), missing), found=", ".join(filter(None, located.headers))[:200])
    require(len(columns) == 1, wrong)
    return columns[0]


def _is(pattern: str, text: str) -> bool:
    return bool(fullmatch(pattern, text) or fullmatch(pattern, squeeze(text)))


def matches(declared: Iterable[str], text: str) -> bool:
    """Whether one of the regular expressions is the whole text, blanks regarded or not."""
    return any(_is(pattern, text) for pattern in declared)


def rules_for(text: str, rules: Rules) -> Rules:
    """The rules whose header is this text."""
    return {key: rule for key, rule in rules.items() if rule.header is None or matches([rule.header], text)}


@dataclass(frozen=True)
class Shape:
    """One located table: its label columns by axis, its figure columns and rows, and besides those the refused rows."""

    sheet: Sheet
    located: Located
    labels: dict[str, int]
    columns: list[int]
    rows: list[int]
    refused: dict[int, Problem]


def shape_of(sheet: Sheet, located: Located) -> Shape:
    """The shape of a table. Raises Refusal for label columns not found and headers the mapping does not speak of."""
    table = located.table
    names = ("regions", "years", "indicators", "facilities")
    axes: dict[str, Axis | None] = {name: getattr(table, name) for name in names}
    labels = {
        name: column_at(located, axis.down, sheet, f"{located.key}.{name}.down")
        for name, axis in axes.items()
        if axis is not None and axis.down is not None
    }
    columns = _figure_columns(sheet, located, labels)
    rows = _figure_rows(sheet, located, labels, columns)
    shifted = misaligned(sheet, located.headers, rows) if not sheet.merged else {}
    sound = [row for row in rows if row not in shifted]
    header = range(located.header, located.data)
    stray = rows_without_data(sheet, sound, dict.fromkeys(labels.values(), _is_label), columns, header)
    sound = [row for row in sound if row not in stray]
    if table.header.fill_down:
        sheet = filled_down(sheet, list(labels.values()), sound)
    return Shape(sheet, located, labels, columns, sound, shifted | stray)


def _is_label(text: str) -> bool:
    """Whether a text may be a label: of a row without figures, one that names a region or a year is."""
    return isinstance(region_or_problem(text), RegionName) or parse_year_cell(text) is not None


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
            raise Refusal(replace(located.at(sheet, column), code="mapping_unmatched", expected=located.key))
        found.append(column)
    require(found, Problem("mapping_no_figures", expected=located.key, sheet=sheet.name))
    return found


def _figure_rows(sheet: Sheet, located: Located, labels: dict[str, int], columns: list[int]) -> list[int]:
    """Rows below the header but for blank ones, those declared aside, and notes with the lines they go on with."""
    label = labels.get("regions", min(labels.values(), default=1))
    rows = (row for row in region_rows(sheet, located.data, columns) if row <= located.last)
    return [row for row in rows if not matches(located.table.set_aside_rows, sheet.cell(row, label))]
