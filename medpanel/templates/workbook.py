"""A template as a workbook: a sheet to fill in, a guide, and the lists its cells are checked against.

Belongs here: the look and the data validation shared by all templates. What a template asks for: the other modules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from medpanel.office.fixed_workbook import workbook_bytes

DATA, GUIDE, LISTS = "数据 data", "说明 guide", "代码 codes"
PASTE = (
    "Save under any name, put it beside sources.yaml and paste the entry below. / "
    "另存后放在 sources.yaml 旁，并粘贴下列条目。"
)
# Rows below the pre-filled ones that are checked while somebody types.
SPARE_ROWS = 500
_HEAD = PatternFill("solid", start_color="DDE7F0")
_KEY = PatternFill("solid", start_color="F2F2F2")

Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """A column to fill in. `note` is shown at the header; the rest restricts what a cell takes.

    choices: the name of a list in the codes sheet, or the texts themselves; between: bounds of a number;
    whole: whole numbers only; date: ISO dates; given: pre-filled, so shaded.
    """

    header: str
    note: str
    width: int = 14
    choices: str | tuple[str, ...] | None = None
    between: tuple[float, float] | None = None
    whole: bool = False
    date: bool = False
    given: bool = False


@dataclass(frozen=True)
class Template:
    """Everything a template holds. `lists`: name -> values; `entry`: lines of its entry in sources.yaml."""

    file_name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    guide: Sequence[str]
    entry: Sequence[str]
    lists: Mapping[str, Sequence[Cell]] = field(default_factory=dict)


def template_bytes(template: Template) -> bytes:
    """The .xlsx file; same template, same bytes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = DATA
    _write_guide(book, template)
    ranges = _write_lists(book, template.lists)
    _write_data(sheet, template, ranges)
    book.active = 0
    return workbook_bytes(book)


def _write_data(sheet: Worksheet, template: Template, ranges: Mapping[str, str]) -> None:
    sheet.freeze_panes = "A2"
    last = 1 + len(template.rows) + SPARE_ROWS
    for number, column in enumerate(template.columns, start=1):
        letter = get_column_letter(number)
        head = sheet.cell(1, number, column.header)
        head.font, head.fill = Font(bold=True), _HEAD
        head.comment = Comment(column.note, "medpanel")
        sheet.column_dimensions[letter].width = column.width
        validation = _validation(column, ranges)
        if validation is not None:
            validation.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(validation)
    for row, cells in enumerate(template.rows, start=2):
        for number, (column, value) in enumerate(zip(template.columns, cells, strict=True), start=1):
            if value is not None:
                cell = sheet.cell(row, number, value)
                if column.given:
                    cell.fill = _KEY


def _validation(column: Column, ranges: Mapping[str, str]) -> DataValidation | None:
    rule: dict[str, str]
    if column.choices is not None:
        listed = ranges[column.choices] if isinstance(column.choices, str) else f'"{",".join(column.choices)}"'
        rule = {"type": "list", "formula1": listed}
    elif column.between is not None:
        low, high = (f"{bound:g}" if bound < 1e6 else f"{bound:.0f}" for bound in column.between)
        kind = "whole" if column.whole else "decimal"
        rule = {"type": kind, "operator": "between", "formula1": low, "formula2": high}
    elif column.date:
        rule = {"type": "date", "operator": "greaterThan", "formula1": "36526"}
    else:
        return None
    note, header = column.note[:200], column.header[:30]
    wrong = {"showErrorMessage": True, "errorTitle": "medpanel", "error": note}
    asked = {"showInputMessage": True, "promptTitle": header, "prompt": note}
    return DataValidation(**rule, allow_blank=True, **wrong, **asked)  # type: ignore[arg-type]


def _write_lists(book: Workbook, lists: Mapping[str, Sequence[Cell]]) -> dict[str, str]:
    """Write the lists side by side; list name -> the range validation refers to."""
    if not lists:
        return {}
    sheet = book.create_sheet(LISTS)
    ranges = {}
    for number, (name, values) in enumerate(lists.items(), start=1):
        letter = get_column_letter(number)
        head = sheet.cell(1, number, name)
        head.font, head.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[letter].width = 24
        for row, value in enumerate(values, start=2):
            sheet.cell(row, number, value)
        ranges[name] = f"'{LISTS}'!${letter}$2:${letter}${len(values) + 1}"
    sheet.freeze_panes = "A2"
    return ranges


def _write_guide(book: Workbook, template: Template) -> None:
    sheet = book.create_sheet(GUIDE)
    sheet.column_dimensions["A"].width = 120
    described = [f"{column.header}: {column.note}" for column in template.columns]
    entry = ["sources.yaml:", *(f"  {line}" for line in template.entry)]
    for row, line in enumerate([*template.guide, "", *described, "", *entry], start=1):
        cell = sheet.cell(row, 1, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        # A line that begins with - or = is text here, never a formula.
        cell.data_type = "s"
