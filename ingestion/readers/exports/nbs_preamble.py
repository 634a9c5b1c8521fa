"""The tables of a statistics-bureau export: where each begins, what its preamble says, what runs down and across.

A file may hold several such tables one below the other. Reading their figures: nbs_export.py.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from catalog import load_registry
from ingestion.readers.base import Sheet, Source, require
from ingestion.readers.tables import Kind, is_set_aside
from ingestion.vocabulary.headers import is_part_of_year, squeeze
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.regions import is_figure, is_note
from ingestion.vocabulary.years import parse_year_cell

_FIRST: dict[str, Kind] = {
    "地区": "region", "城市": "region", "省份": "region", "省市": "region", "region": "region", "city": "region",
    "指标": "indicator", "indicator": "indicator", "indicators": "indicator",
    "时间": "year", "年份": "year", "年度": "year", "time": "year", "year": "year",
}  # fmt: skip
_WORDS = {
    "数据库": "database", "database": "database", "指标": "indicator", "indicator": "indicator",
    "时间": "period", "time": "period", "地区": "region", "城市": "region", "region": "region",
    "单位": "unit", "unit": "unit",
}  # fmt: skip
_DEPTH = 20
_RANGE = re.compile(r"([0-9]{4})年?(?:[-—–－~至到]([0-9]{4})年?)?")
_RECENT = re.compile(r"最近([0-9]{1,2})年|last([0-9]{1,2})years?", re.IGNORECASE)
_PART_OF_YEAR = re.compile(r"月|季|monthly|quarterly", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line of a preamble: its row and the text after the colon."""

    row: int
    text: str


@dataclass(frozen=True)
class Block:
    """One table: rows `first` to `last`, all from 1, its header row, and what its rows and its columns are.

    texts: the headers of its columns of figures; aside: columns sources.yaml leaves out.
    """

    first: int
    header: int
    last: int
    down: Kind
    across: Kind
    lines: dict[str, list[Line]]
    texts: Mapping[int, str]
    aside: frozenset[int]

    @property
    def rows(self) -> range:
        """All its rows."""
        return range(self.first, self.last + 1)

    def line(self, word: str) -> Line:
        """The first preamble line of a kind: database, indicator, period, region or unit; else an empty header."""
        return next(iter(self.lines.get(word, ())), Line(self.header, ""))

    @property
    def database(self) -> str:
        """The name of the database, where the preamble gives it."""
        return squeeze(self.line("database").text)

    @property
    def fixed(self) -> Kind:
        """What neither runs down nor across: one for the whole table."""
        return next(kind for kind in get_args(Kind) if kind not in {self.down, self.across})


def header_texts(sheet: Sheet, row: int) -> dict[int, str]:
    """Column -> text of the columns of figures: what follows the first cell, but for notes."""
    cells = enumerate(sheet.rows[row - 1], start=1)
    return {column: text for column, text in cells if column > 1 and text and not is_note(text)}


def _aside(sheet: Sheet, row: int, source: Source) -> frozenset[int]:
    """Columns declared to be left out. An indicator left out is still one, and read as such (nbs_export.py)."""
    texts = header_texts(sheet, row).items()
    return frozenset(column for column, text in texts if is_set_aside(text, source, load_registry()))


def _axes(sheet: Sheet, row: int, source: Source) -> tuple[Kind, Kind] | None:
    down = _FIRST.get(squeeze(sheet.spread(row, 1)).lower())
    aside = _aside(sheet, row, source) if down is not None else frozenset()
    texts = [text for column, text in header_texts(sheet, row).items() if column not in aside]
    if down is None or not texts:
        return None
    across: Kind = "indicator"
    if any(parse_year_cell(text) is not None or is_part_of_year(text) for text in texts):
        across = "year"
    elif down != "region" and any(isinstance(region_or_problem(text), RegionName) for text in texts):
        across = "region"
    return None if across == down else (down, across)


