"""What must hold for `scenario_result`: identities of the arithmetic, and that no gain stands without its harm.

Belongs here: the checks of that table and the columns they read. Does not belong here: computing a scenario
(models_py/scenario).
"""

from catalog.parts.scenario import ANSWERS, INPUTS, KINDS, NOT_AN_ESTIMATE, RESULTS, TARGET
from catalog.studies import Study
from expectations import Frame, Series
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, values_known

TABLE = "scenario_result"
# Rounding of a few additions, relative to what is added.
_EXACT = 1e-9
_REQUIRED = (
    "study",
    "scenario",
    "run",
    "metric",
    "unit_en",
    "unit_zh",
    "kind",
    "input",
    "second_input",
    "note_en",
    "note_zh",
)
_METRICS = list(dict.fromkeys([*RESULTS, *ANSWERS, *INPUTS]))
# A run that tells the first of these tells the second as well.
_GAIN, _HARM = "imbalance_change", "missed_serious"
_RUN = ["scenario", "run"]
_check = checks_of(TABLE)


def prepare(df: Frame, study: Study) -> Frame:
    """The rows of `study` with the columns the checks read. Pure; other studies' rows are left out.

    Adds required_missing (empty required fields of the row), unmarked (1 where a note does not say that this is a
    scenario), occupancy (value of an occupancy, else NULL), visit_share (value of a share of visits, else NULL),
    adoption_gap (1 where zero adoption is not the baseline, to the last bit), mass_gap (visits of both tiers less the
    baseline's, relative; NULL for medians), harm_missing (1 where a run tells what is gained but not what is missed),
    order_gap (1 where low, value and high are out of order), target_gap (break-even's gap less the one sought),
    kinds_lacking (kinds of run the scenario does not have, sweeps aside).
    Raises KeyError for an absent column.
    """
    rows = df[df["study"] == study.id].reset_index(drop=True)
    marked = rows["note_en"].fillna("").str.startswith(NOT_AN_ESTIMATE.en) & rows["note_zh"].fillna("").str.startswith(
        NOT_AN_ESTIMATE.zh
    )
    results = rows["kind"] != "inputs"
    value = rows["value"].where(results)
    low, high = rows["low"].fillna(rows["value"]), rows["high"].fillna(rows["value"])
    return rows.assign(
        required_missing=missing(rows, _REQUIRED),
        unmarked=(~marked.astype(bool)).astype(int),
        occupancy=value.where(rows["metric"].isin(["occupancy_high", "occupancy_primary"])),
        visit_share=value.where(rows["metric"].isin(["high_share", "primary_share"])),
        adoption_gap=_adoption_gap(rows),
        mass_gap=_mass_gap(rows),
        harm_missing=_harm_missing(rows),
        order_gap=((low > rows["value"]) | (rows["value"] > high) | (low > high)).astype(int),
        target_gap=_target_gap(rows),
        kinds_lacking=_kinds_lacking(rows),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A result stands once in a run of a scenario", "同一情景、同一假设组合的结果仅一行"),
            values_known(TABLE, "metrics_known", ("metric", "结果名称"), "metric", _METRICS),
            values_known(TABLE, "kinds_known", ("kind", "类别"), "kind", KINDS),
            _check(
                "marked_as_scenario",
                "critical",
                f'Every note begins with "{NOT_AN_ESTIMATE.en}", in both languages',
                f"各行说明均以“{NOT_AN_ESTIMATE.zh}”开头（中英文）",
                between("unmarked", None, 0),
            ),
            *_identities(),
        ],
    )


