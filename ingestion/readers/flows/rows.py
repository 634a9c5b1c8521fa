"""The temporary table `raw`: one record for each figure of a file, its ends, period and value as the file writes them.

Belongs here: text tables held in memory and Parquet tables. What becomes of the figures: fates.py; files too large
for that: large.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from catalog import Source
from catalog.declarations.flow import FlowSpec
from ingestion.formats.grid import decode
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.formats.probe import Probe
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.ends import SEPARATOR
from ingestion.readers.flows.engine import literal, quote, reading_file
from ingestion.readers.flows.report import Shape

DELIMITERS = (",", "\t", ";", "|")
SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".xls", ".parquet"})


@dataclass(frozen=True)
class Roles:
    """Which headers make up an end, the figure and the period; `fixed` are those the whole file shares.

    Ends are (name, code, province); headers that are None are not in the file.
    """

    ends: Mapping[str, tuple[str | None, str | None, str | None]]
    weight: str
    period: str | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> list[str]:
        """Every header the file must have."""
        named = [header for end in self.ends.values() for header in end if header is not None]
        return [*named, self.weight, *([self.period] if self.period is not None else [])]


def from_file_name(spec: FlowSpec, probe: Probe) -> dict[str, str]:
    """Place and period as the file's name gives them. Raises Refusal when it does not have the declared form."""
    if spec.file_name is None:
        return {}
    match = re.fullmatch(spec.file_name, probe.path.stem)
    if match is None:
        raise Refusal(Problem("flow_file_name", probe.path.stem, spec.file_name))
    return {name: value or "" for name, value in match.groupdict().items()}


def fill_raw(con: duckdb.DuckDBPyConnection, records: Sequence[tuple[int, str, str, str, str, str]]) -> None:
    """`raw` out of (row, cell, o, d, w, p), in the order of the file."""
    columns = list(zip(*records, strict=True)) if records else [()] * 6
    table = pa.table(
        {
            "seq": pa.array(range(len(records)), pa.int64()),
            "row": pa.array(columns[0], pa.int64()),
            **{
                name: pa.array(values, pa.string())
                for name, values in zip(("cell", "o", "d", "w", "p"), columns[1:], strict=True)
            },
        }
    )
    con.register("incoming", table)
    con.execute("CREATE OR REPLACE TEMP TABLE raw AS FROM incoming")
    con.unregister("incoming")


def take_rows(con: duckdb.DuckDBPyConnection, probe: Probe, source: Source, spec: FlowSpec, roles: Roles) -> Shape:
    """Make `raw` of a table with one figure in a row. Raises Refusal for a header or a file that cannot be used."""
    if probe.suffix == ".parquet":
        return _take_parquet(con, probe, roles)
    sheet, lines = text_lines(probe, source, spec)
    number, header = next(lines, (0, []))
    if not number:
        raise Refusal(Problem("empty_file"))
    at = positions(header, roles.headers)
    records: list[tuple[int, str, str, str, str, str]] = []
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


def cell_columns(roles: Roles, at: Mapping[str, int]) -> dict[str, int]:
    """Number of the column, from 1, to point at for each role."""
    named = {role: next(h for h in end if h is not None) for role, end in roles.ends.items()} | {"w": roles.weight}
    if roles.period is not None:
        named["p"] = roles.period
    return {role: at[header] + 1 for role, header in named.items()}


def positions(header: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Position of each wanted header, from 0. Raises Refusal for one that is absent or stands twice."""
    shown = ", ".join(repr(cell) for cell in header)[:300]
    absent = [Problem("column_missing", name, shown) for name in wanted if name not in header]
    twice = [Problem("repeated_column", name) for name in dict.fromkeys(wanted) if list(header).count(name) > 1]
    if absent or twice:
        raise Refusal(*absent, *twice)
    return {name: list(header).index(name) for name in wanted}


def _join(cells: Sequence[str], at: Mapping[str, int], end: tuple[str | None, str | None, str | None]) -> str:
    parts = [cells[at[header]] if header is not None else "" for header in end]
    return SEPARATOR.join(parts).rstrip(SEPARATOR)


def text_lines(probe: Probe, source: Source, spec: FlowSpec) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """Sheet name, and (row, cells) from the header on; the header's row number tells how many rows stand above it."""
    if probe.suffix in {".xlsx", ".xls"}:
        sheets = [sheet for sheet in read_workbook_grid(probe.content).filled if spec.sheet in {None, sheet.name}]
        if len(sheets) != 1:
            found = ", ".join(sheet.name for sheet in sheets) or "no such sheet"
            raise Refusal(Problem("flow_not_declared", found, "one filled sheet, or `sheet:` with its name"))
        sheet, width = sheets[0], sheets[0].width
        rows = [(n, [*row, *[""] * (width - len(row))]) for n, row in enumerate(sheet.rows, start=1)]
        first = next((k for k, (_, row) in enumerate(rows) if any(row)), len(rows))
        return sheet.name, iter(rows[first:])
    require_bytes(probe.size, TEXT_BYTES, "text")
    text, _ = decode(probe.content, source.encoding)
    return "", _csv_lines(text)


def _csv_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    delimiter = find_delimiter(text[: text.find("\n") + 1 or None])
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Refusal(Problem("unreadable", str(error), "comma-separated text")) from None


def find_delimiter(line: str) -> str:
    """The separator that splits the header into most cells."""
    return max(DELIMITERS, key=lambda each: (line.count(each), -DELIMITERS.index(each)))


def parquet_relation(con: duckdb.DuckDBPyConnection, probe: Probe) -> tuple[str, dict[str, str]]:
    """FROM clause of a Parquet file, with file_row_number, and the type of each column."""
    relation = f"read_parquet({literal(str(probe.path))}, file_row_number = true)"
    with reading_file():
        described = con.execute(f"DESCRIBE FROM {relation}").fetchall()
    return relation, {str(row[0]): str(row[1]) for row in described if row[0] != "file_row_number"}


def text_of(header: str | None) -> str:
    """SQL text of a column, trimmed; empty for NULL and for no column."""
    return f"coalesce(trim(CAST({quote(header)} AS VARCHAR)), '')" if header is not None else "''"


def end_of(roles: Roles, role: str) -> str:
    """SQL text of one end, as _join makes it."""
    if role in roles.fixed:
        return literal(roles.fixed[role])
    name, code, province = roles.ends[role]
    if code is None and province is None:
        return text_of(name)
    parts = f" || {literal(SEPARATOR)} || ".join(text_of(header) for header in (name, code, province))
    return f"rtrim({parts}, {literal(SEPARATOR)})"


def period_of(roles: Roles) -> str:
    """SQL text of the period."""
    return text_of(roles.period) if roles.period is not None else literal(roles.fixed["p"])


def _take_parquet(con: duckdb.DuckDBPyConnection, probe: Probe, roles: Roles) -> Shape:
    relation, types = parquet_relation(con, probe)
    at = positions(list(types), roles.headers)
    with reading_file():
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE raw AS
            SELECT file_row_number AS seq, file_row_number + 1 AS row, '' AS cell, {end_of(roles, "o")} AS o,
                   {end_of(roles, "d")} AS d, {text_of(roles.weight)} AS w, {period_of(roles)} AS p
            FROM {relation} ORDER BY seq
            """
        )
    return Shape("", cell_columns(roles, at))
