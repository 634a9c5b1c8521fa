"""Breaks of series: what may be declared, what is inherited, and which formulas over counts of a sample are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import Registry, load_registry
from catalog.base import CatalogError, validate
from catalog.breaks import SeriesBreak, check_formula
from catalog.studies import STUDIES_DIR, Study

BREAK = {"year": 2010, "kind": "definition", "en": "new", "zh": "新", "levels_comparable": False}
SAMPLED = {"label": {"en": "survey", "zh": "调查"}, "breaks": [{**BREAK, "kind": "sample_fraction"}]}


def indicator(name: str, **changes: Any) -> dict[str, Any]:
    entry = {
        "id": name, "label": {"en": name, "zh": "名"}, "unit": "人", "range": [1, 10], "system": "s",
        "direction": "neutral", "source": "s", "headers": [{"name": name}],
    }  # fmt: skip
    return {**entry, **changes}


def derived(formula: str, **changes: Any) -> dict[str, Any]:
    return indicator("share", headers=[], formula=formula, unit="1", **changes)


def registry(*indicators: dict[str, Any], **changes: Any) -> Registry:
    """A registry of persons: old and all count one sample, other another, residents none."""
    entries = [
        indicator("old", sampling="survey"),
        indicator("all_ages", sampling="survey"),
        indicator("other", sampling="census"),
        indicator("residents", breaks=[BREAK]),
        *indicators,
    ]
    data = {
        "quantities": {"persons": {"jump": 2, "city_jump": 3, "additive": True}, "ratio": {"jump": 2, "city_jump": 2}},
        "units": {
            "人": {"quantity": "persons", "factor": 1, "en": "persons"},
            "1": {"quantity": "ratio", "factor": 1, "en": "share"},
        },
        "samplings": {"survey": SAMPLED, "census": SAMPLED},
        "indicators": {entry["id"]: entry for entry in entries},
    }
    return validate(Registry, {**data, **changes}, Path("indicators.yaml"))


@pytest.mark.parametrize(
    "formula", ["old / all_ages", "old / all_ages * 100", "1 - old / all_ages", "(old + all_ages) / (2 * old)",
                "old * residents / all_ages", "(old / all_ages) / (other / other)", "residents / 2"],
)  # fmt: skip
def test_ratios_of_one_sample_are_formulas(formula: str) -> None:
    assert registry(derived(formula)).indicators["share"].formula == formula


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("old", "counts of the sample survey in levels"),
        ("old / residents", "counts of the sample survey in levels"),
        ("residents / old", "counts of the sample survey in levels"),
        ("old / other", "counts of the sample census, survey in levels"),
        ("old * all_ages / old", "in levels"),
        ("old + residents", "adds counts of a sample to something else"),
        ("(all_ages - 1) / all_ages", "adds counts of a sample to something else"),
        ("old / (", "is not a formula"),
    ],
)
def test_levels_of_a_sample_are_refused(formula: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        registry(derived(formula))


def test_the_registry_itself_uses_no_sample_in_levels() -> None:
    samplings = {i.id: i.sampling for i in load_registry().indicators.values() if i.sampling is not None}
    for one in load_registry().derived:
        check_formula(one.formula or "", samplings)


def test_a_derived_indicator_has_the_breaks_of_its_inputs() -> None:
    found = registry(derived("old * residents / all_ages")).breaks_of("share")
    assert [(name, item.kind, item.levels_comparable) for name, item in found] == [
        ("all_ages", "sample_fraction", True),  # the fraction cancels out
        ("old", "sample_fraction", True),
        ("residents", "definition", False),
    ]


def test_a_reported_indicator_has_its_own_and_those_of_its_sample() -> None:
    made = registry(indicator("mixed", sampling="survey", breaks=[{**BREAK, "year": 2005}]))
    assert [(name, item.year, item.levels_comparable) for name, item in made.breaks_of("mixed")] == [
        ("mixed", 2005, False),
        ("mixed", 2010, False),
    ]
    assert registry().breaks_of("all_ages")[0][1].kind == "sample_fraction"


def test_a_break_lies_inside_years_that_stand_on_both_sides() -> None:
    item = SeriesBreak.model_validate(BREAK)
    assert item.lies_inside(2009, 2010)
    assert item.lies_inside(2000, 2020)
    assert not item.lies_inside(2010, 2020)
    assert not item.lies_inside(2000, 2009)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (indicator("x", breaks=[{**BREAK, "kind": "surprise"}]), "kind"),
        (indicator("x", breaks=[{k: v for k, v in BREAK.items() if k != "zh"}]), "zh"),
        (indicator("x", breaks=[{**BREAK, "kind": "sample_fraction"}]), "under `samplings`"),
        (indicator("x", breaks=[BREAK, {**BREAK, "year": 2005}]), "in order of year"),
        (indicator("x", breaks=[BREAK, BREAK]), "in order of year"),
        (indicator("x", sampling="nobody"), "unknown sampling 'nobody'"),
        (derived("residents / 2", breaks=[BREAK]), "declares none"),
        (derived("residents / 2", sampling="survey"), "declares none"),
        (derived("residents / residents", sum_tolerance=0.1), "does not add up"),
    ],
)
def test_contradictions_about_breaks(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        registry(entry)


def test_a_sampling_has_breaks_of_its_fraction_only() -> None:
    with pytest.raises(CatalogError, match="of the kind sample_fraction"):
        registry(samplings={"survey": {**SAMPLED, "breaks": [BREAK]}, "census": SAMPLED})


def test_a_unit_of_an_undeclared_quantity_is_refused() -> None:
    with pytest.raises(CatalogError, match="the unit 人 measures 'persons', which is not among `quantities`"):
        registry(quantities={"ratio": {"jump": 2, "city_jump": 2}})


def test_a_study_may_not_use_a_sample_in_levels() -> None:
    sampled = next(i.id for i in load_registry().reported if i.sampling is not None)
    data = yaml.safe_load((STUDIES_DIR / "digital_finance.yaml").read_text(encoding="utf-8"))
    data["variables"]["declared"]["child_management_rate"]["indicator"] = sampled
    with pytest.raises(CatalogError, match=f"{sampled} counts the sample .* use a ratio"):
        validate(Study, data, Path("study.yaml"))


def test_what_the_field_knows_is_declared() -> None:
    """The breaks every user of these series has met; each is said to be general knowledge."""
    expected = {
        "resident_population": (2020, "coverage"),
        "budget_expenditure": (2007, "renamed"),
        "telecom_volume": (2021, "base_year"),
        "urban_unit_employment": (2013, "coverage"),
        "disposable_income": (2013, "definition"),
        "sample_population": (2015, "sample_fraction"),
    }
    for name, (year, kind) in expected.items():
        breaks = [item for _, item in load_registry().breaks_of(name)]
        assert (year, kind) in [(item.year, item.kind) for item in breaks], name
        assert all("general knowledge" in item.source and not item.levels_comparable for item in breaks), name
