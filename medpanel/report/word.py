"""A table as a Word document; same table, same bytes.

Belongs here: what maketables leaves to do for a document in Chinese that Word opens without remarks.
Does not belong here: what a table says (the parts' own shows.py).
"""

from __future__ import annotations

import io
from typing import Any

from medpanel.office.fixed_workbook import FIXED_TIME, fixed_archive
from medpanel.report.formats import remarks, safe_frame
from models_py.figures.table import ReportTable

_SIDES = ("top", "left", "bottom", "right")
_WIDE = 5
# Lengths in Word's own unit, 360,000 to the centimetre.
_CM = 360_000
_MARGIN = 2 * _CM


def docx(table: ReportTable) -> bytes:
    """The table under its title, notes below it; landscape when it has more than five columns or one of text."""
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from maketables import MTable

    made = MTable(safe_frame(table), notes="\n".join(remarks(table.remarks)), rgroup_sep="t", rgroup_display=False)
    wide = len(table.header[0]) > _WIDE or bool(table.text_columns)
    style = {
        "font_size_pt": 9 if wide else 10,
        "notes_font_size_pt": 8,
        "prevent_page_breaks": False,
        # Justified lines before a break are torn apart in Chinese.
        "notes_align": "left",
        "table_style_name": "Normal Table",
    }
    document: Any = made.make("docx", docx_style=style)
    if wide:
        section = document.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    for margin in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(document.sections[0], margin, _MARGIN)
    # The template's ten points after every paragraph would double the height of a row.
    document.styles["Normal"].paragraph_format.space_after = 0
    document.styles["Normal"].font.name = "Times New Roman"
    grid = document.tables[0]._tbl
    for text in (table.heading.zh, table.heading.en):
        paragraph = document.add_paragraph(text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        grid.addprevious(paragraph._p)
    _widths(grid, document.sections[0].page_width - 2 * _MARGIN, len(table.header[0]), table.text_columns)
    for row in document.tables[0].rows[len(table.header) : -1]:
        for i in table.text_columns:
            for paragraph in row.cells[i + 1].paragraphs:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    _tidy_table(grid)
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


def _widths(grid: Any, room: int, columns: int, texts: tuple[int, ...]) -> None:
    """A wide column of labels, the rest of the page shared evenly, or most of it given to columns of text.

    A merged cell has the width of its columns.
    """
    from docx.oxml.ns import qn
    from docx.shared import Emu

    label = min(int(6 * _CM), room * 2 // 5)
    each = (room - label) // columns
    widths = [label, *[each] * columns]
    if texts:
        narrow = min(each, 2 * _CM)
        wide = (room - label - narrow * (columns - len(texts))) // len(texts)
        widths = [label, *(wide if i in texts else narrow for i in range(columns))]
    for column, width in zip(grid.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(Emu(width).twips))
    for row in grid.tr_lst:
        place = 0
        for cell in row.tc_lst:
            cell.width = Emu(sum(widths[place : place + cell.grid_span]))
            place += cell.grid_span


def _tidy_table(grid: Any) -> None:
    """One set of borders per cell, and elements in the order the format's schema has them.

    maketables adds a set for every rule it draws; the last one of a side counts.
    """
    from docx.oxml.ns import qn

    for cell in grid.iter(qn("w:tcPr")):
        found = cell.findall(qn("w:tcBorders"))
        sides = {side: border for each in found for side in _SIDES for border in each.findall(qn(f"w:{side}"))}
        for each in found[1:]:
            cell.remove(each)
        for each in found[:1]:
            each.clear()
            # Without a table style that draws lines, a side that has none need not say so.
            each.extend(sides[s] for s in _SIDES if s in sides and sides[s].get(qn("w:val")) != "nil")
            if not len(each):
                cell.remove(each)
    margins, look = grid.tblPr.find(qn("w:tblCellMar")), grid.tblPr.find(qn("w:tblLook"))
    margins[:] = [margins.find(qn(f"w:{side}")) for side in _SIDES]
    look.addprevious(margins)


def _lighten(document: Any) -> None:
    """Leave out what python-docx's template brings along: a picture of itself, a second style sheet, table styles."""
    from docx.oxml.ns import qn

    for owner in (document.part, document.part.package):
        for key, relation in list(owner.rels.items()):
            if relation.reltype.endswith(("/stylesWithEffects", "/thumbnail")):
                owner.rels.pop(key)
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:default")) != "1":
            styles.remove(style)


def _chinese_font(document: Any) -> None:
    """Name a Chinese font wherever a font is named: which one Word takes by itself depends on its language."""
    from docx.oxml.ns import qn

    for element in (document.element, document.styles.element):
        for fonts in element.iter(qn("w:rFonts")):
            fonts.attrib.pop(qn("w:eastAsiaTheme"), None)
            fonts.set(qn("w:eastAsia"), "SimSun")
