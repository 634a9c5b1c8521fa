"""A failed run says causes before consequences, and each cause once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pandas as pd
from dagster_shared.error import SerializableErrorInfo

from catalog.studies import load_studies
from dagster_project.failures import (
    THEREFORE,
    causes_of,
    explained,
    failure_lines,
    files_were_read,
    step_failures,
    with_paths,
)
from expectations.suite import EMPTY
from medpanel.runs.workspace import Workspace
from models_py.panel import PanelError
from tests.medpanel.changes.conftest import LOADED, figure, refusal, write

DISAGREE = f"two files disagree{THEREFORE}"


def test_a_cause_several_studies_share_is_said_once() -> None:
    told = failure_lines([("a", f"{DISAGREE}no index"), ("b", "another fault"), ("c", f"{DISAGREE}no Gini")])
    assert told == (
        "two files disagree\ntherefore / 因此:\n   a: no index\n   c: no Gini",
        "b: another fault",
    )


def test_one_message_of_several_steps_is_said_once() -> None:
    assert failure_lines([("a", "locked"), ("b", "locked")]) == ("a, b: locked",)


def lake(root: Path) -> Workspace:
    """A reading in which two files disagree about the population of 2021."""
    held = {"row": 2, "cell": "B2", "file_id": "f1"}
    cell = figure(2021, 1.0, indicator="resident_population", **held)
    write(
        root / "lake",
        {
            "observation": [figure(2021, 1.0)],
            "source_file": [LOADED, LOADED | {"path": "b.csv", "file_id": "f2"}],
            "refused_cell": [cell, cell | {"file_id": "f2"}],
            "rejected_row": [refusal("conflict", "differs", name, "B2", 2) for name in ("f1", "f2")],
        },
    )
    return Workspace.at(root)


def test_a_study_without_a_figure_says_first_why_it_is_not_there(tmp_path: Path) -> None:
    workspace, study = lake(tmp_path), load_studies()["mspi"]
    error = PanelError("gdp_per_capita: 1 empty cell", [("gdp_per_capita", 110000, 2021)])
    said = str(explained(workspace, study, error))
    cause = "files disagree about resident_population 2021 within one edition: a.csv, b.csv"
    assert said.startswith(cause)
    assert said.endswith(f"{THEREFORE}gdp_per_capita: 1 empty cell")
    assert "gdp 2021" not in said, "what was read is not missing"


def test_an_error_about_something_else_stays_as_it_is(tmp_path: Path) -> None:
    error = PanelError("not numeric: gdp")
    assert explained(Workspace.at(tmp_path), load_studies()["mspi"], error) is error


def test_a_figure_no_file_has_is_said_so(tmp_path: Path) -> None:
    workspace = lake(tmp_path)
    pd.DataFrame([figure(2019, 1.0)]).to_parquet(workspace.lake / "observation.parquet")
    said = str(explained(workspace, load_studies()["mspi"], PanelError("x", [("gdp", 110000, 1990)])))
    assert said.startswith("no file has gdp 1990 / 没有文件包含地区生产总值 gdp 1990")


def test_a_check_that_stops_a_run_says_what_it_found() -> None:
    @dg.asset_check(asset=dg.AssetKey("source_file"), blocking=True)
    def newer_loaded() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(
            passed=False, description="No newer download was refused / 未拒绝", metadata={"observed": "a.csv: unit"}
        )

    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.Definitions(
            asset_checks=[newer_loaded], jobs=[dg.define_asset_job("only", dg.AssetSelection.checks(newer_loaded))]
        ).resolve_job_def("only")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    said = "source_file: newer_loaded: No newer download was refused / 未拒绝; found / 实际: a.csv: unit"
    assert step_failures(result.all_events) == [("source_file_newer_loaded", said)]


@dg.op
def read_files() -> int:
    return 1


@dg.op
def window(start: int) -> None:
    raise ValueError(f"no year is complete after {start}")


def test_a_file_that_is_gone_is_named_before_whatever_fails_for_want_of_it(tmp_path: Path) -> None:
    workspace = lake(tmp_path)
    gone = LOADED | {"path": "c.csv", "sha256": "3", "file_id": "f3"}
    one = write(
        tmp_path / "publications" / "one" / "parquet",
        {"source_file": [LOADED, gone], "run_manifest": [{"run_id": "1"}]},
    )
    (tmp_path / "current").symlink_to(one.parent)

    @dg.job
    def toy() -> None:
        window(read_files())

    with dg.DagsterInstance.ephemeral() as instance:
        result = toy.execute_in_process(instance=instance, raise_on_error=False)
    (step, said), (other, failed) = causes_of(workspace, result.all_events)
    assert (step, other) == ("read_files", "window")
    assert said == (
        "since the last publication / 自上次发布以来: \n   c.csv: the file is not there any more / c.csv：文件已不存在"
    )
    assert "no year" in failed
    unread = [event for event in result.all_events if event.step_key != "read_files"]
    assert [step for step, _ in causes_of(workspace, unread)] == ["window"], "nothing was read in that run"


def failed_check(observed: str, *names: str, severity: str = "critical") -> dg.DagsterEvent:
    """A rule whose checks of these names did not pass; without names a test of dbt's."""
    told = {"severity": severity, "observed": observed, "description": "to 8", "description_zh": "至8"}
    rows = [dg.TableRecord({"check_name": name, **told}) for name in names]
    found = {"failed": dg.MetadataValue.table(rows)} if names else {"observed": dg.MetadataValue.text(observed)}
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("observation"),
        check_name="range",
        passed=False,
        metadata=found,
        severity=dg.AssetCheckSeverity.ERROR,
        blocking=True,
    )
    return SimpleNamespace(
        event_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        asset_check_evaluation_data=evaluation,
        step_key="check_observation",
        is_step_failure=False,
        is_step_success=False,
    )  # type: ignore[return-value]


