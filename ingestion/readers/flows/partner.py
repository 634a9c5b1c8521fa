"""A file of arrivals checked against the file of departures (or the other way round): which way do they agree?

The two list the same flows, so the pairs both have must carry the same figures when both are read the right way.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np

from catalog import Source
from catalog.declarations.flow import FlowPartner, FlowSpec
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.beside import beside_probe, shown
from ingestion.readers.flows.ends import Ends
from ingestion.readers.flows.rows import Roles, take_rows

# Fewer common pairs say nothing.
COMMON = 10


def check_partner(
    con: duckdb.DuckDBPyConnection, probe: Probe, source: Source, spec: FlowSpec, roles: Roles, ends: Ends
) -> None:
    """Compare the loaded rows of an edge list with its partner, an edge list too. Raises Refusal as check_pairs."""
    partner = spec.partner
    if partner is not None:
        check_pairs(con, probe, spec, ends, lambda other: take_rows(con, other, source, spec, _roles(partner, roles)))


def check_pairs(
    con: duckdb.DuckDBPyConnection, probe: Probe, spec: FlowSpec, ends: Ends, take: Callable[[Probe], object]
) -> None:
    """Compare the loaded rows of `fate` with the partner, whose `raw` is made by `take`.

    Raises Refusal when the partner cannot be used and when the declared direction does not hold.
    """
    partner = spec.partner
    if partner is None:
        return
    other = beside_probe(probe, partner.file, "flow_partner_file")
    con.execute("ALTER TABLE raw RENAME TO own_raw")
    try:
        take(other)
        con.execute("CREATE OR REPLACE TEMP TABLE other_raw AS FROM raw")
    except Refusal as refusal:
        first = refusal.problems[0]
        raise Refusal(
            Problem("flow_partner_file", f"{other.path.name}: {first.found}", first.expected or "-")
        ) from None
    finally:
        con.execute("DROP TABLE IF EXISTS raw")
        con.execute("ALTER TABLE own_raw RENAME TO raw")
    _name_places(con, ends)
    same, direct = _correlation(con, "a.oc = b.oc AND a.dc = b.dc")
    crossed, opposite = _correlation(con, "a.oc = b.dc AND a.dc = b.oc")
    name = shown(probe.path, partner.file)
    found = f"{_shown(direct)} over {same:,} common pairs; the other way round {_shown(opposite)} over {crossed:,}"
    if opposite is not None and crossed >= COMMON and (direct is None or same < COMMON or opposite > direct):
        raise Refusal(Problem("flow_direction", found, f"a correlation with {name} that is higher as declared", name))
    if same < COMMON or direct is None:
        raise Refusal(Problem("flow_partner_file", found, f"at least {COMMON} pairs in common with {name}"))
    if direct < partner.agreement:
        raise Refusal(Problem("flow_disagreement", found, f"a correlation of at least {partner.agreement:g}", name))


def _roles(partner: FlowPartner, own: Roles) -> Roles:
    origin, destination = own.ends["o"][0], own.ends["d"][0]
    return Roles(
        {"o": (partner.origin or origin, None, None), "d": (partner.destination or destination, None, None)},
        partner.weight or own.weight,
        own.period,
        own.fixed,
    )


def _name_places(con: duckdb.DuckDBPyConnection, ends: Ends) -> None:
    texts = con.execute("SELECT o FROM other_raw UNION SELECT d FROM other_raw ORDER BY 1").fetchall()
    con.execute("CREATE OR REPLACE TEMP TABLE other_place (text VARCHAR, code INTEGER)")
    rows = [(str(text), ends.find(str(text)).code) for (text,) in texts]
    if rows:
        con.executemany("INSERT INTO other_place VALUES (?, ?)", rows)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE other_pair AS
        SELECT a.code AS oc, b.code AS dc, fsum(TRY_CAST(w AS DOUBLE) ORDER BY seq) AS v
        FROM other_raw JOIN other_place a ON a.text = o JOIN other_place b ON b.text = d
        WHERE a.code IS NOT NULL AND b.code IS NOT NULL AND a.code <> b.code
        GROUP BY 1, 2 HAVING v IS NOT NULL
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE own_pair AS
        SELECT oc, dc, fsum(v ORDER BY seq) AS v FROM fate WHERE kind = 'good' GROUP BY 1, 2
        """
    )
    if con.execute("FROM duckdb_tables() WHERE table_name = 'settled'").fetchall():
        con.execute("INSERT INTO own_pair SELECT origin_code, destination_code, flow FROM settled")


def _correlation(con: duckdb.DuckDBPyConnection, same: str) -> tuple[int, float | None]:
    """Common pairs and the correlation of their figures; None where it is undefined."""
    query = f"SELECT a.v, b.v FROM own_pair a JOIN other_pair b ON {same} ORDER BY a.oc, a.dc"
    pairs = np.array(con.execute(query).fetchall(), dtype=np.float64).reshape(-1, 2)
    if len(pairs) < 2 or (pairs.std(axis=0) == 0).any():
        return len(pairs), None
    return len(pairs), float(np.corrcoef(pairs[:, 0], pairs[:, 1])[0, 1])


def _shown(correlation: float | None) -> str:
    return "no correlation" if correlation is None else f"r = {correlation:.4f}"
