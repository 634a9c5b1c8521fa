"""From `raw` to the lake, the steps all layouts of flows share: companion files, the account of rows, the lake tables.

Every row is loaded, refused or set aside. Counts are exact; of refused rows the first thousand of a kind are listed and
the rest are in one record. Sums are of the rows in `fate` and, of a large table, of the pairs `settled` without a
look at their rows (flow_edges.py). Which rows are loaded: fates.py.

Files beside a file of flows are the partner it is checked against, and the scale index of its percentages. A file of
arrivals and one of departures list the same flows, so the pairs both have must carry the same figures when both are
read the right way. An index of scale makes percentages of different cities comparable.
"""

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import Any

import duckdb
import pyarrow as pa

from catalog.declarations.flow import FlowPartner, FlowScale, FlowSpec
from ingestion.companions import name_beside, probe_beside
from ingestion.formats.grid import address
from ingestion.readers.base import Problem, Refusal, Tally, given, require
from ingestion.readers.flows.declared import FlowFile, focal_end, network_name, other_end, positions
from ingestion.readers.flows.engine import create_from_rows, has_table, literal
from ingestion.readers.flows.fates import SET_ASIDE, assign_fates, odd_number
from ingestion.readers.flows.meanings import SEPARATOR, Ends, name_places, parse_period
from ingestion.readers.flows.table import Shape, text_lines
from ingestion.vocabulary.numbers import wrong_figure

# Makes `raw` of the partner.
TakePartner = Callable[[FlowFile, FlowPartner], object]
LISTED = 1000
_SET_ASIDE = ", ".join(f"'{kind}'" for kind in SET_ASIDE)
# Sums run in the order of the file, so that the same file gives the same last digit.
_FLOWS = """
    SELECT network, {direction} AS direction, span.first AS period_first, span.last AS period_last,
           count(DISTINCT pi) AS periods, {precedence} AS precedence, {unit} AS unit,
           oc AS origin_code, dc AS destination_code, fsum({value} ORDER BY seq) AS flow, count(*) AS rows,
           min(row) AS first_row
    FROM (SELECT *, {network} AS network FROM fate WHERE kind = 'good') JOIN span USING (network) {scale}
    GROUP BY ALL {settled} ORDER BY network, origin_code, destination_code
"""
_LISTS = """
    WITH lists AS ({lists}), parts AS (
        SELECT {network} AS network, {focal} AS city, {other} AS partner, kind = 'good' AS good,
               CAST(v = 0 AS INTEGER) AS zeros, CAST(kind = 'self_loop' AS INTEGER) AS self_loops,
               CAST(kind = 'repeat' AS INTEGER) AS repeats,
               CAST(kind NOT IN ('good', 'self_loop', 'repeat') AS INTEGER) AS not_loaded, v AS least
        FROM fate WHERE kind <> 'blank' {settled}
    ), sums AS (
        SELECT network, city, count(DISTINCT partner) FILTER (good) AS partners,
               coalesce(sum(zeros) FILTER (good), 0) AS zeros, sum(self_loops) AS self_loops,
               sum(repeats) AS repeats, sum(not_loaded) AS not_loaded, min(least) FILTER (good) AS smallest_flow
        FROM parts WHERE city IS NOT NULL GROUP BY ALL
    )
    SELECT network, {direction} AS direction, city AS city_code, lists, full_lists, partners,
           CAST(zeros AS BIGINT) AS zeros, CAST(self_loops AS BIGINT) AS self_loops, CAST(repeats AS BIGINT) AS repeats,
           CAST(not_loaded AS BIGINT) AS not_loaded, full_lists > 0 AS censored, smallest_flow
    FROM lists JOIN sums USING (network, city) ORDER BY 1, 3
"""
_LENGTHS = """
    SELECT network, city, count(*) AS lists, count(*) FILTER (n >= {top}) AS full_lists FROM (
        SELECT {network} AS network, {focal} AS city, pi, count(DISTINCT {partner}) AS n
        FROM fate WHERE {focal} IS NOT NULL AND kind <> 'blank' GROUP BY ALL
    ) GROUP BY ALL
"""
_SETTLED_LENGTHS = """
    SELECT {network} AS network, code AS city, max(lists) AS lists, max(full_lists) AS full_lists
    FROM listed JOIN whole_place USING (text) WHERE code IS NOT NULL GROUP BY ALL
"""
_SETTLED_PARTS = """
    UNION ALL
    SELECT {network}, {focal}, {other}, fate = 'good', coalesce(zeros, 0), CASE WHEN oc = dc THEN n ELSE 0 END, 0,
           CASE WHEN fate = 'aside' AND oc IS DISTINCT FROM dc THEN n ELSE 0 END, least
    FROM pair WHERE fate <> 'suspect'
"""


