"""A table as an Excel workbook in one language: header merged, notes below; same table, same bytes.

Belongs here: the workbook. Does not belong here: what a table says (models_py/parts).
"""

import re
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from medpanel.office.files import neutral, workbook_bytes
from medpanel.report.columns import room, safe, spans
from models_py.figures.table import MINUS, PrintedTable

# A number alone: brackets, stars and signs beside it make it text.
_NUMBER = re.compile(rf"{MINUS}?\d{{1,3}}(?:,?\d{{3}})*(\.\d+)?")
# Characters of a sheet's width; beyond it texts are broken into lines.
_WIDE = 150.0
_THICK, _THIN = Side("medium"), Side("thin")
_LEFT = Alignment(horizontal="left", vertical="top", wrap_text=True)
_CENTRE = Alignment(horizontal="center", vertical="top", wrap_text=True)


def xlsx(table: PrintedTable) -> bytes:
    """The table on one sheet under its title; numbers that stand alone are numbers, shown with their decimals."""
    book, made = Workbook(), safe(table)
    page: Any = book.worksheets[0]
    page.title = re.sub(r"[\\/*?:\[\]]", " ", table.stem)[:31]
    columns = 1 + len(table.header[0])
    _whole_row(page, 1, columns, neutral(table.heading), Font(bold=True))
    first = 2 + len(table.header)
    for level, texts in enumerate(made.header):
        _head(page, 2 + level, texts, merged=level < len(made.header) - 1)
    for at, row in enumerate(made.rows, start=first):
        _put(page.cell(at, 1), row.label, _LEFT)
        for i, text in enumerate(row.cells):
            _put(page.cell(at, 2 + i), text, _LEFT if i in table.text_columns else _CENTRE)
        if at == first or row.block != made.rows[at - first - 1].block:
            _rule(page, at, columns, Border(top=_THIN))
    end = first + len(made.rows)
    _rule(page, 2, columns, Border(top=_THICK))
    _rule(page, end, columns, Border(top=_THICK))
    if table.remarks:
        _whole_row(page, end, columns, neutral(table.remarks), Font(size=9), lines=2 + len(table.remarks) // 90)
        _rule(page, end, columns, Border(top=_THICK))
    for i, ems in enumerate(room(table, _WIDE / 2), start=1):
        # A sheet's widths are in digits, two of which make an em.
        page.column_dimensions[get_column_letter(i)].width = round(max(9.0, 2 * ems), 1)
    page.freeze_panes = page.cell(first, 2)
    book.properties.title, book.properties.creator = table.heading, "medpanel"
    book.properties.description = "SYNTHETIC 合成数据" if table.synthetic else ""
    return workbook_bytes(book)


def _head(page: Any, at: int, texts: tuple[str, ...], merged: bool) -> None:
    """One level of the header; of all but the last, equal neighbours are one cell."""
    column = 2
    for text, count in spans(texts, merged):
        _put(page.cell(at, column), text, _CENTRE, number=False)
        if count > 1:
            page.merge_cells(start_row=at, end_row=at, start_column=column, end_column=column + count - 1)
        column += count


def _whole_row(page: Any, at: int, columns: int, text: str, font: Font, lines: int = 1) -> None:
    cell = page.cell(at, 1)
    _put(cell, text, _LEFT, number=False)
    cell.font = font
    page.merge_cells(start_row=at, end_row=at, start_column=1, end_column=columns)
    page.row_dimensions[at].height = 15 * max(lines, 1 + len(text) // 120)


def _put(cell: Any, text: str, alignment: Alignment, *, number: bool = True) -> None:
    found = _NUMBER.fullmatch(text) if number else None
    if found is None:
        cell.value = text or None
    else:
        plain = text.replace(MINUS, "-").replace(",", "")
        decimals = len(found[1]) - 1 if found[1] else 0
        cell.value = float(plain) if decimals else int(plain)
        cell.number_format = ("#,##0" if "," in text else "0") + ("." + "0" * decimals if decimals else "")
    cell.alignment = alignment


def _rule(page: Any, at: int, columns: int, border: Border) -> None:
    for column in range(1, columns + 1):
        page.cell(at, column).border = border
