"""Input that must not be published: each case names its table and column, and nothing of the old goes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from medpanel.publishing import (
    Publication,
    PublishError,
    RunInfo,
    database,
    folders,
    links,
    publish,
    resolve_current,
)
from medpanel.runs import run_state

Edit = Callable[[str], None]
EditResult = Callable[[str, Callable[[pd.DataFrame], pd.DataFrame]], None]
Later = Callable[[Publication, int], Publication]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def refused(publication: Publication, later: Later) -> Callable[[str], None]:
    """Assert that a second publication is refused with a message and leaves the first as it was."""
    first = publish(publication)
    before = contents(first)

    def check(message: str, error: type[Exception] = PublishError, second: Publication | None = None) -> None:
        with pytest.raises(error, match=message):
            publish(second or later(publication, 1))
        assert resolve_current(publication.root) == first
        assert contents(first) == before
        assert [path.name for path in (publication.root / "publications").iterdir()] == [first.name]

    return check


def test_a_repeated_key_is_named(refused: Callable[..., None], edit: Edit) -> None:
    edit("INSERT INTO province_adjacency SELECT * FROM province_adjacency WHERE province_code = 100002")
    refused("province_adjacency: the key province_code 100002, neighbour_code 100002 is repeated in 2 rows")


def test_a_key_in_two_studies_is_named(refused: Callable[..., None], edit_result: EditResult) -> None:
    edit_result("expenditure_gdp/model_fit.parquet", lambda df: df.assign(study="mspi"))
    refused("model_fit: the key study mspi, table_no .* is repeated in 2 rows")


def test_an_empty_key_is_named(refused: Callable[..., None], edit: Edit) -> None:
    edit("UPDATE observation SET vintage = NULL WHERE entity_code = 100001")
    refused("observation: the key column vintage is NULL in 1 rows")


def test_a_missing_column_is_named(refused: Callable[..., None], edit: Edit) -> None:
    edit("ALTER TABLE province_year DROP COLUMN gdp")
    refused("province_year: the column gdp is missing in warehouse main.province_year")


def test_an_undeclared_column_is_named(refused: Callable[..., None], edit: Edit) -> None:
    edit("ALTER TABLE province_year ADD COLUMN luck DOUBLE")
    refused("province_year: the column luck in warehouse main.province_year is not declared")


def test_a_label_made_elsewhere_is_refused(refused: Callable[..., None], edit_result: EditResult) -> None:
    edit_result("mspi/estimate.parquet", lambda df: df.assign(data_kind="real"))
    refused(r"estimate: the column data_kind in .*estimate\.parquet is not declared")


def test_columns_of_a_result_in_another_order_are_refused(
    refused: Callable[..., None], edit_result: EditResult
) -> None:
    edit_result("mspi/model_fit.parquet", lambda df: df[["model", "study", *df.columns[3:], "table_no"]])
    refused("model_fit: the columns of .* are model, study, .*; expected study, table_no, model")


def test_a_value_that_does_not_fit_its_type_is_named(refused: Callable[..., None], edit_result: EditResult) -> None:
    edit_result("mspi/model_fit.parquet", lambda df: df.assign(n_obs=[1.0, 2.5, 3.0, None, 4.0]))
    refused("model_fit: 1 values of the column n_obs are DOUBLE and do not fit INTEGER, for example 2.5")


def test_text_in_a_number_column_is_named(refused: Callable[..., None], edit: Edit) -> None:
    edit("ALTER TABLE province ALTER lon TYPE VARCHAR")
    edit("UPDATE province SET lon = 'east' WHERE province_code = 100002")
    refused("province: 1 values of the column lon are VARCHAR and do not fit DOUBLE, for example east")


def test_a_study_without_results_is_named(publication: Publication, refused: Callable[..., None]) -> None:
    second = replace(publication, studies=("mspi", "other"), run=RUN_2)
    refused("the study other has no results", second=second)


def test_a_suite_without_outcome_is_named(publication: Publication, refused: Callable[..., None]) -> None:
    second = replace(publication, suites=("suite", "dbt"), run=RUN_2)
    refused("no outcome was recorded for the check suites dbt", second=second)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("province_year", "province_year"),
        ("mspi/estimate", "mspi/estimate"),
        ("checks/suite", "the checks of suite"),
    ],
)
@pytest.mark.parametrize("left", ["nothing on record", "another reading"])
def test_what_another_reading_of_the_input_left_is_refused(
    publication: Publication, refused: Callable[..., None], part: str, named: str, left: str
) -> None:
    if left == "nothing on record":
        run_state.forget(publication.results, [part])
    else:
        run_state.record(publication.results, [part], "reading 0")
    refused(f"not computed from the input files as last read, or interrupted: {named}. Materialise")


def test_what_a_study_outside_the_run_left_is_not_looked_at(publication: Publication) -> None:
    run_state.forget(publication.results, ["mspi/estimate"])
    assert publish(replace(publication, studies=("expenditure_gdp",))).is_dir()


def test_a_failed_critical_check_stops_the_publication(refused: Callable[..., None], edit_result: EditResult) -> None:
    edit_result("checks/suite.parquet", lambda df: df.assign(passed=[True, True, True, True, False]))
    row = r"table_name '1' 值\.check_name '1' 值: observed '1' 值"
    refused(f"1 critical checks failed, so nothing is published: {row}")


def test_a_critical_check_without_outcome_has_failed(refused: Callable[..., None], edit_result: EditResult) -> None:
    outcomes = pd.array([True] * 4 + [None], dtype="boolean")
    edit_result("checks/suite.parquet", lambda df: df.assign(passed=outcomes))
    refused("1 critical checks failed")


def test_a_failed_warning_is_published(publication: Publication, edit_result: EditResult) -> None:
    edit_result("checks/suite.parquet", lambda df: df.assign(passed=False, severity="warning"))
    with duckdb.connect(str(publish(publication) / "medpanel.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT passed FROM check_result").fetchall() == [(False,)]


def test_timings_of_another_shape_are_refused(publication: Publication, refused: Callable[..., None]) -> None:
    timings = publication.timings.drop(columns="reused")
    second = replace(publication, timings=timings, run=RUN_2)
    refused("run_timing: the column reused is missing", second=second)


def test_an_absent_warehouse_is_named(publication: Publication, refused: Callable[..., None]) -> None:
    publication.warehouse.unlink()
    refused(r"warehouse\.duckdb: no such warehouse; build it before publishing")


def test_a_run_is_published_once(publication: Publication, refused: Callable[..., None]) -> None:
    refused("this run has already been published", second=publication)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (database, "write"),
        (database, "assemble"),
        (folders, "seal"),
        (folders, "sync_folder"),
        (links, "switch"),
    ],
    ids=["parquet", "database", "seal", "rename", "switch"],
)
def test_a_full_disk_at_any_step_leaves_the_last_publication(
    refused: Callable[..., None], monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    real = getattr(module, name)

    def fails_after_working(*args: Any, **kwargs: Any) -> None:
        if name != "switch":
            real(*args, **kwargs)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, name, fails_after_working)
    refused("is full.*Free some room.*No space left")


def test_a_failure_after_the_final_name_was_given_leaves_no_folder(
    publication: Publication, refused: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_on_the_parent(folder: Path) -> None:
        if folder.name == "publications":
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(folders, "sync_folder", fails_on_the_parent)
    refused("Input/output error", error=OSError)


def test_a_failing_first_publication_leaves_nothing_current(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any) -> None:
        raise OSError("gone")

    monkeypatch.setattr(database, "assemble", fails)
    with pytest.raises(OSError, match="gone"):
        publish(publication)
    with pytest.raises(PublishError, match="nothing has been published"):
        resolve_current(publication.root)
    assert list((publication.root / "publications").iterdir()) == []


HOLD = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(warehouse: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process with the warehouse open for writing, for so long."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_warehouse_held_for_a_moment_is_waited_for(publication: Publication) -> None:
    with hold(publication.warehouse, 1.0):
        assert publish(publication).is_dir()


def test_a_warehouse_held_for_long_is_given_up(publication: Publication, refused: Callable[..., None]) -> None:
    with hold(publication.warehouse, 60) as process:
        try:
            started = time.monotonic()
            second = replace(publication, run=RUN_2, lock_wait_seconds=0.5)
            refused("Could not set lock", error=duckdb.IOException, second=second)
            assert 0.5 <= time.monotonic() - started < 30
        finally:
            process.kill()


def test_run_information_is_checked_at_once(publication: Publication) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(publication.run, started_at=publication.run.started_at.replace(tzinfo=None))
    with pytest.raises(ValueError, match="run_id is empty"):
        replace(publication.run, run_id="")
    with pytest.raises(ValueError, match="data_kind is 'made up'"):
        replace(publication, data_kind="made up")  # type: ignore[arg-type]


RUN_2 = RunInfo(
    run_id="second",
    started_at=pd.Timestamp("2026-02-01T00:00:00Z").to_pydatetime(),
    version="0.1.0",
    config_sha256="c" * 64,
    inputs_sha256="1" * 64,
)
