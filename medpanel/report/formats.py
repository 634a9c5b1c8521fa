"""A table as HTML, LaTeX and Markdown; same table, same bytes.

Belongs here: turning a ReportTable into file content, through maketables if it offers the format.
Does not belong here: Word (word.py), what a table says (models_py/parts), writing files (writing.py).
"""

import html
import math
import re
from dataclasses import replace
from typing import Any

import pandas as pd
from maketables import MTable

from catalog.base import Text
from medpanel.office.files import neutral
from medpanel.report.shell import FONTS
from models_py.figures.table import MINUS, ReportTable, Row
from models_py.figures.text import width

_TEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    # After a line break these would be read as its argument.
    "[": "{[}",
    "]": "{]}",
    MINUS: "$-$",
    "–": "--",
    "\u00a0": "~",
}
# A landscape A4 page in footnote size: lines of a table, ems of a line beside the labels.
_LONG, _ROOM = 34, 65.0
_STARS = re.compile(r"(?<=\d)(\*{1,3})(?=\s|$)")
PACKAGES = ("booktabs", "tabularx", "array", "makecell", "threeparttable", "caption")


def safe(table: ReportTable) -> ReportTable:
    """The table with every text that could be a formula neutralised, in cells, labels and header."""
    rows = tuple(replace(row, label=neutral(row.label), cells=tuple(map(neutral, row.cells))) for row in table.rows)
    return replace(table, rows=rows, header=tuple(tuple(map(neutral, level)) for level in table.header))


def frame_of(table: ReportTable) -> pd.DataFrame:
    """Cells, unchanged, under a header of one or more levels, rows by (block, label)."""
    blocks = ["\u00a0" * (row.block + 1) for row in table.rows]
    columns = pd.MultiIndex.from_arrays(table.header) if len(table.header) > 1 else pd.Index(table.header[0])
    index = pd.MultiIndex.from_arrays([blocks, [row.label for row in table.rows]])
    return pd.DataFrame([row.cells for row in table.rows], index=index, columns=columns, dtype="object")


def html_fragment(table: ReportTable) -> str:
    """The table with its title and notes, without a page around it; it has its own styles and loads nothing."""
    made = MTable(frame_of(safe(table)), notes="\n".join(remarks(table.remarks)), rgroup_sep="t", rgroup_display=False)
    style = {"table_font_size_all": "14px", "source_notes_font_size": "12px", "table_font_names": list(FONTS)}
    drawn: Any = made.make("gt", gt_style=style)
    raw: str = drawn.as_raw_html()
    # great_tables draws an id at random for every table.
    found = re.search(r'<div id="([a-z]+)"', raw)
    if found:
        raw = raw.replace(found[1], f"t_{table.stem}")
    left = ", ".join(f"#t_{table.stem} td:nth-child({i + 2})" for i in table.text_columns)
    style_left = f"<style>{left} {{ text-align: left !important; }}</style>\n" if left else ""
    heading = f"<b>{html.escape(table.heading.zh)}</b><br>{html.escape(table.heading.en)}"
    return (
        f'<figure class="table" id="{table.stem}">\n<figcaption>{heading}</figcaption>\n{style_left}{raw}\n</figure>\n'
    )


def latex(table: ReportTable, label: str) -> str:
    """A table environment for \\input, in UTF-8; packages needed are named in its first line.

    A float does not break over pages, so a long table becomes several, the later ones marked as continued.
    """
    pieces = _pieces(table)
    made = [_environment(piece, label if i == 0 else f"{label}-{i + 1}") for i, piece in enumerate(pieces)]
    head = f"% ctex, {', '.join(PACKAGES)}; compile with XeLaTeX (UTF-8). 需要上述宏包，请用 XeLaTeX 编译。\n"
    return head + "\n".join(made)


