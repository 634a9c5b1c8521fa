"""A triage scenario as a part: a scenario, not an estimate.

Belongs here: what the part takes, makes, shows and answers. Does not belong here: its rows (rows.py) and drawing
(figures.py, table.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.scenario import INPUTS, Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import Part, Replication, Seen, Show, Tables, Work

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable

TABLE = "scenario_result"
RESULTS = Text(en="Triage scenario, not an estimate: results", zh="分诊情景推演（非估计）：结果")
ASSUMPTIONS = Text(en="Triage scenario, not an estimate: assumptions", zh="分诊情景推演（非估计）：假设")
TORNADO = Text(
    en="Triage scenario, not an estimate: what each assumption moves", zh="分诊情景推演（非估计）：各假设的影响"
)
GRID = Text(en="Triage scenario, not an estimate", zh="分诊情景推演（非估计）")


def results(seen: Seen, options: Options) -> list[ReportTable]:
    """Central results and their spread beside the baseline, of the study's scenario and of a what-if."""
    from models_py.parts.scenario.table import results_table

    rows = seen.rows(TABLE)
    return [] if rows.empty else [results_table(rows, options, RESULTS, seen.synthetic)]


def assumed(seen: Seen, options: Options) -> list[ReportTable]:
    """Every assumption of the study's scenario."""
    from models_py.parts.scenario.table import inputs_table

    rows = _own(seen, options)
    return [] if rows.empty else [inputs_table(rows, ASSUMPTIONS, seen.synthetic)]


def tornado(seen: Seen, options: Options) -> Iterator[Picture]:
    """What each assumption of the study's scenario moves."""
    from models_py.parts.scenario.assumptions import baseline_text
    from models_py.parts.scenario.figures import tornado

    rows = _own(seen, options)
    if not rows.empty and (rows["kind"] == "one_way").any():
        yield Picture("scenario_tornado", TORNADO, tornado(rows, TORNADO, baseline_text(options), seen.data_kind))


def grids(seen: Seen, options: Options) -> Iterator[Picture]:
    """A figure for each pair of assumptions the study varies together."""
    from models_py.parts.scenario.assumptions import baseline_text
    from models_py.parts.scenario.figures import two_inputs

    rows = _own(seen, options)
    if rows.empty:
        return
    for (stem, title), (first, second) in zip(grid_titles(seen.study, options), options.two_way, strict=True):
        yield Picture(stem, title, two_inputs(rows, first, second, title, baseline_text(options), seen.data_kind))


def grid_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """File name and title of each pair."""
    return [
        (
            stem_of("scenario", first, second),
            Text(
                en=f"{GRID.en}: {INPUTS[first].label.en} / {INPUTS[second].label.en}",
                zh=f"{GRID.zh}：{INPUTS[first].label.zh}与{INPUTS[second].label.zh}",
            ),
        )
        for first, second in options.two_way
    ]


def _own(seen: Seen, options: Options) -> pd.DataFrame:
    """Rows of the study's own scenario."""
    rows = seen.rows(TABLE)
    return rows if rows.empty else rows[rows["scenario"] == options.scenario]


def compute(work: Work) -> Tables:
    """The table of the study's scenario and, beside it, of what is set in the study file or for one run."""
    from models_py.parts.scenario.rows import scenario_rows

    return {TABLE: scenario_rows(work.study.id, work.options, work.tables.get("imbalance"))}


def replicated(work: Work, made: Tables) -> Replication:
    """What follows from the assumptions, for the scripts in replication/; not the sampling."""
    from models_py.parts.scenario.replicate import replicate

    return replicate(work, made)


def answer(study: Study, options: Options, tables: Tables, data_kind: str) -> list[ReportTable]:
    """The results, and the assumptions they rest on, for the command line. Raises ScenarioError as `compute`."""
    from models_py.parts.scenario.rows import scenario_rows
    from models_py.parts.scenario.table import inputs_table, results_table

    rows = scenario_rows(study.id, options, tables.get("imbalance"))
    last = rows[rows["scenario"] == rows["scenario"].iloc[-1]]
    synthetic = options.from_table and data_kind == "synthetic"
    return [
        inputs_table(last, ASSUMPTIONS, synthetic, brief=True),
        results_table(last, options, RESULTS, synthetic),
    ]


PART = Part(
    summary=Text(
        en="Digital triage and the load of two tiers of care: a scenario from declared assumptions, not an estimate",
        zh="数字分诊与两级医疗负荷：由所列假设推演的情景，非估计",
    ),
    needs=(),
    uses=("imbalance",),
    makes=(TABLE,),
    whole=(TABLE,),
    compute=compute,
    replicate=replicated,
    answer=answer,
    shows=(
        Show("scenario_results", "table", RESULTS, results),
        Show("scenario_assumptions", "table", ASSUMPTIONS, assumed),
        Show("scenario_tornado", "figure", TORNADO, tornado),
        Show("scenario_grid", "figure", GRID, grids, titles=grid_titles),
    ),
)