def failed_step(step: str, cls_name: str, message: str) -> dg.DagsterEvent:
    error = SerializableErrorInfo(message, [], cls_name)
    return SimpleNamespace(
        event_type=dg.DagsterEventType.STEP_FAILURE,
        step_key=step,
        is_step_failure=True,
        is_step_success=False,
        step_failure_data=SimpleNamespace(error=error),
    )  # type: ignore[return-value]


STOPPED = failed_step("check_observation", "DagsterAssetCheckFailedError", "DagsterAssetCheckFailedError: 3 checks")


def test_an_empty_table_is_told_once_however_many_checks_it_has() -> None:
    events = [failed_check(EMPTY, *(f"check_{n}_{place}" for place in range(5))) for n in range(20)]
    assert step_failures([*events, STOPPED]) == [
        ("check_observation", "observation: empty, but must not be / 空表，但不应为空")
    ]


def test_a_failed_check_says_what_was_found() -> None:
    events = [failed_check("value = 9 at cell C5", "range_gdp", "range_beds"), STOPPED]
    [(_, told)] = step_failures(events)
    assert told.splitlines() == [
        f"observation: {name}: to 8 / 至8; found / 实际: value = 9 at cell C5" for name in ("range_gdp", "range_beds")
    ]


def test_a_warning_beside_a_failed_check_did_not_stop_the_run() -> None:
    events = [failed_check("9", "range_gdp"), failed_check("7", "jump_gdp", severity="warning"), STOPPED]
    [(_, told)] = step_failures(events)
    assert "range_gdp" in told and "jump_gdp" not in told


def test_a_failed_dbt_test_says_what_was_found() -> None:
    [(_, told)] = step_failures([failed_check("3 rows"), STOPPED])
    assert told == "observation: range: found / 实际: 3 rows"


def test_files_are_named_by_their_paths(tmp_path: Path) -> None:
    pd.DataFrame({"file_id": ["f1a", "f2b"], "path": ["甲.csv", "b.csv"]}).to_parquet(tmp_path / "source_file.parquet")
    assert with_paths(["value = 9 at file_id f1a", "no file"], tmp_path) == ("value = 9 at file_id 甲.csv", "no file")
    assert with_paths(["value at file_id f1a"], tmp_path / "nothing") == ("value at file_id f1a",)


def test_a_run_that_loaded_nothing_has_read_its_files() -> None:
    assert files_were_read([failed_step("read_files", "NothingLoadedError", "none of 1 files")])
    assert not files_were_read([failed_step("read_files", "CatalogError", "no such file")])