def _environment(table: ReportTable, label: str) -> str:
    frame = frame_of(safe(table)).map(_paragraph)
    labels = [(block, _tex(text).replace("\n", r"\newline ")) for block, text in frame.index]
    frame.index = pd.MultiIndex.from_tuples(labels)
    *tops, last = (frame.columns.get_level_values(level) for level in range(frame.columns.nlevels))
    levels = [*(top.map(_tex) for top in tops), last.map(_paragraph)]
    frame.columns = pd.MultiIndex.from_arrays(levels) if tops else levels[0]
    made = MTable(
        frame,
        notes="\n".join(map(_tex, remarks(table.remarks))),
        caption=_tex(f"{table.heading.zh} {table.heading.en}"),
        tab_label=f"tab:{label}",
        rgroup_display=False,
    )
    style: dict[str, object] = {
        "group_intro": r"\footnotesize",
        "data_addlinespace": "0.2ex",
        "first_row_addlinespace": "0.2ex",
        "first_col_width": "5cm",
    }
    # The study numbers its tables itself.
    text = str(made.make("tex", tex_style=style)).replace(r"\caption{", r"\caption*{", 1)
    if table.text_columns:
        # Shares of tabularx columns must add up to their number.
        plain = r">{\centering\arraybackslash}X"
        sides = [r"\raggedright" if i in table.text_columns else r"\centering" for i in range(frame.shape[1])]
        sized = [
            rf">{{\hsize={share * len(sides):.3f}\hsize\linewidth=\hsize{side}\arraybackslash}}X"
            for share, side in zip(_shares(table), sides, strict=True)
        ]
        text = text.replace(plain * frame.shape[1], "".join(sized), 1)
    return text + "\n"


def _pieces(table: ReportTable) -> list[ReportTable]:
    """The table in parts of at most _LONG lines each."""
    parts: list[list[Row]] = [[]]
    for row in table.rows:
        if parts[-1] and sum(_lines(other, table) for other in (*parts[-1], row)) > _LONG:
            parts.append([])
        parts[-1].append(row)
    continued = Text(zh=f"{table.title.zh}（续）", en=f"{table.title.en} (continued)")
    return [
        replace(table, rows=tuple(rows), title=table.title if i == 0 else continued) for i, rows in enumerate(parts)
    ]


def _shares(table: ReportTable) -> list[float]:
    """Each column's share of the room beside the labels: a text column gets five times as much as another."""
    weights = [5.0 if i in table.text_columns else 1.0 for i in range(len(table.header[0]))]
    return [weight / sum(weights) for weight in weights]


def _lines(row: Row, table: ReportTable) -> int:
    """Roughly how many lines a row takes on a page whose line has 14 ems for labels and _ROOM for the rest."""
    rooms = [14.0, *(share * _ROOM for share in _shares(table))]
    return max(
        sum(math.ceil(max(1.0, width(line)) / room) for line in text.split("\n"))
        for text, room in zip((row.label, *row.cells), rooms, strict=True)
    )


def markdown(table: ReportTable) -> str:
    """A pipe table; lines within a cell are separated by <br>."""
    frame = frame_of(safe(table))
    heads = ["<br>".join(dict.fromkeys(map(_md, texts))) for texts in zip(*safe(table).header, strict=True)]
    lines = [f"**{_md(table.heading.zh)}**", "", _md(table.heading.en), ""]
    lines += ["| " + " | ".join(["", *heads]) + " |", "|:---|" + ":---:|" * len(heads)]
    lines += [
        "| " + " | ".join([_md(label), *map(_md, cells)]) + " |"
        for (_, label), cells in zip(frame.index, frame.to_numpy().tolist(), strict=True)
    ]
    return "\n".join([*lines, "", *(f"{_md(text)}\n" for text in remarks(table.remarks))])


def remarks(notes: tuple[Text, ...]) -> list[str]:
    """Notes of one language after the other."""
    return ["注：" + "".join(n.zh for n in notes), "Notes: " + " ".join(n.en for n in notes)]


def _tex(text: str) -> str:
    raised = _STARS.split(text)
    # The split leaves the stars in every second place.
    return "".join(
        rf"\textsuperscript{{{part}}}" if i % 2 else "".join(_TEX.get(c, c) for c in part)
        for i, part in enumerate(raised)
    )


def _paragraph(text: str) -> str:
    """Text of a column that is centred and wraps by itself; \\newline would push the line to the left."""
    return _tex(text).replace("\n", r"\linebreak ")


def _md(text: str) -> str:
    escaped = re.sub(r"([\\`*_|<>\[\]])", r"\\\1", text)
    return escaped.replace("\n", "<br>")
