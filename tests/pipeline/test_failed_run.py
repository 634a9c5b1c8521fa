"""A run that fails leaves the last publication as it was and says what failed."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from pathlib import Path

import pytest

from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from tests.pipeline.conftest import rows, run


@pytest.fixture
def copy(demo: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(demo.root, tmp_path / "data", symlinks=True)
    return Workspace.at(tmp_path / "data")


def digest(workspace: Workspace) -> str:
    return hashlib.sha256((workspace.root / "medpanel.duckdb").read_bytes()).hexdigest()


def edit(workspace: Workspace, name: str, province: str, change: dict[int, str]) -> None:
    """Replace cells (column number from 0) of one province in a GBK export of the sample."""
    [path] = (workspace.root / "raw").glob(f"*{name}.csv")
    lines = path.read_bytes().decode("gb18030").split("\r\n")
    number = next(i for i, line in enumerate(lines) if line.startswith(province))
    cells = next(csv.reader([lines[number]]))
    for column, text in change.items():
        cells[column] = text
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    lines[number] = stream.getvalue()
    path.write_bytes("\r\n".join(lines).encode("gb18030"))


def test_a_failing_critical_check_stops_the_publication(copy: Workspace) -> None:
    before, folder = digest(copy), resolve_current(copy.root)
    # Within the range of a GDP, impossible per head.
    edit(copy, "地区生产总值", "西藏自治区", {1: "290000.0"})
    success, failures = run(copy)
    assert not success
    assert any("check_province_year" in line for line in failures), failures
    assert resolve_current(copy.root) == folder
    assert digest(copy) == before
    assert not list((copy.root / "publications").glob("*.building"))
    assert len(rows(copy, "from province_year")) == 403


def test_a_missing_year_names_indicator_and_year(copy: Workspace) -> None:
    before = digest(copy)
    [path] = (copy.root / "raw").glob("*_2019.xlsx")
    path.unlink()
    success, failures = run(copy)
    assert not success
    message = " ".join(failures)
    assert "2018" in message
    assert "visits_per_resident" in message
    cause = f"{path.name}: the file is not there any more"
    assert message.index(cause) < message.index("a balanced panel"), "the cause before what follows from it"
    assert message.count(cause) == 1
    assert digest(copy) == before
