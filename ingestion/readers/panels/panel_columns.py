"""The columns of a long panel: which contain the province, its code and the year, and what the others mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.declarations.misc import DeclaredColumn
from catalog.declarations.panel import Panel
from ingestion.readers.base import Problem, Refusal, Sheet, Source, refuse_for, require
from ingestion.readers.tables import is_set_aside, settle_each
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import find_indicator, settle_indicator, settle_unit, split_unit, squeeze

CODE_HEADERS = frozenset({"行政区划代码", "代码", "区划代码", "code", "prov_code", "province_code", "adcode"})
_HEADER_DEPTH = 10


@dataclass(frozen=True)
class Roles:
    """Header row (0 = the variables of a statistical program), headers, and the columns, from 1, that identify a row.

    year is 0 where all figures are of the entry's one data year; aside are further columns that hold no figures.
    """

    header_row: int
    headers: tuple[str, ...]
    entity: int
    year: int
    code: int | None
    aside: frozenset[int] = frozenset()

    def column(self, header: str) -> int:
        """The column of a declared header: find_roles refuses a panel without it."""
        return _positions(self.headers, header)[0]


def _positions(headers: Sequence[str], wanted: str) -> list[int]:
    return [column for column, text in enumerate(headers, start=1) if squeeze(text) == squeeze(wanted)]


def column_of(headers: Sequence[str], wanted: str) -> int | None:
    """The column, from 1, with this header, or None."""
    return next(iter(_positions(headers, wanted)), None)


def _header_row(sheet: Sheet, wanted: Sequence[str]) -> int:
    """The first row that holds all the headers; the first row that holds anything when none does."""
    if sheet.header:
        return 0
    depth = range(1, min(len(sheet.rows), _HEADER_DEPTH) + 1)
    all_of_them = (r for r in depth if all(column_of(sheet.rows[r - 1], text) for text in wanted))
    return next(all_of_them, next((r for r in depth if any(sheet.rows[r - 1])), 1))


def find_roles(sheet: Sheet, source: Source) -> Roles:
    """The identifying columns, as declared. Raises Refusal for columns undeclared, missing or standing twice."""
    if source.entity_column is None or (source.year_column is None and source.year is None):
        found = ", ".join(sheet.header or next((row for row in sheet.rows if any(row)), ()))
        raise Refusal(Problem("panel_columns", found=found, sheet=sheet.name))
    identifying = [source.entity_column, *filter(None, [source.year_column])]
    row = _header_row(sheet, identifying)
    headers = sheet.header or sheet.rows[row - 1]
    headers = headers[: max((n for n, text in enumerate(headers, start=1) if text), default=0)]
    aside = _other_columns(source)
    problems = []
    for name in [*identifying, *source.columns, *aside, *filter(None, [source.code_column])]:
        positions = _positions(headers, name)
        if not positions:
            problems.append(
                Problem("column_missing", name, ", ".join(filter(None, headers)), sheet=sheet.name, row=row)
            )
        elif len(positions) > 1:
            problems.append(sheet.problem("repeated_column", row, positions[1], name))
    refuse_for(problems)
    entity, year, *_ = [*(_positions(headers, name)[0] for name in identifying), 0]
    code = source.code_column or next((text for text in headers if squeeze(text).lower() in CODE_HEADERS), None)
    position = column_of(headers, code) if code is not None else None
    numbers = frozenset(_positions(headers, name)[0] for name in aside)
    told = (sheet.coded[column] for column in sorted({year, position or 0, *numbers}) if column in sheet.coded)
    # A year or a code may have a name, but is none where its label is another number.
    refuse_for(problem for problem in told if problem.code == "encoded_figures")
    # The names may be codes themselves; such a column cannot contradict itself.
    return Roles(row, headers, entity, year, None if position == entity else position, numbers)


def _other_columns(source: Source) -> list[str]:
    """Headers of declared columns that hold no figures, besides those of the unit, its code and the year."""
    panel = source.panel or Panel()
    names = [
        panel.province_column,
        panel.latitude_column,
        panel.longitude_column,
        *(name for other in panel.other_names for name in (other.name_column, other.code_column)),
        *(printed.header for printed in panel.printed_derived),
        *(filled.column for filled in panel.filled_columns),
    ]
    return [name for name in names if name is not None]


def columns_read(roles: Roles, source: Source, tally: Tally) -> list[int]:
    """The columns with a header that may hold figures: neither identifying a row nor set aside."""
    no_figures = {roles.entity, roles.year, roles.code} | roles.aside
    return [
        number
        for number, header in enumerate(roles.headers, start=1)
        if header and number not in no_figures and not _is_set_aside(header, source, tally)
    ]


def row_of_units(sheet: Sheet, roles: Roles, stray: Sequence[int], source: Source, tally: Tally) -> int | None:
    """The one of the rows without data that prints a catalogued unit, and nothing else, below headers that are read."""
    columns = columns_read(roles, source, tally)
    for row in stray:
        texts = [text for column in columns if (text := sheet.cell(row, column))]
        if texts and all(split_unit(_bracketed(text), tally.registry)[1] for text in texts):
            return row
    return None


def _bracketed(text: str) -> str:
    return f"({text.strip('()（） ')})"


def panel_columns(
    sheet: Sheet,
    roles: Roles,
    rows: Sequence[int],
    years: list[int],
    source: Source,
    tally: Tally,
    unit_row: int | None = None,
) -> list[Column]:
    """What the columns of figures mean, with year 0 (each row has its own).

    unit_row: a row that prints the units below the headers.

    Columns of unknown meaning are refused one by one at their header, unless declared to be set aside. Raises Refusal
    when no column is left.
    """
    no_figures = {roles.entity, roles.year, roles.code} | roles.aside

    def settle(number: int) -> Column | None:
        header = roles.headers[number - 1]
        empty = not header and not any(sheet.cell(row, number) for row in rows)
        if number in no_figures or _is_set_aside(header, source, tally) or empty:
            return None
        if number in sheet.coded:
            raise Refusal(sheet.coded[number])
        below = sheet.problem("", unit_row, number, sheet.cell(unit_row, number)) if unit_row is not None else None
        return _meaning(number, header, years, source, tally, sheet.problem("", roles.header_row, number), below)

    columns, refused = settle_each(
        range(1, len(roles.headers) + 1),
        settle,
        lambda column: column.indicator,
        lambda number, column: sheet.problem("repeated_indicator", roles.header_row, number, column.indicator),
        Problem("no_indicator", ", ".join(roles.headers), sheet=sheet.name, row=roles.header_row),
    )
    for number, problem in refused.items():
        tally.reject(problem, roles.headers[number - 1])
    return list(columns.values())


def _declared(header: str, source: Source) -> DeclaredColumn | None:
    return next((column for name, column in source.columns.items() if squeeze(name) == squeeze(header)), None)


def _is_set_aside(header: str, source: Source, tally: Tally) -> bool:
    aside = source.other_columns == "set_aside" or is_set_aside(header, source, tally.registry)
    return aside and _declared(header, source) is None


def _meaning(
    number: int, header: str, years: list[int], source: Source, tally: Tally, at: Problem, below: Problem | None
) -> Column:
    """What a column contains; `below` is the cell of a row of units, with its text. Raises Refusal."""
    name, printed, unknown = split_unit(header, tally.registry)
    declared = _declared(header, source)
    if declared is None:
        # The declaration of a file's one indicator never covers a printed name.
        indicator = settle_indicator(name, years, source.model_copy(update={"indicator": None}), tally.registry, at)
    else:
        source = source.model_copy(update={"indicator": declared.indicator, "unit": declared.unit or source.unit})
        known = name if find_indicator(name, tally.registry) is not None else None
        indicator = settle_indicator(known, years, source, tally.registry, at)
        # A bracket that is no catalogued unit is part of the name once the unit is declared.
        unknown = unknown if declared.unit is None else None
    if below is not None and below.found:
        unit = split_unit(_bracketed(below.found), tally.registry)[1]
        require(printed in {None, unit}, replace(below, code="several_units", found=f"{printed}, {unit}"))
        printed, at = unit, replace(below, found="")
    return Column(number, 0, indicator, settle_unit(printed, unknown, indicator, source, tally.registry, at), header)
