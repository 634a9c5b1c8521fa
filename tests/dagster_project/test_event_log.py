"""The event log with kept connections holds what Dagster's own would, readable by it, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from dagster_project.event_log import _KEPT, KeptConnections


@dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="rows")])
def rows():
    yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="sound", passed=True)])


def instance_in(folder: Path) -> dg.DagsterInstance:
    overrides = {
        "event_log_storage": {
            "module": KeptConnections.__module__,
            "class": KeptConnections.__name__,
            "config": {"base_dir": str(folder / "events")},
        },
        "telemetry": {"enabled": False},
    }
    return dg.DagsterInstance.local_temp(str(folder), overrides=overrides)


def events(storage: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [entry.dagster_event.event_type_value for entry in storage.get_logs_for_run(run_id) if entry.dagster_event]


def test_dagster_reads_what_was_recorded(tmp_path: Path) -> None:
    with instance_in(tmp_path) as instance:
        result = dg.materialize([rows], instance=instance)
        assert isinstance(instance.event_log_storage, KeptConnections)
        own = SqliteEventLogStorage(str(tmp_path / "events"))
        recorded = events(own, result.run_id)
        assert recorded == events(instance.event_log_storage, result.run_id)
        assert {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"} <= set(recorded)
        [key] = [record.asset_entry.asset_key for record in own.get_asset_records()]
        assert key == dg.AssetKey("rows")


def test_few_connections_stay_open_and_none_after_the_end(tmp_path: Path) -> None:
    with instance_in(tmp_path) as instance:
        storage = instance.event_log_storage
        runs = [dg.materialize([rows], instance=instance).run_id for _ in range(_KEPT + 2)]
        assert len(storage._open) == _KEPT
        assert all("PIPELINE_SUCCESS" in events(storage, run) for run in runs)
    assert not storage._open


def test_threads_share_a_connection(tmp_path: Path) -> None:
    with instance_in(tmp_path) as instance:
        run_id = dg.materialize([rows], instance=instance).run_id
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: events(instance.event_log_storage, run_id), range(20)))
    assert all(one == found[0] for one in found)


def test_what_is_not_committed_is_not_there(tmp_path: Path) -> None:
    storage = KeptConnections(str(tmp_path))
    add = "insert into asset_keys (asset_key) values ('[\"half\"]')"
    with pytest.raises(RuntimeError), storage.index_connection() as connection:
        connection.exec_driver_sql(add)
        raise RuntimeError("stopped")
    assert SqliteEventLogStorage(str(tmp_path)).all_asset_keys() == []
    with storage.index_connection() as connection:
        connection.exec_driver_sql(add)
    assert SqliteEventLogStorage(str(tmp_path)).all_asset_keys() == [dg.AssetKey("half")]
    storage.dispose()
