"""Names printed for variables, methods, choices and options."""

import pytest
from pydantic import ValidationError

from catalog import labels, load_registry, load_studies
from catalog.base import CATALOG_DIR, Text, read_yaml
from catalog.identity import variant_choices
from catalog.labels import (
    Labels,
    choice_label,
    effect_label,
    inner,
    label_of,
    load_labels,
    method_label,
    option_key,
    option_label,
    subject_label,
    variable_label,
    variable_unit,
    year_words,
)
from catalog.parts import specification_curve
from catalog.parts.specification_curve import Choices
from catalog.studies import DeflatorSpec, Study, Variables, VariableSpec


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def test_every_label_has_both_languages():
    labels = load_labels()
    plain = (
        labels.variables, labels.methods, labels.estimators, labels.samples, labels.weights, labels.variants,
        labels.readings, labels.choices, labels.tests, labels.subjects, labels.vintages,
    )  # fmt: skip
    for group in (*plain, *labels.effects.values(), *labels.options.values()):
        for name, text in group.items():
            assert text.en.strip() and text.zh.strip(), name
            assert text.en.isascii() or set(text.en) - set(map(chr, range(128))) <= {"−", "×", "²"}, name


def test_every_option_of_the_studies_has_a_label():
    for study in load_studies().values():
        for curve in study.all(specification_curve.Options):
            for choice, options in curve.choices:
                for option in options:
                    text = option_label(study, choice, option)
                    assert (text.en, text.zh) != (option_key(option), option_key(option)), (choice, option)


def test_choices_have_labels_and_labels_have_choices():
    assert set(load_labels().choices) == set(Choices.model_fields)
    data = load_labels().model_dump()
    for group, name in (("choices", "colour"), ("options", "colour")):
        text = {"en": "e", "zh": "z"} if group == "choices" else {}
        with pytest.raises(ValidationError, match=f"{group}: not as declared for studies: .*colour"):
            Labels.model_validate({**data, group: {**data[group], name: text}})
        fewer = {key: value for key, value in data[group].items() if key != "timing"}
        with pytest.raises(ValidationError, match=f"{group}: not as declared for studies: .*timing"):
            Labels.model_validate({**data, group: fewer})


def test_every_edition_of_figures_of_provinces_and_cities_has_a_name() -> None:
    """What names a place, a flow or a weight is no edition a result can rest on."""
    declared = read_yaml(CATALOG_DIR / "inputs" / "real.yaml")["vintages"]
    others = {
        "land_survey", "echarts_4_9_0", "mapchina_0_1_0", "weights_renjiyi163", "pilots_compiled", "amap_2023",
        "work_reports_tongjimodule", "areacodes_2024", "regioncode_0_3_0", "baidu_2020", "modes_2017",
    }  # fmt: skip
    assert set(load_labels().vintages) == set(declared) - others
    columns = {"model": "(1)", "vintage": "compiled_pengyunlong"}
    said = label_of(columns)
    assert (said.en, said.zh) == ("(1) vintage compiled panel (pengyunlong)", "(1) 版本 汇编面板（pengyunlong）")


def test_a_test_of_influence_says_what_is_left_out() -> None:
    said = [labels.test_label(f"influence_{kind}_min") for kind in ("province", "county", "year")]
    assert [text.en for text in said] == [
        f"Each {one} left out: smallest coefficient" for one in ("province", "county", "year")
    ]
    assert said[1].zh == "逐一剔除县：最小系数" and said[2].zh == "逐一剔除年份：最小系数"


def test_what_a_test_is_about_is_said_in_words(study: Study) -> None:
    said = {
        name: subject_label(study, name) for name in ("event_-2", "average_post", "versus_never", "exposure", "2014")
    }
    assert {name: text.zh for name, text in said.items()} == {
        "event_-2": "第−2年",
        "average_post": "暴露后各年平均",
        "versus_never": "对从未暴露",
        "exposure": "智慧城市试点暴露度",
        "2014": "2014",
    }
    assert said["event_-2"].en == "year −2" and year_words("beds").en == "beds"