def preamble_word(sheet: Sheet, row: int) -> tuple[str, str] | None:
    """(kind, value) of a preamble line such as 指标：地区生产总值(亿元), or None."""
    word, colon, value = sheet.cell(row, 1).replace("：", ":").partition(":")
    kind = _WORDS.get(squeeze(word).lower())
    if not colon or kind is None:
        return None
    # An unquoted comma in a name makes cells of its own.
    return kind, ",".join(filter(None, [value.strip(), *sheet.rows[row - 1][1:]]))


def find_blocks(sheet: Sheet, source: Source) -> list[Block]:
    """The tables of a sheet, in their order; empty when no header stands near its top."""
    headers = [(row, axes) for row in range(1, len(sheet.rows) + 1) if (axes := _axes(sheet, row, source)) is not None]
    if not headers or headers[0][0] > _DEPTH:
        return []
    firsts = [1]
    for (before, _), (row, _) in pairwise(headers):
        words = {r: found[0] for r in range(before + 1, row) if (found := preamble_word(sheet, r)) is not None}
        firsts.append(min([r for r, kind in words.items() if kind == "database"] or list(words), default=row))
    lasts = [first - 1 for first in firsts[1:]] + [len(sheet.rows)]
    return [
        _block(sheet, source, first, row, last, axes)
        for first, last, (row, axes) in zip(firsts, lasts, headers, strict=True)
    ]


def _block(sheet: Sheet, source: Source, first: int, header: int, last: int, axes: tuple[Kind, Kind]) -> Block:
    down, across = axes
    aside = _aside(sheet, header, source) if across != "indicator" else frozenset()
    texts = {column: text for column, text in header_texts(sheet, header).items() if column not in aside}
    return Block(first, header, last, down, across, _lines(sheet, first, header), texts, aside)


def begins_with_titles(sheet: Sheet, header: int) -> bool:
    """Whether the lines above a header are titles and lines of units: no number stands alone in any of their cells."""
    return not any(is_figure(text) for _, _, text in sheet.texts(range(1, header)))


def _lines(sheet: Sheet, first: int, header: int) -> dict[str, list[Line]]:
    lines: dict[str, list[Line]] = defaultdict(list)
    for row in range(first, header):
        if (found := preamble_word(sheet, row)) is not None:
            lines[found[0]].append(Line(row, found[1]))
    return lines


def has_preamble(sheet: Sheet) -> bool:
    """Whether the first non-empty row is a line of a preamble."""
    first = next((row for row in range(1, len(sheet.rows) + 1) if any(sheet.rows[row - 1])), None)
    return first is not None and preamble_word(sheet, first) is not None


def refuse_parts_of_years(sheet: Sheet, block: Block) -> None:
    """Raise Refusal for exports of the monthly and quarterly databases."""
    line = block.line("database")
    require(not _PART_OF_YEAR.search(line.text), sheet.problem("not_annual", line.row, 1, sheet.cell(line.row, 1)))


def single_year(block: Block) -> int | None:
    """The data year of a preamble that names one only."""
    match = _RANGE.fullmatch(squeeze(block.line("period").text))
    return parse_year_cell(match[1]) if match is not None and match[2] in {None, match[1]} else None


def check_period(sheet: Sheet, block: Block, years: Collection[int]) -> None:
    """Raise Refusal when the line 时间： is a plain range, or a number of years, that leaves years of the table out."""
    for line in block.lines.get("period", ()):
        text = squeeze(line.text)
        span, recent = _RANGE.fullmatch(text), _RECENT.fullmatch(text)
        first, last = sorted(int(year) for year in (span[1], span[2] or span[1])) if span else (min(years), max(years))
        most = int(recent[1] or recent[2]) if recent else len(years)
        holds = first <= min(years) <= max(years) <= last and len(years) <= most
        printed, found = sheet.cell(line.row, 1), f"{min(years)}-{max(years)}"
        require(holds, sheet.problem("contradicting_period", line.row, 1, printed, found))
