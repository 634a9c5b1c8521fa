"""What scripts of the replication bundle find again: what follows from the published assumptions of a scenario.

Belongs here: the assumptions, the published numbers and the conventions. Does not belong here: the scripts
(replication/), what surrounds them (medpanel/replication).
"""

from __future__ import annotations

from catalog.base import Text
from catalog.parts.scenario import INPUTS, TARGET
from models_py.parts.frame import Replication, Tables, Work, joined
from models_py.parts.scenario.rows import TABLE

KEYS = ["scenario", "run", "metric"]
# Largest difference allowed, as a share of the number; absolute below one.
TOLERANCE = 1e-9
_KINDS = ("baseline", "zero_adoption", "central", "one_way", "break_even")
_TITLE = Text(en="Triage scenario, not an estimate", zh="分诊情景推演（非估计）")
_LABELS = {
    "scenario": Text(en="Scenario", zh="情景"),
    "input": Text(en="Assumption", zh="假设"),
    "value": Text(en="Value", zh="取值"),
    "low": Text(en="Lower end of its range", zh="范围下限"),
    "high": Text(en="Upper end of its range", zh="范围上限"),
    "run": Text(en="Set of assumptions", zh="假设组合"),
    "metric": Text(en="Result", zh="结果"),
}
_NOTES = (
    Text(
        en="Visits in 10,000, occupancies in %, all other assumptions shares; target_gap in percentage points.",
        zh="诊疗为万人次，使用率为%，其余假设为比例；target_gap 为百分点。",
    ),
    Text(
        en="diverted = V_h a c [r sp + (1 - r)(1 - se)], missed = V_h a c (1 - r)(1 - se), up-referred = "
        "V_p a [(1 - q)(1 - sp) + q se]; returning x missed go back to the high tier.",
        zh="分流 = V_h a c [r sp + (1-r)(1-se)]，漏判 = V_h a c (1-r)(1-se)，上转 = V_p a [(1-q)(1-sp) + q se]；"
        "漏判者按 returning 比例返回高层级。",
    ),
    Text(
        en="occupancy x (1 + eps dV / V), at most 100 %. Baseline and zero adoption: nobody adopts.",
        zh="使用率 × (1 + eps dV/V)，上限100%。基线与无人采用：采用率为0。",
    ),
    Text(
        en="Break-even adoption: found by halving the interval from 0 to 1; the table has a closed form.",
        zh="临界采用率：在0与1之间反复折半求得；结果表用解析式。",
    ),
    Text(
        en="The sampling and the grids of two assumptions are in the table scenario_result; the scripts do not repeat "
        "them.",
        zh="抽样与双因素网格见结果表 scenario_result，脚本不重现。",
    ),
)


def replicate(work: Work, made: Tables) -> Replication:
    """The assumptions of every scenario, the gap sought among them, and the published numbers that are defined."""
    rows = made[TABLE]
    targets = rows[rows["metric"] == TARGET]
    targets = targets[targets["kind"] == "break_even"].assign(low=targets["value"], high=targets["value"])
    inputs = joined([rows[rows["kind"] == "inputs"], targets])[["scenario", "metric", "value", "low", "high"]]
    expected = rows[rows["kind"].isin(_KINDS)].dropna(subset="value")[[*KEYS, "value"]]
    return Replication(
        title=_TITLE,
        panel=work.panel,
        frames={"inputs": inputs.rename(columns={"metric": "input"})},
        labels=_LABELS,
        lists={"inputs_swept": tuple(INPUTS)},
        expected=expected.assign(tolerance=TOLERANCE * expected["value"].abs().clip(lower=1)),
        notes=_NOTES,
    )
