"""What happens to files between a publisher and a researcher, one change at a time.

Left out is what no reader could notice, because the result is a valid table that merely says something else: two
figures, two year headers, headers of indicators of like size or (without codes) two province names exchanged, digits
changed, all figures of a workbook moved below another year, units ten times apart, the last pilots of a list lost.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from tests.ingestion.fuzz.families import NAMES, SHORT, Table, as_csv, as_html, as_stata, as_tabbed_csv, as_xls, as_xlsx

Mutation = Callable[[Table, random.Random], Table | None]
_TEXT = (as_csv, as_tabbed_csv)
# Units of one quantity at least a hundred times apart: figures in the wrong one are out of every range.
_OTHER_UNITS = {
    "亿元": ["万元", "元"],
    "万人次": ["人次", "亿人次"],
    "万人": ["人", "亿人"],
    "%": ["1"],
}
_NOTE_TEXTS = [
    "注：2013年为快报数。",
    "注: 1. 本表数据, 含村卫生室 1,234 个",
    "数据来源：国家统计局",
    "Note: 2013 preliminary",
    "① 2013年为快报数",
]
_MARKS = ["①", "*", "²", "⑴", " a)", "（快报）", "?", "约"]


def _figure_cell(table: Table, chance: random.Random) -> tuple[int, int]:
    row = chance.randrange(*table.figures)
    return row, chance.randrange(table.left, len(table.rows[row]))


def shift_row(table: Table, chance: random.Random) -> Table | None:
    """A row gets one cell more or loses one, as a stray or lost comma does."""
    if table.write not in (*_TEXT, as_html):
        return None
    row = table.rows[chance.randrange(*table.figures)]
    place = chance.randrange(len(row))
    if chance.random() < 0.5:
        row.insert(place, "")
    else:
        del row[place]
    return table


def shift_column(table: Table, chance: random.Random) -> Table | None:
    """All rows of figures move one cell to the right or left against their header."""
    if table.write not in (*_TEXT, as_html):
        return None
    right = chance.random() < 0.5
    place = chance.randrange(table.left + 1)
    for row in table.rows[slice(*table.figures)]:
        if right:
            row.insert(place, "")
        else:
            del row[place]
    return table


def drop_line(table: Table, chance: random.Random) -> Table | None:
    """A line of the preamble or the header is lost."""
    if table.write is as_stata:
        return None
    row = chance.randrange(table.lines or table.figures[0])
    merged = tuple(
        (top - (top > row), bottom - (bottom >= row), left, right)
        for top, bottom, left, right in table.merged
        if (top, bottom) != (row, row)
    )
    rows = table.rows[:row] + table.rows[row + 1 :]
    return replace(table, rows=rows, merged=merged)


def swap_units(table: Table, chance: random.Random) -> Table | None:
    """The unit printed or declared is another one of the same quantity."""
    declared = table.keys.get("unit")
    if declared is not None:
        table.keys["unit"] = chance.choice(_OTHER_UNITS[declared])
        return table
    if table.units:
        row, column = chance.choice(table.units)
        text = table.rows[row][column]
        unit = next(unit for unit in sorted(_OTHER_UNITS, key=len, reverse=True) if unit in text)
        table.rows[row][column] = text.replace(unit, chance.choice(_OTHER_UNITS[unit]))
        return table
    if "columns" not in table.keys:
        return None
    name = chance.choice(sorted(table.keys["columns"]))
    column_keys = dict(table.keys["columns"][name])
    column_keys["unit"] = chance.choice(_OTHER_UNITS[column_keys["unit"]])
    table.keys["columns"] = {**table.keys["columns"], name: column_keys}
    return table


def transpose(table: Table, chance: random.Random) -> Table | None:
    """Rows become columns, of the table alone or of the whole file."""
    if table.write is as_stata:
        return None
    top = table.head if chance.random() < 0.7 else 0
    bottom = table.figures[1] if chance.random() < 0.7 else len(table.rows)
    block = table.rows[top:bottom]
    width = max(map(len, block))
    turned = [list(column) for column in zip(*(row + [""] * (width - len(row)) for row in block), strict=True)]
    return replace(table, rows=table.rows[:top] + turned + table.rows[bottom:], merged=())


def reencode(table: Table, chance: random.Random) -> Table | None:
    """The text is saved in another encoding."""
    if table.write not in (*_TEXT, as_html):
        return None
    encoding = chance.choice(["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "big5", "utf-7"])
    try:
        "".join(text for row in table.rows for text in row).encode(encoding)
    except UnicodeEncodeError:
        return None
    return replace(table, encoding=encoding)


def merge_cells(table: Table, chance: random.Random) -> Table | None:
    """Cells are merged; all but the first lose what they held."""
    if table.write not in (as_xlsx, as_xls, as_html):
        return None
    top = chance.randrange(table.head, table.figures[1])
    left = chance.randrange(len(table.rows[top]))
    bottom = min(top + chance.choice([0, 0, 1, 2]), table.figures[1] - 1)
    right = min(left + chance.choice([0, 1, 1, 2]), len(table.rows[top]) - 1)
    clear = all(top > b or bottom < a or left > d or right < c for a, b, c, d in table.merged)
    if (top, left) == (bottom, right) or not clear:
        return None
    return replace(table, merged=(*table.merged, (top, bottom, left, right)))


def insert_note(table: Table, chance: random.Random) -> Table | None:
    """A note stands in a row of its own, or a mark beside a figure or a name."""
    if chance.random() < 0.5 and table.write is not as_stata:
        at = chance.randrange(len(table.rows) + 1)
        note = [chance.choice(_NOTE_TEXTS)]
        if chance.random() < 0.3:
            note = ["", *note]
        merged = tuple((a + (a >= at), b + (b >= at), c, d) for a, b, c, d in table.merged)
        return replace(table, rows=[*table.rows[:at], note, *table.rows[at:]], merged=merged)
    row, column = _figure_cell(table, chance)
    column = 0 if chance.random() < 0.2 else column
    table.rows[row][column] += chance.choice(_MARKS)
    return table


def swap_headers(table: Table, chance: random.Random) -> Table | None:
    """The header of the names and one of figures are exchanged; in yearbooks also those of visits and of a rate."""
    header = table.rows[table.head]
    first = chance.choice([0, 1]) if table.layout == "yearbook" else 0
    second = chance.randrange(first + 1, len(header))
    if header[first] == header[second]:
        return None
    header[first], header[second] = header[second], header[first]
    return table


def duplicate_row(table: Table, chance: random.Random) -> Table | None:
    """A row occurs twice."""
    row = chance.randrange(table.head, table.figures[1])
    if table.write is as_stata and row == table.head:
        return None
    at = chance.choice([row, table.figures[1]])
    merged = tuple((a + (a >= at), b + (b >= at), c, d) for a, b, c, d in table.merged)
    return replace(table, rows=[*table.rows[:at], list(table.rows[row]), *table.rows[at:]], merged=merged)


def drop_row(table: Table, chance: random.Random) -> Table | None:
    """A row of figures is lost. (A year in the middle is missed, the first or last one is not.)"""
    first, last = table.figures
    if table.layout == "pilot list":
        return None
    if last - first == len(NAMES) or table.layout in {"long panel", "Stata panel"}:
        del table.rows[chance.randrange(first, last)]
    elif table.layout == "export of one region":
        return None
    else:
        del table.rows[first + 1]
    return table


def insert_blank_column(table: Table, chance: random.Random) -> Table | None:
    """A column without anything stands between the others, or left of them."""
    if table.write is as_stata:
        return None
    place = chance.randrange(len(table.rows[table.head]) + 1)
    for row in table.rows[table.head : table.figures[1]]:
        row.insert(place, "")
    return replace(table, merged=() if table.write is as_html else table.merged)


def insert_blank_row(table: Table, chance: random.Random) -> Table | None:
    """A row without anything."""
    at = chance.randrange(len(table.rows) + 1)
    if table.write is as_stata and at == 0:
        return None
    width = len(table.rows[table.head])
    merged = tuple((a + (a >= at), b + (b >= at), c, d) for a, b, c, d in table.merged)
    return replace(table, rows=[*table.rows[:at], [""] * chance.choice([1, width]), *table.rows[at:]], merged=merged)


def thousands(table: Table, chance: random.Random) -> Table | None:
    """Figures are printed with separators, blanks, or in full width."""
    style = chance.choice([",", " ", "wide", "plus"])
    if table.layout == "pilot list":
        return None
    cells = {_figure_cell(table, chance) for _ in range(chance.choice([1, 20]))}
    for row, column in cells:
        text = table.rows[row][column]
        if not re.fullmatch(r"\d+\.\d+", text, re.ASCII):
            continue
        grouped = f"{float(text):,}" if style in {",", " "} else text
        wide = text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789."})
        table.rows[row][column] = {",": grouped, " ": grouped.replace(",", " "), "wide": wide, "plus": f"+{text}"}[
            style
        ]
    return table


def swap_names(table: Table, chance: random.Random) -> Table | None:
    """Two names are exchanged where codes tell them apart."""
    if table.keys.get("key") != "code":
        return None
    one, two = chance.sample(range(*table.figures), 2)
    if table.rows[one][0] == table.rows[two][0]:
        return None
    table.rows[one][0], table.rows[two][0] = table.rows[two][0], table.rows[one][0]
    return table


def respell_name(table: Table, chance: random.Random) -> Table | None:
    """A name in another spelling, with blanks, cut, or with one character wrong."""
    header = table.rows[table.head]
    places = [(row, 0) for row in range(*table.figures) if table.rows[row][0].replace(" ", "") in {*NAMES, *SHORT}]
    places += [(table.head, column) for column, text in enumerate(header) if text in NAMES]
    if not places:
        return None
    row, column = chance.choice(places)
    name = table.rows[row][column].replace(" ", "")
    other = list(name)
    other[chance.randrange(len(other))] = chance.choice("东南西北山河湖江省京")
    number = next(i for i, pair in enumerate(zip(NAMES, SHORT, strict=True)) if name in pair)
    spellings = [SHORT[number], NAMES[number], " ".join(name), name[:-1], "".join(other), f"{name}\u200b", f"{name}①"]
    table.rows[row][column] = chance.choice(spellings)
    return table


def change_order(table: Table, chance: random.Random) -> Table | None:
    """Columns of figures, or rows of figures, stand in another order."""
    if chance.random() < 0.5:
        rows = table.rows[slice(*table.figures)]
        chance.shuffle(rows)
        table.rows[slice(*table.figures)] = rows
        return table
    if table.layout == "yearbook":
        return None
    order = list(range(table.left, len(table.rows[table.head])))
    chance.shuffle(order)
    for row in [table.rows[table.head], *table.rows[slice(*table.figures)]]:
        row[table.left :] = [row[column] for column in order]
    return replace(table, units=())


def duplicate_column(table: Table, chance: random.Random) -> Table | None:
    """A column of figures occurs twice, with its header."""
    if table.write is as_stata or table.layout == "yearbook":
        return None
    column = chance.randrange(table.left, len(table.rows[table.head]))
    for row in [table.rows[table.head], *table.rows[slice(*table.figures)]]:
        row.insert(column, row[column])
    return table


def cut_short(table: Table, chance: random.Random) -> Table | None:
    """The file ends early. (Of tables whose rows are years, any but the last is noticed by nobody.)"""
    first, last = table.figures
    if table.layout in {"export, transposed", "provinces across", "export of one region", "pilot list"}:
        return None
    return replace(table, rows=table.rows[: chance.randrange(first, last)])


MUTATIONS: dict[str, Mutation] = {
    mutation.__name__.replace("_", " "): mutation
    for mutation in (
        shift_row, shift_column, drop_line, swap_units, transpose, reencode, merge_cells, insert_note, swap_headers,
        duplicate_row, drop_row, insert_blank_column, insert_blank_row, thousands, swap_names, respell_name,
        change_order, duplicate_column, cut_short,
    )
}  # fmt: skip
# Those that leave every row and column where it is, so that another can follow.
LIGHT = ("reencode", "thousands", "merge cells")
