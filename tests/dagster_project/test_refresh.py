"""What starts by itself as Dagster sees it: the yearly schedule and the sensor; the decision has its own tests."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from dagster_project import definitions, service
from dagster_project.jobs import yearly_schedule
from dagster_project.service import begun_since, input_sensor, report_sensor
from dagster_project.tags import ATTEMPT, TRIGGER
from medpanel.runs import input_state, run_lock
from medpanel.runs.refreshing import TIMEZONE, YEARLY
from medpanel.runs.workspace import Workspace

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("MEDPANEL_SETTLE_SECONDS", "60")
    monkeypatch.setenv("MEDPANEL_RETRY_SECONDS", "600")
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.csv").write_text("1", encoding="utf-8")
    (raw / "sources.yaml").write_text(
        "data_kind: synthetic\nstudies: []\nvintages: [v]\nfiles:\n"
        "  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n",
        encoding="utf-8",
    )
    made = Workspace.at(tmp_path)
    input_state.note(made, "first")
    return made


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


class Sensor:
    """Ticks of the sensor, at given times."""

    def __init__(self, workspace: Workspace, instance: dg.DagsterInstance, patch: pytest.MonkeyPatch) -> None:
        self.workspace, self.instance, self.patch, self.cursor = workspace, instance, patch, None

    def tick(self, at: float, studies: tuple[str, ...] | None = ()) -> dg.SensorResult:
        self.patch.setattr(service, "time", SimpleNamespace(time=lambda: 1.8e9 + at))
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            result = input_sensor(self.workspace, studies)(context)
        self.patch.undo()
        self.cursor = result.cursor or self.cursor
        return result


@pytest.fixture
def sensor(workspace: Workspace, instance: dg.DagsterInstance) -> Iterator[Sensor]:
    with pytest.MonkeyPatch.context() as patch:
        yield Sensor(workspace, instance, patch)


def skipped(result: dg.SensorResult) -> str:
    assert not result.run_requests
    assert result.skip_reason is not None
    assert CHINESE.search(result.skip_reason.skip_message)
    return str(result.skip_reason.skip_message)


def test_the_schedule_asks_once_for_each_year() -> None:
    schedule = yearly_schedule()
    assert (schedule.cron_schedule, schedule.execution_timezone) == (YEARLY, TIMEZONE)
    moment = dt.datetime(2027, 1, 15, 3, tzinfo=ZoneInfo(TIMEZONE))
    with dg.build_schedule_context(scheduled_execution_time=moment) as context:
        request = schedule(context)
    assert request.run_key == "2027"


def test_the_sensor_asks_for_one_run_when_files_lie_still(sensor: Sensor) -> None:
    assert "not changed" in skipped(sensor.tick(0))
    (sensor.workspace.root / "raw" / "b.csv").write_text("2", encoding="utf-8")
    assert "lie still" in skipped(sensor.tick(30))
    [request] = sensor.tick(90).run_requests or []
    assert (request.tags[TRIGGER], request.tags[ATTEMPT]) == ("input_files", "1")
    # Asked again before the run began to read, as after a tick that was interrupted: the same key, so no second run.
    [again] = sensor.tick(120).run_requests or []
    assert again.run_key == request.run_key
    input_state.note(sensor.workspace, "the run")
    skipped(sensor.tick(150))


def test_nothing_is_asked_for_while_a_run_is_under_way(sensor: Sensor, instance: dg.DagsterInstance) -> None:
    @dg.job
    def nothing() -> None:
        pass

    run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTING)
    assert "under way" in skipped(sensor.tick(0))
    instance.report_run_failed(run)
    assert "not changed" in skipped(sensor.tick(30))


def test_nothing_is_asked_for_while_another_process_has_the_lock(
    sensor: Sensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = run_lock.take(run_lock.lock_path(sensor.workspace.root))
    assert handle is not None
    assert "under way" in skipped(sensor.tick(0))
    run_lock.os.close(handle)
    assert "not changed" in skipped(sensor.tick(30))


def test_definitions_of_other_studies_are_loaded_again_first(sensor: Sensor) -> None:
    (sensor.workspace.root / "raw" / "b.csv").write_text("2", encoding="utf-8")
    skipped(sensor.tick(0))
    assert "loaded again" in skipped(sensor.tick(60, studies=("mspi",)))
    assert "loaded again" in skipped(sensor.tick(90, studies=None))
    assert sensor.tick(120).run_requests


def test_a_wrong_declaration_is_a_reason_to_skip_and_reported_once(sensor: Sensor) -> None:
    page = sensor.workspace.root / "LAST_RUN.md"
    sensor.workspace.sources_path.write_text("data_kind: neither\n", encoding="utf-8")
    assert "data_kind" in skipped(sensor.tick(0))
    assert not page.exists()
    skipped(sensor.tick(60))
    assert "data_kind" in page.read_text(encoding="utf-8")
    page.unlink()
    skipped(sensor.tick(90))
    assert not page.exists()


def test_without_a_declaration_the_sensor_waits(sensor: Sensor) -> None:
    sensor.workspace.sources_path.unlink()
    assert "no such file" in skipped(sensor.tick(0))
    assert "no such file" in skipped(sensor.tick(60))
    assert not (sensor.workspace.root / "LAST_RUN.md").exists()


def test_with_a_wrong_declaration_the_service_lives_and_the_job_says_why(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.sources_path.write_text("data_kind: neither\n", encoding="utf-8")
    for name, value in workspace.to_environment().items():
        monkeypatch.setenv(name, value)
    found = definitions.medpanel()
    assert {sensor.name for sensor in found.sensors or []} == {"input_files", "last_run"}
    assert [schedule.name for schedule in found.schedules or []] == ["yearly_refresh"]
    job = found.resolve_job_def("everything")
    assert "data\\_kind" in (job.description or "")
    with pytest.raises(ValueError, match="data_kind"):
        job.execute_in_process()


def test_reporting_is_on_by_itself_and_starting_is_not(workspace: Workspace) -> None:
    assert report_sensor(workspace).default_status == dg.DefaultSensorStatus.RUNNING
    assert input_sensor(workspace, ()).default_status == dg.DefaultSensorStatus.STOPPED


def test_a_year_is_missed_until_a_run_of_everything_began(instance: dg.DagsterInstance) -> None:
    @dg.job(name="everything")
    def everything() -> None:
        pass

    moment = dt.datetime.now(dt.UTC).timestamp() - 1
    assert not begun_since(instance, moment)
    instance.create_run_for_job(everything)
    assert begun_since(instance, moment)
    assert not begun_since(instance, moment + 3600)
