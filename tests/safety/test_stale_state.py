"""Assets materialised one by one, as in the UI, never mix two readings of the input files in a publication."""

from __future__ import annotations

import dagster as dg
import pandas as pd

from benchmarks.kill_harness import current, finished, hashes, write_inputs
from dagster_project.console_log import root_cause
from ingestion.schemas import SHOWN
from medpanel.runs import run_state
from medpanel.runs.workspace import Workspace
from tests.safety.conftest import materialise

LAKE = [f"lake/{name}" for name in SHOWN]
# Made by one op, so asked for together.
REGRESSIONS = [f"expenditure_gdp/{name}" for name in ("estimate", "model_fit", "summary_statistic")]


def test_a_publication_alone_from_one_reading_is_made(workspace: Workspace) -> None:
    assert materialise(workspace, "publication") == []
    assert len(finished(workspace.root)) == 2


def test_new_files_read_and_nothing_recomputed_is_refused(workspace: Workspace) -> None:
    before, first = hashes(current(workspace.root)), current(workspace.root)
    write_inputs(workspace.root, seed=1)
    assert materialise(workspace, *LAKE) == []
    [message] = materialise(workspace, "publication")
    assert "the study expenditure_gdp has no results" in message or "not computed from" in message
    [message] = materialise(workspace, *REGRESSIONS)
    assert "not computed from the input files as last read" in message
    assert "province_year" in message
    # province_year itself reads observation, which is of the reading before.
    [message] = materialise(workspace, "province_year")
    assert "observation" in message
    assert current(workspace.root) == first
    assert hashes(first) == before


def test_a_check_of_a_table_from_another_reading_is_refused(workspace: Workspace) -> None:
    run_state.record(workspace.results, ["province_year"], "another")
    job_messages = materialise_checks(workspace, "province_year")
    assert job_messages and "interrupted: province_year" in job_messages[0]


def materialise_checks(workspace: Workspace, asset: str) -> list[str]:
    from dagster_project.definitions import build_defs

    defs = build_defs(workspace)
    selection = dg.AssetSelection.checks_for_assets(asset)
    checks = selection.resolve_checks(defs.resolve_asset_graph())
    own = [key for key in checks if any(key in c.check_keys for c in defs.asset_checks or [])]
    job = dg.define_asset_job("own_checks", selection=dg.AssetSelection.checks(*own))
    resolved = dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def("own_checks")
    with dg.DagsterInstance.ephemeral() as instance:
        result = resolved.execute_in_process(instance=instance, raise_on_error=False)
    failed = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return [root_cause(error) for error in failed if error is not None]


def test_a_reading_that_was_killed_is_refused(workspace: Workspace) -> None:
    workspace.lake_summary.unlink()
    for assets in (["publication"], ["province_year"], REGRESSIONS):
        [message] = materialise(workspace, *assets)
        assert "not completely read" in message
        assert "read_files" in message


def test_another_configuration_is_refused(workspace: Workspace) -> None:
    text = workspace.sources_path.read_text(encoding="utf-8")
    workspace.sources_path.write_text(text.replace("licence: MIT", "licence: none"), encoding="utf-8")
    [message] = materialise(workspace, "publication")
    assert "sources.yaml changed since the input files were read" in message


def test_a_study_killed_between_its_tables_is_refused(workspace: Workspace) -> None:
    run_state.forget(workspace.results, ["expenditure_gdp/estimate", "expenditure_gdp/model_fit"])
    [message] = materialise(workspace, "publication")
    assert "interrupted: expenditure_gdp/estimate, expenditure_gdp/model_fit" in message
    assert materialise(workspace, *REGRESSIONS, "publication") == []


def test_a_part_of_the_warehouse_renews_its_own_tests_and_keeps_the_others(workspace: Workspace) -> None:
    path = workspace.results / "checks" / "dbt.parquet"
    whole = pd.read_parquet(path)
    assert materialise(workspace, "vintage_conflict", "publication") == []
    pd.testing.assert_frame_equal(pd.read_parquet(path), whole)
    # Its own tests do not stand in for the others, where those are not on record.
    run_state.forget(workspace.results, ["checks/dbt"])
    [message] = materialise(workspace, "vintage_conflict", "publication")
    assert "build_warehouse (all of it, with its tests)" in message
