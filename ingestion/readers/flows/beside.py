"""Files beside a file of flows: the partner it is checked against, and the scale index of its percentages.

A file of arrivals and one of departures list the same flows, so the pairs both have must carry the same figures when
both are read the right way. An index of scale makes percentages of different cities comparable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from catalog.declarations.flow import FlowScale
from ingestion.companions import name_beside, probe_beside
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.declared import FlowFile, Roles, positions
from ingestion.readers.flows.ends import Ends, name_places
from ingestion.readers.flows.engine import create_from_rows, has_table
from ingestion.readers.flows.periods import parse_period
from ingestion.readers.flows.rows import take_rows, text_lines
from ingestion.vocabulary.numbers import parse_number

# Fewer common pairs say nothing.
COMMON = 10


def check_partner(con: duckdb.DuckDBPyConnection, file: FlowFile, roles: Roles, ends: Ends) -> None:
    """Compare the loaded rows of an edge list with its partner, an edge list too. Raises Refusal as check_pairs."""
    partner = file.spec.partner
    if partner is None:
        return
    origin, destination = partner.origin or roles.ends["o"][0], partner.destination or roles.ends["d"][0]
    names = {"o": (origin, None, None), "d": (destination, None, None)}
    other_roles = replace(roles, ends=names, weight=partner.weight or roles.weight)
    check_pairs(con, file, ends, lambda other: take_rows(con, replace(file, probe=other), other_roles))


def check_pairs(con: duckdb.DuckDBPyConnection, file: FlowFile, ends: Ends, take: Callable[[Probe], object]) -> None:
    """Compare the loaded rows of `fate` with the partner, whose `raw` is made by `take`.

    Raises Refusal when the partner cannot be used and when the declared direction does not hold.
    """
    partner = file.spec.partner
    if partner is None:
        return
    other = probe_beside(file.probe, partner.file, "flow_partner_file")
    try:
        take(other)
    except Refusal as refusal:
        first = refusal.problems[0]
        raise Refusal(
            Problem("flow_partner_file", f"{other.path.name}: {first.found}", first.expected or "-")
        ) from None
    _sum_pairs(con, ends)
    same, direct = _correlation(con, "a.oc = b.oc AND a.dc = b.dc")
    crossed, opposite = _correlation(con, "a.oc = b.dc AND a.dc = b.oc")
    name = name_beside(file.probe.path, partner.file)
    found = f"{_shown(direct)} over {same:,} common pairs; the other way round {_shown(opposite)} over {crossed:,}"
    if opposite is not None and crossed >= COMMON and (direct is None or same < COMMON or opposite > direct):
        raise Refusal(Problem("flow_direction", found, f"a correlation with {name} that is higher as declared", name))
    if same < COMMON or direct is None:
        raise Refusal(Problem("flow_partner_file", found, f"at least {COMMON} pairs in common with {name}"))
    if direct < partner.agreement:
        raise Refusal(Problem("flow_disagreement", found, f"a correlation of at least {partner.agreement:g}", name))


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
    query = f"SELECT a.v, b.v FROM own_pair a JOIN other_pair b ON {same} ORDER BY a.oc, a.dc"
    pairs = np.array(con.execute(query).fetchall(), dtype=np.float64).reshape(-1, 2)
    if len(pairs) < 2 or (pairs.std(axis=0) == 0).any():
        return len(pairs), None
    return len(pairs), float(np.corrcoef(pairs[:, 0], pairs[:, 1])[0, 1])


def _shown(correlation: float | None) -> str:
    return "no correlation" if correlation is None else f"r = {correlation:.4f}"


def load_scale(con: duckdb.DuckDBPyConnection, file: FlowFile, scale: FlowScale) -> None:
    """Read the declared file into `scale` (code, ordinal, factor). Raises Refusal for anything unclear in it.

    Without a column of periods the index holds for every period of `raw`.
    """
    other = probe_beside(file.probe, scale.file, "flow_scale_file")
    _, lines = text_lines(replace(file.with_spec(sheet=None), probe=other))
    wanted = [name for name in (scale.place, scale.value, scale.period) if name is not None]
    at = positions(next(lines, (0, [""]))[1], wanted)
    texts = con.execute("SELECT DISTINCT p FROM raw ORDER BY 1").fetchall()
    own = [period for (text,) in texts if (period := parse_period(str(text))) is not None]
    ends = Ends(file.spec.level, sorted({period.year for period in own}), by_name=True)
    found: dict[tuple[int, int], float] = {}
    for row, cells in lines:
        place = ends.find(cells[at[scale.place]]) if any(cells) else None
        if place is None or place.kind in {"outside", "province"}:
            continue
        index = _index(cells[at[scale.value]])
        named = parse_period(cells[at[scale.period]]) if scale.period is not None else None
        if place.code is None or index is None or (scale.period is not None and named is None):
            shown = f"{other.path.name} row {row}: {' | '.join(cells)[:100]}"
            raise Refusal(Problem("flow_scale_file", shown, "a known place, a period and an index of at least 0"))
        for period in own if named is None else [named]:
            if found.setdefault((place.code, period.ordinal), index) != index:
                contradiction = f"{other.path.name} row {row}: {cells[at[scale.place]]} a second time"
                raise Refusal(Problem("flow_scale_file", contradiction, "one index for each place and period"))
    types = {"code": pa.int32(), "ordinal": pa.int64(), "factor": pa.float64()}
    create_from_rows(con, "scale", types, [(code, ordinal, index) for (code, ordinal), index in found.items()])


def _index(text: str) -> float | None:
    try:
        number = parse_number(text)
    except ValueError:
        return None
    return None if number is None or number < 0 else float(number)