def load_raw(
    con: duckdb.DuckDBPyConnection,
    file: FlowFile,
    shape: Shape,
    tally: Tally,
    take: TakePartner | None = None,
) -> None:
    """Load the figures in `raw` into the tally, checked against the partner that `take` reads. Raises Refusal."""
    if file.spec.scale is not None:
        load_scale(con, file, file.spec.scale)
    ends = assign_fates(con, file)
    if take is not None:
        check_partner(con, file, take, ends)
    account(con, file.spec, ends, shape, tally)
    add_tables(con, file.spec, tally)


def add_tables(con: duckdb.DuckDBPyConnection, spec: FlowSpec, tally: Tally) -> None:
    """Give the tally the lake tables of the flows counted: `flow`, and `flow_list` where the file is made of lists."""
    settled = has_table(con, "settled")
    tally.add_table("flow", _flow_table(con, spec, settled))
    if spec.direction != "both":
        tally.add_table("flow_list", _list_table(con, spec, settled))


def _flow_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec, settled: bool) -> pa.Table:
    """Lake table `flow` but for file_id: the loaded rows summed over the file's periods.

    period_first and period_last are the file's (or that network's of the file); `periods` are those the pair is in.
    """
    network = network_name(spec, "py")
    if not settled:
        # Every period of the file, also one none of whose figures could be used.
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE span AS SELECT {network} AS network, arg_min(pl, pi) AS first, "
            "arg_max(pl, pi) AS last FROM fate WHERE pi IS NOT NULL AND kind <> 'blank' GROUP BY 1"
        )
    scaled = spec.scale is not None
    query = _FLOWS.format(
        network=network,
        direction=literal(spec.direction),
        precedence=spec.precedence,
        unit=literal("index" if scaled else spec.unit),
        value="v / 100 * factor" if scaled else "v",
        scale=f"JOIN scale ON scale.code = {focal_end(spec)} AND scale.ordinal = pi" if scaled else "",
        settled="UNION ALL BY NAME FROM settled" if settled else "",
    )
    return con.execute(query).to_arrow_table()


def _list_table(con: duckdb.DuckDBPyConnection, spec: FlowSpec, settled: bool) -> pa.Table:
    """Lake table `flow_list` but for file_id."""
    focal = focal_end(spec)
    ends = {"focal": focal, "other": other_end(focal)}
    by_row = {"network": network_name(spec, "py"), **ends}
    by_pair = {"network": network_name(spec, "y"), **ends}
    lengths = _LENGTHS.format(**by_row, partner=other_end(focal)[0], top=spec.longest)
    query = _LISTS.format(
        **by_row,
        direction=literal(spec.direction),
        lists=_SETTLED_LENGTHS.format(**by_pair) if settled else lengths,
        settled=_SETTLED_PARTS.format(**by_pair) if settled else "",
    )
    return con.execute(query).to_arrow_table()


