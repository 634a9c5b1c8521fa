"""The yearly schedule, the sensor on input files and the freshness of what is published."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from dagster_project.jobs import TIMEZONE, YEARLY, files_state, input_sensor, yearly_schedule
from medpanel.runs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.csv").write_text("1", encoding="utf-8")
    (raw / "sources.yaml").write_text(
        "data_kind: synthetic\nstudies: []\nvintages: [v]\nfiles:\n"
        "  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n",
        encoding="utf-8",
    )
    return Workspace.at(tmp_path)


def test_the_schedule_asks_once_for_each_year() -> None:
    schedule = yearly_schedule()
    assert (schedule.cron_schedule, schedule.execution_timezone) == (YEARLY, TIMEZONE)
    moment = dt.datetime(2027, 1, 15, 3, tzinfo=ZoneInfo(TIMEZONE))
    with dg.build_schedule_context(scheduled_execution_time=moment) as context:
        request = schedule(context)
    assert request.run_key == "2027"


def look(workspace: Workspace, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    with dg.build_sensor_context(cursor=cursor) as context:
        return input_sensor(workspace)(context)


def test_the_sensor_runs_on_new_changed_and_removed_files_only(workspace: Workspace) -> None:
    raw = workspace.root / "raw"
    first = look(workspace, None)
    assert isinstance(first, dg.SensorResult)
    assert not first.run_requests
    state = first.cursor
    assert isinstance(look(workspace, state), dg.SkipReason)
    (raw / "b.csv").write_text("2", encoding="utf-8")
    added = look(workspace, state)
    assert isinstance(added, dg.SensorResult)
    assert [request.run_key for request in added.run_requests] == [added.cursor]
    os.utime(raw / "a.csv", ns=(1, 1))
    changed = look(workspace, added.cursor)
    assert isinstance(changed, dg.SensorResult)
    assert changed.run_requests
    (raw / "b.csv").unlink()
    removed = look(workspace, changed.cursor)
    assert isinstance(removed, dg.SensorResult)
    assert removed.run_requests


def test_a_changed_declaration_counts_as_changed_input(workspace: Workspace) -> None:
    before = files_state(workspace)
    os.utime(workspace.sources_path, ns=(1, 1))
    assert files_state(workspace) != before


def test_a_wrong_declaration_is_a_reason_to_skip_not_a_crash(workspace: Workspace) -> None:
    workspace.sources_path.write_text("data_kind: neither\n", encoding="utf-8")
    outcome = look(workspace, None)
    assert isinstance(outcome, dg.SkipReason)
    assert "data_kind" in (outcome.skip_message or "")
