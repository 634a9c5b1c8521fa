"""An example as people see it: the first lines of a text, the first rows of a table.

Belongs here: cutting and escaping. Does not belong here: what is said around it (rendering.py).
"""

from __future__ import annotations

import io
import unicodedata
from pathlib import PurePosixPath

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from medpanel.guide.examples import LayoutExample

_LINES, _ROWS, _COLUMNS, _CELL = 7, 6, 10, 30
_WIDTH = 120
_TEXTS = {".csv": "text", ".txt": "text", ".md": "html", ".json": "json", ".geojson": "json", ".gal": "text"}
_ENCODINGS = ("utf-8-sig", "gb18030")


def width(text: str) -> int:
    """Columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def cut(text: str, columns: int) -> str:
    """The text, or its beginning and … in at most `columns`."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return f"{kept}…"


def cell(text: str, columns: int = _CELL) -> str:
    """A text in a Markdown table."""
    plain = cut(" ".join(str(text).split()), columns)
    return plain.replace("|", "\\|").replace("<", "&lt;")


def table(rows: list[list[str]]) -> list[str]:
    """Markdown of a table whose first row is its header."""
    header, *body = rows
    lines = ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *body]]
    return lines


def picture(example: LayoutExample) -> list[str]:
    """Markdown lines that show the beginning of the example's file."""
    suffix = PurePosixPath(example.name).suffix
    if example.shown:
        header, *body = example.shown
        lines = table([[cell(text) for text in row] for row in [header, *body[: _ROWS - 1]]])
        return lines + _more(len(body) - _ROWS + 1)
    if suffix == ".xlsx":
        return _workbook(example.content)
    return ["```" + _TEXTS[suffix], *_text(example.content), "```"]


def _more(rows: int) -> list[str]:
    return ["", f"… {rows} more rows 另{rows}行"] if rows > 0 else []


def _text(content: bytes) -> list[str]:
    for encoding in _ENCODINGS:
        try:
            lines = content.decode(encoding).splitlines()
            break
        except UnicodeDecodeError:
            continue
    shown = [cut(line.replace("\t", "⇥"), _WIDTH) for line in lines[: _LINES if len(lines) > _LINES + 1 else None]]
    left = len(lines) - len(shown)
    return shown + ([f"… {left} more lines 另{left}行"] if left > 0 else [])


def _workbook(content: bytes) -> list[str]:
    """Rows and columns as a spreadsheet shows them; a merged area is told in its first cell."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    areas = {area.coord.split(":")[0]: area.coord for area in sheet.merged_cells.ranges}
    width_shown = min(sheet.max_column, _COLUMNS)
    rows = [["", *(get_column_letter(number) for number in range(1, width_shown + 1))]]
    for line in sheet.iter_rows(min_row=1, max_row=_ROWS + 3, max_col=width_shown):
        texts = []
        for place in line:
            text = "" if place.value is None else str(place.value)
            area = areas.get(place.coordinate)
            texts.append(cell(text) + (f" ⟨{area}⟩" if area else ""))
        rows.append([f"**{line[0].row}**", *texts])
    return table(rows) + _more(sheet.max_row - _ROWS - 3)
