"""`medpanel scenario`: answers without a database, refusals in both languages, the baseline from published rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import medpanel.runs.workspace as workspaces
from catalog import Study
from medpanel.cli import app
from tests.models_py.changing import with_header
from tests.models_py.parts.scenario.declared import IMBALANCE, study

RUNNER = CliRunner()


def use(monkeypatch: pytest.MonkeyPatch, *studies: Study) -> None:
    monkeypatch.setattr(workspaces, "load_studies", lambda: {one.id: one for one in studies})


def invoke(folder: Path, *words: str) -> tuple[int, str]:
    result = RUNNER.invoke(app, ["scenario", *words, "--data", str(folder)], catch_exceptions=False)
    return result.exit_code, " ".join(result.output.replace("│", " ").split())


def test_an_answer_needs_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, study())
    code, text = invoke(tmp_path, "triage", "--set", "adoption=0.8", "--set", "target_gap=28")
    assert code == 0
    for part in ("Scenario, not an estimate", "情景推演，非估计", "adoption=0.8", "Break-even", "seed 0", "漏判的重症"):
        assert part in text, part
    assert "SYNTHETIC" not in text
    # 1000 x 0.8 x 0.5 are offered, 0.5 x 0.1 of them are serious cases missed, and as many routine ones are diverted.
    assert "210" in text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["triage", "--set", "adoptio=0.4"], ["adoptio: no such setting", "没有这一设定项", "adoption:", "[0, 1]"]),
        (
            ["triage", "--set", "adoption=1.4"],
            ["adoption=1.4: outside [0, 1]", "超出允许范围", "visits_high:", "(0, ∞)"],
        ),
        (["triage", "--set", "adoption=nan"], ["adoption=nan: outside [0, 1]"]),
        (["triage", "--set", "adoption"], ["--set adoption: expected name=number", "名称=数值"]),
        (["triage", "--set", "adoption=1", "--set", "adoption=0"], ["--set adoption: given twice", "重复设定"]),
        (["triag"], ["triag: no such scenario; there is triage (--study tiers)", "没有这一情景"]),
        (["triage", "--study", "mspi"], ["no such scenario"]),
    ],
)
def test_what_cannot_be_answered_is_said_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    use(monkeypatch, study())
    code, text = invoke(tmp_path, *words)
    assert code == 1
    for part in expected:
        assert part in text, part


def test_one_name_in_two_studies_asks_for_the_study(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, study(), with_header(study(), id="others"))
    code, text = invoke(tmp_path, "triage")
    assert code == 1
    assert "in several studies, choose one with --study" in text
    assert invoke(tmp_path, "triage", "--study", "others")[0] == 0


def test_a_baseline_from_the_table_is_that_of_the_publication(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, study(from_table=True))
    code, text = invoke(tmp_path, "triage")
    assert code == 1
    assert "read from table imbalance, which has no row" in text

    def published(workspace: object, sql: str) -> pd.DataFrame:
        if "run_manifest" in sql:
            return pd.DataFrame({"data_kind": ["synthetic"]})
        if "duckdb_tables" in sql:
            return pd.DataFrame({"table_name": ["imbalance"]})
        assert "where study = 'tiers'" in sql
        return IMBALANCE.assign(study="tiers")

    monkeypatch.setattr("medpanel.published.run_query", published)
    code, text = invoke(tmp_path, "triage")
    assert code == 0
    assert "SYNTHETIC" in text
    assert "1,200" in text
