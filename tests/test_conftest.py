"""The fixtures for data outside the project: found, skipped with the reason, failed where a skip hides it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TEST = """
def test_uses_it({fixture}):
    assert ({fixture} / "marker").is_file()
"""


def outcome(folder: Path, fixture: str, environment: dict[str, str]) -> str:
    """Closing line of pytest on a one-test project in `folder` that uses `fixture`."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    shutil.copy(HERE / "conftest.py", tests)
    shutil.copy(HERE.parent / "bootstrap.py", folder)
    (tests / "test_it.py").write_text(TEST.format(fixture=fixture), encoding="utf-8")
    ours = ("CI", "MEDPANEL_REAL_DATA", "MEDPANEL_REFERENCE", "PYTEST_ADDOPTS")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return ran.stdout


CASES = [("real_data", "MEDPANEL_REAL_DATA", "data"), ("reference", "MEDPANEL_REFERENCE", "reference")]


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
def test_default_folder_beside_the_project(tmp_path: Path, fixture: str, variable: str, name: str) -> None:
    default = tmp_path / "shared" / name
    default.mkdir(parents=True)
    (default / "marker").touch()
    assert "1 passed" in outcome(tmp_path / "project", fixture, {"CI": "true"})


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
def test_folder_named_by_the_environment(tmp_path: Path, fixture: str, variable: str, name: str) -> None:
    named = tmp_path / "elsewhere"
    named.mkdir()
    (named / "marker").touch()
    assert "1 passed" in outcome(tmp_path / "project", fixture, {variable: str(named)})


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
@pytest.mark.parametrize("ci", [{}, {"CI": "true"}])
def test_absent_everywhere_skips_with_the_reason(
    tmp_path: Path, fixture: str, variable: str, name: str, ci: dict[str, str]
) -> None:
    shown = outcome(tmp_path / "project", fixture, ci)
    assert "1 skipped" in shown and f"set {variable} to where it lies" in shown


@pytest.mark.parametrize(("fixture", "variable", "name"), CASES)
def test_absent_in_ci_beside_a_shared_folder_fails(tmp_path: Path, fixture: str, variable: str, name: str) -> None:
    (tmp_path / "shared").mkdir()
    shown = outcome(tmp_path / "project", fixture, {"CI": "true"})
    assert "1 error" in shown and "not skipped: CI is set" in shown
