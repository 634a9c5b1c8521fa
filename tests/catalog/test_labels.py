"""Names printed for variables, methods, choices and options."""

import pytest

from catalog import load_studies
from catalog.labels import inner, load_labels, method_label, model_label, option_key, option_label, variable_label
from catalog.studies import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def test_every_label_has_both_languages():
    labels = load_labels()
    plain = (labels.variables, labels.methods, labels.effects, labels.estimators, labels.readings, labels.choices)
    for group in (*plain, *labels.options.values()):
        for name, text in group.items():
            assert text.en.strip() and text.zh.strip(), name
            assert text.en.isascii() or set(text.en) - set(map(chr, range(128))) <= {"−", "×"}, name


def test_every_option_of_the_studies_has_a_label():
    for study in load_studies().values():
        if study.specification_curve is None:
            continue
        for choice, options in study.specification_curve.choices:
            for option in options:
                text = option_label(study, choice, option)
                assert (text.en, text.zh) != (option_key(option), option_key(option)), (choice, option)


def test_variables_say_how_they_enter(study):
    assert variable_label(study, "exposure").zh == "智慧城市试点暴露度"
    transformed, plain = (variable_label(study, "gdp_per_capita", transformed=t) for t in (True, False))
    assert (
        transformed.en == "ln gross regional product per resident (z)" and transformed.zh == "ln 人均地区生产总值（z）"
    )
    assert plain.zh == "人均地区生产总值"
    assert variable_label(study, "urbanization").zh == "城镇人口比重（z）"
    assert variable_label(study, "nobody_knows").en == "nobody_knows"


def test_deflated_variables_name_their_base(study):
    data = study.model_dump()
    data["controls"]["variables"]["gdp_per_capita"]["deflate"] = {"indicator": "cpi", "base_year": 2015}
    changed = study.model_copy(update={"controls": type(study.controls).model_validate(data["controls"])})
    assert variable_label(changed, "gdp_per_capita", transformed=False).en.endswith("(2015 prices)")


def test_options_by_value(study):
    assert {option_key(option) for option in (0, 0.0, "0", "0.0")} == {"0"}
    assert option_label(study, "winsorise", 0.01).en == "1% each tail"
    assert option_label(study, "winsorise", "0.025").zh == "两端各2.5%"
    assert option_label(study, "controls", "without_urbanization").zh == "不含城镇人口比重"


def test_models_and_methods():
    assert model_label("(2)").en == "(2)"
    assert (
        model_label("(2) substitution did2s").en
        == "(2) substitution reading (less use is higher), two-stage DID (did2s)"
    )
    assert method_label("cr1").zh == "聚类稳健 CR1" and method_label("new").zh == "new"
    assert inner("Smart-city exposure") == "smart-city exposure" and inner("GDP per head") == "GDP per head"
