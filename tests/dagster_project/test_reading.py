"""Reading as a step: one line on the files and the first remarks; a run of which no file was loaded ends there."""

from pathlib import Path

import dagster as dg
import pytest

from dagster_project.assets.files import LAKE_TABLES, lake_assets
from dagster_project.failures import files_were_read
from medpanel.runs.workspace import Workspace
from tests.ingestion.conftest import PROVINCES, nbs_text

DECLARED = """data_kind: synthetic
studies: []
vintages: [v]
files:
  - {match: "*.csv", vintage: v, publisher: invented, licence: CC0-1.0, accessed: 2026-01-01}
"""


def read(root: Path, files: dict[str, str]) -> dg.ExecuteInProcessResult:
    (root / "raw").mkdir(parents=True)
    (root / "raw" / "sources.yaml").write_text(DECLARED, encoding="utf-8")
    for name, content in files.items():
        (root / "raw" / name).write_text(content, encoding="utf-8")
    return dg.materialize([lake_assets(Workspace.at(root))], raise_on_error=False)


def test_a_run_stops_after_reading_when_nothing_loads(tmp_path: Path) -> None:
    incomplete = nbs_text(names=[name for name in PROVINCES if name != "湖南省"])
    result = read(tmp_path, {"a.csv": incomplete, "b.csv": "nonsense"})
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    error = failure.step_failure_data.error
    assert error is not None
    message = (error.cause or error).message
    assert "none of 2 files was loaded" in message
    assert "a.csv: provinces are missing; found '湖南'" in message
    assert not [event for event in result.all_events if event.is_step_materialization], "nothing follows from it"
    assert files_were_read(result.all_events), "the summary tells what was read"
    assert (tmp_path / "lake" / "source_file.parquet").is_file()


def test_one_loaded_file_is_enough(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = read(tmp_path, {"a.csv": nbs_text(), **{f"b{n}.csv": f"nonsense {n}" for n in range(9)}})
    assert result.success
    assert len(result.asset_materializations_for_node("read_files")) == len(LAKE_TABLES)
    told = capfd.readouterr().err
    assert "10 offered, 9 refused" in told
    assert "more remarks, see the log file" in told
