"""The import rules of pyproject.toml each catch what they forbid (the real tree is linted by `make lint`)."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

PACKAGES = ("catalog", "ingestion", "models_py", "expectations", "medpanel", "dagster_project")
FLOORS = ("parts", "spatial", "network", "econometrics", "figures", "indices", "scenario", "panel")


def lint(folder: Path, module: str, text: str) -> subprocess.CompletedProcess[str]:
    """Lint a tree of empty packages in which `module` consists of `text`, by the project's own rules."""
    for package in PACKAGES:
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    for floor in FLOORS:
        (folder / "models_py" / floor).mkdir()
        (folder / "models_py" / floor / "__init__.py").touch()
    (folder / "models_py" / "parts" / "frame.py").touch()
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
        ("models_py/network/bad.py", "import models_py.spatial", "parts stand on estimators"),
        ("expectations/bad.py", "import models_py", "expectations knows"),
        ("models_py/econometrics/bad.py", "import models_py.parts.frame", "parts stand on estimators"),
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


def test_no_module_imports_itself_through_others() -> None:
    """Imports made when a module is loaded, and those inside functions, form no circle."""
    graph = {module: _imports(path) for module, path in _modules().items()}
    known = {module: set(_own(names, graph)) - {module} for module, names in graph.items()}
    assert list(graphlib.TopologicalSorter(known).static_order())


def test_a_circle_is_seen(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def f():\n    from catalog import two\n", encoding="utf-8")
    assert _imports(tmp_path / "one.py") == {"catalog", "catalog.two"}
    with pytest.raises(graphlib.CycleError):
        list(graphlib.TopologicalSorter({"one": {"two"}, "two": {"one"}}).static_order())


def _modules() -> dict[str, Path]:
    paths = [path for package in PACKAGES for path in (bootstrap.PROJECT / package).rglob("*.py")]
    return {
        ".".join(path.relative_to(bootstrap.PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
    }


def _imports(path: Path) -> set[str]:
    """Names a module imports, wherever in it; those for types alone left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    left_out = {id(inner) for block in typing_only for inner in ast.walk(block)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _own(names: set[str], graph: dict[str, set[str]]) -> set[str]:
    """Modules of ours among the names; a package counts only where nothing below it is meant."""
    modules = {name for name in names if name in graph}
    return {name for name in modules if not any(other.startswith(f"{name}.") for other in modules)}