def _identities() -> list[Check]:
    return [
        _check(
            "occupancy_bounds",
            "critical",
            "Occupancies lie within 0 and 100 %",
            "病床使用率在0与100%之间",
            between("occupancy", 0, 100),
        ),
        _check(
            "share_bounds",
            "critical",
            "Visit shares lie within 0 and 1",
            "诊疗占比在0与1之间",
            between("visit_share", 0, 1),
        ),
        _check(
            "zero_adoption_is_baseline",
            "critical",
            "Zero adoption gives every figure of the baseline, to the last bit",
            "无人采用时各数值与基线完全相同",
            between("adoption_gap", None, 0),
        ),
        _check(
            "visits_conserved",
            "critical",
            f"Visits of both tiers add up to the baseline's unless these are changed, within {_EXACT:g} relative",
            f"两级诊疗人次之和与基线相同（未改变基线时），相对误差不超过{_EXACT:g}",
            between("mass_gap", -_EXACT, _EXACT),
        ),
        _check(
            "missed_beside_gain",
            "critical",
            "Every run that tells the change of the gap tells the missed serious cases",
            "凡列出差距变化者均列出漏判的重症",
            between("harm_missing", None, 0),
        ),
        _check(
            "interval_ordered",
            "critical",
            "low <= value <= high where given",
            "有区间处 low ≤ value ≤ high",
            between("order_gap", None, 0),
        ),
        _check(
            "break_even_on_target",
            "critical",
            f"The gap at the break-even adoption is no wider than sought, within {_EXACT:g} percentage points",
            f"临界采用率下的差距不大于目标，误差不超过{_EXACT:g}百分点",
            between("target_gap", None, _EXACT),
        ),
        _check(
            "scenario_complete",
            "critical",
            "Every scenario has its assumptions, baseline, zero adoption, central case, break-even and sampling",
            "各情景均有假设、基线、无人采用、中心值、临界采用率与抽样",
            between("kinds_lacking", None, 0),
        ),
    ]


def _of(rows: Frame, run: str) -> Series:
    """Values of one run by scenario and metric, each once."""
    return rows[rows["run"] == run].drop_duplicates(["scenario", "metric"]).set_index(["scenario", "metric"])["value"]


def _adoption_gap(rows: Frame) -> Series:
    """1 in rows of zero adoption whose value is not the baseline's."""
    found, at_start = _of(rows, "zero_adoption"), _of(rows, "baseline")
    same = (found == at_start.reindex(found.index)) | (found.isna() & at_start.reindex(found.index).isna())
    differ = set(same[~same].index)
    keys = zip(rows["scenario"], rows["metric"], strict=True)
    return (rows["run"] == "zero_adoption").astype(int) * [int(key in differ) for key in keys]


def _mass_gap(rows: Frame) -> Series:
    """Relative gap of visits to the baseline's, in the row of visits_high of each run that keeps the baseline."""
    visits = rows[rows["metric"].isin(["visits_high", "visits_primary"]) & (rows["kind"] != "inputs")]
    own = ~visits["input"].isin(["visits_high", "visits_primary"]) & ~visits["second_input"].isin(
        ["visits_high", "visits_primary"]
    )
    kept = visits[own & (visits["kind"] != "sampled") & visits["value"].notna()]
    total = kept.groupby(_RUN)["value"].transform("sum")
    start = kept["scenario"].map(kept[kept["run"] == "baseline"].groupby("scenario")["value"].sum())
    return (total / start - 1).reindex(rows.index).where(rows["metric"] == "visits_high")


def _harm_missing(rows: Frame) -> Series:
    harm = rows["metric"].eq(_HARM).groupby([rows[name] for name in _RUN]).transform("any")
    return ((rows["metric"] == _GAIN) & ~harm).astype(int)


def _target_gap(rows: Frame) -> Series:
    """Gap at the break-even adoption less the one sought; NULL where there is none."""
    sought = rows["scenario"].map(
        rows[(rows["run"] == "break_even") & (rows["metric"] == TARGET)].groupby("scenario")["value"].first()
    )
    mine = (rows["run"] == "break_even") & (rows["metric"] == "occupancy_gap")
    return (rows["value"] - sought).where(mine)


def _kinds_lacking(rows: Frame) -> Series:
    wanted = set(KINDS) - {"one_way", "two_way"}
    lacking = {name: len(wanted - set(part["kind"])) for name, part in rows.groupby("scenario")}
    return rows["scenario"].map(lacking)
