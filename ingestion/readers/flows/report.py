"""The account of a table of flows: every row loaded, refused or set aside, and the first refusals of each kind.

Counts are exact; of refused rows the first thousand of a kind are listed and the rest stand in one record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb

from catalog.declarations.flow import FlowSpec
from ingestion.formats.grid import address
from ingestion.problems import Problem
from ingestion.readers.flows.declared import focal_end
from ingestion.readers.flows.ends import SEPARATOR, Ends
from ingestion.readers.flows.fates import SET_ASIDE
from ingestion.readers.flows.mixed_lists import LEFT_OUT, reason_of
from ingestion.readers.flows.periods import EXPECTED
from ingestion.row_account import Tally

LISTED = 1000
_SET_ASIDE = ", ".join(f"'{kind}'" for kind in SET_ASIDE)


@dataclass(frozen=True)
class Shape:
    """Where figures stand in the file.

    columns: number of the column of o, d, w and p, for addresses; empty where every figure has its own cell.
    other_set_aside: rows that are no figures (header, notes). `broken`: rows refused before their figures were read.
    """

    sheet: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    other_set_aside: int = 0
    broken: tuple[tuple[Problem, str], ...] = ()


@dataclass(frozen=True)
class Settled:
    """Rows loaded, and set aside, without being looked at one by one."""

    loaded: int = 0
    aside: int = 0


def account(
    con: duckdb.DuckDBPyConnection,
    spec: FlowSpec,
    ends: Ends,
    shape: Shape,
    tally: Tally,
    settled: Settled = Settled(),
) -> None:
    """Report the refusals of `fate` and count its rows, several figures of one row as one.

    settled: rows of a large table that never came to `fate`.
    """
    for problem, raw in shape.broken[:LISTED]:
        tally.reject(problem, raw)
    _more(tally, shape.broken[0][0].code if shape.broken else "", len(shape.broken), shape.sheet)
    kinds = con.execute(
        f"SELECT kind, count(*) FROM fate WHERE kind NOT IN ('good', {_SET_ASIDE}) GROUP BY kind ORDER BY kind"
    ).fetchall()
    for kind, count in kinds:
        rows = con.execute(
            "FROM fate WHERE kind = $kind ORDER BY seq LIMIT $most", {"kind": kind, "most": LISTED}
        ).to_arrow_table()
        for record in rows.to_pylist():
            tally.reject(_problem(record, spec, ends, con, shape), _raw(record))
            if not record["cell"]:
                # The whole row is refused; the reason keeps the cell that caused it.
                tally.rejected[-1]["cell"] = ""
        _more(tally, kind, count, shape.sheet)
    good, bad, other = con.execute(
        f"""
        SELECT count(*) FILTER (good), count(*) FILTER (bad AND NOT good), count(*) FILTER (NOT good AND NOT bad)
        FROM (SELECT bool_or(kind = 'good') AS good, bool_or(kind NOT IN ('good', {_SET_ASIDE})) AS bad
              FROM fate GROUP BY row)
        """
    ).fetchall()[0]
    if not shape.columns:
        _whole_rows(con, shape, tally)
    aside, broken = other + shape.other_set_aside + settled.aside, bad + len(shape.broken)
    loaded = good + settled.loaded
    tally.count_rows(loaded + aside + broken, loaded, broken, aside)


def _more(tally: Tally, kind: str, count: int, sheet: str) -> None:
    if count > LISTED:
        more = count - LISTED
        tally.reject(Problem("more_rows_rejected", f"{more:,}", hint=kind, sheet=sheet), str(more))


def _whole_rows(con: duckdb.DuckDBPyConnection, shape: Shape, tally: Tally) -> None:
    """A row of several figures none of which is loaded is a refused row."""
    rows = con.execute(
        f"""
        SELECT row, count(*) FROM fate GROUP BY row
        HAVING NOT bool_or(kind = 'good') AND bool_or(kind NOT IN ({_SET_ASIDE})) ORDER BY row
        """
    ).fetchall()
    for row, cells in rows:
        tally.reject(Problem("flow_row_refused", f"{cells} cells", sheet=shape.sheet, row=row), "")


def _raw(record: dict[str, Any]) -> str:
    return " | ".join(str(record[name]).replace(SEPARATOR, " ").strip() for name in ("o", "d", "w", "p"))


def _problem(
    record: dict[str, Any], spec: FlowSpec, ends: Ends, con: duckdb.DuckDBPyConnection, shape: Shape
) -> Problem:
    """The refusal of one row, with the cell at fault."""
    kind, city = str(record["kind"]), record[focal_end(spec)]
    role, code, found, expected, hint = "w", kind, str(record["w"]), "", ""
    if kind == "place":
        role = "o" if record["ok"] in {"unknown", "empty"} else "d"
        problem = ends.find(str(record[role])).problem or Problem("flow_no_place")
        code, found, expected, hint = problem.code, problem.found, problem.expected, problem.hint
    elif kind == "flow_period":
        role, found, expected = "p", str(record["p"]), EXPECTED
    elif kind == LEFT_OUT:
        expected, hint = reason_of(spec, ends, city), str(record["p"])
    elif kind == "flow_too_large":
        expected = f"{spec.limit:,.10g} {spec.unit}"
    elif kind == "flow_no_scale":
        found = f"{city} {record['p']}"
    elif kind == "flow_contradiction":
        found, expected = _contradiction(con, record)
    elif kind in {"flow_list_too_long", "flow_shares_over_100"}:
        found, expected = _list(con, record, spec)
    cell = str(record["cell"])
    if not cell and role in shape.columns:
        cell = address(int(record["row"]), shape.columns[role])
    return Problem(code, found, expected, hint, sheet=shape.sheet, row=int(record["row"]), cell=cell)


def _contradiction(con: duckdb.DuckDBPyConnection, record: dict[str, Any]) -> tuple[str, str]:
    examples, places = con.execute(
        "SELECT examples, places FROM twice WHERE oc = $oc AND dc = $dc AND pi = $pi",
        {name: record[name] for name in ("oc", "dc", "pi")},
    ).fetchall()[0]
    return " | ".join(f"{value:.12g}" for value in examples), ", ".join(str(row) for row in places)


def _list(con: duckdb.DuckDBPyConnection, record: dict[str, Any], spec: FlowSpec) -> tuple[str, str]:
    focal = focal_end(spec)
    rows, total = con.execute(
        f"SELECT count(*), sum(v ORDER BY seq) FROM fate WHERE {focal} = $city AND pi = $pi AND kind <> 'self_loop'",
        {"city": record[focal], "pi": record["pi"]},
    ).fetchall()[0]
    if spec.unit == "percent" and total is not None and spec.top is None:
        return f"{total:.10g}", "100"
    return f"{rows} rows, sum {total:.10g}", f"{spec.top} rows" if spec.top is not None else "100"
