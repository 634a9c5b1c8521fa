"""After a publication: few of Dagster's runs stay on record, and the room of the others is given back."""

import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from catalog import load_sources
from dagster_project import tidying
from dagster_project.event_log import KeptConnections
from dagster_project.tidying import forget_runs
from medpanel.publishing import folders
from medpanel.runs.workspace import Workspace
from tests.dagster_project.test_event_log import instance_in, rows


@dg.asset
def seldom() -> None:
    pass


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / "data")


def on_record(instance: dg.DagsterInstance) -> list[str]:
    return [record.dagster_run.run_id for record in instance.get_run_records()]


def test_runs_go_but_the_newest_and_those_with_the_latest_state_of_an_asset(
    tmp_path: Path, workspace: Workspace
) -> None:
    with instance_in(tmp_path) as instance:
        first = dg.materialize([seldom], instance=instance).run_id
        gone, *newest = (dg.materialize([rows], instance=instance).run_id for _ in range(3))
        assert forget_runs(instance, workspace, keep=2) == [gone]
        assert on_record(instance) == [*reversed(newest), first]
        events = tmp_path / "events"
        assert not list(events.glob(f"{gone}*"))
        for run in (first, *newest):
            assert instance.all_logs(run), run
        with sqlite3.connect(events / "index.db") as index:
            for table in ("event_logs", "asset_check_executions"):
                runs = {run for (run,) in index.execute(f"SELECT DISTINCT run_id FROM {table}").fetchall()}
                assert gone not in runs and set(newest) <= runs, table
        assert instance.get_latest_materialization_event(dg.AssetKey("seldom")) is not None
        assert forget_runs(instance, workspace, keep=2) == []


def test_a_run_under_way_is_never_forgotten(tmp_path: Path, workspace: Workspace) -> None:
    @dg.job
    def nothing() -> None:
        pass

    with dg.DagsterInstance.ephemeral() as instance:
        begun = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
        ended = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.FAILURE)
        assert forget_runs(instance, workspace, keep=0) == [ended.run_id]
        assert on_record(instance) == [begun.run_id]


def test_the_index_shrinks_when_most_of_it_is_empty(tmp_path: Path) -> None:
    with instance_in(tmp_path) as instance:
        dg.materialize([rows], instance=instance)
        index = tmp_path / "events" / "index.db"
        with sqlite3.connect(index) as connection:
            connection.execute("CREATE TABLE filler AS SELECT zeroblob(4000000) AS x")
            connection.execute("DROP TABLE filler")
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        before = index.stat().st_size
        assert isinstance(instance.event_log_storage, KeptConnections)
        instance.event_log_storage.compact()
        assert index.stat().st_size < before / 4
        assert dg.materialize([rows], instance=instance).success


def test_a_publication_stays_made_when_tidying_fails(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    declared = tmp_path / "sources.yaml"
    declared.write_text(
        "data_kind: real\nstudies: []\nvintages: [v]\nkeep_publications: 3\nfiles:\n"
        "  - {match: a.csv, vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n",
        encoding="utf-8",
    )
    asked = []

    def full(root: Path, keep: int) -> list[Path]:
        asked.append(keep)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "prune", full)

    @dg.asset
    def tidied(context: dg.AssetExecutionContext) -> None:
        tidying.tidy(context, workspace, load_sources(declared)[0])

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([tidied], instance=instance)
        assert result.success
        logged = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert asked == [3]
    assert any("tidying up stopped: [Errno 28]" in message for message in logged)
