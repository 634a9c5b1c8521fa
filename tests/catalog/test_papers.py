"""The files of papers: every name is checked, and each paper has one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.base import CatalogError
from catalog.papers import PAPERS_DIR, load_papers, paper_named, read_papers


@pytest.fixture
def entry() -> dict[str, Any]:
    """The MSPI paper's file."""
    return yaml.safe_load((PAPERS_DIR / "mspi.yaml").read_text(encoding="utf-8"))


def read(folder: Path, *entries: dict[str, Any]):
    """The papers of a folder with these files, named so that nothing can hang on the name."""
    for number, entry in enumerate(entries):
        (folder / f"any{number}.yaml").write_text(yaml.safe_dump(entry, allow_unicode=True), encoding="utf-8")
    return read_papers(folder)


def test_a_paper_is_found_by_its_id_whatever_its_file_is_called(tmp_path, entry):
    found = read(tmp_path, entry, {"paper": "Gini paper", "level": 0.05})
    assert list(found) == ["MSPI paper", "Gini paper"]
    assert found["MSPI paper"] == load_papers()["MSPI paper"] == paper_named("MSPI paper")
    assert found["Gini paper"].model("Table 2", "(1)") is None


def test_a_paper_without_a_file():
    with pytest.raises(CatalogError, match=r"no counterparts are declared for 'Nobody'.*papers there: .*MSPI paper"):
        paper_named("Nobody")


def test_two_files_of_one_paper(tmp_path, entry):
    with pytest.raises(CatalogError, match=r"any1.yaml: another file is about 'MSPI paper' too"):
        read(tmp_path, entry, entry)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "colour"),
        ({"level": 1.5}, "level"),
        ({"models": {"Table 2": {"(1)": ["Table 2"]}}}, r"models.Table 2.\(1\)"),
        ({"fit": {"R2": "r_squared"}}, "R2: 'r_squared' is not a figure of model_fit"),
        ({"fit": {"R2": "formula"}}, "R2: 'formula' is not a figure of model_fit"),
        ({"statistic_columns": {"mean": "average"}}, "mean: 'average' is not a figure of summary_statistic"),
        ({"flags": {"year_fe": "("}}, "year_fe: '\\(' is not a regular expression"),
        ({"coefficients": {"R2": "exposure"}}, "the row R2 is declared twice"),
        ({"statistics": {"Table 2": "Table 1"}}, "the table Table 2 is declared twice"),
        ({"labels": {}}, "labels: N, R2, max, mean, min, observations, .* has none"),
        ({"signed": {"msp": ["mean"]}}, "signed: 'msp' is none of the variables"),
        ({"signed": {"mspi": ["median"]}}, "signed: mspi: median is none of the statistic_columns"),
        ({"facts_from": None}, "facts: implied_correlation, n_classes, n_indicators is none of n_entities"),
        ({"facts_from": "findings"}, "facts_from: unknown part 'findings'; known: .*mspi_findings"),
        ({"units": {"RMB": {"元": 0}}}, "units.RMB.元"),
    ],
)
def test_a_wrong_name_is_an_error_that_says_which(tmp_path, entry, changes, message):
    with pytest.raises(CatalogError, match=message):
        read(tmp_path, entry | changes)


def test_a_place_stands_once(tmp_path, entry):
    with pytest.raises(CatalogError, match="the place design, panel, provinces is declared twice"):
        read(tmp_path, entry | {"facts": [*entry["facts"], entry["facts"][2]]})


def test_years_are_told_from_quantities():
    facts = {item.fact: item.is_year for item in load_papers()["MSPI paper"].facts}
    assert [name for name, year in facts.items() if year] == ["first_year", "last_year"]
