"""Environment variables: a misspelt one is said, and every one the code reads is known."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from catalog.base import PROJECT_DIR
from medpanel.cli import app
from medpanel.runs.variables import GIVEN, READ, unknown

PACKAGES = ("catalog", "dagster_project", "ingestion", "medpanel", "models_py", "expectations", "benchmarks", "dbt")
NAME = re.compile(r"""["'](MEDPANEL_[A-Z_]*[A-Z])["']""")


def test_every_variable_the_code_names_is_known_and_no_other() -> None:
    files = [path for folder in PACKAGES for path in (PROJECT_DIR / folder).rglob("*") if "target" not in path.parts]
    texts = [
        path.read_text(encoding="utf-8")
        for path in files
        if path.suffix in (".py", ".yml", ".yaml") and path.name not in ("variables.py", "fuzz_campaign.py")
    ]
    named = {name for text in texts for name in NAME.findall(text)}
    named |= {name for text in texts for name in re.findall(r"env: (MEDPANEL_[A-Z_]+)", text)}
    assert named == READ | GIVEN


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MEDPANEL_DATE", "MEDPANEL_DATA"),
        ("MEDPANEL_DAGSTER_POSTGRESS", "MEDPANEL_DAGSTER_POSTGRES"),
        ("MEDPANEL_LOCKWAIT", "MEDPANEL_LOCK_WAIT"),
    ],
)
def test_a_misspelt_variable_is_said_with_the_nearest(name: str, meant: str) -> None:
    [line] = unknown(["PATH", name, "MEDPANEL_DATA", "MEDPANEL_RUN_ID", "MEDPANEL_TEST_CONNECTIONS"])
    assert name in line.en and f"did you mean {meant}?" in line.en and f"是否想写 {meant}？" in line.zh


def test_every_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDPANEL_SOURCE", "/srv/office/sources.yaml")
    result = CliRunner().invoke(app, ["version"])
    assert result.exit_code == 0 and "did you mean MEDPANEL_SOURCES?" in result.output
