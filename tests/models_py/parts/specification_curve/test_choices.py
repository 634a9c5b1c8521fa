"""The space of specifications: own options first, numbered combinations, an even draw, refusals."""

import pytest
from pydantic import ValidationError

from catalog import Study
from catalog.panels import PanelSpec
from catalog.part_options import PartOptions
from catalog.parts.specification_curve import Options
from models_py.parts.regressions.variables import StudyError
from models_py.parts.specification_curve.choices import CHOICES, choice_space
from tests.models_py.parts.specification_curve.conftest import curve_options, study_with, with_model


def space_of(study, **changes):
    return choice_space(study, curve_options(study).model_copy(update=changes))


def test_own_options_come_first(study):
    space = space_of(study)
    assert tuple(space.options) == CHOICES
    assert space.combination(0) == {
        "utilisation": "volume",
        "volume_basis": "per_capita",
        "weighting": "equal",
        "ddof": 1,
        "numerator": "covered",
        "denominator": "divisions",
        "municipality": "districts",
        "direct_county": "own_unit",
        "timing": "half_year",
        "denominator_year": "current",
        "controls": "all",
        "transform": "log_z",
        "effects": "year",
        "lag": 0,
        "winsorise": 0.0,
        "sample": "all",
    }
    assert space.options["transform"] == ("log_z", "z", "log", "raw")
    assert "denominator" not in space.varied and "lag" in space.varied


def test_every_number_is_another_combination():
    space = space_of(study_with({"utilisation": ["substitution"], "lag": [1], "winsorise": [0.01, 0.05]}))
    every = [tuple(space.combination(number).items()) for number in range(space.size)]
    assert space.size == 12 == len(set(every))
    assert space.draw(12, 0) == [dict(options) for options in every]


def test_the_model_gives_the_own_options(study):
    changed = with_model(
        study,
        trends=True,
        region_years=True,
        winsorise=0.02,
        lags={"exposure": 1},
        variant={"weighting": "entropy"},
        without=("municipalities",),
        regressors=("exposure",),
    )
    choices = curve_options(study).choices.model_copy(update={"controls": (), "transform": ()})
    own = space_of(changed, choices=choices).combination(0)
    expected = {"effects": "region_year_trends", "winsorise": 0.02, "lag": 1, "weighting": "entropy"}
    expected |= {"sample": "without_municipalities", "controls": "none"}
    assert {name: own[name] for name in expected} == expected
    assert "transform" not in own


def test_the_draw(study):
    space = space_of(study)
    assert space.size > 20_000
    drawn = space.draw(500, 3)
    assert drawn[0] == space.combination(0)
    assert len({tuple(options.items()) for options in drawn}) == 500
    assert drawn == space.draw(500, 3) != space.draw(500, 4)
    # An option of three has a third of the draw, give or take four standard errors.
    assert abs(sum(options["effects"] == "year" for options in drawn) - 500 / 3) < 4 * (500 * 2 / 9) ** 0.5
    assert space.draw(1, 0) == [space.combination(0)]


def test_a_space_of_trillions_is_not_listed(study):
    space = space_of(study)
    many = {name: tuple(range(30)) for name in list(space.options)[:8]}
    large = type(space)(space.model, space.term, {**space.options, **many})
    assert large.size > 6e11
    assert len(large.draw(1000, 0)) == 1000
    with pytest.raises(StudyError, match="more than can be drawn from"):
        type(space)(space.model, space.term, dict.fromkeys("abcdefghijklm", tuple(range(50)))).draw(10, 0)


def test_options_that_do_not_fit(study):
    def refused(**choices):
        curve = curve_options(study).model_dump() | {"choices": choices}
        return choice_space(study, Options.model_validate(curve))

    message = "'without_gdp' is not an option of T m; known: all, none, without_gdp_per_capita"
    with pytest.raises(StudyError, match=message):
        refused(controls=["without_gdp"])
    with pytest.raises(ValidationError, match="winsorise"):
        refused(winsorise=[0.5])
    no_year = study.panel.model_copy(update={"provisional_years": ()})
    with pytest.raises(StudyError, match="without_provisional needs provisional_years"):
        choice_space(study.model_copy(update={"panel": no_year}), curve_options(study))
    with pytest.raises(StudyError, match="Table 9"):
        space_of(study, table_no="Table 9")
    with pytest.raises(StudyError, match="'mspi' is not a regressor"):
        space_of(study, term="mspi")
    with pytest.raises(StudyError, match="'without_urbanization' and 'none' are the same"):
        choice_space(with_model(study, regressors=("exposure", "urbanization")), curve_options(study))
    with pytest.raises(StudyError, match="the choice 'utilisation' changes nothing in T m"):
        choice_space(with_model(study, outcome="urbanization"), curve_options(study))


class Density(PartOptions):
    """A part the curve has no choice about."""

    @property
    def offers(self) -> tuple[str, ...]:
        return ("density",)


def test_a_variable_no_choice_is_about(study):
    more = study.model_copy(update={"parts": (*study.parts, Density())})
    with pytest.raises(StudyError, match="does not know how density, of the part test_choices, is made"):
        choice_space(with_model(more, regressors=("exposure", "density")), curve_options(study))


def test_what_only_provinces_have_is_refused_elsewhere(study):
    """Counties have no regions and no municipalities."""
    of_counties = {
        "id": "counties",
        "title": study.title,
        "panel": PanelSpec(unit="county", years=(2013, 2018)),
        "variables": {"declared": {"a": {"indicator": "urbanization_rate"}, "b": {"indicator": "gdp_per_capita"}}},
    }
    model = {"table_no": "T", "model": "m", "outcome": "a", "regressors": ["b"]}
    one = {"regressions": {"headline": {"table_no": "T", "model": "m", "term": "b"}, "models": [model]}}
    for choice, option in (("effects", "region_year"), ("sample", "without_municipalities")):
        curve = {"table_no": "T", "model": "m", "term": "b", "choices": {choice: [option]}}
        with pytest.raises(ValidationError, match=rf"{option} need provinces; the panel's unit is county"):
            Study.model_validate({**of_counties, "parts": [one, {"specification_curve": curve}]})
