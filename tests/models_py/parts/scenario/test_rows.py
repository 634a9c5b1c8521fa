"""Table scenario_result: what rows there are, where the baseline comes from, and a what-if beside the study's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from catalog import load_tables
from catalog.parts.scenario import ANSWERS, INPUTS, RESULTS
from models_py.panel import province_panel
from models_py.parts.registry import run_study
from models_py.parts.scenario.assumptions import assumptions
from models_py.parts.scenario.rows import scenario_rows
from models_py.scenario import ScenarioError, TriageInputs, break_even, triage
from tests.models_py.parts.scenario.declared import IMBALANCE, VALUES, options, study

OWN = TriageInputs(**{name: value for name, (value, _, _) in VALUES.items()})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return scenario_rows("tiers", options())


def values(rows: pd.DataFrame, run: str, scenario: str = "triage") -> dict[str, float]:
    found = rows[(rows["run"] == run) & (rows["scenario"] == scenario)]
    return dict(zip(found["metric"], found["value"], strict=True))


def test_columns_key_and_runs(rows: pd.DataFrame) -> None:
    table = load_tables()["scenario_result"]
    assert [*rows.columns, "data_kind"] == list(table.columns)
    assert not rows.duplicated(list(table.key)).any()
    swept = sum(low < high for _, low, high in VALUES.values())
    runs = Counter(rows.drop_duplicates("run")["kind"])
    singles = ("inputs", "baseline", "zero_adoption", "central", "break_even", "sampled")
    assert runs == {**dict.fromkeys(singles, 1), "one_way": 2 * swept, "two_way": 6}
    assert rows["note_en"].str.startswith("Scenario, not an estimate.").all()
    assert rows["note_zh"].str.startswith("情景推演，非估计。").all()


def test_values_are_those_of_the_arithmetic(rows: pd.DataFrame) -> None:
    central, even = triage(OWN), break_even(OWN, 29)
    assert values(rows, "central") == {name: pytest.approx(float(getattr(central, name))) for name in RESULTS}
    assert even.adoption is not None
    found = values(rows, "break_even")
    assert set(found) == {*RESULTS, *ANSWERS}
    assert (found["break_even_adoption"], found["break_even_reached"]) == (pytest.approx(even.adoption), 1)
    assert found["occupancy_gap"] == pytest.approx(29)
    cell = rows[(rows["kind"] == "two_way") & (rows["input_value"] == 0.5) & (rows["second_value"] == 0.8)]
    expected = triage(replace(OWN, adoption=0.5, specificity=0.8))
    assert cell.set_index("metric").loc["missed_serious", "value"] == pytest.approx(expected.missed_serious)
    low = values(rows, "one_way: specificity=low")
    assert low["imbalance_change"] == pytest.approx(triage(replace(OWN, specificity=0.8)).imbalance_change)


def test_zero_adoption_is_the_baseline_to_the_last_bit(rows: pd.DataFrame) -> None:
    zero, baseline = (pd.Series(values(rows, run)) for run in ("zero_adoption", "baseline"))
    pd.testing.assert_series_equal(zero, baseline, check_exact=True)


def test_inputs_are_published_with_range_unit_and_source(rows: pd.DataFrame) -> None:
    found = rows[rows["run"] == "inputs"].set_index("metric")
    assert list(found.index) == list(INPUTS)
    assert found[["value", "low", "high"]].apply(tuple, axis=1).to_dict() == VALUES
    assert found.loc["visits_high", ["unit_en", "unit_zh"]].tolist() == ["10^4 visits", "万人次"]
    assert found.loc["adoption", "note_en"] == "Scenario, not an estimate. Why adoption."


def test_sampling_leaves_adoption_alone_and_tells_how_often_the_gap_is_reached(rows: pd.DataFrame) -> None:
    found = rows[rows["run"] == "sampled"].set_index("metric")
    given = assumptions(options(), None)[0]
    assert set(given.uncertain) == set(VALUES) - {"adoption"}
    assert 0 < found.loc["break_even_reached", "value"] <= 1
    interval = found.loc["missed_per_10000"]
    assert interval["low"] < interval["value"] < interval["high"]
    assert "100 draws, seed 0" in interval["note_en"]
    pd.testing.assert_frame_equal(rows, scenario_rows("tiers", options()))


def test_a_what_if_stands_beside_the_studys_own_which_stays_as_it_is(rows: pd.DataFrame) -> None:
    both = scenario_rows("tiers", options().for_run({"adoption": 0.6, "target_gap": 10}))
    name = "triage: adoption=0.6, target_gap=10"
    assert list(both["scenario"].unique()) == ["triage", name]
    own = both[both["scenario"] == "triage"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, rows)
    assert values(both, "central", name)["diverted"] == pytest.approx(triage(replace(OWN, adoption=0.6)).diverted)
    even = both[(both["run"] == "break_even") & (both["scenario"] == name)].set_index("metric")
    assert even.loc["break_even_reached", "value"] == 0
    assert even.loc[["break_even_adoption", "missed_serious"], "value"].isna().all()
    assert "cannot be reached, not even with every facility equipped" in even.loc["break_even_adoption", "note_en"]
    set_ = both[(both["run"] == "inputs") & (both["scenario"] == name)].set_index("metric").loc["adoption"]
    assert set_[["value", "low", "high"]].tolist() == [0.6, 0.6, 0.6]
    assert "Set for this what-if" in set_["note_en"]
    assert not ((both["scenario"] == name) & (both["input"] == "adoption") & (both["kind"] == "one_way")).any()


def test_a_what_if_in_the_study_file_gives_way_to_one_set_for_a_run() -> None:
    written = options(what_if={"acceptance": 0.6})
    assert written.called == "triage: acceptance=0.6"
    assert written.for_run({"acceptance": 0.5, "adoption": 0.4}) == written
    assert written.for_run({"adoption": 0.7}).called == "triage: adoption=0.7"


def test_the_baseline_may_be_read_from_the_table() -> None:
    found = scenario_rows("tiers", options(from_table=True), IMBALANCE)
    start = values(found, "baseline")
    names = ("visits_high", "visits_primary", "occupancy_high", "occupancy_primary", "occupancy_gap")
    assert [start[name] for name in names] == [1200, 1900, 81.5, 49.5, 32]
    assert not (found["input"] == "visits_high").any()
    assert "table imbalance, nation 2021" in found["note_en"].iloc[-1]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, "which has no row"),
        (IMBALANCE.drop(columns="visits"), "lacks the columns visits"),
        (
            IMBALANCE.assign(year=2020),
            "nation 2021, high_tier: 0 figures of visits, expected one; there is nation 2020",
        ),
        (IMBALANCE.iloc[:1], "nation 2021, primary: 0 figures of visits"),
        (pd.concat([IMBALANCE, IMBALANCE.iloc[:1]]), "high_tier: 2 figures of visits"),
        (IMBALANCE.assign(bed_occupancy=[None, 49.5]), "high_tier: 0 figures of bed_occupancy"),
        (IMBALANCE.assign(bed_occupancy=[103.0, 49.5]), "occupancy_high is 103.0; expected % above 0 and at most 100"),
    ],
)
def test_a_baseline_that_is_not_there_is_named(table: pd.DataFrame | None, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario_rows("tiers", options(from_table=True), table)


def test_the_part_makes_the_table_of_its_study() -> None:
    made = run_study(study(), province_panel((2014, 2023)), {}, "real")
    assert set(made) == {"scenario_result"}
    pd.testing.assert_frame_equal(made["scenario_result"], scenario_rows("tiers", options()))
