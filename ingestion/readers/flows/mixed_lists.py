"""Lists in which those of two places stand under one name: every partner occurs at two figures of one constant ratio.

A service that files two places under one name multiplies the shares of each list by the scale of both places. A partner
of one list then stands twice, one of both lists four times, and all pairs of figures have the ratio of the two scales.
Such rows are neither two figures of a pair nor parts to be added up. Works on the table `fate` of fates.py; other
repeated pairs are fates.py's.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from catalog.declarations.flow import FlowSpec
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.declared import Roles, focal_ends, other_end, text_of
from ingestion.readers.flows.ends import SEPARATOR, Ends
from ingestion.readers.flows.engine import reading_file
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


def refuse_mixed_lists(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends) -> None:
    """Refuse the rows of the lists declared under `left_out`.

    Raises Refusal for a list at fault that is not declared, and for one declared that shows no fault.
    """
    found = {key: problem for end in focal_ends(spec) for key, problem in _mixed(con, end)}
    wanted = _wanted(con, spec, ends)
    problems = [problem for (_, code, ordinal), problem in found.items() if (code, ordinal) not in wanted]
    shown = {(code, ordinal) for _, code, ordinal in found}
    problems += [Problem("flow_left_out_sound", text) for key, text in wanted.items() if key not in shown]
    if problems:
        raise Refusal(*problems)
    for end, code, ordinal in found:
        con.execute(
            f"UPDATE fate SET kind = '{LEFT_OUT}' WHERE kind = 'good' AND {end} = $code AND pi = $ordinal",
            {"code": code, "ordinal": ordinal},
        )


def reason_of(spec: FlowSpec, ends: Ends, code: int) -> str:
    """Why the list of a place is declared to be left out."""
    return next((left.reason for left in spec.left_out if ends.find(left.place).code == code), "")


def _mixed(con: duckdb.DuckDBPyConnection, focal: str) -> Iterator[tuple[tuple[str, int, int], Problem]]:
    """Every list at fault (end, code, ordinal of the period), and what to say of one that is not declared."""
    other = other_end(focal)
    rows = con.execute(
        f"""
        WITH figure AS ({_FIGURES.format(focal=focal, other=other, name=focal[0])}),
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
    for code, text, ordinal, period, pairs, more, ratio, row in rows:
        name = str(text).split(SEPARATOR)[0]
        found = f"{name} {code}, {period}: {pairs} partners at two figures, {more} at more"
        yield (focal, code, ordinal), Problem("flow_mixed_list", found, f"{ratio:.4g}", name, row=row)


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


def has_mixed_list(con: duckdb.DuckDBPyConnection, texts: str, spec: FlowSpec, roles: Roles) -> bool:
    """Whether a table too large for `fate` seems to hold such a list, by the names as they are written."""
    for focal in (end[0] for end in focal_ends(spec)):
        with reading_file():
            found = con.execute(
                f"""
                WITH figure AS (
                    SELECT {roles.end(focal)} AS place, {roles.when} AS pi, {roles.end(other_end(focal))} AS partner,
                           count(DISTINCT v) AS figures, min(v) / nullif(max(v), 0) AS ratio
                    FROM (SELECT *, TRY_CAST({text_of(roles.weight)} AS DOUBLE) AS v FROM {texts})
                    GROUP BY ALL HAVING figures = 2
                ), typical AS (SELECT place, pi, median(ratio) AS middle FROM figure GROUP BY ALL)
                SELECT 1 FROM figure JOIN typical USING (place, pi) GROUP BY place, pi
                HAVING {CONSTANT} LIMIT 1
                """
            ).fetchall()
        if found:
            return True
    return False
