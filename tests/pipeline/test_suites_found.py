"""A suite dropped into a copy of the project is found and run by Dagster's checks, nothing else being touched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from medpanel.runs.workspace import Workspace
from tests.pipeline.conftest import copy_project

SUITE = '''
"""What must hold of `city`."""

from catalog.base import Text
from expectations.builders import between
from expectations.suite import Check

TABLE = "city"


def checks():
    return (Check("in_china", TABLE, "critical", Text(en="In China", zh="在中国"), between("lon", 73, 136)),)
'''
# What the job does with a suite: its definition in Dagster, and its run on the workspace's own table.
PROGRAM = """
import json, sys
from pathlib import Path
from dagster_project.checks import suite_as_checks, suites_of
from medpanel.runs.workspace import Workspace

workspace = Workspace.at(Path(sys.argv[1]))
studies = list(workspace.studies().values())
suites = {suite.name: suite for suite in suites_of(studies)}
defined = [key.to_user_string() for key in suite_as_checks(workspace, suites["city"]).check_keys]
outcome = suites["city"].suite.run(suites["city"].read(workspace, None))
print(json.dumps({"names": list(suites), "defined": defined, "outcome": outcome.to_dict("records")}))
"""


def test_a_dropped_suite_is_found_and_run(demo: Workspace, tmp_path: Path) -> None:
    copy_project(tmp_path)
    (tmp_path / "expectations" / "city.py").write_text(SUITE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(demo.root)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["defined"] == ["city:in_china"]
    [row] = found["outcome"]
    assert (row["table_name"], row["passed"]) == ("city", True)
    assert "as expected" in row["observed"]
    whole = [
        "city",
        "city_pair",
        "city_year",
        "county_year",
        "division_count",
        "observation",
        "pilot",
        "province_year",
        "series_vintage",
    ]
    of_studies = tuple(f"{study}_" for study in demo.studies())
    assert sorted(name for name in found["names"] if not name.startswith(of_studies)) == [
        *whole, "source_file", "vintage_conflict",
    ]  # fmt: skip
    assert sorted(
        name for name in found["names"] if name.startswith("mspi_") and not name.startswith("mspi_latest_")
    ) == [
        f"mspi_{table}"
        for table in ("finding", "performance_index", "published_comparison", "series_break", "smart_exposure")
    ]
