"""Dagster imports the definitions in every process it starts, so the import must not drag in what only runs need."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.definitions_load import BARE, OURS
from catalog.base import PROJECT_DIR
from dagster_project.assets.files import LAKE_TABLES
from ingestion.schemas import SHOWN

HEAVY = {"pandas", "numpy", "scipy", "pyarrow", "duckdb", "great_expectations", "openpyxl", "pyfixest", "shapely"}
HEAVY |= {"matplotlib", "altair", "vl_convert", "PIL", "docx", "great_tables"}
# Our own packages whose import brings those in.
RUNS_ONLY = {"ingestion", "models_py.econometrics", "models_py.indices", "models_py.figures", "medpanel.publishing"}
_MODULES = "import sys; {}; print(*sorted(sys.modules))"


def modules_after(statement: str) -> set[str]:
    command = [sys.executable, "-W", "ignore", "-c", _MODULES.format(statement)]
    return set(subprocess.run(command, cwd=PROJECT_DIR, check=True, capture_output=True, text=True).stdout.split())


def test_the_definitions_import_nothing_heavy() -> None:
    added = modules_after(OURS) - modules_after(BARE)
    assert "dagster_project.definitions" in added
    assert added & (HEAVY | RUNS_ONLY) == set()


def test_the_test_sees_a_heavy_import() -> None:
    assert modules_after(f"{OURS}; import dagster_project.assets.files, ingestion") & RUNS_ONLY == {"ingestion"}


def test_the_lake_tables_shown_as_assets_are_those_of_the_lake() -> None:
    assert set(LAKE_TABLES) == set(SHOWN)


def test_naming_what_studies_show_imports_nothing_heavy() -> None:
    # Dagster builds the definitions, and with them the titles of every report, in each of its processes.
    named = "from catalog import load_studies; from medpanel.report.items import items_of; "
    named += "[items_of(study) for study in load_studies().values()]"
    added = modules_after(named)
    assert "models_py.parts.few_clusters.part" in added
    assert added & (HEAVY | RUNS_ONLY) <= {"models_py.figures"}