def test_every_variant_of_the_studies_has_a_label():
    labels = load_labels()
    for study in load_studies().values():
        for options in study.parts:
            for variant in options.variants:
                for key, value in variant_choices(variant).items():
                    named = value in labels.options.get(key, {}) or value in load_registry().indicators
                    assert key in labels.variants and named, variant


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
    deflate = DeflatorSpec(indicator="consumer_price_index", base_year=2015)
    declared = study.variables.declared
    real = {**declared, "gdp_per_capita": declared["gdp_per_capita"].model_copy(update={"deflate": deflate})}
    changed = study.model_copy(update={"variables": Variables(transform="log_z", declared=real)})
    assert variable_label(changed, "gdp_per_capita", transformed=False).en.endswith("(2015 prices)")


def test_choices_speak_of_the_studys_own_unit(study):
    counties = study.model_copy(update={"panel": study.panel.model_copy(update={"unit": "county"})})
    assert choice_label(study, "effects") == Text(en="Besides province effects", zh="省份效应之外")
    assert choice_label(counties, "effects") == Text(en="Besides county effects", zh="县效应之外")
    assert option_label(study, "effects", "year_trends") == Text(en="year + province trends", zh="年份＋省份趋势")
    assert option_label(counties, "effects", "year_trends") == Text(en="year + county trends", zh="年份＋县趋势")
    assert choice_label(study, "nobody_knows").en == "nobody_knows"


def test_options_by_value(study):
    assert {option_key(option) for option in (0, 0.0, "0", "0.0")} == {"0"}
    assert option_label(study, "winsorise", 0.01).en == "1% each tail"
    assert option_label(study, "winsorise", "0.025").zh == "两端各2.5%"
    assert option_label(study, "controls", "without_urbanization").zh == "不含城镇人口比重"


@pytest.mark.parametrize(
    ("transform", "name", "unit"),
    [
        ("log_z", "gdp_per_capita", ("SD", "标准差")),
        ("log", "gdp_per_capita", ("log point", "对数单位")),
        ("raw", "gdp_per_capita", ("yuan per resident", "元/人")),
        ("log", "urbanization", ("unit of share (0 to 1)", "单位占比（0至1）")),
        ("raw", "mspi", ("SD", "标准差")),
        ("raw", "exposure", ("unit of share (0 to 1)", "单位占比（0至1）")),
        ("raw", "nobody_knows", ("", "")),
    ],
)
def test_units_of_variables_as_models_see_them(study, transform, name, unit):
    variables = study.variables.model_copy(update={"transform": transform})
    text = variable_unit(study.model_copy(update={"variables": variables}), name)
    assert (text.en, text.zh) == unit


def test_the_unit_of_a_scaled_variable_names_the_scale():
    finance = load_studies()["digital_finance"]
    assert variable_unit(finance, "digital_finance").en.startswith("100 ")
    assert variable_unit(finance, "child_management_rate").en == "percent"
    tenth = VariableSpec(indicator="gdp", scale=0.1)
    changed = finance.model_copy(update={"variables": Variables(declared={"gdp": tenth})})
    assert variable_unit(changed, "gdp") == Text(en="10 × 100 million yuan", zh="10亿元")


def test_effects_are_named_as_the_part_that_makes_them_means_them():
    assert effect_label("products", "direct").zh == "直接"
    assert effect_label("elsewhere", "direct") == Text(en="direct", zh="direct")
    assert effect_label("products", "new") == Text(en="new", zh="new")


def test_methods():
    assert method_label("cr1").zh == "聚类稳健 CR1" and method_label("new").zh == "new"
    assert inner("Smart-city exposure") == "smart-city exposure" and inner("GDP per head") == "GDP per head"
