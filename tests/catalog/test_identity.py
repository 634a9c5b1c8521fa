"""What a result belongs to: nine columns without NULL, variants in one order, labels in both languages."""

from __future__ import annotations

import pytest

from catalog import load_tables
from catalog.identity import COLUMNS, Identity, variant_choices, variant_of
from catalog.labels import label_of
from catalog.tables import IDENTITY

OWN = Identity("mspi", "Table 2", "(2)")


def test_the_columns_are_those_of_the_tables_in_their_order() -> None:
    assert tuple(OWN.columns) == COLUMNS == tuple(IDENTITY)
    for name, table in load_tables().items():
        if table.identity:
            assert tuple(table.columns)[: len(COLUMNS)] == COLUMNS, name
            assert table.key[: len(COLUMNS)] == COLUMNS, name


def test_nothing_is_null_and_what_is_not_said_is_the_default() -> None:
    assert OWN.columns == {
        "study": "mspi", "table_no": "Table 2", "model": "(2)", "reading": "", "sample": "all", "estimator": "twfe",
        "weights": "", "vintage": "", "variant": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("choices", "variant"),
    [
        ({}, ""),
        ({"threshold": 0.4}, "threshold=0.4"),
        ({"window": "2016-2023", "bias_correction": "lee_yu"}, "bias_correction=lee_yu, window=2016-2023"),
        ({"b": 2, "a": 1.0, "c": True}, "a=1, b=2, c=True"),
        ({"small": 1e-07, "fine": 0.1234567}, "fine=0.1234567, small=1e-07"),
    ],
)
def test_variants_are_sorted_and_come_back(choices: dict[str, object], variant: str) -> None:
    assert variant_of(choices) == variant == variant_of(dict(reversed(choices.items())))
    assert variant_of(variant_choices(variant)) == variant
    assert set(variant_choices(variant)) == set(choices)


def test_two_floats_that_differ_never_share_a_variant() -> None:
    assert variant_of({"p": 0.30000001}) != variant_of({"p": 0.3}) == "p=0.3"
    assert variant_of({"p": 0.1 + 0.2}) != variant_of({"p": 0.3})


@pytest.mark.parametrize("choices", [{"a=b": 1}, {"a": "x, y=2"}, {"a, b": 1}])
def test_a_choice_that_could_not_be_told_from_the_next_is_refused(choices: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a variant has no room"):
        variant_of(choices)


def test_a_choice_may_hold_an_equals_sign() -> None:
    assert variant_choices(variant_of({"formula": "y=x"})) == {"formula": "y=x"}


def test_varying_adds_to_what_is_varied_and_replaces_the_same_choice() -> None:
    once = OWN.varied(threshold=0.4)
    assert (once.variant, OWN.variant) == ("threshold=0.4", "")
    twice = once.varied(controls="none")
    assert twice.variant == "controls=none, threshold=0.4"
    assert twice.varied(threshold=0.5).variant == "controls=none, threshold=0.5"
    assert {**twice.columns, "variant": ""} == OWN.columns


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({}, "(2)", "(2)"),
        ({"reading": "substitution"}, "(2) substitution reading (less use is higher)", "(2) 替代口径（少为高）"),
        ({"sample": "without municipalities"}, "(2) without municipalities", "(2) 剔除直辖市"),
        ({"sample": "without 2024"}, "(2) without 2024", "(2) 剔除2024"),
        (
            {"sample": "without municipalities, without 2024"},
            "(2) without municipalities, without 2024",
            "(2) 剔除直辖市，剔除2024",
        ),
        ({"sample": "east"}, "(2) east", "(2) 东部"),
        ({"sample": "some"}, "(2) some", "(2) some"),
        ({"estimator": "did2s"}, "(2) two-stage DID (did2s)", "(2) 两阶段双重差分"),
        ({"weights": "knn_6"}, "(2) 6 nearest places", "(2) 最近6个地区"),
        (
            {"weights": "inverse_distance_2_800km"},
            "(2) inverse distance, power 2, within 800 km",
            "(2) 反距离（2次方，800公里内）",
        ),
        ({"weights": "rail"}, "(2) rail", "(2) rail"),
        ({"vintage": "yearbook 2023"}, "(2) vintage yearbook 2023", "(2) 版本 yearbook 2023"),
        ({"variant": "threshold=0.4"}, "(2) above 0.4", "(2) 阈值0.4"),
        ({"variant": "weighting=entropy"}, "(2) index weights entropy", "(2) 指数权重熵权"),
        ({"variant": "standardised=pooled"}, "(2) standardised over the whole panel", "(2) 标准化按全样本"),
        ({"variant": "nobody=knows"}, "(2) nobody knows", "(2) nobodyknows"),
        (
            {"reading": "substitution", "estimator": "did2s", "variant": "controls=none, threshold=0.4"},
            "(2) substitution reading (less use is higher), two-stage DID (did2s), controls none, above 0.4",
            "(2) 替代口径（少为高），两阶段双重差分，控制变量无，阈值0.4",
        ),
    ],
)
def test_labels_in_both_languages(changes: dict[str, str], english: str, chinese: str) -> None:
    label = label_of(Identity("mspi", "Table 2", "(2)", **changes).columns)
    assert (label.en, label.zh) == (english, chinese)


def test_the_studys_own_reading_goes_unsaid_where_it_is_known() -> None:
    columns = Identity("mspi", "Table 2", "(2)", reading="volume").columns
    assert label_of(columns, own_reading="volume").en == "(2)"
    assert label_of(columns, own_reading="substitution").en == "(2) volume reading (more use is higher)"


def test_a_model_that_is_called_what_its_sample_is_says_it_once() -> None:
    assert label_of(
        Identity("mspi", "Table 5", "without municipalities", sample="without municipalities").columns
    ).en == ("without municipalities")


@pytest.mark.parametrize("model", ["visit volume", "volume", "(2) substitution", "did2s", "above 0.4", "", "a=b, c=d"])
def test_no_word_of_a_models_name_is_taken_for_anything_else(model: str) -> None:
    named = Identity("mspi", "Table 2", model)
    assert (label_of(named.columns).en, label_of(named.columns).zh) == (model, model)
    assert named.columns == {**OWN.columns, "model": model}
    assert label_of(Identity("mspi", "Table 2", model, reading="volume").columns).en == (
        f"{model} volume reading (more use is higher)".strip()
    )


def test_messages_say_where_a_result_stands() -> None:
    assert OWN.varied(threshold=0.4).place == "mspi, Table 2 (2) (threshold=0.4)"
