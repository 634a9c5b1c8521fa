"""Tables of HTML and Markdown documents as one grid. The document's text and its other tables are left out."""

from types import MappingProxyType
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

from ingestion.formats.grid import Extent, Grid, Sheet, cell_text, read_text
from ingestion.formats.limits import COLUMNS, DOCUMENT_BYTES, require_at_most, require_bytes
from ingestion.problems import Problem, Refusal, require

_TO_THE_END = 65_534
_LISTED = 20  # tables named in a message
_ROWS = "./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"


def read_document_grid(content: bytes, declared_encoding: str | None, numbers: tuple[int, ...]) -> Grid:
    """The tables numbered `numbers` (from 1, in document order) below one another. Raises Refusal.

    A cell that spans rows or columns is merged over all of them; its text is not repeated.
    """
    require_bytes(len(content), DOCUMENT_BYTES)
    text, encoding = read_text(content, declared_encoding)
    tables = _tables(text)
    if not numbers:
        found = "; ".join(f"{i}: {_glimpse(table)}" for i, table in enumerate(tables[:_LISTED], start=1)) or "no_table"
        found += f"; and {len(tables) - _LISTED} more" if len(tables) > _LISTED else ""
        raise Refusal(Problem("tables_not_declared", found=found))
    for number in numbers:
        require(
            1 <= number <= len(tables) and numbers.count(number) == 1,
            Problem("no_such_table", found=str(number), expected=str(len(tables))),
        )
    rows: list[tuple[str, ...]] = []
    origins: list[tuple[int, int]] = []
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    extent = Extent()
    for number in numbers:
        below: _Below = {}
        for place, row in enumerate(tables[number - 1].xpath(_ROWS), start=1):
            texts, areas = _spread_row(row.xpath("./td | ./th"), len(rows) + 1, below)
            rows.append(texts)
            extent.add("", 1, texts)
            origins.append((number, place))
            merged |= {(len(rows), column): anchor for column, anchor in areas.items()}
    return Grid((Sheet("", tuple(rows), MappingProxyType(merged), origins=tuple(origins)),), encoding, kind="document")


# Column -> how many rows below a cell still spans, and the cell.
_Below = dict[int, tuple[int, tuple[int, int]]]


def _spread_row(cells: list[Any], row: int, below: _Below) -> tuple[tuple[str, ...], dict[int, tuple[int, int]]]:
    """The texts of a row, empty where a cell before or above spans, and column -> cell of what is spanned.

    `below` holds the cells above that span this row, and is brought up to the next one. Raises Refusal for too many
    columns.
    """
    texts: list[str] = []
    areas: dict[int, tuple[int, int]] = {}
    later: _Below = {}
    for cell in (*cells, None):
        while len(texts) + 1 in below:
            left, anchor = below.pop(len(texts) + 1)
            later |= {len(texts) + 1: (left - 1, anchor)} if left > 1 else {}
            areas[len(texts) + 1] = anchor
            texts.append("")
        if cell is None:
            break
        down, across = _span(cell, "rowspan"), _span(cell, "colspan")
        require_at_most(COLUMNS, len(texts) + across, "columns")
        anchor = (row, len(texts) + 1)
        own = range(anchor[1], anchor[1] + across)
        areas |= dict.fromkeys(own, anchor) if down > 1 or across > 1 else {}
        later |= dict.fromkeys(own, (down - 1, anchor)) if down > 1 else {}
        texts += [_cell_text(cell), *[""] * (across - 1)]
    below.update(later)
    return tuple(texts), areas


def _span(cell: Any, name: str) -> int:
    """How many rows or columns a cell spans; 0 means all that are left, which nobody writes for columns."""
    text = cell.get(name, "1").strip()
    number = int(text) if text.isdecimal() and len(text) < 7 else 1
    return number or _TO_THE_END


def _tables(text: str) -> list[Any]:
    # The parser's own bounds hold (huge_tree), it fetches nothing (no_network) and HTML knows no entities of its own.
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True)
    try:
        root = lxml.html.document_fromstring(text.encode(), parser=parser)
    except lxml.etree.ParserError:
        return []
    fatal = next((entry for entry in parser.error_log if entry.level_name == "FATAL"), None)
    if fatal is not None:
        # What follows is lost, and tables are counted from the first on.
        raise Refusal(Problem("unreadable", f"line {fatal.line}: {fatal.message}"[:200], "plain_tables"))
    return list(root.iter("table"))


def _glimpse(table: Any) -> str:
    rows = table.xpath(_ROWS)
    first = " | ".join(_cell_text(cell) for cell in rows[0].xpath("./td | ./th")) if rows else ""
    return f"{len(rows)} rows, {first[:60]}"


def _cell_text(cell: Any) -> str:
    # A line break or an inner element separates: 88.6<br>92.3 must never become 88.692.3.
    return " ".join(cell_text(" ".join(cell.xpath(".//text()"))).split())
