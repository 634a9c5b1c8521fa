"""Three runs killed at three stages, then two started at once, while others read: nothing published is ever harmed.

The campaign happens once, in a fixture that notes what it saw; each test asserts one line of the promise.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from benchmarks.kill_harness import (
    Reading,
    Run,
    current,
    dagster_runs,
    faults,
    fingerprint,
    finished,
    hashes,
    readers,
    strangers,
    unfinished,
    write_inputs,
)
from medpanel.runs import run_state
from medpanel.runs.workspace import Workspace

# Stage it must be killed in, and what tells that the run is in the middle of it.
KILLS: dict[str, Callable[[Run], object]] = {
    "dbt": Run.dbt_is_building,
    "checks and statistics": lambda run: " checks passed" in run.output,
    "publishing": Run.building,
}


@dataclass
class Kill:
    """What was there before and after one killed run."""

    stage: str
    before: dict[str, str]
    after: dict[str, str]
    current_kept: bool
    faults: list[str]
    left_building: int
    on_record: dict[str, str]


@dataclass
class Campaign:
    """Everything noted."""

    root: Path
    kills: dict[str, Kill] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    published_before: list[Path] = field(default_factory=list)
    hashes_before: dict[str, str] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)


@pytest.fixture(scope="module")
def campaign(copy_of: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    scratch = tmp_path_factory.mktemp("campaign")
    root = copy_of(scratch / "data")
    noted = Campaign(root)
    first = current(root)
    with readers(root, scratch, repeated=2, kept=1) as readings:
        for number, (name, middle) in enumerate(KILLS.items(), start=1):
            # Other figures each time, so that whatever leaks from one run into another shows.
            write_inputs(root, seed=number)
            before = hashes(first)
            run = Run(root, scratch / f"{number}.log")
            run.reach(lambda run=run, middle=middle: middle(run))  # type: ignore[misc]
            stage = run.kill()
            record = run_state.recorded(Workspace.at(root).results)
            kept, wrong = current(root) == first, faults(first)
            noted.kills[name] = Kill(stage, before, hashes(first), kept, wrong, len(unfinished(root)), record)
        noted.published_before = finished(root)
        noted.hashes_before = hashes(first)
        pair = [Run(root, scratch / "one.log"), Run(root, scratch / "other.log")]
        noted.codes = [run.finish() for run in pair]
        noted.outputs = [run.output for run in pair]
    noted.readings = readings
    return noted


@pytest.mark.parametrize("stage", KILLS)
def test_a_run_killed_leaves_the_last_publication_whole(campaign: Campaign, stage: str) -> None:
    kill = campaign.kills[stage]
    assert kill.stage == stage
    assert kill.current_kept
    assert kill.after == kill.before
    assert kill.faults == []


def test_the_run_killed_while_publishing_left_a_folder_to_sweep(campaign: Campaign) -> None:
    assert [kill.left_building for kill in campaign.kills.values()] == [0, 0, 1]
    assert unfinished(campaign.root) == []


def test_a_killed_run_leaves_no_record_of_what_it_was_making(campaign: Campaign) -> None:
    assert "province_year" not in campaign.kills["dbt"].on_record
    assert "checks/dbt" in campaign.kills["checks and statistics"].on_record
    assert "expenditure_gdp/estimate" not in campaign.kills["checks and statistics"].on_record
    assert "expenditure_gdp/estimate" in campaign.kills["publishing"].on_record


def test_two_runs_started_at_once_after_that_both_end_well(campaign: Campaign) -> None:
    assert campaign.codes == [0, 0], campaign.outputs
    assert sum("waiting for another run (process " in output for output in campaign.outputs) == 1
    made = [path for path in finished(campaign.root) if path not in campaign.published_before]
    assert len(made) == 2
    assert current(campaign.root) == made[-1]
    assert [faults(path) for path in made] == [[], []]
    # The same input twice: the same answers, but for the run's name in the first and the last.
    one, other = (json.loads(fingerprint(path)) for path in made)
    assert (one[0][1:], one[1:-1]) == (other[0][1:], other[1:-1])
    assert one[0][0] != other[0][0]


def test_the_publication_of_before_is_still_as_it_was(campaign: Campaign) -> None:
    assert hashes(campaign.published_before[0]) == campaign.hashes_before


def test_readers_never_met_an_error_and_saw_one_publication_at_a_time(campaign: Campaign) -> None:
    assert [reading.errors for reading in campaign.readings] == [[], [], []]
    assert strangers(campaign.readings, finished(campaign.root)) == []
    repeated, kept = campaign.readings[:2], campaign.readings[2]
    for reading in repeated:
        assert reading.openings > 100
        assert fingerprint(campaign.published_before[0]) in reading.seen
        assert len(reading.seen) >= 2  # the switch happened while they read
    # A connection that was open before goes on with the publication it opened.
    assert set(kept.seen) == {fingerprint(campaign.published_before[0])}
    assert kept.openings > 100


def test_dagster_has_no_run_under_way(campaign: Campaign) -> None:
    # The newest that had ended before the last run, and that one; older records go (tidying.py).
    assert [status for _, status in dagster_runs(campaign.root)] == ["SUCCESS", "SUCCESS"]


def test_a_reader_of_two_publications_at_once_would_be_noticed(campaign: Campaign) -> None:
    old, new = fingerprint(campaign.published_before[0]), fingerprint(current(campaign.root))
    assert old != new
    assert strangers([Reading({old: 1, new: 1})], finished(campaign.root)) == []
    mixed = old.replace(old.split("], [")[1], new.split("], [")[1])
    assert strangers([Reading({mixed: 1})], finished(campaign.root)) == [mixed]


def test_a_spoilt_publication_would_be_noticed(campaign: Campaign, tmp_path: Path) -> None:
    source = current(campaign.root)
    copy = tmp_path / source.name
    shutil.copytree(source, copy)
    assert faults(copy) == []
    for path in (copy, copy / "parquet", copy / "medpanel.duckdb"):
        path.chmod(0o755)
    with duckdb.connect(str(copy / "medpanel.duckdb")) as connection:
        connection.execute("UPDATE province_year SET gdp = gdp + 1 WHERE province_code = 110000 AND year = 2020")
    (copy / "medpanel.duckdb.wal").write_bytes(b"")
    report = copy / "report" / "expenditure_gdp"
    for path in (report, report / "zh" / "synthetic_index.html", report / "replication"):
        path.chmod(0o755)
    (report / "zh" / "synthetic_index.html").write_bytes(b"")
    (report / "replication" / "README.md").unlink()
    (report / "synthetic_expenditure_gdp_files.zip").unlink()
    assert faults(copy) == [
        "province_year: 2 rows differ between database and Parquet",
        "medpanel.duckdb.wal: not a file of a publication",
        "report/expenditure_gdp/synthetic_expenditure_gdp_files.zip is missing",
        "report/expenditure_gdp/replication/README.md is missing",
        "report/expenditure_gdp/zh/synthetic_index.html is empty",
    ]
    assert hashes(copy)["medpanel.duckdb"] != hashes(source)["medpanel.duckdb"]
