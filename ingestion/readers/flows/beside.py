"""Files beside a file of flows: the partner it is checked against, and the scale index of its percentages.

A file of arrivals and one of departures list the same flows, so the pairs both have must carry the same figures when
both are read the right way. An index of scale makes percentages of different cities comparable.
"""

from collections.abc import Callable
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from catalog.declarations.flow import FlowPartner, FlowScale
from ingestion.companions import name_beside, probe_beside
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.declared import FlowFile, positions
from ingestion.readers.flows.engine import create_from_rows, has_table
from ingestion.readers.flows.fates import odd_number
from ingestion.readers.flows.meanings import Ends, name_places, parse_period
from ingestion.readers.flows.table import text_lines

# Fewer common pairs say nothing.
COMMON = 10


def check_partner(
    con: duckdb.DuckDBPyConnection, file: FlowFile, take: Callable[[FlowFile, FlowPartner], object], ends: Ends
) -> None:
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
    _, header = next(lines, (0, [""]))
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
            shown = f"{other.path.name} row {row}: {' | '.join(cells)[:100]}"
            raise Refusal(Problem("flow_scale_file", shown, "a known place, a period and an index of at least 0"))
        for period in own if named is None else [named]:
            if found.setdefault((place.code, period.ordinal), index) != index:
                contradiction = f"{other.path.name} row {row}: {cells[at[scale.place]]} a second time"
                raise Refusal(Problem("flow_scale_file", contradiction, "one index for each place and period"))
    create_from_rows(
        con,
        "scale",
        {"code": pa.int32(), "ordinal": pa.int64(), "factor": pa.float64()},
        [(*place_and_period, index) for place_and_period, index in found.items()],
    )
