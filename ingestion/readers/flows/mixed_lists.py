"""Lists in which those of two places stand under one name: every partner occurs at two figures of one constant ratio.

A service that files two places under one name multiplies the shares of each list by the scale of both places. A partner
of one list then stands twice, one of both lists four times, and all pairs of figures have the ratio of the two scales.
Such rows are neither two figures of a pair nor parts to be added up. Works on the table `fate` of fates.py; other
repeated pairs are fates.py's.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from catalog.declarations.flow import FlowSpec
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.ends import SEPARATOR, Ends
from ingestion.readers.flows.periods import parse_period

LEFT_OUT = "flow_list_left_out"
# So many partners at one ratio, and so nearly all of those that stand at two figures, are no coincidence.
FEWEST = 5
MOST = 0.9
SAME = 1e-3
CONSTANT = f"""count(*) FILTER (figures = 2 AND abs(ratio / middle - 1) <= {SAME})
    >= greatest({FEWEST}, {MOST} * count(*) FILTER (figures = 2))"""
_FIGURES = """
    SELECT {focal} AS place, pi, any_value(pl) AS period, {other} AS partner, count(DISTINCT v) AS figures,
           min(v) / nullif(max(v), 0) AS ratio, min(row) AS row,
           any_value({name}) AS name
    FROM fate WHERE kind = 'good' GROUP BY {focal}, pi, {other} HAVING count(DISTINCT v) > 1
"""


@dataclass(frozen=True)
class MixedList:
    """One place and period whose list is at fault: partners at two and at more figures, and the ratio of the scales."""

    end: str
    code: int
    name: str
    ordinal: int
    period: str
    pairs: int
    more: int
    ratio: float
    row: int


def refuse_mixed_lists(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> int:
    """Refuse the rows of the lists declared under `left_out`; how many lists that were.

    Raises Refusal for a list at fault that is not declared, and for one declared that shows no fault.
    """
    found = [mixed for end in focal_ends(spec) for mixed in _mixed(con, end)]
    wanted = _wanted(con, spec, ends)
    problems = [_undeclared(mixed) for mixed in found if (mixed.code, mixed.ordinal) not in wanted]
    shown = {(mixed.code, mixed.ordinal) for mixed in found}
    problems += [Problem("flow_left_out_sound", text) for key, text in wanted.items() if key not in shown]
    if problems:
        raise Refusal(*problems)
    for mixed in found:
        con.execute(
            f"UPDATE fate SET kind = '{LEFT_OUT}' WHERE kind = 'good' AND {mixed.end} = $code AND pi = $ordinal",
            {"code": mixed.code, "ordinal": mixed.ordinal},
        )
    return len(found)


def reason_of(spec: FlowSpec, ends: Ends, code: int) -> str:
    """Why the list of a place is declared to be left out."""
    return next((left.reason for left in spec.left_out if ends.find(left.place).code == code), "")


def focal_ends(spec: FlowSpec) -> tuple[str, ...]:
    """The ends that can be the listed place; where every row stands for itself, each of them."""
    return {"in": ("dc",), "out": ("oc",)}.get(spec.direction, ("oc", "dc"))


def _mixed(con: duckdb.DuckDBPyConnection, focal: str) -> list[MixedList]:
    other, name = ("oc", "d") if focal == "dc" else ("dc", "o")
    rows = con.execute(
        f"""
        WITH figure AS ({_FIGURES.format(focal=focal, other=other, name=name)}),
        typical AS (
            SELECT place, pi, median(ratio) AS middle FROM figure WHERE figures = 2 GROUP BY place, pi
        )
        SELECT place, any_value(name), pi, any_value(period), count(*) FILTER (figures = 2),
               count(*) FILTER (figures > 2), any_value(middle), min(row)
        FROM figure JOIN typical USING (place, pi)
        GROUP BY place, pi
        HAVING {CONSTANT}
        ORDER BY place, pi
        """
    ).fetchall()
    return [
        MixedList(
            focal, int(c), str(n).split(SEPARATOR)[0], int(p), str(label), int(two), int(more), float(r), int(row)
        )
        for c, n, p, label, two, more, r, row in rows
    ]


def _wanted(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> dict[tuple[int, int], str]:
    """(place, period) declared to be left out, of the periods this file has; what to call each. Raises Refusal."""
    periods = {int(number) for (number,) in con.execute("SELECT ordinal FROM period").fetchall()}
    wanted: dict[tuple[int, int], str] = {}
    for left in spec.left_out:
        end = ends.find(left.place)
        if end.code is None:
            raise Refusal(end.problem or Problem("flow_no_place"))
        for text in left.periods:
            period = parse_period(text)
            if period is None:
                raise Refusal(Problem("flow_period", text, "a period of `left_out`"))
            if period.ordinal in periods:
                wanted[end.code, period.ordinal] = f"{left.place}, {period.label}"
    return wanted


def _undeclared(mixed: MixedList) -> Problem:
    found = f"{mixed.name} {mixed.code}, {mixed.period}: {mixed.pairs} partners at two figures, {mixed.more} at more"
    return Problem("flow_mixed_list", found, f"{mixed.ratio:.4g}", mixed.name, row=mixed.row)
