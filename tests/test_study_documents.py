"""The documents of studies keep their promises: examples load, errors read as printed, every key and table is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import bootstrap
from catalog import Study, load_studies, load_study, load_tables
from catalog.base import CatalogError, Strict, validate
from catalog.panels import PanelSpec
from catalog.part_options import known_parts
from catalog.parts import exposure, performance_index, regressions, specification_curve
from catalog.parts.exposure import MapSpec
from catalog.parts.regressions import Headline, ModelSpec
from catalog.parts.specification_curve import Choices
from catalog.studies import DeflatorSpec, Variables, VariableSpec
from models_py.parts.mspi_findings.study_findings import CHECKS
from models_py.parts.registry import all_parts, results_of
from models_py.parts.specification_curve.choices import choice_space
from tests.twin_pages import page

LANGUAGES = ("en", "zh")
OWN = {language: page(language, "studies/your-own-study.md") for language in LANGUAGES}
MSPI = {language: page(language, "studies/mspi.md") for language in LANGUAGES}
# The heading after which the tables of each part are listed.
MADE = {"en": "## What you get", "zh": "## 得到什么"}


def errors(text: str) -> list[tuple[str, str, str]]:
    """What is written, what stands there instead, and the message."""
    return re.findall(r"^\| `([^`]+)` → `([^`]+)` \| `([^`]+)` \|", text, re.MULTILINE)


# Code blocks of both pages are the same (test_twin_pages.py).
EXAMPLE, *FRAGMENTS = re.findall(r"```yaml\n(.*?)```", OWN["en"], re.DOTALL)
ERRORS = errors(OWN["en"])
KEYS: tuple[type[Strict], ...] = (
    Study, PanelSpec, Variables, VariableSpec, DeflatorSpec, MapSpec, ModelSpec, Headline, Choices,
    *known_parts().values(),
)  # fmt: skip


def loaded(folder: Path, text: str) -> Study:
    """The study of a file perinatal.yaml with this text."""
    path = folder / "perinatal.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


@pytest.fixture(scope="module")
def mspi() -> Study:
    """The study as the project ships it."""
    return load_study(bootstrap.PROJECT / "catalog" / "studies" / "mspi.yaml")


def in_code(text: str) -> set[str]:
    """Every name inside backticks."""
    return {name for code in re.findall(r"`([^`\n]+)`", text) for name in re.findall(r"[\w-]+", code)}


def test_the_whole_example_loads_and_has_every_part_that_is_no_papers(tmp_path: Path) -> None:
    study = loaded(tmp_path, EXAMPLE)
    # Parts of studies without regressions have documents of their own.
    others = [one for one in load_studies().values() if one.find(regressions.Options) is None]
    elsewhere = {"comparison", "mspi_findings", *(part.part() for one in others for part in one.parts)}
    assert {part.part() for part in study.parts} == set(known_parts()) - elsewhere
    assert set(results_of(study)) >= {
        "performance_index", "summary_statistic", "estimate", "spec_test", "twfe_weight", "influence", "specification",
    }  # fmt: skip


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_every_fragment_fits_the_example(tmp_path: Path, fragment: str) -> None:
    keys: dict[str, Any] = yaml.safe_load(fragment)
    example: dict[str, Any] = yaml.safe_load(EXAMPLE)
    assert set(keys) <= set(Study.model_fields)
    changed = validate(Study, example | keys, tmp_path)
    assert changed != validate(Study, example, tmp_path)


@pytest.mark.parametrize(("written", "instead", "message"), ERRORS)
def test_errors_read_as_printed(tmp_path: Path, written: str, instead: str, message: str) -> None:
    assert written in EXAMPLE
    with pytest.raises(CatalogError) as error:
        loaded(tmp_path, EXAMPLE.replace(written, instead, 1))
    assert message in str(error.value)


def test_errors_are_printed_on_both_pages() -> None:
    assert len(ERRORS) >= 15 and FRAGMENTS
    assert errors(OWN["zh"]) == ERRORS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", KEYS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_every_key_is_explained(model: type[Strict], language: str) -> None:
    assert set(model.model_fields) - in_code(OWN[language]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_and_the_tables_it_makes_are_named(language: str) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*) \|$", OWN[language].split(MADE[language])[1], re.MULTILINE))
    assert set(rows) == set(known_parts())
    for name, part in all_parts().items():
        # Exposure is counted with the warehouse: its part makes no table of its own.
        made = {"smart_exposure"} if name == "exposure" else set(part.makes)
        assert made <= in_code(rows[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_required_keys_are_bold(language: str) -> None:
    for model in KEYS:
        for name, field in model.model_fields.items():
            if field.is_required() and model not in (exposure.Options, DeflatorSpec):
                assert f"**`{name}`**" in OWN[language], (model, name)


@pytest.mark.parametrize(("language", "none"), [("en", "none"), ("zh", "不设")])
def test_every_choice_of_the_study_is_listed_with_its_default_first(mspi: Study, language: str, none: str) -> None:
    index, counted = mspi.options(performance_index.Options), mspi.options(exposure.Options)
    assert counted.map is not None
    sections: dict[str, Strict] = {
        "performance_index": index, "exposure": counted, "map": counted.map, "variables": mspi.variables,
    }  # fmt: skip
    rows = dict(re.findall(r"^\| `([a-z_0-9]+\.[a-z_]+)` \| ([^|]+) \|", MSPI[language], re.MULTILINE))
    declared = {f"{name}.{key}" for name, section in sections.items() for key in type(section).model_fields}
    unnamed = {"performance_index.name", "exposure.name", "exposure.map", "map.number", "variables.declared"}
    assert declared - set(rows) == unnamed
    for key, values in rows.items():
        section, name = key.split(".")
        found = getattr(sections[section], name)
        if isinstance(found, str | int | bool):
            assert values.startswith(f"`{str(found).lower()}`"), key
    assert index.baseline_years is None and rows["performance_index.baseline_years"].startswith(none)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_of_a_study_and_every_finding_is_named(mspi: Study, language: str) -> None:
    named = in_code(MSPI[language])
    made = set(results_of(mspi))
    assert made <= {name for name, table in load_tables().items() if table.origin == "study"}
    assert made - named == set()
    assert [check.finding_id for check in CHECKS if f"| {check.finding_id} |" not in MSPI[language]] == []


def test_coverage_is_as_the_study_of_it_found() -> None:
    evidence = (bootstrap.PROJECT / "docs" / "evidence" / "coverage_few_clusters.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| [^|]+ \| (0\.\d{3}) \(", evidence, re.MULTILINE)
    assert len(found) == 3
    for share in found:
        assert f"{float(share):.1%}".replace("%", " %") in MSPI["en"]
        assert f"{float(share):.1%}" in MSPI["zh"]


def test_the_size_of_the_curve_is_the_one_declared(mspi: Study) -> None:
    curve = mspi.options(specification_curve.Options)
    space = choice_space(mspi, curve)
    drawn, size, choices = f"{curve.at_most:,}", f"{space.size:,}", len(space.varied)
    assert f"{drawn} of the {size} combinations of {choices} choices" in MSPI["en"]
    assert f"{choices}项设定共有{size}种组合，规格曲线展示其中的{drawn}种" in MSPI["zh"]