def account(con: duckdb.DuckDBPyConnection, spec: FlowSpec, ends: Ends, shape: Shape, tally: Tally) -> None:
    """Report the refusals of `fate` and count its rows, several figures of one row as one."""
    for problem, raw in shape.broken[:LISTED]:
        tally.reject(problem, raw)
    _more(tally, shape.broken[0][0].code if shape.broken else "", len(shape.broken), shape.sheet)
    kinds = con.execute(
        f"SELECT kind, count(*) FROM fate WHERE kind NOT IN ('good', {_SET_ASIDE}) GROUP BY kind ORDER BY kind"
    ).fetchall()
    for kind, count in kinds:
        rows = con.execute("FROM fate WHERE kind = $kind ORDER BY seq LIMIT $most", {"kind": kind, "most": LISTED})
        for record in rows.to_arrow_table().to_pylist():
            refuse = tally.reject if record["cell"] else tally.reject_row
            refuse(_problem(record, spec, ends, con, shape), _raw(record))
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
    aside, broken, loaded = other + shape.other_set_aside, bad + len(shape.broken), good + shape.other_loaded
    tally.count_rows(loaded + aside + broken, loaded, broken, aside)


def _more(tally: Tally, kind: str, count: int, sheet: str) -> None:
    if count > LISTED:
        tally.reject(Problem("more_rows_rejected", f"{count - LISTED:,}", hint=kind, sheet=sheet), str(count - LISTED))


def _whole_rows(con: duckdb.DuckDBPyConnection, shape: Shape, tally: Tally) -> None:
    """A row with several figures, none of them loaded, is a refused row."""
    rows = con.execute(
        f"""
        SELECT row, count(*) FROM fate GROUP BY row
        HAVING NOT bool_or(kind = 'good') AND bool_or(kind NOT IN ({_SET_ASIDE})) ORDER BY row
        """
    ).fetchall()
    for row, cells in rows:
        tally.reject(Problem("flow_row_refused", "cells", hint=str(cells), sheet=shape.sheet, row=row), "")


def _raw(record: dict[str, Any]) -> str:
    return " | ".join(str(record[name]).replace(SEPARATOR, " ").strip() for name in ("o", "d", "w", "p"))


def _problem(
    record: dict[str, Any], spec: FlowSpec, ends: Ends, con: duckdb.DuckDBPyConnection, shape: Shape
) -> Problem:
    """The refusal of one row, with the cell at fault."""
    kind, city = str(record["kind"]), record[focal_end(spec)]
    role, code, found, expected, hint = "w", kind, str(record["w"]), "", ""
    match kind:
        case "place":
            role = "o" if record["ok"] in {"unknown", "empty"} else "d"
            problem = ends.find(str(record[role])).problem or Problem("flow_no_place")
            code, found, expected, hint = problem.code, problem.found, problem.expected, problem.hint
        case "not_a_number":
            code = wrong_figure(found)
        case "flow_period":
            role, found, expected = "p", str(record["p"]), "written"
        case "flow_list_left_out":
            reasons = (left.reason for left in spec.left_out if ends.find(left.place).code == city)
            expected, hint = next(reasons, ""), str(record["p"])
        case "flow_too_large":
            expected = f"{spec.limit:,.10g} {spec.unit}"
        case "flow_no_scale":
            found = f"{city} {record['p']}"
        case "flow_contradiction":
            found, expected = _contradiction(con, record)
        case "flow_list_too_long" | "flow_shares_over_100":
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


# Fewer common pairs say nothing.
COMMON = 10


def check_partner(con: duckdb.DuckDBPyConnection, file: FlowFile, take: TakePartner, ends: Ends) -> None:
    """Compare the loaded rows of `fate` with the partner, where the entry names one; `take` makes `raw` of it.

    Raises Refusal when the partner cannot be used and when the declared direction does not hold.
    """
    partner = file.spec.partner
    if partner is None:
        return
    other = probe_beside(file.probe, partner.file, "flow_partner_file")
    try:
        take(replace(file, probe=other), partner)
    except Refusal as refusal:
        first = refusal.problems[0]
        raise Refusal(Problem("flow_partner_file", f"{other.path.name}: {first.code} {first.found}".rstrip())) from None
    _sum_pairs(con, ends)
    same, direct = _correlation(con, "a.oc = b.oc AND a.dc = b.dc")
    crossed, opposite = _correlation(con, "a.oc = b.dc AND a.dc = b.oc")
    name = name_beside(file.probe.path, partner.file)
    found = f"{_shown(direct)} over {same:,} common pairs; the other way round {_shown(opposite)} over {crossed:,}"
    told = None if same < COMMON else direct
    crosswise = opposite is not None and crossed >= COMMON and (told is None or opposite > told)
    higher = f"a correlation with {name} that is higher as declared"
    require(not crosswise, Problem("flow_direction", found, higher, name))
    agreement = given(told, Problem("flow_partner_file", f"{name}: {found}", "common", str(COMMON)))
    least = f"a correlation of at least {partner.agreement:g}"
    require(agreement >= partner.agreement, Problem("flow_disagreement", found, least, name))


