"""An example as people see it: the first lines of a text, the first rows of a table, and what reading it yields.

Belongs here: cutting and escaping. Does not belong here: the text around it (rendering.py).
"""

import io
from pathlib import PurePosixPath

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from rich.cells import cell_len, chop_cells

from catalog import load_registry
from ingestion import FileReading
from ingestion.places import Place, place_or_problem
from ingestion.schemas import PRIVATE
from medpanel.guide.examples import LayoutExample
from medpanel.guide.pages import said, table
from medpanel.language import Language

_LINES, _ROWS, _COLUMNS, _CELL = 7, 6, 10, 30
_WIDTH = 120
# What is cut off is no JSON any more.
_TEXTS = {".csv": "text", ".txt": "text", ".md": "html", ".json": "text", ".geojson": "text", ".gal": "text"}
# Columns that say nothing of what a row means.
_UNSHOWN = frozenset({"file_id", "wkb", "row", "cell"})
_WORDS = {
    "en": {
        "rows": "{rows_read} rows = {rows_loaded} loaded + {rows_rejected} rejected + {rows_set_aside} set aside",
        "figures": "{count} figures: {named}, {span}, {places} places",
        "table": "`{name}`: {count} rows",
        "private": ", private (`lake/private`)",
        "first": "; first: {}",
        "between": "; ",
        "end": ".",
    },
    "zh": {
        "rows": "{rows_read}行 = 载入{rows_loaded} + 拒绝{rows_rejected} + 搁置{rows_set_aside}",
        "figures": "{count}个数值：{named}，{span}，{places}个地区",
        "table": "`{name}`：{count}行",
        "private": "，私有（`lake/private`）",
        "first": "；首个：{}",
        "between": "；",
        "end": "。",
    },
}


def cut(text: str, columns: int) -> str:
    """The text, or its beginning and …, in at most `columns` of a terminal; Chinese characters take two."""
    return text if cell_len(text) <= columns else f"{chop_cells(text, columns - 1)[0]}…"


def cell(text: str, columns: int = _CELL) -> str:
    """A text for a Markdown table."""
    plain = cut(" ".join(str(text).split()), columns)
    return plain.replace("|", "\\|").replace("<", "&lt;")


def picture(example: LayoutExample, language: Language) -> list[str]:
    """Markdown lines that show the beginning of the example's file."""
    suffix = PurePosixPath(example.name).suffix
    if example.shown:
        header, *body = example.shown
        lines = table([[cell(text) for text in row] for row in [header, *body[: _ROWS - 1]]])
        return lines + _more(len(body) - _ROWS + 1, language)
    if suffix == ".xlsx":
        return _workbook(example.content, language)
    return ["```" + _TEXTS[suffix], *_text(example), "```"]


def _more(rows: int, language: Language) -> list[str]:
    return ["", f"… {rows} more rows" if language == "en" else f"……另{rows}行"] if rows > 0 else []


def _text(example: LayoutExample) -> list[str]:
    lines = example.content.decode(example.encoding).splitlines()
    shown = [cut(line.replace("\t", "⇥"), _WIDTH) for line in lines[: _LINES if len(lines) > _LINES + 1 else None]]
    left = len(lines) - len(shown)
    # Code is the same in both languages.
    return shown + ([f"… {left} more lines 另{left}行"] if left > 0 else [])


def _workbook(content: bytes, language: Language) -> list[str]:
    """Rows and columns as a spreadsheet shows them; the first cell of a merged area says so."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    areas = {area.coord.split(":")[0]: area.coord for area in sheet.merged_cells.ranges}
    columns = min(sheet.max_column, _COLUMNS)
    rows = [["", *(get_column_letter(number) for number in range(1, columns + 1))]]
    for line in sheet.iter_rows(min_row=1, max_row=_ROWS + 3, max_col=columns):
        texts = [cell("" if place.value is None else str(place.value)) for place in line]
        merged = [f" ⟨{areas[place.coordinate]}⟩" if place.coordinate in areas else "" for place in line]
        rows.append([f"**{line[0].row}**", *map("".join, zip(texts, merged, strict=True))])
    return table(rows) + _more(sheet.max_row - _ROWS - 3, language)


def yields(example: LayoutExample, reading: FileReading, language: Language) -> str:
    """Rows by what became of them, what they are now, and the first of them.

    Raises ValueError for an example that is refused, even in part: it would show what does not load.
    """
    counts = reading.source_file
    if counts["layout"] != example.layout or counts["rows_rejected"] or not counts["rows_loaded"]:
        raise ValueError(
            f"{example.name}: an example of {example.layout} is read as {counts['layout']}: {counts['problem']}"
        )
    words = _WORDS[language]
    parts = [words["rows"].format(**counts), *_figures(reading, language)]
    if reading.pilot:
        first = ", ".join(str(reading.pilot[0][key]) for key in ("programme", "unit_code", "unit_name", "announced_on"))
        parts.append(words["table"].format(name="pilot", count=len(reading.pilot)) + words["first"].format(first))
    for name, made in sorted(reading.tables.items()):
        where = words["private"] if name in PRIVATE else ""
        # All cells of a small survey may be withheld.
        shown = {key: text for row in made.slice(0, 1).to_pylist() for key, text in row.items() if key not in _UNSHOWN}
        pairs = ", ".join(f"{key} {cut(str(text), 24)}" for key, text in shown.items() if text is not None)
        first = words["first"].format(pairs) if shown and not where else ""
        parts.append(words["table"].format(name=name, count=made.num_rows) + where + first)
    return words["between"].join(parts) + words["end"]


def _figures(reading: FileReading, language: Language) -> list[str]:
    if not reading.observation:
        return []
    records = pd.DataFrame(reading.observation)
    known = [load_registry().indicators[name] for name in sorted(records["indicator"].unique())]
    named = ", ".join(f"`{one.id}` ({said(one.label, language)}, {one.unit})" for one in known)
    span = "–".join(map(str, dict.fromkeys((records["year"].min(), records["year"].max()))))
    first = reading.observation[0]
    place = place_or_problem(str(first["entity_code"]))
    where = place.name_zh if isinstance(place, Place) else first["entity_code"]
    figures = _WORDS[language]["figures"].format(
        count=len(records), named=named, span=span, places=records["entity_code"].nunique()
    )
    cell = f"{first['cell']} = {where} {first['year']} {first['indicator']} {first['value']:g} {first['unit']}"
    return [figures + _WORDS[language]["first"].format(cell)]
