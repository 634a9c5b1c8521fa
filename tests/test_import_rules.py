"""The import rules of pyproject.toml each catch what they forbid (the real tree is linted by `make lint`)."""

import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

PACKAGES = ("catalog", "ingestion", "models_py", "expectations", "medpanel", "dagster_project")


def lint(folder: Path, module: str, text: str) -> subprocess.CompletedProcess[str]:
    """Lint a tree of empty packages in which `module` consists of `text`, by the project's own rules."""
    for package in PACKAGES:
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "pyproject.toml").write_bytes((bootstrap.PROJECT / "pyproject.toml").read_bytes())
    path = folder / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", bootstrap.LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "text", "rule"),
    [
        ("catalog/bad.py", "import ingestion", "catalog imports nothing of ours"),
        ("ingestion/bad.py", "import models_py", "ingestion knows"),
        ("ingestion/bad.py", "import duckdb", "ingestion knows"),
        ("models_py/bad.py", "def f():\n    import duckdb", "models_py is statistics"),
        ("models_py/bad.py", "import dagster", "models_py is statistics"),
        ("models_py/bad.py", "from ingestion import names", "models_py is statistics"),
        ("models_py/bad.py", "from pathlib import Path", "models_py opens no files"),
        ("expectations/bad.py", "import models_py", "expectations knows"),
        ("medpanel/bad.py", "import dagster_project", "medpanel starts no Dagster"),
        ("medpanel/bad.py", "from dagster import materialize", "medpanel starts no Dagster"),
        ("dagster_project/bad.py", "import benchmarks", "nothing imports tests"),
        ("medpanel/bad.py", "import tests", "nothing imports tests"),
    ],
)
def test_a_forbidden_import_is_caught(tmp_path: Path, module: str, text: str, rule: str) -> None:
    result = lint(tmp_path, module, text)
    assert result.returncode == 1, result.stdout
    (broken,) = [line for line in result.stdout.splitlines() if line.endswith("BROKEN")]
    assert rule in broken


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("medpanel/cli.py", "import dagster_project\nimport dagster"),
        ("dagster_project/good.py", "import medpanel, expectations, models_py, ingestion, duckdb"),
        ("models_py/good.py", "import catalog, numpy, pandas, pyfixest"),
    ],
)
def test_allowed_imports_pass(tmp_path: Path, module: str, text: str) -> None:
    result = lint(tmp_path, module, text)
    assert result.returncode == 0, result.stdout
