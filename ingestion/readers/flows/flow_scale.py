"""A city's index by period (Baidu's in- and out-migration scale): a series of one place, no flow between two.

Loaded into the lake table flow_scale. Percentages of a city's list become flows by it: `scale:` under `flow:`.
"""

from __future__ import annotations

import pyarrow as pa

from catalog import Source
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.flows.engine import engine
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.flow_edges import declared
from ingestion.readers.flows.report import account
from ingestion.readers.flows.rows import SUFFIXES, Roles, from_file_name, take_rows
from ingestion.row_account import Tally


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = declared(source, probe)
    if spec.place is None or spec.weight is None or spec.direction == "both":
        raise Refusal(Problem("flow_not_declared", expected="`place:`, `weight:` (headers) and direction in or out"))
    fixed = {} if spec.period_column else {"p": spec.period or from_file_name(spec, probe)["period"]}
    place = (spec.place, spec.place_code, spec.place_province)
    roles = Roles({"o": place, "d": place}, spec.weight, spec.period_column, fixed)
    # Series are no lists: every row stands for itself, and both its ends are the place.
    series = spec.model_copy(update={"direction": "both", "top": None})
    with engine() as con:
        shape = take_rows(con, probe, source, series, roles)
        ends = assign_fates(con, series, source.key == "name", loops=True)
        account(con, series, ends, shape, tally)
        rows = con.execute("SELECT oc, pl, v, row FROM fate WHERE kind = 'good' ORDER BY oc, pi, seq").to_arrow_table()
    size = len(rows)
    tally.add_table(
        "flow_scale",
        pa.table(
            {
                "network": pa.array([spec.network] * size, pa.string()),
                "direction": pa.array([spec.direction] * size, pa.string()),
                "unit": pa.array([spec.unit] * size, pa.string()),
                "city_code": rows["oc"],
                "period": rows["pl"],
                "value": rows["v"],
                "row": rows["row"],
            }
        ),
    )


SCALE = FileLayout(
    "flow_scale",
    "Migration scale index of cities by period",
    "城市迁徙规模指数（按时期）",
    SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read,
    declared_only=True,
    asked=140,
)