def _sum_pairs(con: duckdb.DuckDBPyConnection, ends: Ends) -> None:
    """Tables `own_pair`, of the rows loaded, and `other_pair`, of the partner's in `raw`."""
    name_places(con, ends, "other_place", "SELECT o FROM raw UNION SELECT d FROM raw")
    settled = "UNION ALL SELECT origin_code, destination_code, flow FROM settled" if has_table(con, "settled") else ""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE other_pair AS
        SELECT a.code AS oc, b.code AS dc, fsum(TRY_CAST(w AS DOUBLE) ORDER BY seq) AS v
        FROM raw JOIN other_place a ON a.text = o JOIN other_place b ON b.text = d
        WHERE a.code IS NOT NULL AND b.code IS NOT NULL AND a.code <> b.code
        GROUP BY 1, 2 HAVING v IS NOT NULL;
        CREATE OR REPLACE TEMP TABLE own_pair AS
        SELECT oc, dc, fsum(v ORDER BY seq) AS v FROM fate WHERE kind = 'good' GROUP BY 1, 2 {settled}
        """
    )


def _correlation(con: duckdb.DuckDBPyConnection, same: str) -> tuple[int, float | None]:
    """Common pairs and the correlation of their figures; None where it is undefined."""
    pairs = f"own_pair a JOIN other_pair b ON {same}"
    [(common, correlation)] = con.execute(f"SELECT count(*), corr(a.v, b.v) FROM {pairs}").fetchall()
    return common, correlation if correlation is not None and isfinite(correlation) else None


def _shown(correlation: float | None) -> str:
    return "no correlation" if correlation is None else f"r = {correlation:.4f}"


def load_scale(con: duckdb.DuckDBPyConnection, file: FlowFile, scale: FlowScale) -> None:
    """Read the declared file into `scale` (code, ordinal, factor). Raises Refusal for anything unclear in it.

    Without a column of periods the index holds for every period of `raw`.
    """
    other = probe_beside(file.probe, scale.file, "flow_scale_file")
    # Labels printed once are declared for the file itself.
    source = file.source.model_copy(update={"fill_down": ()})
    companion = replace(file.with_spec(sheet=None), probe=other, source=source)
    _, (_, header), lines = text_lines(companion, [scale.value], scale.period)
    at = positions(header, [name for name in (scale.place, scale.value, scale.period) if name is not None])
    texts = con.execute("SELECT DISTINCT p FROM raw ORDER BY 1").fetchall()
    own = [period for (text,) in texts if (period := parse_period(str(text))) is not None]
    ends = Ends(file.spec.level, sorted({period.year for period in own}), by_name=True)
    found: dict[tuple[int, int], float] = {}
    for row, cells in lines:
        place = ends.find(cells[at[scale.place]]) if any(cells) else None
        if place is None or place.kind in {"outside", "province"}:
            continue
        index, _ = odd_number(cells[at[scale.value]])
        named = parse_period(cells[at[scale.period]]) if scale.period is not None else None
        if place.code is None or index is None or index < 0 or (scale.period is not None and named is None):
            raise Refusal(Problem("flow_scale_file", f"{other.path.name}:{row}: {' | '.join(cells)[:100]}", "known"))
        for period in own if named is None else [named]:
            contradiction = f"{other.path.name}:{row}: {cells[at[scale.place]]}"
            require(
                found.setdefault((place.code, period.ordinal), index) == index,
                Problem("flow_scale_file", contradiction, "once"),
            )
    create_from_rows(
        con,
        "scale",
        {"code": pa.int32(), "ordinal": pa.int64(), "factor": pa.float64()},
        [(*place_and_period, index) for place_and_period, index in found.items()],
    )
