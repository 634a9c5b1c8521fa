"""The temporary table `raw`: one record for each figure of a file, its ends, period and value as the file writes them.

Belongs here: tables with a figure in each row that are held in memory. Other records: flow_lists.py; files too large
for that: large.py; what becomes of the figures: fates.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from ingestion.formats.grid import decode
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.declared import EndHeaders, FlowFile, Roles, cell_columns, positions
from ingestion.readers.flows.ends import SEPARATOR
from ingestion.readers.flows.engine import create_from_rows
from ingestion.readers.flows.report import Shape
from ingestion.readers.flows.table import fill_texts, find_delimiter, open_parquet

# Row, cell, o, d, w and p.
Record = tuple[int, str, str, str, str, str]
_RAW = {"seq": pa.int64(), "row": pa.int64()} | dict.fromkeys(("cell", "o", "d", "w", "p"), pa.string())


def fill_raw(con: duckdb.DuckDBPyConnection, records: Sequence[Record]) -> None:
    """`raw` out of records in the order of the file."""
    create_from_rows(con, "raw", _RAW, ((seq, *record) for seq, record in enumerate(records)))


def take_rows(con: duckdb.DuckDBPyConnection, file: FlowFile, roles: Roles) -> Shape:
    """Make `raw` of a table with one figure in a row. Raises Refusal for a header or a file that cannot be used."""
    if file.probe.suffix == ".parquet":
        table = open_parquet(con, file.probe, roles)
        fill_texts(con, table, roles)
        return Shape("", table.columns)
    sheet, lines = text_lines(file)
    number, header = next(lines, (0, []))
    if not number:
        raise Refusal(Problem("empty_file"))
    at = positions(header, roles.headers)
    records: list[Record] = []
    broken: list[tuple[Problem, str]] = []
    blank = 0
    for row, cells in lines:
        if not any(cells):
            blank += 1
        elif len(cells) != len(header):
            problem = Problem("flow_row_width", str(len(cells)), str(len(header)), sheet=sheet, row=row)
            broken.append((problem, " | ".join(cells)[:200]))
        else:
            ends = {role: _join(cells, at, end) for role, end in roles.ends.items()} | dict(roles.fixed)
            period = cells[at[roles.period]] if roles.period is not None else ends["p"]
            records.append((row, "", ends["o"], ends["d"], cells[at[roles.weight]], period))
    fill_raw(con, records)
    return Shape(sheet, cell_columns(roles, at), number + blank, tuple(broken))


def _join(cells: Sequence[str], at: Mapping[str, int], end: EndHeaders) -> str:
    parts = [cells[at[header]] if header is not None else "" for header in end]
    return SEPARATOR.join(parts).rstrip(SEPARATOR)


def text_lines(file: FlowFile) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """Sheet name, and (row, cells) from the header on; the header's row number tells how many rows stand above it."""
    probe, wanted = file.probe, file.spec.sheet
    if probe.suffix in {".xlsx", ".xls"}:
        sheets = [sheet for sheet in read_workbook_grid(probe.content).filled if wanted in {None, sheet.name}]
        if len(sheets) != 1:
            found = ", ".join(sheet.name for sheet in sheets) or "no such sheet"
            raise Refusal(Problem("flow_not_declared", found, "one filled sheet, or `sheet:` with its name"))
        sheet, width = sheets[0], sheets[0].width
        rows = [(n, [*row, *[""] * (width - len(row))]) for n, row in enumerate(sheet.rows, start=1)]
        first = next((k for k, (_, row) in enumerate(rows) if any(row)), len(rows))
        return sheet.name, iter(rows[first:])
    require_bytes(probe.size, TEXT_BYTES, "text")
    text, _ = decode(probe.content, file.source.encoding)
    return "", _csv_lines(text)


def _csv_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    delimiter = find_delimiter(text[: text.find("\n") + 1 or None])
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Refusal(Problem("unreadable", str(error), "comma-separated text")) from None
