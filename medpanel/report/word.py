"""A table as a Word document in Chinese that Word opens without complaint; same table, same bytes.

Belongs here: the document. Does not belong here: what a table says (models_py/parts).
"""

import io
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from medpanel.office.files import FIXED_TIME, fixed_archive
from medpanel.report.formats import remarks, safe
from models_py.figures.table import ReportTable

_WIDE = 5
# Lengths in Word's own unit, 360,000 to the centimetre.
_CM = 360_000
_MARGIN = 2 * _CM
# Rules, in eighths of a point.
_THICK, _THIN = 8, 4
_SIDES = ("top", "bottom")
_NOTES_SIZE = 8
_TABLE = (
    '<w:tbl xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:tblPr>'
    '<w:tblW w:type="auto" w:w="0"/><w:tblCellMar><w:top w:w="60" w:type="dxa"/><w:left w:w="0" w:type="dxa"/>'
    '<w:bottom w:w="60" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar><w:tblLook w:firstColumn="1" '
    'w:firstRow="1" w:lastColumn="0" w:lastRow="0" w:noHBand="0" w:noVBand="1" w:val="04A0"/></w:tblPr>'
    "<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
)
# A font for Chinese wherever one is named: which one Word takes by itself depends on its language.
_RUN = (
    '<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="SimSun"/>'
    '<w:color w:val="000000"/><w:sz w:val="{size}"/></w:rPr>{lines}</w:r>'
)


def docx(table: ReportTable) -> bytes:
    """The table under its title, notes below it; landscape when it has more than five columns or one of text."""
    document: Any = Document()
    section = document.sections[0]
    wide = len(table.header[0]) > _WIDE or bool(table.text_columns)
    if wide:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    for margin in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, margin, _MARGIN)
    # The template's ten points after every paragraph would double the height of a row.
    document.styles["Normal"].paragraph_format.space_after = 0
    document.styles["Normal"].font.name = "Times New Roman"
    for text in (table.heading.zh, table.heading.en):
        paragraph = document.add_paragraph(text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph._p.addnext(parse_xml(_grid(table, section.page_width - 2 * _MARGIN, 9 if wide else 10)))
    _lighten(document)
    _chinese_font(document)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by = f"{table.heading.zh} {table.heading.en}", "medpanel", "medpanel"
    facts.comments = "SYNTHETIC 合成数据" if table.synthetic else ""
    facts.created = facts.modified = FIXED_TIME
    facts.revision = 1
    written = io.BytesIO()
    document.save(written)
    return fixed_archive(written)


def _grid(table: ReportTable, room: int, size: int) -> str:
    """The table as XML, `size` points; rules over and under the header, over each block and under the last row."""
    widths = _widths(room, len(table.header[0]), table.text_columns)
    safe_table = safe(table)
    rows = [_head(texts, level, table, widths, size) for level, texts in enumerate(safe_table.header)]
    sides = ["", *("left" if i in table.text_columns else "center" for i in range(len(widths) - 1))]
    for i, row in enumerate(safe_table.rows):
        top = _THIN if i == 0 or row.block != table.rows[i - 1].block else 0
        rules = (top, _THICK if i == len(table.rows) - 1 else 0)
        placed = zip((row.label, *row.cells), widths, sides, strict=True)
        rows.append([_cell(text, width, size, rules, side) for text, width, side in placed])
    notes = "\n".join(remarks(table.remarks))
    # Justified lines before a break are torn apart in Chinese.
    rows.append([_cell(notes, sum(widths), _NOTES_SIZE, (0, 0), "left", span=len(widths))])
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    return _TABLE.format(grid=grid, rows="".join(f"<w:tr>{''.join(cells)}</w:tr>" for cells in rows))


def _head(texts: tuple[str, ...], level: int, table: ReportTable, widths: list[int], size: int) -> list[str]:
    """One level of the header; if there are several, equal neighbours are merged into one cell."""
    last = level == len(table.header) - 1
    bottom = 0 if not last else _THIN if table.rows else _THICK
    cells = [_cell(None, widths[0], size, (_THICK if level == 0 else 0, bottom), "")]
    rules = (_THICK if level == 0 else _THIN if last else 0, bottom)
    placed = zip(texts, widths[1:], strict=True)
    groups = groupby(placed, key=itemgetter(0)) if len(table.header) > 1 else ((one[0], [one]) for one in placed)
    for text, group in groups:
        own = [width for _, width in group]
        cells.append(_cell(text, sum(own), size, rules, "center", len(own)))
    return cells


def _cell(text: str | None, width: int, size: int, rules: tuple[int, int], side: str, span: int = 1) -> str:
    """A cell with rules over and under it; left entirely empty if `text` is None."""
    drawn = [f'<w:{at} w:val="single" w:sz="{rule}"/>' for at, rule in zip(_SIDES, rules, strict=True) if rule]
    borders = f"<w:tcBorders>{''.join(drawn)}</w:tcBorders>" if drawn else ""
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    aligned = f'<w:pPr><w:jc w:val="{side}"/></w:pPr>' if side else ""
    run = "" if text is None else _RUN.format(size=2 * size, lines="<w:br/>".join(map(_line, text.split("\n"))))
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{_twips(width)}"/>{spans}{borders}</w:tcPr>'
        f"<w:p>{aligned}{run}</w:p></w:tc>"
    )


def _line(text: str) -> str:
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<w:t{kept}>{escape(text, quote=False)}</w:t>" if text else ""


def _widths(room: int, columns: int, texts: tuple[int, ...]) -> list[int]:
    """A wide column of labels, the rest of the page shared evenly, or most of it given to columns of text."""
    label = min(int(6 * _CM), room * 2 // 5)
    each = (room - label) // columns
    if not texts:
        return [label, *[each] * columns]
    narrow = min(each, 2 * _CM)
    wide = (room - label - narrow * (columns - len(texts))) // len(texts)
    return [label, *(wide if i in texts else narrow for i in range(columns))]


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
