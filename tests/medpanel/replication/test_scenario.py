"""The scripts of a scenario: the Python script of the bundle finds what the part publishes from made-up inputs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models_py.panel import province_panel
from models_py.parts.frame import Replication
from models_py.parts.scenario.replicate import replicate
from models_py.parts.scenario.rows import TABLE, scenario_rows
from tests.medpanel.replication.written import require_another_is_named, require_balanced, run, write
from tests.models_py.parts.scenario.declared import options


def given(**changes: Any) -> Replication:
    """What the scripts find again of a scenario and of a what-if beside it."""
    asked = options(what_if={"adoption": 0.1, "returning": 0.25}, **changes)
    work: Any = SimpleNamespace(options=asked, panel=province_panel((2021, 2022)))
    return replicate(work, {TABLE: scenario_rows("tiers", asked)})


# Reached; wider than sought not even at first; not with every facility equipped.
@pytest.mark.parametrize(("target", "outcome"), [(29, 1.0), (30, 0.0), (5, 0.0)])
def test_the_python_script_finds_every_number(tmp_path: Path, capsys: Any, target: float, outcome: float) -> None:
    one = given(target_gap=target)
    write("scenario", one, tmp_path)
    run("scenario", tmp_path)
    assert f"All {len(one.expected)} numbers were found again" in capsys.readouterr().out
    numbers = one.expected.set_index(["scenario", "run", "metric"])["value"]
    assert numbers["triage", "break_even", "break_even_reached"] == outcome
    assert ("triage", "break_even", "break_even_adoption") in numbers.index or target == 5
    runs = set(one.expected["run"])
    assert {"baseline", "zero_adoption", "central", "break_even", "one_way: sensitivity=low"} <= runs
    assert len(set(one.expected["scenario"])) == 2
    # Sampling and grids are not repeated, and nothing is swept that has no range.
    assert not [name for name in runs if name.startswith(("sampled", "two_way", "inputs", "one_way: visits_primary"))]


def test_another_number_is_named_and_the_do_file_is_balanced(tmp_path: Path) -> None:
    write("scenario", given(), tmp_path)
    require_another_is_named("scenario", tmp_path, ["triage break_even break_even_adoption"])
    require_another_is_named("scenario", tmp_path, ["triage central missed_per_10000", "triage baseline occupancy_gap"])
    require_balanced((tmp_path / "synthetic_mspi_scenario_replicate.do").read_text("utf-8"))
