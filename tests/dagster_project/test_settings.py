"""What may be set for one run: as the launchpad offers it, and what a run with it leaves beside the study's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from catalog import load_studies
from catalog.part_options import SettingError
from dagster_project.assets import studies as assets
from medpanel.runs import run_state
from medpanel.runs.workspace import Workspace
from models_py.panel import province_panel
from models_py.parts.registry import parts_of, set_for_run
from tests.models_py.parts.scenario.declared import VALUES, study

SOURCES = """data_kind: synthetic
studies: []
vintages: [v]
files:
  - {match: "*.csv", vintage: v, publisher: invented, licence: CC0-1.0, accessed: 2026-01-01}
"""
STUDY = study()
[ONE] = parts_of(STUDY)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose files count as read; the scenario needs none of them."""
    found = Workspace.at(tmp_path)
    found.sources_path.parent.mkdir()
    found.sources_path.write_text(SOURCES, encoding="utf-8")
    run_state.begin_reading(found)
    found.work.mkdir()
    generation = run_state._generation("inputs", found.config_sha256())
    run_state._replace(found.lake_summary, {"generation": generation, "inputs_sha256": "inputs", "timings": []})
    run_state.record(found.results, ["province"], generation)
    monkeypatch.setattr(assets, "panel_key", lambda *_: [])
    monkeypatch.setattr(assets, "read_panel", lambda *_: province_panel(STUDY.years))
    return found


def definitions(workspace: Workspace) -> dg.Definitions:
    return dg.Definitions(assets=assets.study_assets(workspace, STUDY), jobs=[dg.define_asset_job("all_of_it")])


def offered(job: dg.JobDefinition) -> dict[str, Any]:
    """The fields of the scenario in the launchpad, by name."""
    [fields] = [
        {field.name: field for field in snap.fields}
        for snap in job.get_job_snapshot().config_schema_snapshot.all_config_snaps_by_key.values()
        if snap.fields and {"specificity", "target_gap"} <= {field.name for field in snap.fields}
    ]
    return fields


def materialised(workspace: Workspace, **config: Any) -> tuple[bool, pd.DataFrame, dict[str, Any]]:
    job = definitions(workspace).resolve_job_def("all_of_it")
    result = job.execute_in_process(
        raise_on_error=False,
        run_config={"ops": {"tiers__scenario": {"config": config}}} if config else None,
    )
    metadata = [
        dict(event.step_materialization_data.materialization.metadata)
        for event in result.all_events
        if event.is_step_materialization
    ]
    path = workspace.results / "tiers" / "scenario_result.parquet"
    return result.success, pd.read_parquet(path), metadata[0] if metadata else {}


def test_the_launchpad_offers_every_setting_typed_with_the_studys_values_and_a_description(
    workspace: Workspace,
) -> None:
    fields = offered(definitions(workspace).resolve_job_def("all_of_it"))
    assert {name: (f.type_key, f.default_value_as_json_str, f.is_required) for name, f in fields.items()} == {
        **{name: ("Float", str(float(value)), False) for name, (value, _, _) in VALUES.items()},
        "target_gap": ("Float", "29.0", False),
    }
    assert fields["adoption"].description == (
        "Primary facilities equipped [share], [0, 1] / 配备设备的基层机构占比［比例］"
    )


def test_a_part_without_settings_has_nothing_to_set() -> None:
    for one in load_studies().values():
        for part in parts_of(one):
            assert (assets.settings_schema(part) is None) == (not part.options.settings)


def test_what_is_read_from_a_table_may_be_set_and_is_unset_by_default(workspace: Workspace) -> None:
    read = dg.Definitions(assets=assets.study_assets(workspace, study(from_table=True)))
    fields = offered(read.resolve_implicit_global_asset_job_def())
    assert fields["visits_high"].default_value_as_json_str == "null"
    assert fields["adoption"].default_value_as_json_str == "0.4"


def test_a_run_with_settings_stands_beside_the_study_and_the_next_run_is_the_studys_own(workspace: Workspace) -> None:
    success, own, metadata = materialised(workspace)
    assert success
    assert list(own["scenario"].unique()) == ["triage"]
    assert "set_for_this_run" not in metadata
    success, both, metadata = materialised(workspace, adoption=0.6)
    assert success
    assert list(both["scenario"].unique()) == ["triage", "triage: adoption=0.6"]
    pd.testing.assert_frame_equal(both[both["scenario"] == "triage"].reset_index(drop=True), own)
    assert metadata["set_for_this_run"].value == {"adoption": 0.6}
    success, again, _ = materialised(workspace)
    assert success
    pd.testing.assert_frame_equal(again, own)


def test_what_is_set_enters_the_fingerprint(workspace: Workspace) -> None:
    def key(**values: float) -> str:
        return assets.part_key(workspace, *set_for_run(STUDY, ONE, values))

    assert key() == key(adoption=0.4) == assets.part_key(workspace, STUDY, ONE)
    assert len({key(), key(adoption=0.6), key(adoption=0.7), key(acceptance=0.6)}) == 4


@pytest.mark.parametrize(("value", "said"), [(1.4, "adoption=1.4: outside [0, 1]"), ("much", 'type "Float"')])
def test_a_wrong_value_fails_and_leaves_what_was_there(workspace: Workspace, value: Any, said: str) -> None:
    _, own, _ = materialised(workspace)
    job = definitions(workspace).resolve_job_def("all_of_it")
    config = {"ops": {"tiers__scenario": {"config": {"adoption": value}}}}
    with pytest.raises((SettingError, dg.DagsterInvalidConfigError)) as caught:
        job.execute_in_process(run_config=config)
    assert said in str(caught.value)
    pd.testing.assert_frame_equal(pd.read_parquet(workspace.results / "tiers" / "scenario_result.parquet"), own)
