"""Numbers that are no regressions: the files of the bundle, its Python script run for real, and what is refused."""

from __future__ import annotations

import dataclasses
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from catalog.base import Text
from medpanel.replication import BundleError, Computed, scripts_of, write_bundle
from models_py.parts.frame import Replication
from tests.medpanel.replication.conftest import PANEL, Results, study_models

SCRIPTS = {
    "do": 'use "`units\'", clear\ncollapse (mean) value = amount, by(year)\ngenerate kind = "mean"\n',
    "R": "compute <- function(data, lists) cbind(kind = lists$kinds, aggregate(\n"
    "  list(value = data$units$amount), list(year = data$units$year), mean\n))\n",
    "py": "def compute(data, lists):\n"
    '    means = data["units"].groupby("year")["amount"].mean().rename("value")\n'
    '    return means.reset_index().assign(kind=lists["kinds"][0])\n',
}


def toy(**changes) -> Computed:
    """Means of made-up amounts by year; two provinces, two years."""
    units = pd.DataFrame(
        {"province_code": [110000, 440000] * 2, "year": [2013, 2013, 2014, 2014], "amount": [0.1, 0.2, 1 / 3, np.nan]}
    )
    expected = pd.DataFrame({"kind": "mean", "year": [2013, 2014], "value": [0.15, 1 / 3], "tolerance": 1e-12})
    labels = {
        name: Text(en=f"Meaning of {name}", zh=f"{name}的含义") for name in ("province_code", "year", "amount", "kind")
    }
    notes = (Text(en="A mean | of what is there.", zh="现有值的均值。"),)
    title = Text(en="Toy means", zh="玩具均值")
    given = Replication(title, PANEL, {"units": units}, labels, {"kinds": ("mean",)}, expected, notes)
    return Computed("toy", dataclasses.replace(given, **changes), SCRIPTS)


def write(
    results: Results, folder: Path, *computed: Computed, kind: str = "synthetic", regressions: bool = False
) -> set[str]:
    """Names of the files of a bundle."""
    models = study_models(results.models, results.study) if regressions else []
    given = (results.estimate, results.model_fit, results.study, kind, folder)
    return {path.name for path in write_bundle(models, *given, computed=computed)}


def run(folder: Path) -> None:
    runpy.run_path(str(folder / "synthetic_mspi_toy_replicate.py"), run_name="__main__")


FIXED = {"README.md", "CITATION.bib", "citations_gbt7714.txt"}
OWN = ("units.dta", "units.csv", "expected.dta", "expected.csv", "replicate.do", "replicate.R", "replicate.py")


def test_a_study_without_regressions_has_a_bundle(results, tmp_path, capsys):
    assert write(results, tmp_path, toy()) == FIXED | {f"synthetic_mspi_toy_{rest}" for rest in OWN}
    run(tmp_path)
    assert "All 2 numbers were found again" in capsys.readouterr().out
    for language in ("do", "R", "py"):
        text = (tmp_path / f"synthetic_mspi_toy_replicate.{language}").read_text("utf-8")
        assert SCRIPTS[language] in text and "Synthetic data" in text and "合成数据" in text and "MIT licence" in text
    assert write(results, tmp_path, toy(), kind="real") == FIXED | {f"mspi_toy_{rest}" for rest in OWN}
    assert {path.name for path in tmp_path.iterdir()} == FIXED | {f"mspi_toy_{rest}" for rest in OWN}
    assert all("ynthetic" not in path.read_text("utf-8") for path in tmp_path.iterdir() if path.suffix != ".dta")


def test_data_have_labels_and_the_files_hold_the_same(results, tmp_path):
    write(results, tmp_path, toy())
    frame, meta = pyreadstat.read_dta(tmp_path / "synthetic_mspi_toy_units.dta")
    assert meta.column_names_to_labels["amount"] == "amount的含义 Meaning of amount"
    assert meta.variable_value_labels["province_code"][440000] == "广东省 Guangdong"
    assert meta.file_label.startswith("SYNTHETIC DATA") and "Synthetic data" in meta.notes[0]
    csv = pd.read_csv(tmp_path / "synthetic_mspi_toy_units.csv")
    np.testing.assert_array_equal(frame.to_numpy(dtype=float), csv.to_numpy(dtype=float))
    assert frame["amount"].iloc[2] == 1 / 3
    expected = pd.read_stata(tmp_path / "synthetic_mspi_toy_expected.dta")
    assert expected["name"].tolist() == ["mean 2013", "mean 2014"] and expected["value"].iloc[1] == 1 / 3
    readme = (tmp_path / "README.md").read_text("utf-8")
    for said in (
        "玩具均值 / Toy means",
        r"A mean \| of",
        "| `amount` | amount的含义 | Meaning of amount | units |",
        "合成",
    ):
        assert said in readme
    assert "reghdfe" not in readme


