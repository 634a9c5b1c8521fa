"""A table as LaTeX in one language, and the document that holds all tables; same table, same bytes.

Belongs here: escapes, environments, captions that are numbered and can be referred to, what fits a page of A4.
Does not belong here: what a table says (models_py/parts), writing files (writing.py).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from catalog.base import Text
from medpanel.report.columns import Halves, halves, halves_of, needed, room, safe, spans
from models_py.figures.show import Lang, said
from models_py.figures.table import MINUS, PrintedRow, PrintedTable
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
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∞": r"$\infty$",
    # After a line break these would be read as its argument.
    "[": "{[}",
    "]": "{]}",
    MINUS: "$-$",
    "–": "--",
    "\u00a0": "~",
    # After a question or exclamation mark it would turn that upside down; two would be a quotation mark.
    "`": r"\textasciigrave{}",
    "\u2028": " ",
    "\u2029": " ",
}
# A line of a portrait page with margins of 2 cm holds so many ems of \footnotesize; one of a landscape page.
_PORTRAIT, _LANDSCAPE = 57.0, 87.0
# The share of a portrait page that words which must not be broken may take.
_FILLED = 0.85
# Ems between columns.
_APART = 1.2
# Lines of \footnotesize on either page, beside caption and header.
_LONG, _LOW = 58, 34
_STARS = re.compile(r"(?<=[\d)])(\*{1,3})(?=\s|$)")
PACKAGES = ("booktabs", "array", "caption", "pdflscape")
_CONTINUED = Text(zh="（续）", en=" (continued)")
_PACKAGES_NEEDED = Text(
    zh="需要 ctex（中文）与宏包 {}；请用 XeLaTeX 编译（UTF-8）。",
    en="Needs the packages {}; compile with XeLaTeX (UTF-8).",
)


def latex(table: PrintedTable, label: str) -> str:
    """A table environment for \\input, in UTF-8; the packages it needs are named in its first line.

    Captions are numbered by LaTeX and referred to as tab:<label>. A float does not break over pages, so a long table
    becomes several of one number; one too wide for a portrait page of A4 stands on a landscape one.
    """
    wide = _too_wide(table)
    pieces = _pieces(table, wide)
    made = [_environment(piece, label if i == 0 else "", wide, i > 0) for i, piece in enumerate(pieces)]
    head = f"% {said(_PACKAGES_NEEDED, table.lang).format(', '.join(PACKAGES))}\n"
    body = "\\clearpage\n".join(made) if wide else "\n".join(made)
    return head + (f"\\begin{{landscape}}\n{body}\\end{{landscape}}\n" if wide else body)


def document(inputs: Sequence[tuple[str, str]], lang: Lang) -> str:
    """A document of all tables, to be compiled in their folder. `inputs`: each file's name and its table's number, ''
    for one without a number, which is counted after A.
    """
    lines = [
        (f"{{\\renewcommand{{\\thetable}}{{{number}}}\\input{{{name}}}\\addtocounter{{table}}{{-1}}}}" if number
         else f"\\input{{{name}}}") + r"\clearpage"
        for name, number in inputs
    ]  # fmt: skip
    # English words for what LaTeX names itself, in an English document.
    scheme = "" if lang == "zh" else ",scheme=plain"
    return (
        f"% XeLaTeX, UTF-8\n\\documentclass[UTF8{scheme}]{{ctexart}}\n\\usepackage{{{','.join(PACKAGES)}}}\n"
        "\\usepackage[a4paper,margin=2cm]{geometry}\n\\renewcommand{\\thetable}{A\\arabic{table}}\n"
        "\\begin{document}\n" + "\n".join(lines) + "\n\\end{document}\n"
    )


def _too_wide(table: PrintedTable) -> bool:
    return bool(table.text_columns) or sum(needed(table)) + _APART * len(table.header[0]) > _FILLED * _PORTRAIT


def _environment(table: PrintedTable, label: str, wide: bool, continued: bool) -> str:
    made, columns = safe(table), halves(table)
    ems = _LANDSCAPE if wide else _PORTRAIT
    shares = [each / ems for each in room(table, ems - _APART * len(columns))]
    sides = [
        "\\raggedright",
        *("\\raggedright" if i in table.text_columns else "\\centering" for i in range(len(columns))),
    ]
    spec = "".join(
        rf">{{{side}\arraybackslash}}p{{{share:.4f}\linewidth}}" for share, side in zip(shares, sides, strict=True)
    )
    lines = [
        r"\begin{table}[htbp]",
        r"\centering",
        *([r"\ContinuedFloat"] if continued else []),
        rf"\caption{{{_tex(table.caption)}}}" + (rf"\label{{tab:{label}}}" if label else ""),
        rf"\footnotesize\setlength{{\tabcolsep}}{{{_APART / 2 / ems:.5f}\linewidth}}",
        rf"\begin{{tabular}}{{@{{}}{spec}@{{}}}}",
        r"\toprule",
        *_header(made, shares, _APART / ems),
        *_body(made.rows, columns, table.text_columns),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if table.remarks:
        lines.append(rf"\par\smallskip\parbox{{\linewidth}}{{\footnotesize {_tex(table.remarks)}}}")
    return "\n".join([*lines, r"\end{table}", ""])


def _header(table: PrintedTable, shares: Sequence[float], apart: float) -> list[str]:
    """Its levels; `shares` of the line for each column, the labels' first, and for the room between two."""
    lines = []
    for place, level in enumerate(table.header):
        last = place == len(table.header) - 1
        if last:
            lines += [" & ".join(["", *(_stacked(text) for text in level)]) + r" \\", r"\midrule"]
            continue
        cells, rules, at = [""], [], 2
        for text, count in spans(level, True):
            wide = sum(shares[at - 1 : at - 1 + count]) + apart * (count - 1)
            # Over the last column it takes the place of the table's own end, which has no room after it.
            end = "@{}" if at + count - 1 == len(shares) else ""
            column = rf">{{\centering\arraybackslash}}p{{{wide:.4f}\linewidth}}{end}"
            cells.append(rf"\multicolumn{{{count}}}{{{column}}}{{{_tex(text)}}}")
            rules.append(rf"\cmidrule(lr){{{at}-{at + count - 1}}}")
            at += count
        lines += [" & ".join(cells) + r" \\", " ".join(rules)]
    return lines


