"""Options of a triage scenario: what is refused, and what may be set for one run."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from catalog.part_options import SettingError
from catalog.parts.scenario import BASELINE, INPUTS, TARGET
from models_py.scenario import ScenarioError, TriageInputs
from tests.models_py.parts.scenario.declared import VALUES, inputs, options, study


def changed(name: str, **fields: Any) -> dict[str, Any]:
    return {**inputs(), name: {**inputs()[name], **fields}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": inputs("adoption")}, "inputs: adoption not declared"),
        ({"from_table": True, "inputs": inputs()}, "not wanted; from_table reads visits and occupancies"),
        ({"inputs": changed("visits_high", unit="亿人次")}, "inputs.visits_high: unit is '亿人次', expected '万人次'"),
        ({"inputs": changed("adoption", high=1.2)}, r"inputs.adoption: \[0.2, 1.2\] exceeds \[0, 1\]"),
        ({"inputs": changed("occupancy_high", low=0)}, r"exceeds \(0, 100\]"),
        ({"inputs": changed("adoption", value=0.9)}, r"0.9 lies outside \[0.2, 0.8\]"),
        ({"two_way": [{"adoption": [0, 1]}]}, "two_way: adoption; expected two of"),
        ({"two_way": [{"adoption": [0, 1], "beds": [0, 1]}]}, "two_way: adoption, beds; expected two of"),
        ({"two_way": [{"adoption": [0, 2], "acceptance": [0, 1]}]}, "two_way.adoption: expected different values"),
        ({"two_way": [{"adoption": [0], "acceptance": [0, 1]}]}, "two_way.adoption: expected at least two"),
        ({"what_if": {"beds": 1}}, "beds: no such setting"),
        ({"target_gap": 120}, "target_gap"),
    ],
)
def test_a_wrong_option_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        options(**changes)


def test_the_year_is_one_of_the_studys() -> None:
    with pytest.raises(ValidationError, match=r"scenario: year 2030 lies outside \[2014, 2023\]"):
        study(year=2030)


def test_settings_are_every_input_and_the_gap_sought_with_the_studys_values() -> None:
    found = options().settings
    assert set(found) == {*INPUTS, TARGET}
    assert {name: found[name].value for name in INPUTS} == {name: value for name, (value, _, _) in VALUES.items()}
    read = options(from_table=True).settings
    assert {name for name, setting in read.items() if setting.value is None} == set(BASELINE)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"adoptio": 0.4}, "adoptio: no such setting"), ({"adoption": 1.4}, r"adoption=1.4: outside \[0, 1\]")],
)
def test_a_wrong_setting_lists_all_of_them_in_both_languages(values: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message) as caught:
        options().for_run(values)
    for name, kind in INPUTS.items():
        assert f"{name}: {kind.label.en} [{kind.unit_en}]" in str(caught.value)
        assert kind.label.zh in str(caught.value)
    assert "(0, ∞)" in str(caught.value)


def test_setting_what_the_study_has_sets_nothing() -> None:
    own = options()
    assert own.for_run({"adoption": 0.4, "visits_high": None}) == own


@pytest.mark.parametrize("name", INPUTS)
def test_limits_are_those_of_the_arithmetic(name: str) -> None:
    """What the options allow the estimator takes, and nothing else."""
    setting, given = options().settings[name], {key: value for key, (value, _, _) in VALUES.items()}
    for value in (-1.0, 0.0, 1e-9, 0.5, 1.0, 1.5, 100.0, 100.5, float("inf"), float("nan")):
        try:
            TriageInputs(**{**given, name: value})
            taken = True
        except ScenarioError:
            taken = False
        assert setting.allows(value) == taken, value
