"""A table as a Word document in one language that Word opens without complaint; same table, same bytes.

Belongs here: the document. Does not belong here: what a table says (models_py/parts).
"""

import io
from html import escape
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from medpanel.office.files import FIXED_TIME, fixed_archive
from medpanel.report.columns import Halves, halves, halves_of, needed, room, safe, spans
from models_py.figures.table import PrintedTable
from models_py.figures.text import width

# Lengths in Word's own unit, 360,000 to the centimetre; the sides of A4.
_CM = 360_000
_SHORT, _LONG = 21 * _CM, int(29.7 * _CM)
_MARGIN = 2 * _CM
# Points of a table's text, and of a cell's padding at its right.
_SIZE, _NARROW, _PADDING = 10, 9, 5.4
# Rules, in eighths of a point.
_THICK, _THIN = 8, 4
_SIDES = ("top", "bottom")
# Properties of rows: never parted, and, of the header, repeated on every page.
_KEPT = "<w:trPr><w:cantSplit/></w:trPr>"
_REPEATED = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
_NOTES_SIZE = 8
_TABLE = (
    '<w:tbl xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:tblPr>'
    '<w:tblW w:type="auto" w:w="0"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/>'
    '<w:left w:w="0" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar>'
    '<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" w:noHBand="0" w:noVBand="1" '
    'w:val="04A0"/></w:tblPr>'
    "<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
)
# A font for Chinese wherever one is named: which one Word takes by itself depends on its language.
_RUN = (
    '<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="SimSun"/>'
    '<w:color w:val="000000"/><w:sz w:val="{size}"/></w:rPr>{lines}</w:r>'
)


def docx(table: PrintedTable) -> bytes:
    """The table on A4 under its title, notes below it; landscape where the columns need the room.

    No row is parted between pages, the header is repeated on each, and a table that fits a page with its notes stands
    on one.
    """
    document: Any = Document()
    section = document.sections[0]
    wide = _too_wide(table)
    section.page_width, section.page_height = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    for margin in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, margin, _MARGIN)
    # The template's ten points after every paragraph would double the height of a row.
    document.styles["Normal"].paragraph_format.space_after = 0
    document.styles["Normal"].font.name = "Times New Roman"
    paragraph = document.add_paragraph(table.heading)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph._p.addnext(parse_xml(_grid(table, section.page_width - 2 * _MARGIN, _NARROW if wide else _SIZE)))
    _lighten(document)
    _chinese_font(document)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by = table.heading, "medpanel", "medpanel"
    facts.comments = "SYNTHETIC 合成数据" if table.synthetic else ""
    facts.created = facts.modified = FIXED_TIME
    facts.revision = 1
    written = io.BytesIO()
    document.save(written)
    return fixed_archive(written)


def _ems(length: int, size: int, columns: int) -> float:
    """Ems of text `size` points that so many columns have together in a length of the page."""
    return length / _CM * 28.35 / size - columns * _PADDING / size


def _too_wide(table: PrintedTable) -> bool:
    columns = 1 + len(table.header[0])
    return bool(table.text_columns) or sum(needed(table)) > _ems(_SHORT - 2 * _MARGIN, _SIZE, columns)


def _grid(table: PrintedTable, length: int, size: int) -> str:
    """The table as XML, `size` points; rules over and under the header, over each block and under the last row."""
    widths, columns = _widths(table, length, size), halves(table)
    made = safe(table)
    # Rows kept with the next stand on one page, if they fit one.
    stay = "<w:keepNext/>"
    rows = [_head(texts, level, made, widths, size) for level, texts in enumerate(made.header)]
    for i, row in enumerate(made.rows):
        top = _THIN if i == 0 or row.block != made.rows[i - 1].block else 0
        rules = (top, _THICK if i == len(made.rows) - 1 else 0)
        cells = [_cell(row.label, widths[0], size, rules, "left", stay)]
        for text, own, column, at in zip(row.cells, widths[1:], columns, range(len(columns)), strict=True):
            side = "left" if at in table.text_columns else "center"
            cells.append(_cell(text, own, size, rules, side, stay, column=None if side == "left" else column))
        rows.append("".join(cells))
    # Justified lines before a break are torn apart in Chinese.
    notes = _cell(table.remarks, sum(widths), _NOTES_SIZE, (0, 0), "left", "", span=len(widths))
    heads = len(made.header)
    written = [f"<w:tr>{_KEPT if i >= heads else _REPEATED}{cells}</w:tr>" for i, cells in enumerate([*rows, notes])]
    grid = "".join(f'<w:gridCol w:w="{_twips(own)}"/>' for own in widths)
    return _TABLE.format(grid=grid, rows="".join(written))


