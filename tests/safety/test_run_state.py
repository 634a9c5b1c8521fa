"""The record of what was computed from which reading: kept, removed, refused; and working files nobody can open."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from benchmarks.kill_harness import write_inputs
from medpanel.runs import run_state
from medpanel.runs.run_state import StaleError
from medpanel.runs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    write_inputs(tmp_path, seed=0)
    return Workspace.at(tmp_path)


def change_declaration(workspace: Workspace) -> None:
    text = workspace.sources_path.read_text(encoding="utf-8")
    workspace.sources_path.write_text(text.replace("licence: MIT", "licence: none"), encoding="utf-8")


def read(workspace: Workspace, inputs: str = "inputs 1") -> str:
    """One reading of the input files into an empty lake."""
    config = run_state.begin_reading(workspace)
    return run_state.record_reading(workspace, config, inputs, [("a.csv", 0.1, False)], ["lake/observation"])


def test_the_same_input_and_configuration_are_the_same_generation(workspace: Workspace) -> None:
    first = read(workspace)
    assert read(workspace) == first
    assert read(workspace, "inputs 2") != first
    change_declaration(workspace)
    assert read(workspace) != first


def test_what_is_made_is_on_record_only_when_made(tmp_path: Path) -> None:
    run_state.record(tmp_path, ["a", "b"], "g1")
    run_state.forget(tmp_path, ["b"])
    assert run_state.recorded(tmp_path) == {"a": "g1"}
    run_state.refuse_stale(tmp_path, ["a"], "g1")
    with pytest.raises(StaleError, match="interrupted: b, the checks of s"):
        run_state.refuse_stale(tmp_path, ["a", "b", "checks/s"], "g1")
    with pytest.raises(StaleError, match="interrupted: a"):
        run_state.refuse_stale(tmp_path, ["a"], "g2")


def test_a_spoilt_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / run_state.RECORD).write_text('{"a": ', encoding="utf-8")
    assert run_state.recorded(tmp_path) == {}
    with pytest.raises(StaleError):
        run_state.refuse_stale(tmp_path, ["a"], "g1")


def test_a_reading_under_way_or_killed_counts_as_none(workspace: Workspace) -> None:
    with pytest.raises(StaleError, match="not completely read"):
        run_state.current_generation(workspace)
    assert read(workspace) == run_state.current_generation(workspace)
    run_state.begin_reading(workspace)
    with pytest.raises(StaleError, match=r"not completely read .* read_files .*请重新物化"):
        run_state.current_generation(workspace)


def test_a_reading_of_before_generations_were_recorded_counts_as_none(workspace: Workspace) -> None:
    workspace.lake.mkdir()
    workspace.lake_summary.write_text(json.dumps({"inputs_sha256": "x", "timings": []}), encoding="utf-8")
    with pytest.raises(StaleError, match="not completely read"):
        run_state.current_generation(workspace)


def test_a_configuration_changed_since_the_reading_is_noticed(workspace: Workspace) -> None:
    read(workspace)
    change_declaration(workspace)
    with pytest.raises(StaleError, match=r"sources\.yaml changed since .*已更改"):
        run_state.current_generation(workspace)


def test_another_generation_starts_from_nothing_and_the_same_one_keeps_everything(workspace: Workspace) -> None:
    generation = read(workspace)
    left = workspace.results / "mspi" / "estimate.parquet"
    left.parent.mkdir(parents=True)
    left.touch()
    with duckdb.connect(str(workspace.warehouse)) as connection:
        connection.execute("CREATE TABLE province_year AS SELECT 1 AS x")
    run_state.record(workspace.results, ["province_year"], generation)
    read(workspace)
    assert left.exists()
    assert "province_year" in tables(workspace.warehouse)
    read(workspace, "inputs 2")
    assert not left.exists()
    assert "province_year" not in tables(workspace.warehouse)
    assert set(run_state.recorded(workspace.results)) == {"lake/observation"}


def tables(warehouse: Path) -> set[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


@pytest.mark.parametrize("length", [0, 1, 4096, 8192, 12287])
def test_a_working_file_killed_while_it_was_made_is_made_again(workspace: Workspace, length: int) -> None:
    read(workspace)
    whole = workspace.warehouse.read_bytes()
    workspace.warehouse.write_bytes(whole[:length])
    wal = workspace.warehouse.with_name("warehouse.duckdb.wal")
    wal.write_bytes(b"left behind")
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(workspace.warehouse))
    read(workspace)
    assert not wal.exists()
    assert tables(workspace.warehouse) == set()


def test_a_working_file_that_opens_is_kept(workspace: Workspace) -> None:
    assert not run_state.discard_unreadable(workspace.warehouse)
    read(workspace)
    assert not run_state.discard_unreadable(workspace.warehouse)
    assert workspace.warehouse.exists()
