"""An office without network: the wheelhouse of one machine installs the program on another, at a path in 中文."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from tests.pipeline.conftest import copy_project

# Where pip would look were it let: an address nobody answers at.
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project without its environment."""
    folder = tmp_path_factory.mktemp("离线 office") / "项目 medpanel"
    folder.mkdir()
    copy_project(folder)
    for name in (*bootstrap.REQUIREMENTS.values(), "README.md", "LICENSE"):
        shutil.copy(bootstrap.PROJECT / name, folder / name)
    return folder


def run(project: Path, *words: str, before: list[str] | None = None, **settings: str) -> tuple[int, str]:
    """The target's exit code, and what it said."""
    done = subprocess.run(
        [*(before or []), sys.executable, "bootstrap.py", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": "", **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_wheelhouse_installs_without_network_what_an_office_needs(project: Path, no_network: list[str]) -> None:
    code, said = run(project, "setup-office", before=no_network, PIP_INDEX_URL=UNREACHABLE, PIP_RETRIES="0")
    assert code != 0 and "wheelhouse/" in said and "防火墙" in said, said
    code, said = run(project, "wheelhouse")
    assert code == 0, said
    wheels = {path.name.split("-")[0].lower().replace("_", "-") for path in (project / "wheelhouse").glob("*.whl")}
    assert {"dagster", "dagster-postgres", "psycopg2-binary", "pytest", "ruff", "pip"} <= wheels
    code, said = run(project, "setup-office", before=no_network, PIP_INDEX_URL=UNREACHABLE, PIP_RETRIES="0")
    assert code == 0 and "wheelhouse/" in said, said
    python = bootstrap.venv_python(project / ".venv")
    told = subprocess.run(
        [*no_network, str(python), "-c", "import dagster_postgres, psycopg2, medpanel; print(medpanel.__file__)"],
        cwd=project.parent, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0 and str(project) in told.stdout, told.stdout + told.stderr
    # A second time nothing is installed.
    code, said = run(project, "setup-office", before=no_network)
    assert (code, said) == (0, "")
