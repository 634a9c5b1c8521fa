"""Tables of HTML and Markdown documents as one grid. The document's text and its other tables are left out."""

from types import MappingProxyType
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

from ingestion.formats.grid import Extent, Grid, Sheet, cell_text, read_text
from ingestion.formats.limits import COLUMNS, DOCUMENT_BYTES, require_at_most, require_bytes
from ingestion.problems import Problem, Refusal, require

_LISTED = 20  # tables named in a message
_ROWS = "./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"


def read_document_grid(content: bytes, declared_encoding: str | None, numbers: tuple[int, ...]) -> Grid:
    """The tables numbered `numbers` (from 1, in document order) below one another. Raises Refusal.

    A cell that spans rows or columns is marked in `merged`; its text is not repeated.
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
        for place, row in enumerate(tables[number - 1].xpath(_ROWS), start=1):
            cells = row.xpath("./td | ./th")
            require_at_most(COLUMNS, len(cells), "columns")
            rows.append(tuple(_cell_text(cell) for cell in cells))
            extent.add("", 1, rows[-1])
            origins.append((number, place))
            merged |= {
                (len(rows), column): (len(rows), column)
                for column, cell in enumerate(cells, start=1)
                if any(cell.get(span, "1").strip() not in {"", "1"} for span in ("rowspan", "colspan"))
            }
    return Grid((Sheet("", tuple(rows), MappingProxyType(merged), origins=tuple(origins)),), encoding, kind="document")


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
