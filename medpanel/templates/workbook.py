"""A template as a workbook: a sheet to fill in, a guide, and the lists that cells are checked against.

Belongs here: the look and the data validation shared by all templates. What a template asks for: __init__.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from medpanel.office.files import workbook_bytes

DATA, GUIDE, LISTS = "数据 data", "说明 guide", "代码 codes"
PASTE = (
    "Save under any name, put it beside sources.yaml and paste the entry below. / "
    "另存后放在 sources.yaml 旁，并粘贴下列条目。"
)
# Rows below the pre-filled ones that are checked while somebody types.
SPARE_ROWS = 500
_HEAD, _MUST = PatternFill("solid", start_color="DDE7F0"), PatternFill("solid", start_color="F6C26B")
_REQUIRED = "required / 必填"
_LEGEND = "Columns with an orange header are required in every row. / 橙色表头的列每行必填。"
# A cell says what it takes while somebody types into it, and again when it does not take it.
_TOLD: dict[str, Any] = {
    "allow_blank": True,
    "showErrorMessage": True,
    "errorTitle": "medpanel",
    "showInputMessage": True,
}
_KEY = PatternFill("solid", start_color="F2F2F2")

Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """A column to fill in. `note` is shown at the header; the rest restricts what a cell accepts.

    choices: the name of a list in the codes sheet, or the texts themselves; between: bounds of a number;
    whole: whole numbers only; date: ISO dates; given: pre-filled, so shaded; required: no row may leave it empty.
    """

    header: str
    note: str
    width: int = 14
    choices: str | tuple[str, ...] | None = None
    between: tuple[float, float] | None = None
    whole: bool = False
    date: bool = False
    given: bool = False
    required: bool = False

    @property
    def told(self) -> str:
        """The note, and whether the column is required."""
        return f"{self.note} ({_REQUIRED})" if self.required else self.note


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
    sheet = book.worksheets[0]
    sheet.title = DATA
    _write_guide(book.create_sheet(GUIDE), template)
    ranges = _write_lists(book.create_sheet(LISTS), template.lists) if template.lists else {}
    _write_data(sheet, template, ranges)
    return workbook_bytes(book)


def _write_data(sheet: Worksheet, template: Template, ranges: Mapping[str, str]) -> None:
    last = 1 + len(template.rows) + SPARE_ROWS
    for number, column in enumerate(template.columns, start=1):
        letter = _write_head(sheet, number, column.header, column.width)
        sheet.cell(1, number).comment = Comment(column.told, "medpanel")
        if column.required:
            sheet.cell(1, number).fill = _MUST
        if rule := _rule(column, ranges):
            told: dict[str, Any] = {
                "error": column.note[:200],
                "prompt": column.note[:200],
                "promptTitle": column.header[:30],
            }
            validation = DataValidation(**rule, **told, **_TOLD)
            validation.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(validation)
    for row, cells in enumerate(template.rows, start=2):
        for number, (column, value) in enumerate(zip(template.columns, cells, strict=True), start=1):
            if value is not None:
                _put(sheet, row, number, value).fill = _KEY if column.given else PatternFill()


def _put(sheet: Worksheet, row: int, number: int, value: Cell) -> Any:
    """Write a cell, text as text: a name that begins with = is no formula."""
    cell = sheet.cell(row, number, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _write_head(sheet: Worksheet, number: int, text: str, width: int) -> str:
    """Write the header of a column, frozen in view; returns the column's letter."""
    sheet.freeze_panes = "A2"
    head = _put(sheet, 1, number, text)
    head.font, head.fill = Font(bold=True), _HEAD
    sheet.column_dimensions[head.column_letter].width = width
    return head.column_letter


def _rule(column: Column, ranges: Mapping[str, str]) -> dict[str, Any]:
    """What a cell of the column accepts, as the format expresses it; nothing if it accepts anything."""
    if column.choices is not None:
        listed = ranges[column.choices] if isinstance(column.choices, str) else f'"{",".join(column.choices)}"'
        return {"type": "list", "formula1": listed}
    if column.between is not None:
        low, high = (f"{bound:g}" if bound < 1e6 else f"{bound:.0f}" for bound in column.between)
        kind = "whole" if column.whole else "decimal"
        return {"type": kind, "operator": "between", "formula1": low, "formula2": high}
    return {"type": "date", "operator": "greaterThan", "formula1": "36526"} if column.date else {}


def _write_lists(sheet: Worksheet, lists: Mapping[str, Sequence[Cell]]) -> dict[str, str]:
    """Write the lists side by side; list name -> the range that validation refers to."""
    ranges = {}
    for number, (name, values) in enumerate(lists.items(), start=1):
        letter = _write_head(sheet, number, name, 24)
        for row, value in enumerate(values, start=2):
            _put(sheet, row, number, value)
        ranges[name] = f"'{LISTS}'!${letter}$2:${letter}${len(values) + 1}"
    return ranges


def _write_guide(sheet: Worksheet, template: Template) -> None:
    sheet.column_dimensions["A"].width = 120
    described = [f"{column.header}: {column.told}" for column in template.columns]
    legend = [_LEGEND] if any(column.required for column in template.columns) else []
    entry = ["sources.yaml:", *(f"  {line}" for line in template.entry)]
    for row, line in enumerate([*template.guide, *legend, "", *described, "", *entry], start=1):
        cell = sheet.cell(row, 1, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        # A line that begins with - or = is text here, never a formula.
        cell.data_type = "s"
