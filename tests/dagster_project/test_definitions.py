"""The definitions as users see them: keys, groups, jobs, schedules. A change here is a change of the interface.

Renew the stored picture with MEDPANEL_UPDATE_SNAPSHOT=1 after looking at what changed.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from catalog import load_studies
from catalog.parts import performance_index
from dagster_project.assets.studies import study_assets
from dagster_project.assets.study_files import file_assets, folders_of
from dagster_project.checks import result_of, suite_as_checks, suites_of
from dagster_project.definitions import build_defs
from expectations.builders import between
from expectations.suite import checks_of
from medpanel.runs.dbt_project import ManifestError, ensure_manifest, require_manifest
from medpanel.runs.workspace import Workspace
from tests.models_py.changing import only_parts

SNAPSHOT = Path(__file__).with_name("definitions.json")


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Definitions of a workspace without input: every study of the catalog."""
    before = dict(os.environ)
    workspace = Workspace.at(tmp_path_factory.mktemp("empty"))
    os.environ.update(workspace.to_environment())
    ensure_manifest()
    yield build_defs(workspace)
    os.environ.clear()
    os.environ.update(before)


def picture(defs: dg.Definitions) -> dict[str, Any]:
    """What users and schedules refer to by name: assets with their groups, jobs, schedules; checks by their number."""
    graph = defs.resolve_asset_graph()
    nodes = sorted(graph.asset_nodes, key=lambda node: node.key.to_user_string())
    checks = Counter(key.asset_key.to_user_string() for key in graph.asset_check_keys)
    jobs = {job.name: defs.resolve_job_def(job.name) for job in defs.jobs or []}
    return {
        "assets": {node.key.to_user_string(): node.group_name for node in nodes},
        "schedules": {s.name: [s.cron_schedule, s.execution_timezone, s.job_name] for s in defs.schedules or []},
        "sensors": {
            s.name: [s.job_name if s.targets else None, s.minimum_interval_seconds] for s in defs.sensors or []
        },
        "checks": dict(sorted(checks.items())),
        "jobs": {name: len(job.asset_layer.executable_asset_keys) for name, job in jobs.items()},
    }


def test_definitions_are_as_stored(defs: dg.Definitions) -> None:
    found = picture(defs)
    if os.environ.get("MEDPANEL_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_is_described_and_grouped(defs: dg.Definitions) -> None:
    for node in defs.resolve_asset_graph().asset_nodes:
        assert node.description, node.key
        assert node.group_name != "default", node.key


def test_the_age_of_the_data_is_judged_and_that_of_runs_is_not(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    assert {node.key for node in graph.asset_nodes if node.freshness_policy is not None} == set()
    age = graph.get(dg.AssetCheckKey(dg.AssetKey("publication"), "data_age"))
    assert not age.blocking


def test_what_an_open_study_makes_waits_for_its_years(defs: dg.Definitions) -> None:
    """A study whose last year is declared does not, but for its report, which says which years there are."""
    graph = defs.resolve_asset_graph()
    for study, waits in (("mspi_latest", {"performance_index", "report", "replication"}), ("mspi", {"report"})):
        window = dg.AssetKey([study, "study_window"])
        assert waits <= {key.path[1] for key in graph.get(window).child_keys if key.path[0] == study}
        assert ("performance_index" in waits) == (
            window in graph.get(dg.AssetKey([study, "performance_index"])).parent_keys
        )
        assert dg.AssetKey("publication") in graph.get(window).child_keys
    # The checks of exposure too: what is judged ends with the study.
    suites = {suite.name: suite for suite in suites_of(list(load_studies().values()))}
    assert dg.AssetKey(["mspi_latest", "study_window"]) in suites["mspi_latest_smart_exposure"].assets
    assert suites["mspi_smart_exposure"].assets == (dg.AssetKey("smart_exposure"),)


def test_no_step_waits_in_a_pool(defs: dg.Definitions) -> None:
    # A killed run keeps its place in a pool for ever, and a run waiting for the run lock would keep one from the run
    # that has it. The run lock alone lets one run write at a time.
    job = defs.resolve_job_def("everything")
    definitions = [node.definition for node in job.graph.nodes if isinstance(node.definition, dg.OpDefinition)]
    assert {"read_files", "build_warehouse", "publication"} <= {definition.name for definition in definitions}
    assert [definition.name for definition in definitions if definition.pool is not None] == []


def test_critical_checks_block_and_warnings_do_not(defs: dg.Definitions) -> None:
    from expectations.province_year import checks

    graph, critical = defs.resolve_asset_graph(), defaultdict(bool)
    for check in checks():
        critical[check.rule] |= check.severity == "critical"
    assert set(critical.values()) == {True, False}
    for rule, blocks in critical.items():
        assert graph.get(dg.AssetCheckKey(dg.AssetKey("province_year"), rule)).blocking == blocks


def test_a_rule_is_one_check_and_says_which_of_its_checks_failed() -> None:
    made, place = checks_of("province_year"), dg.AssetKey("province_year")
    rule = [made("range", severity, "to 8", "至8", between("gdp", 0, 8), of=name)
            for name, severity in (("beds", "warning"), ("gdp", "critical"), ("nurses", "critical"))]  # fmt: skip
    told = {check.name: {"check_name": check.name, "severity": check.severity, "observed": "9", "passed": False,
                         "description": "to 8", "description_zh": "至8"} for check in rule}  # fmt: skip
    told["range_nurses"]["passed"] = True
    found = result_of(place, "range", rule, told)
    assert not found.passed and found.severity == dg.AssetCheckSeverity.ERROR
    assert [row.data["check_name"] for row in found.metadata["failed"].records] == ["range_gdp", "range_beds"]
    told["range_gdp"]["passed"] = True
    assert result_of(place, "range", rule, told).severity == dg.AssetCheckSeverity.WARN
    told["range_beds"]["passed"] = True
    found = result_of(place, "range", rule, told)
    assert found.passed and "failed" not in found.metadata


def test_a_stale_manifest_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("medpanel.runs.dbt_project.MANIFEST", tmp_path / "manifest.json")
    with pytest.raises(ManifestError, match="medpanel manifest"):
        require_manifest()


def test_a_study_of_one_part_and_no_regression_resolves(tmp_path: Path) -> None:
    """An index alone: its tables, their checks and a report; nothing to replicate."""
    workspace, study = Workspace.at(tmp_path), only_parts(load_studies()["mspi"], performance_index.Options)
    assets = [*study_assets(workspace, study), *file_assets(workspace, study)]
    checks = [suite_as_checks(workspace, suite) for suite in suites_of([study]) if suite.assets[0].path[0] == "mspi"]
    graph = dg.Definitions(assets=assets, asset_checks=checks).resolve_asset_graph()
    made = {node.key.to_user_string() for node in graph.asset_nodes if node.is_materializable}
    assert made == {"mspi/performance_index", "mspi/indicator_score", "mspi/report"}
    assert folders_of(study) == ("report",)
    assert {key.asset_key.to_user_string() for key in graph.asset_check_keys} == {"mspi/performance_index"}
    # It waits for its tables, its years, the names of the provinces, and for what may not be passed on.
    report = graph.get(dg.AssetKey(["mspi", "report"]))
    assert {key.to_user_string() for key in report.parent_keys} == made - {"mspi/report"} | {
        "barred_figure",
        "province",
        "mspi/study_window",
    }