def test_regressions_and_other_numbers_stand_side_by_side(results, tmp_path):
    alone, both = tmp_path / "alone", tmp_path / "both"
    regressions = write(results, alone, regressions=True)
    assert write(results, both, toy(), regressions=True) == regressions | {f"synthetic_mspi_toy_{rest}" for rest in OWN}
    same = [name for name in regressions if (alone / name).read_bytes() == (both / name).read_bytes()]
    assert set(same) == regressions - {"README.md"}
    readme = (both / "README.md").read_text("utf-8")
    own = (alone / "README.md").read_text("utf-8").partition("## 如何运行")[2]
    assert own in readme and "玩具均值 / Toy means" in readme and "| `synthetic_mspi_toy_units.csv` |" in readme
    assert write(results, both, regressions=True) == {path.name for path in both.iterdir()}, "the other numbers went"


def test_same_input_same_bytes(results, tmp_path):
    names = write(results, tmp_path / "one", toy())
    assert write(results, tmp_path / "two", toy()) == names
    assert [
        name for name in names if (tmp_path / "one" / name).read_bytes() != (tmp_path / "two" / name).read_bytes()
    ] == []


def changed(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_csv(path)).to_csv(path, index=False)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("expected", lambda rows: rows.assign(value=rows["value"] + np.array([0, 2e-12]))),
        ("units", lambda rows: rows.assign(amount=rows["amount"] + np.array([0, 0, 1e-9, 0]))),
        ("units", lambda rows: rows[rows["year"] == 2013]),
    ],
    ids=["another number", "other data", "a number that is not found"],
)
def test_the_script_names_the_first_number_that_differs(results, tmp_path, file, change):
    write(results, tmp_path, toy())
    changed(tmp_path / f"synthetic_mspi_toy_{file}.csv", change)
    with pytest.raises(SystemExit, match=r"^1 not found again, the first: mean 2014, "):
        run(tmp_path)


EXPECTED = toy().of.expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expected": EXPECTED.drop(columns="tolerance")}, "toy: the expected numbers lack the columns tolerance"),
        ({"expected": EXPECTED.assign(kind="mean", year=2013)}, "toy: two expected numbers have the same kind, year"),
        ({"expected": EXPECTED.assign(value=[1.0, np.nan])}, "toy: an expected number or tolerance is none"),
        ({"expected": EXPECTED.head(0)}, "toy: no number is expected"),
        ({"expected": EXPECTED.rename(columns={"kind": "name"})}, "toy: no label says what these columns are: name"),
        ({"labels": {}}, "toy: no label says what these columns are: amount, kind, province_code, year"),
        ({"lists": {"kinds": ('"); system("rm',)}}, "toy: no names for Stata, R and Python: "),
        ({"frames": {"a b": toy().of.frames["units"]}}, "toy: no names for Stata, R and Python: a b"),
        ({"frames": {"expected": toy().of.frames["units"]}}, "toy: no frame may be called expected"),
    ],
)
def test_what_scripts_could_not_run_on_is_refused(results, tmp_path, changes, message):
    with pytest.raises(BundleError, match=message.replace("(", r"\(")):
        write(results, tmp_path / "none", toy(**changes))
    assert not (tmp_path / "none").exists()


def test_a_reserved_name_of_a_key_is_refused(results, tmp_path):
    labels: Mapping[str, Text] = {**toy().of.labels, "found": Text(en="Found", zh="所得")}
    with pytest.raises(BundleError, match="toy: no key may be called found"):
        write(results, tmp_path, toy(expected=EXPECTED.rename(columns={"kind": "found"}), labels=labels))


def test_a_part_without_its_scripts_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("medpanel.replication.computed.PROJECT_DIR", tmp_path)
    folder = tmp_path / "models_py" / "parts" / "toy" / "replication"
    folder.mkdir(parents=True)
    (folder / "script.do").write_text("* nothing\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"write models_py/parts/toy/replication/script.R, .*script.py"):
        scripts_of("toy")
