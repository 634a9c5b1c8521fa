"""A square matrix of flows: a row and a column for each place, named in the first row and column.

Each row is the list of one place (direction `in`: the row is the destination), so an empty cell is a pair the
service did not list, never a flow of zero.
"""

from __future__ import annotations

from catalog import Source
from ingestion.formats.grid import address
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.flows.engine import engine
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.flow_edges import declared
from ingestion.readers.flows.partner import check_pairs
from ingestion.readers.flows.report import Shape, account
from ingestion.readers.flows.rows import fill_raw, from_file_name, text_lines
from ingestion.readers.flows.sums import add_tables
from ingestion.row_account import Tally
from ingestion.vocabulary.numbers import MISSING_MARKS

Records = list[tuple[int, str, str, str, str, str]]


def matrix_records(probe: Probe, source: Source, swapped: bool, period: str) -> tuple[str, Records, int, list[int]]:
    """Sheet, one record per filled cell, rows above and with the header, rows without a figure.

    `swapped`: the row is the destination. Raises Refusal for a table that is no square matrix.
    """
    sheet, lines = text_lines(probe, source, declared(source, probe))
    top, header = next(lines, (0, [""]))
    columns = header[1:]
    records: Records = []
    rows: list[str] = []
    empty: list[int] = []
    for row, cells in lines:
        if len(cells) != len(header):
            raise Refusal(Problem("flow_row_width", str(len(cells)), str(len(header)), sheet=sheet, row=row))
        rows.append(cells[0])
        filled = [(n, text) for n, text in enumerate(cells[1:], start=2) if text not in MISSING_MARKS]
        if not filled:
            empty.append(row)
        for column, text in filled:
            ends = (header[column - 1], cells[0]) if swapped else (cells[0], header[column - 1])
            records.append((row, address(row, column), *ends, text, period))
    for names, what in ((columns, "columns"), (rows, "rows")):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Refusal(Problem("flow_no_matrix", f"{', '.join(twice[:5])} twice among the {what}"))
    if sorted(rows) != sorted(columns) or len(rows) < 2:
        odd = sorted(set(rows) ^ set(columns))
        raise Refusal(Problem("flow_no_matrix", f"{len(rows)} rows, {len(columns)} columns; unpaired: {odd[:5]}"))
    return sheet, records, top, empty


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = declared(source, probe)
    if spec.period_column is not None or spec.direction == "both":
        raise Refusal(Problem("flow_not_declared", expected="`period:` of the matrix, and direction in or out"))
    period = spec.period or from_file_name(spec, probe)["period"]
    swapped = spec.direction == "in"
    sheet, records, top, empty = matrix_records(probe, source, swapped, period)
    with engine() as con:
        fill_raw(con, records)
        ends = assign_fates(con, spec, by_name=True)

        def other(partner: Probe) -> None:
            fill_raw(con, matrix_records(partner, source, not swapped, period)[1])

        check_pairs(con, probe, spec, ends, other)
        account(con, spec, ends, Shape(sheet, other_set_aside=top + len(empty)), tally)
        add_tables(con, spec, tally)


MATRIX = FileLayout(
    "flow_matrix",
    "Square matrix of flows, a row and a column for each place",
    "流量方阵：每个地点一行一列",
    frozenset({".csv", ".txt", ".tsv", ".xlsx", ".xls"}),
    lambda probe, source: source.flow is not None,
    _read,
    declared_only=True,
    asked=110,
)