def _body(rows: Sequence[PrintedRow], columns: Sequence[Halves], texts: Sequence[int]) -> list[str]:
    """The rows; `texts`: columns of running text."""
    lines = []
    for i, row in enumerate(rows):
        if i and row.block != rows[i - 1].block:
            lines.append(r"\midrule")
        cells = [
            _stacked(text, None if i in texts else column, left=i in texts)
            for i, (text, column) in enumerate(zip(row.cells, columns, strict=True))
        ]
        lines.append(" & ".join([_stacked(row.label, left=True), *cells]) + r" \\[0.3ex]")
    return lines


def _stacked(text: str, column: Halves | None = None, *, left: bool = False) -> str:
    """The lines of a cell, numbers with their decimal points under each other; the column breaks long ones.

    In a centred column \\newline would push the line to the left.
    """
    end = r"\newline " if left else r"\linebreak "
    # Before anything is written there is no line to end.
    return end.join(_line(line, column) or r"\mbox{}" for line in text.split("\n")) if text else ""


def _line(line: str, column: Halves | None) -> str:
    parts = None if column is None else halves_of(line)
    if parts is None or column is None:
        return _tex(line)
    head, tail = (_digits(most) for most in (column.head, column.tail))
    stars = _STARS.search(line)
    end = _tex(parts[1]) if stars is None else _tex(parts[1].rstrip("*")) + rf"\textsuperscript{{{stars[1]}}}"
    return rf"\mbox{{\makebox[{head:.2f}em][r]{{{_tex(parts[0])}}}\makebox[{tail:.2f}em][l]{{{end}}}}}"


def _digits(text: str) -> float:
    """Ems of a number in LaTeX's own roman."""
    return sum({"−": 0.78, "(": 0.39, ")": 0.39, ".": 0.28, ",": 0.28, "*": 0.3}.get(c, 0.5) for c in text)


def _pieces(table: PrintedTable, wide: bool) -> list[PrintedTable]:
    """The table in parts that each fit a page; the notes stand under the last."""
    ems = _LANDSCAPE if wide else _PORTRAIT
    rooms = room(table, ems - _APART * len(table.header[0]))
    most = (_LOW if wide else _LONG) - math.ceil(width(table.remarks) / ems)
    parts: list[list[PrintedRow]] = [[]]
    filled = 0.0
    for row in table.rows:
        height = _height(row, rooms)
        if parts[-1] and filled + height > most:
            parts.append([])
            filled = 0.0
        parts[-1].append(row)
        filled += height
    again = said(_CONTINUED, table.lang)
    return [
        replace(
            table,
            rows=tuple(rows),
            caption=table.caption + (again if i else ""),
            remarks=table.remarks if i == len(parts) - 1 else "",
        )
        for i, rows in enumerate(parts)
    ]


def _height(row: PrintedRow, rooms: Sequence[float]) -> float:
    """Roughly how many lines a row takes in columns of so many ems."""
    return 0.2 + max(
        sum(math.ceil(max(1.0, width(line)) / own) for line in text.split("\n"))
        for text, own in zip((row.label, *row.cells), rooms, strict=True)
    )


def _tex(text: str) -> str:
    # Two breaks in a row would begin a paragraph, which no caption may hold.
    raised = _STARS.split(re.sub(r"\s*\n\s*", " ", text))
    # The split leaves the stars in every second place.
    return "".join(
        rf"\textsuperscript{{{part}}}" if i % 2 else "".join(_TEX.get(c, c) for c in part)
        for i, part in enumerate(raised)
    )
