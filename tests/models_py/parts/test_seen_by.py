"""What a part sees of its study: an option reaches those parts alone that may depend on it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.base import CatalogError
from catalog.part_options import known_parts
from catalog.parts.regressions import Headline
from catalog.studies import Study, load_studies
from models_py.parts.registry import parts_of, seen_by, seen_together, what_parts_give

PARTS = frozenset(one.id for one in parts_of(load_studies()["mspi"]))
# They read the declared models, or the headline.
OF_REGRESSIONS = PARTS - {"performance_index", "exposure"}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def changed(study: Study, part: str, **options: Any) -> set[str]:
    """The parts that see a change of a part's options."""
    other = study.with_options(study.options(known_parts()[part]).model_copy(update=options))
    before = {one.key: seen_by(study, one).content for one in parts_of(study)}
    return {one.key for one in parts_of(other) if seen_by(other, one).content != before[one.key]}


@pytest.mark.parametrize(
    ("part", "options", "seen"),
    [
        ("few_clusters", {"seed": 1}, {"few_clusters"}),
        ("few_clusters", {"draws": 999}, {"few_clusters"}),
        ("diagnostics", {"power": 0.9}, {"diagnostics"}),
        ("treatment_timing", {"leads": 2}, {"treatment_timing"}),
        ("specification_curve", {"seed": 1}, {"specification_curve"}),
        ("products", {"table_no": "Table 9"}, {"products"}),
        ("regressions", {"headline": Headline(table_no="Table 2", model="(1)", term="exposure")}, OF_REGRESSIONS),
        ("performance_index", {"ddof": 0}, PARTS),
        ("exposure", {"timing": "label"}, PARTS),
    ],
)
def test_an_option_is_seen_by_its_part_and_those_that_may_use_it(study, part, options, seen) -> None:
    assert changed(study, part, **options) == seen


def test_the_header_is_seen_by_all(study: Study) -> None:
    other = study.model_copy(update={"paper": None})
    assert all(seen_by(other, one).content != seen_by(study, one).content for one in parts_of(study))


def test_indicators_are_those_of_all_parts_and_show(study: Study) -> None:
    curve = study.options(known_parts()["specification_curve"])
    fewer = study.model_copy(update={"parts": tuple(part for part in study.parts if part != curve)})
    assert fewer.indicators != study.indicators
    for one in parts_of(fewer):
        assert seen_by(study, one).indicators == study.indicators
        assert seen_by(fewer, one).content != seen_by(study, one).content


def test_what_is_withheld_cannot_be_asked_for(study: Study) -> None:
    one = next(one for one in parts_of(study) if one.id == "performance_index")
    with pytest.raises(CatalogError, match="does not say it consults"):
        seen_by(study, one).options(known_parts()["regressions"])
    assert study.find(known_parts()["regressions"]) is not None
    assert seen_by(study, one).all(known_parts()["performance_index"]) == (one.options,)


def test_parts_together_see_what_each_sees(study: Study) -> None:
    ones = [one for one in parts_of(study) if one.id in {"few_clusters", "diagnostics"}]
    seen = {options.part() for options in seen_together(study, ones).parts}
    assert seen == {"performance_index", "exposure", "regressions", "few_clusters", "diagnostics"}
    assert {options.part() for options in what_parts_give(study).parts} == {"performance_index", "exposure"}
