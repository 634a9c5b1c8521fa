"""The scale index that makes percentages of different cities comparable; temporary table `scale`."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from catalog import Source
from catalog.declarations.flow import FlowSpec
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.beside import beside_probe
from ingestion.readers.flows.ends import Ends
from ingestion.readers.flows.periods import parse_period
from ingestion.readers.flows.rows import positions, text_lines
from ingestion.vocabulary.numbers import parse_number


def load_scale(con: duckdb.DuckDBPyConnection, probe: Probe, source: Source, spec: FlowSpec) -> None:
    """Read the declared file into `scale` (code, ordinal, factor). Raises Refusal for anything unclear in it.

    Without a column of periods the index holds for every period of `raw`.
    """
    assert spec.scale is not None
    scale = spec.scale
    other = beside_probe(probe, scale.file, "flow_scale_file")
    _, lines = text_lines(other, source, spec.model_copy(update={"sheet": None}))
    wanted = [name for name in (scale.place, scale.value, scale.period) if name is not None]
    at = positions(next(lines, (0, [""]))[1], wanted)
    texts = [str(row[0]) for row in con.execute("SELECT DISTINCT p FROM raw ORDER BY 1").fetchall()]
    own = [period for text in texts if (period := parse_period(text)) is not None]
    ends = Ends(spec.level, sorted({period.year for period in own}), by_name=True)
    found: dict[tuple[int, int], float] = {}
    for row, cells in lines:
        if not any(cells):
            continue
        place = ends.find(cells[at[scale.place]])
        if place.kind in {"outside", "province"}:
            continue
        period = parse_period(cells[at[scale.period]]) if scale.period is not None else None
        try:
            number = parse_number(cells[at[scale.value]])
        except ValueError:
            number = None
        if place.code is None or number is None or number < 0 or (scale.period is not None and period is None):
            found_text = f"{other.path.name} row {row}: {' | '.join(cells)[:100]}"
            raise Refusal(Problem("flow_scale_file", found_text, "a known place, a period and an index of at least 0"))
        for each in [period] if period is not None else own:
            if found.setdefault((place.code, each.ordinal), float(number)) != float(number):
                contradiction = f"{other.path.name} row {row}: {cells[at[scale.place]]} a second time"
                raise Refusal(Problem("flow_scale_file", contradiction, "one index for each place and period"))
    table = pa.table(
        {
            "code": pa.array([code for code, _ in found], pa.int32()),
            "ordinal": pa.array([ordinal for _, ordinal in found], pa.int64()),
            "factor": pa.array(list(found.values()), pa.float64()),
        }
    )
    con.register("incoming", table)
    con.execute("CREATE OR REPLACE TEMP TABLE scale AS FROM incoming")
    con.unregister("incoming")