def _head(texts: tuple[str, ...], level: int, table: PrintedTable, widths: list[int], size: int) -> str:
    """One level of the header; if there are several, equal neighbours are merged into one cell."""
    last = level == len(table.header) - 1
    bottom = 0 if not last else _THIN if table.rows else _THICK
    cells = [_cell(None, widths[0], size, (_THICK if level == 0 else 0, bottom), "left", "<w:keepNext/>")]
    rules = (_THICK if level == 0 else _THIN if last else 0, bottom)
    at = 1
    for text, count in spans(texts, not last):
        own = sum(widths[at : at + count])
        cells.append(_cell(text, own, size, rules, "center", "<w:keepNext/>", span=count))
        at += count
    return "".join(cells)


def _cell(
    text: str | None,
    wide: int,
    size: int,
    rules: tuple[int, int],
    side: str,
    stay: str,
    *,
    span: int = 1,
    column: Halves | None = None,
) -> str:
    """A cell with rules over and under it; left entirely empty if `text` is None. Each line is a paragraph, so that
    numbers can have their decimal point at one place of the `column`.
    """
    drawn = [f'<w:{at} w:val="single" w:sz="{rule}"/>' for at, rule in zip(_SIDES, rules, strict=True) if rule]
    borders = f"<w:tcBorders>{''.join(drawn)}</w:tcBorders>" if drawn else ""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    lines = [""] if text is None else text.split("\n")
    paragraphs = "".join(_paragraph(line, wide, size, side, stay, column) for line in lines)
    return f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{_twips(wide)}"/>{spanned}{borders}</w:tcPr>{paragraphs}</w:tc>'


def _paragraph(line: str, wide: int, size: int, side: str, stay: str, column: Halves | None) -> str:
    place = f'<w:jc w:val="{side}"/>'
    if column is not None and halves_of(line) is not None:
        # In a cell, text is put at a decimal tab by itself.
        head, tail = (width(part) * size * 20 for part in (column.head, column.tail))
        at = round((_twips(wide) - _PADDING * 20 + head - tail) / 2)
        place = f'<w:tabs><w:tab w:val="decimal" w:pos="{at}"/></w:tabs><w:jc w:val="left"/>'
    return f"<w:p><w:pPr>{stay}{place}</w:pPr>{_RUN.format(size=2 * size, lines=_line(line)) if line else ''}</w:p>"


def _line(text: str) -> str:
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<w:t{kept}>{escape(text, quote=False)}</w:t>"


def _widths(table: PrintedTable, length: int, size: int) -> list[int]:
    """Each column's length, the labels' first, padding included."""
    columns = 1 + len(table.header[0])
    shares = room(table, _ems(length, size, columns))
    padding = _PADDING / size
    return [int(length * (share + padding) / (sum(shares) + columns * padding)) for share in shares]


def _twips(length: int) -> int:
    """In twentieths of a point, the unit of widths."""
    return round(length / 635)


def _lighten(document: Any) -> None:
    """Remove what python-docx's template contains: a thumbnail of itself, a second style sheet, table styles."""
    for owner in (document.part, document.part.package):
        for key, relation in list(owner.rels.items()):
            if relation.reltype.endswith(("/stylesWithEffects", "/thumbnail")):
                owner.rels.pop(key)
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:default")) != "1":
            styles.remove(style)


def _chinese_font(document: Any) -> None:
    """Name a Chinese font wherever the styles name a font."""
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        fonts.attrib.pop(qn("w:eastAsiaTheme"), None)
        fonts.set(qn("w:eastAsia"), "SimSun")
