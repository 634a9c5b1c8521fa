"""What every format of a table needs to know of its printed columns: numbers parted at the decimal point, room taken.

Does not belong here: any one format (html_table.py, latex.py, markdown.py, word.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from medpanel.office.files import neutral
from models_py.figures.table import PrintedRow, PrintedTable
from models_py.figures.text import width

# A number with what belongs to it: brackets, sign, per cent, stars.
_NUMBER = re.compile(r"([(\[]?−?\d[\d,]*)((?:\.\d+)?(?:e[−+]?\d+)?\s?%?[)\]]?\*{0,3})")
_LEAST = 2.4


@dataclass(frozen=True)
class Halves:
    """The widest text before and from the decimal point on among the numbers of a column; empty without numbers."""

    head: str = ""
    tail: str = ""

    @property
    def wide(self) -> float:
        """Ems of both together."""
        return width(self.head) + width(self.tail)


def halves_of(line: str) -> tuple[str, str] | None:
    """A number parted at its decimal point; None for anything else."""
    found = _NUMBER.fullmatch(line)
    return (found[1], found[2]) if found else None


def halves(table: PrintedTable) -> list[Halves]:
    """Of each column of a table."""
    made = []
    for column in range(len(table.header[0])):
        lines = (line for row in table.rows for line in row.cells[column].split("\n"))
        parts = [part for line in lines if (part := halves_of(line)) is not None]
        heads, tails = ([part[side] for part in parts] for side in (0, 1))
        made.append(Halves(max(heads, key=width, default=""), max(tails, key=width, default="")))
    return made


def safe(table: PrintedTable) -> PrintedTable:
    """The table with every text that could be a formula neutralised, in cells, labels and header."""
    rows = tuple(PrintedRow(neutral(row.label), tuple(map(neutral, row.cells)), row.block) for row in table.rows)
    return replace(table, rows=rows, header=tuple(tuple(map(neutral, level)) for level in table.header))


def spans(level: Sequence[str], merged: bool) -> list[tuple[str, int]]:
    """The texts of one level of a header with how many columns each spans; equal neighbours are one if `merged`."""
    if not merged:
        return [(text, 1) for text in level]
    return [(text, len(list(group))) for text, group in groupby(level)]


def needed(table: PrintedTable) -> list[float]:
    """Ems each column needs so that no word is broken: that of the labels first, then of the others."""
    columns = [[row.label for row in table.rows]]
    last = table.header[-1]
    columns += [[last[i], *(row.cells[i] for row in table.rows)] for i in range(len(last))]
    # Under each other at the decimal point, numbers need the longest before it and the longest after it.
    aligned = [0.0, *(0.0 if i in table.text_columns else both.wide for i, both in enumerate(halves(table)))]
    return [
        max([_LEAST, parts, *(_unbroken(text) for text in texts)])
        for parts, texts in zip(aligned, columns, strict=True)
    ]


def _unbroken(text: str) -> float:
    """The widest piece of a text that must not be broken: a word, a number with its stars, an interval."""
    return max((width(piece) for line in text.split("\n") for piece in _pieces(line)), default=0.0)


def _pieces(line: str) -> list[str]:
    # An interval is one piece; Chinese breaks between any two characters.
    kept = re.sub(r"(?<=[\d∞]), (?=[−\d∞])", ",\u00a0", line)
    return [piece for piece in re.split(r" |(?<=[\u4e00-\u9fff，、；：（）])|(?=[\u4e00-\u9fff（])", kept) if piece]


def room(table: PrintedTable, ems: float) -> list[float]:
    """Ems of each column, the labels' first, when all have `ems` together: what each needs, the rest by content.

    Columns of running text take most of the rest, and then the labels.
    """
    least = needed(table)
    left = ems - sum(least)
    if left <= 0:
        return [each * ems / sum(least) for each in least]
    wanted = _wanted(table, least)
    scale = min(1.0, left / sum(wanted)) if sum(wanted) else 0.0
    given = [each + more * scale for each, more in zip(least, wanted, strict=True)]
    spare = (ems - sum(given)) / len(given)
    return [each + spare for each in given]


def _wanted(table: PrintedTable, least: Sequence[float]) -> list[float]:
    """Ems beyond the least by which each column would hold its longest line, of running text that of several lines."""
    texts = [[row.label for row in table.rows], *([row.cells[i] for row in table.rows] for i in range(len(least) - 1))]
    heads = ["", *table.header[-1]]
    made = []
    for column, (lines, head) in enumerate(zip(texts, heads, strict=True)):
        longest = max([width(line) for text in (*lines, head) for line in text.split("\n")], default=0.0)
        most = 60.0 if column - 1 in table.text_columns else 30.0 if column == 0 else 16.0
        made.append(max(0.0, min(longest, most) - least[column]))
    return made
